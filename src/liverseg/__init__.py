"""liverseg: annotate liver imaging, measure lesions, compare with what a report says.

For research and teaching, not for diagnosis.

Everything a script needs stands here; a name loads its room when it is first used, so
``import liverseg`` costs nothing and drags in neither pydicom, SimpleITK nor Qt.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liverseg.case import CaseFile as CaseFile
    from liverseg.errors import LiversegError as LiversegError
    from liverseg.findings import compare as compare
    from liverseg.findings import read_findings as read_findings
    from liverseg.geometry import Grid as Grid
    from liverseg.geometry import LabelMap as LabelMap
    from liverseg.geometry import Volume as Volume
    from liverseg.ingest import GeometryPolicy as GeometryPolicy
    from liverseg.ingest import read_study as read_study
    from liverseg.ingest import read_volume as read_volume
    from liverseg.ingest import scan_folder as scan_folder
    from liverseg.interop import read_masks as read_masks
    from liverseg.lesions import measure_size as measure_size
    from liverseg.records import Measurement as Measurement
    from liverseg.records import Verdict as Verdict
    from liverseg.workflow import CaseRequest as CaseRequest
    from liverseg.workflow import add_lesion as add_lesion
    from liverseg.workflow import case_request as case_request
    from liverseg.workflow import load_exam as load_exam
    from liverseg.workflow import measure_masks as measure_masks
    from liverseg.workflow import run_case as run_case
    from liverseg.workflow import run_demo as run_demo
    from liverseg.workflow import update_lesion as update_lesion
    from liverseg.workflow import write_outputs as write_outputs

try:
    __version__ = version("liverseg")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"

NOTICE = "For research and teaching, not for diagnosis."

_ROOMS = {
    "CaseFile": "case",
    "CaseRequest": "workflow",
    "GeometryPolicy": "ingest",
    "Grid": "geometry",
    "LabelMap": "geometry",
    "LiversegError": "errors",
    "Measurement": "records",
    "Verdict": "records",
    "Volume": "geometry",
    "add_lesion": "workflow",
    "case_request": "workflow",
    "compare": "findings",
    "load_exam": "workflow",
    "measure_masks": "workflow",
    "measure_size": "lesions",
    "read_findings": "findings",
    "read_masks": "interop",
    "read_study": "ingest",
    "read_volume": "ingest",
    "run_case": "workflow",
    "run_demo": "workflow",
    "scan_folder": "ingest",
    "update_lesion": "workflow",
    "write_outputs": "workflow",
}

__all__ = ["NOTICE", "__version__", *sorted(_ROOMS)]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    room = _ROOMS.get(name)
    if room is None:
        raise AttributeError(f"module 'liverseg' has no attribute {name!r}")
    return getattr(import_module(f"liverseg.{room}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
