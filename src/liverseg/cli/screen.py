"""What the commands print: progress on standard error, tables on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from liverseg.records import Comparison, Verdict
from liverseg.records import Progress as ProgressCall

COLOURS = {
    Verdict.AGREES: "green",
    Verdict.PARTLY: "yellow",
    Verdict.BORDERLINE: "yellow",
    Verdict.CONFLICTS: "red",
    Verdict.NOT_ASSESSABLE: "dim",
}


def console() -> Console:
    """Standard output; without a terminal wide enough that no cell is cut."""
    return Console(width=None if sys.stdout.isatty() else 160)


@contextmanager
def progress_bar() -> Iterator[ProgressCall]:
    """A progress line on standard error while the block runs; silent without a terminal."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task("", total=1.0)

        def tell(message: str, share: float) -> None:
            bar.update(task, description=message, completed=share)

        yield tell


def print_json(value: object) -> None:
    """Plain JSON on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def claim_table(comparison: Comparison) -> Table:
    """Every statement with its verdict, the measured value and the reason."""
    table = Table(title=f"{comparison.title}: reported and measured", title_justify="left")
    table.add_column("id", justify="right")
    table.add_column("statement", max_width=44)
    table.add_column("verdict", no_wrap=True)
    table.add_column("measured", max_width=22)
    table.add_column("reason", max_width=60)
    table.add_column("contradicts", max_width=11)
    for judgement in comparison.judgements:
        word = judgement.verdict.replace("_", " ")
        table.add_row(
            judgement.claim.id,
            judgement.claim.statement,
            f"[{COLOURS[judgement.verdict]}]{word}[/]",
            f"{judgement.value} {judgement.unit}".strip(),
            judgement.reason,
            ", ".join(judgement.claim.contradicts),
        )
    return table


def verdict_line(comparison: Comparison) -> str:
    """The answer in one line."""
    counts = [f"{comparison.count(v)} {v.replace('_', ' ')}" for v in Verdict]
    clashes = sum(c.is_clash for c in comparison.contradictions)
    return (
        f"{len(comparison.judgements)} statements: {', '.join(counts)}; "
        f"{clashes} contradictions inside the report"
    )
