"""`liverseg report`: make the report of a case again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from liverseg.case import CaseFile
from liverseg.cli.screen import console
from liverseg.workflow import staged, write_outputs

REMADE = ("measurements.csv", "measurements.parquet", "comparison.json", "report.html")


def report(
    case: Annotated[Path, typer.Argument(help="A case file (*.liverseg).")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder; default: beside the case file.")
    ] = None,
) -> None:
    """Write report.html and the tables again from the case file alone, without the images."""
    folder = case.parent if out is None else out
    with (
        CaseFile.open(case, read_only=True) as stored,
        staged(folder, names=REMADE, overwrite=True) as stage,
    ):
        write_outputs(stored, stage)
    console().print(f"report: {folder / 'report.html'}", soft_wrap=True)
