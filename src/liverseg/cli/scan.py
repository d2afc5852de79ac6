"""`liverseg scan`: what every file of a folder, archive or DICOMDIR is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from liverseg.cli.screen import console, print_json, progress_bar
from liverseg.ingest import (
    BrowserRow,
    GeometryPolicy,
    browse,
    ledger_json,
    scan_folder,
    write_rows_parquet,
)
from liverseg.records import FileState, Ledger


def scan(
    path: Annotated[
        list[Path],
        typer.Argument(help="Folders (searched recursively), zip archives, DICOMDIRs or files."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the ledger as JSON.")] = False,
    parquet: Annotated[
        Path | None, typer.Option(help="Also write the table of volumes to this Parquet file.")
    ] = None,
    keep_whole: Annotated[
        list[str] | None,
        typer.Option(
            help="Do not split this series (key, UID, number or description). Repeatable."
        ),
    ] = None,
    on_tilt: Annotated[
        str, typer.Option(help="Tilted gantry: refuse, or shear the slices back.")
    ] = "refuse",
    on_gap: Annotated[
        str, typer.Option(help="Missing slices: refuse, or resample between the neighbours.")
    ] = "refuse",
    on_uneven: Annotated[
        str, typer.Option(help="Uneven spacing: refuse, or resample to an even one.")
    ] = "refuse",
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Read every header, and remember none.")
    ] = False,
    with_identifiers: Annotated[
        bool, typer.Option("--with-identifiers", help="Show names and identifiers of patients.")
    ] = False,
) -> None:
    """Account for every file: used, split, skipped or refused, with the reason.

    No pixel is read, and nothing is written but the table asked for with --parquet and,
    without --no-cache, what the headers said into your cache folder.
    """
    policy = GeometryPolicy(on_tilt=on_tilt, on_gap=on_gap, on_uneven=on_uneven)
    with progress_bar() as progress:
        ledger = scan_folder(
            path,
            policy=policy,
            whole=keep_whole or (),
            cache=not no_cache,
            with_identifiers=with_identifiers,
            progress=progress,
        )
    if parquet is not None:
        write_rows_parquet(browse(ledger), parquet)
    if as_json:
        print_json(ledger_json(ledger))
        return
    print_ledger(ledger, with_identifiers=with_identifiers)


def print_ledger(ledger: Ledger, *, with_identifiers: bool = False) -> None:
    """The volumes of a folder, and how many files were used and left out, with the reasons."""
    rows = browse(ledger)
    out = console()
    if rows:
        out.print(_browser(rows, with_identifiers=with_identifiers))
    out.print(_reason_table(ledger))
    counts = ", ".join(f"{ledger.count(state)} {state}" for state in FileState)
    out.print(f"{len(ledger.entries)} files: {counts}")


def _browser(rows: tuple[BrowserRow, ...], *, with_identifiers: bool) -> Table:
    table = Table(title="Volumes", title_justify="left")
    for heading in ("patient", "date", "modality", "series", "phase"):
        table.add_column(heading)
    for heading in ("slices", "spacing mm", "size", "MB"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("why this phase")
    before = None
    for row in rows:
        if before not in (None, (row.patient, row.date)):
            table.add_section()
        before = (row.patient, row.date)
        table.add_row(
            (row.patient if with_identifiers else row.patient[:6]) or "-",
            row.date,
            row.modality,
            _series(row),
            row.phase,
            str(row.slices),
            row.spacing_text,
            f"{row.rows} x {row.columns}",
            f"{row.bytes / 1e6:.1f}",
            row.phase_reason,
        )
    return table


def _series(row: BrowserRow) -> str:
    name = " ".join(part for part in (_number(row), row.description) if part) or row.key
    notes = [f"split by {row.split_by}"] if row.split_by else []
    notes += [row.changed_by] if row.changed_by else []
    notes += [f"{row.doubts} doubt(s)"] if row.doubts else []
    return name + (f" ({'; '.join(notes)})" if notes else "")


def _number(row: BrowserRow) -> str:
    return "" if row.number is None else str(row.number)


def _reason_table(ledger: Ledger) -> Table:
    table = Table(title="Files", title_justify="left")
    table.add_column("state")
    table.add_column("files", justify="right")
    table.add_column("reason")
    reasons = Counter((entry.state, entry.reason) for entry in ledger.entries)
    for (state, reason), count in sorted(reasons.items()):
        table.add_row(str(state), str(count), reason)
    return table
