"""`liverseg open`: a case in a viewer."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer

from liverseg.case import CaseFile
from liverseg.errors import ExtensionError

#: Viewers register a function that takes the path of a case file under this group, so
#: that the library never imports a window system.
VIEWERS = "liverseg.viewers"


def open_case(
    case: Annotated[Path, typer.Argument(help="A case file (*.liverseg).")],
    exam: Annotated[
        str | None, typer.Option(help="Exam to show first, such as 2015-06-01_CT.")
    ] = None,
) -> None:
    """Open a case in napari: draw, and see measurements and verdicts follow."""
    CaseFile.open(case, read_only=True).close()
    viewers = sorted(entry_points(group=VIEWERS), key=lambda viewer: viewer.name)
    if not viewers:
        raise ExtensionError(
            "no viewer is installed", remedy="pip install napari-liverseg (plugins/napari-liverseg)"
        )
    viewers[0].load()(case, exam_id=exam)
