"""`liverseg measure`: numbers of lesion masks, without a case."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from liverseg.cli.screen import console, print_json, progress_bar
from liverseg.records import Measurement
from liverseg.workflow import measure_masks, parse_placed_path


def measure(
    lesion: Annotated[list[str], typer.Option(help="Lesion mask: folder of DICOM, SEG or NIfTI.")],
    image: Annotated[
        list[Path] | None, typer.Option(help="DICOM the mask was drawn on; needs --liver.")
    ] = None,
    liver: Annotated[str | None, typer.Option(help="Liver mask, for enhancement.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
    convention: Annotated[
        str, typer.Option(help="liverseg, or pyradiomics: shape by its names and definitions.")
    ] = "liverseg",
) -> None:
    """Measure lesion masks: size alone, or with images and a liver mask everything."""
    with progress_bar() as progress:
        rows = measure_masks(
            [parse_placed_path(text) for text in lesion],
            images=image or (),
            liver=None if liver is None else parse_placed_path(liver),
            progress=progress,
            convention=convention,
        )
    if as_json:
        print_json([row_json(row) for row in rows])
        return
    table = Table(title="Measurements", title_justify="left")
    for heading in ("lesion", "phase", "metric", "value", "unit", "interval", "method"):
        table.add_column(heading)
    for row in rows:
        bounds = "" if row.lower is None else f"{row.lower:.4g} to {row.upper:.4g}"
        table.add_row(
            row.lesion, row.phase, row.metric, f"{row.value:.4g}", row.unit, bounds, row.method
        )
    console().print(table)


def row_json(row: Measurement) -> dict[str, object]:
    """A row as plain values; empty texts and lists are left out."""
    return {
        key: value
        for key, value in asdict(row).items()
        if value is not None and not (isinstance(value, str | tuple | list) and not value)
    }
