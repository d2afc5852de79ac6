"""`liverseg describe`: a radiologist's words for every lesion of a case, with P(true)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from liverseg.case import CaseFile
from liverseg.cli.screen import console, print_json, progress_bar
from liverseg.lesions import short_words
from liverseg.records import Descriptor, Measurement, Said
from liverseg.workflow import LesionDescription, describe_case, save_intervals

COLOURS = {
    Said.YES: "green",
    Said.NO: "dim",
    Said.INDETERMINATE: "yellow",
    Said.NOT_ASSESSABLE: "dim",
}


def describe(
    case: Annotated[Path, typer.Argument(help="A case file (*.liverseg).")],
    rules: Annotated[
        Path | None, typer.Option(help="A table file whose rows replace limits (TOML).")
    ] = None,
    exam: Annotated[str, typer.Option(help="Only this exam.")] = "",
    lesion: Annotated[str, typer.Option(help="Only this lesion.")] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Also words that are denied or cannot be assessed.")
    ] = False,
    save: Annotated[
        bool,
        typer.Option("--save", help="Write the intervals into the case, for its report."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Everything as JSON: words, intervals, details.")
    ] = False,
) -> None:
    """Say of every lesion what its numbers say, how sure that is, and why.

    Nothing is written unless --save is given.
    """
    with CaseFile.open(case, read_only=not save) as stored, progress_bar() as progress:
        found = describe_case(stored, rules=rules, exam_id=exam, lesion=lesion, progress=progress)
        if save:
            save_intervals(stored, found)
    if as_json:
        print_json([description_json(one) for one in found])
        return
    out = console()
    for one in found:
        out.print(word_table(one, everything=everything))
        if one.intervals:
            out.print(interval_line(one.intervals))


def description_json(one: LesionDescription) -> dict[str, Any]:
    """A lesion as plain values; the published reader limits stay with the measurements."""
    return {
        "exam": one.exam_id,
        "lesion": one.lesion,
        "short": [short.text for short in short_words(one.words)],
        "words": [asdict(word) for word in one.words],
        "intervals": [_row_json(row) for row in one.intervals],
        "details": [_row_json(row) for row in one.details],
        "refusals": [asdict(doubt) for doubt in one.refusals],
    }


def _row_json(row: Measurement) -> dict[str, Any]:
    names = ("metric", "phase", "value", "unit", "lower", "upper", "method", "series_uid")
    return {name: getattr(row, name) for name in names}


def word_table(one: LesionDescription, *, everything: bool) -> Table:
    """Words that are said or in between, all of them with `everything`."""
    shown = [
        word for word in one.words if everything or word.said in (Said.YES, Said.INDETERMINATE)
    ]
    short = ", ".join(word.text for word in short_words(one.words))
    title = f"{one.lesion}, {one.exam_id}" + (f": {short}" if short else "")
    table = Table(title=title, title_justify="left")
    table.add_column("word", no_wrap=True)
    table.add_column("phase")
    table.add_column("said", no_wrap=True)
    table.add_column("P(true)", justify="right")
    table.add_column("why")
    for word in shown:
        table.add_row(*_cells(word))
    return table


def _cells(word: Descriptor) -> tuple[str, ...]:
    share = "–" if word.probability is None else f"{word.probability:.2f}"
    said = f"[{COLOURS[word.said]}]{word.said.replace('_', ' ')}[/]"
    return f"{word.slot}: {word.term}", word.phase.replace("_", " "), said, share, word.reason


def interval_line(rows: Sequence[Measurement]) -> str:
    """Sizes with their measured 95 % interval and the phase they were drawn on."""
    sizes = [row for row in rows if row.unit in ("mm", "ml")]
    parts = [
        f"{row.metric.removesuffix('_interval').replace('_', ' ')} "
        f"{row.value:.1f} ({row.lower:.1f} to {row.upper:.1f}) {row.unit}"
        for row in sizes
        if row.lower is not None and row.upper is not None
    ]
    phase = sizes[0].phase.replace("_", " ") if sizes else ""
    return f"95 % intervals, drawn on {phase}: {'; '.join(parts)}"
