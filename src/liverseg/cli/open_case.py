"""`liverseg open`: a case or a study in a viewer."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer

from liverseg.case import CaseFile, looks_like_case
from liverseg.errors import ExtensionError, InputError
from liverseg.ingest import holds_dicom

#: Viewers register a function that takes a path, or None, under this group, so
#: that the library never imports a window system.
VIEWERS = "liverseg.viewers"


def open_case(
    path: Annotated[
        Path | None,
        typer.Argument(
            help="A case file (*.liverseg), or a DICOM folder, zip or DICOMDIR to set up a new one."
        ),
    ] = None,
    exam: Annotated[
        str | None, typer.Option(help="Exam of a case to show first, such as 2015-06-01_CT.")
    ] = None,
) -> None:
    """Open the workbench in napari: draw, and see measurements and verdicts follow."""
    if path is not None:
        _look_at(path)
    viewers = sorted(entry_points(group=VIEWERS), key=lambda viewer: viewer.name)
    if not viewers:
        raise ExtensionError(
            "no viewer is installed", remedy="pip install napari-liverseg (plugins/napari-liverseg)"
        )
    viewers[0].load()(path, exam_id=exam)


def _look_at(path: Path) -> None:
    """Say in one line what is wrong with a path, before a window is made."""
    if looks_like_case(path):
        CaseFile.open(path, read_only=True).close()
    elif not path.exists():
        raise InputError(f"there is no file or folder {path}", remedy="check the path")
    elif not holds_dicom(path):
        raise InputError(
            "there is no DICOM file",
            where=str(path),
            remedy="name a folder of CT or MR images, a zip of them, or a case file",
        )
