"""`liverseg segments`: volumes of the Couinaud segments, and what a resection leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from liverseg.case import CaseFile
from liverseg.cli.screen import console, print_json
from liverseg.records import Remnant, SegmentVolume
from liverseg.workflow import case_volumes


def segments(
    case: Annotated[Path, typer.Argument(help="A case file (*.liverseg).")],
    exam: Annotated[str, typer.Option(help="One exam only, by its id.")] = "",
    resect: Annotated[
        str, typer.Option(help="Segments to take out, such as 5,6,7,8; 4 means 4a and 4b.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print volumes as JSON.")] = False,
) -> None:
    """Say how large each segment is and what would be left of the liver. Nothing is written."""
    resected = [part for part in resect.replace(",", " ").split() if part]
    with CaseFile.open(case, read_only=True) as stored:
        found = case_volumes(stored, exam_id=exam, resected=resected)
    if as_json:
        print_json([_plain(name, *one) for name, one in found.items()])
        return
    for name, (volumes, remnant) in found.items():
        console().print(_table(name, volumes))
        console().print(_sentence(remnant))


def _plain(exam_id: str, volumes: Sequence[SegmentVolume], remnant: Remnant) -> dict[str, object]:
    return {
        "exam": exam_id,
        "segments": [asdict(row) for row in volumes],
        "remnant": asdict(remnant),
    }


def _table(exam_id: str, volumes: Sequence[SegmentVolume]) -> Table:
    table = Table(title=exam_id, title_justify="left")
    for heading in ("segment", "ml", "share", "tumour, ml"):
        table.add_column(heading, justify="left" if heading == "segment" else "right")
    for row in volumes:
        share = f"{100 * row.share:.1f} %"
        table.add_row(row.segment, f"{row.volume_ml:.1f}", share, f"{row.tumour_ml:.1f}")
    return table


def _sentence(remnant: Remnant) -> str:
    healthy = remnant.liver_ml - remnant.tumour_ml
    if not remnant.resected:
        return f"Liver without tumour {healthy:.1f} ml. Name segments with --resect.\n"
    doubts = "".join(f" Doubt: {doubt.reason}." for doubt in remnant.doubts)
    return (
        f"Without {', '.join(remnant.resected)}: future liver remnant {remnant.remnant_ml:.1f} ml, "
        f"{100 * remnant.share:.1f} % of {healthy:.1f} ml liver without tumour; "
        f"{remnant.resected_ml:.1f} ml resected.{doubts}\n"
    )
