"""`liverseg scan`: what every file of a folder is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from liverseg.cli.screen import console, print_json, progress_bar
from liverseg.ingest import ledger_json, scan_folder
from liverseg.phases import recognise_phases
from liverseg.records import FileState, Ledger


def scan(
    path: Annotated[list[Path], typer.Argument(help="Files or folders, searched recursively.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the ledger as JSON.")] = False,
) -> None:
    """Account for every file: used, split, skipped or refused, with the reason.

    No pixel is read and nothing is written.
    """
    with progress_bar() as progress:
        ledger = scan_folder(path, progress=progress)
    if as_json:
        print_json(ledger_json(ledger))
        return
    out = console()
    if ledger.series:
        out.print(_series_table(ledger))
    out.print(_reason_table(ledger))
    counts = ", ".join(f"{ledger.count(state)} {state}" for state in FileState)
    out.print(f"{len(ledger.entries)} files: {counts}")


def _series_table(ledger: Ledger) -> Table:
    calls = recognise_phases(ledger.series)
    table = Table(title="Volumes", title_justify="left")
    for heading in (
        "date",
        "modality",
        "series",
        "phase",
        "slices",
        "spacing mm",
        "why this phase",
    ):
        table.add_column(heading)
    for record in ledger.series:
        call = calls[record.key]
        table.add_row(
            record.date,
            record.modality,
            record.title + (f" (split by {record.split_by})" if record.split_by else ""),
            str(call.phase),
            str(record.grid.shape[0]),
            " x ".join(f"{step:.3g}" for step in record.grid.spacing_mm),
            call.reason,
        )
    return table


def _reason_table(ledger: Ledger) -> Table:
    table = Table(title="Files", title_justify="left")
    table.add_column("state")
    table.add_column("files", justify="right")
    table.add_column("reason")
    reasons = Counter((entry.state, entry.reason) for entry in ledger.entries)
    for (state, reason), count in sorted(reasons.items()):
        table.add_row(str(state), str(count), reason)
    return table
