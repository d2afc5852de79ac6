"""`liverseg deidentify`: DICOM without the patient."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from liverseg.cli.screen import console, print_json, progress_bar
from liverseg.errors import InputError
from liverseg.privacy import KEY_VARIABLE, Dates, KeyRing, Options, load_key, random_key
from liverseg.workflow import (
    Deidentification,
    Outcome,
    deidentification_json,
    deidentify_folder,
    require_map_place,
    write_map,
)

_BY_KEY = "key"


def deidentify(
    path: Annotated[
        list[Path],
        typer.Argument(help="Folders (searched recursively), zip archives, DICOMDIRs or files."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the outputs.")],
    keep_dates: Annotated[
        bool, typer.Option("--keep-dates", help="Keep all dates and times but the birth date.")
    ] = False,
    shift_dates: Annotated[
        str | None,
        typer.Option(
            metavar="DAYS",
            help='Move all dates by so many days; "key": by a number derived from the key.',
        ),
    ] = None,
    remove_dates: Annotated[
        bool, typer.Option("--remove-dates", help="Remove dates, also where a key is given.")
    ] = False,
    key: Annotated[
        Path | None,
        typer.Option(
            help="File with a secret key: the same key gives the same new UIDs and dates. "
            f"Else the variable {KEY_VARIABLE}, else a key for this run alone."
        ),
    ] = None,
    basic_descriptions: Annotated[
        bool,
        typer.Option("--remove-descriptions", help="Keep no word of any description."),
    ] = False,
    pass_burned_in: Annotated[
        bool,
        typer.Option("--pass-burned-in", help="Write images that may show a name, too."),
    ] = False,
    map_file: Annotated[
        Path | None,
        typer.Option(
            "--write-map", metavar="FILE", help="Write the way back; it names the patients."
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the output of an earlier run.")
    ] = False,
    with_identifiers: Annotated[
        bool,
        typer.Option("--with-identifiers", help="Name the input files on the screen."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Write DICOM without names, identifiers, private attributes and old UIDs.

    By the Basic Application Level Confidentiality Profile of DICOM PS3.15. Pixels stay
    as they are; images that may show a name in them are refused and counted. Writes
    dicom/, privacy_report.json and privacy_report.txt, all of them or none.
    """
    secret = load_key(key)
    dates, days = _dates(keep_dates, remove_dates, shift_dates, has_key=secret is not None)
    options = Options(dates, days, not basic_descriptions, pass_burned_in)
    keys = KeyRing(secret or random_key())
    if map_file is not None:
        require_map_place(map_file, out, overwrite=overwrite)
    with progress_bar() as progress:
        done = deidentify_folder(
            path,
            out,
            keys=keys,
            options=options,
            is_key_kept=secret is not None,
            overwrite=overwrite,
            progress=progress,
        )
    if map_file is not None:
        write_map(done, keys, map_file)
    if as_json:
        print_json(deidentification_json(done, with_identifiers=with_identifiers))
        return
    _print(done, out, with_identifiers=with_identifiers)


def _dates(
    keep: bool, remove: bool, shift: str | None, *, has_key: bool
) -> tuple[Dates, int | None]:
    """What becomes of dates: as asked, else shifted by the key if there is one, else removed."""
    if keep + remove + (shift is not None) > 1:
        raise InputError(
            "dates can be kept, shifted or removed, not two of these",
            where="--keep-dates, --shift-dates, --remove-dates",
            remedy="give one of them",
        )
    if keep:
        return Dates.KEPT, None
    if shift is not None and shift.strip().casefold() != _BY_KEY:
        return Dates.SHIFTED, _whole_days(shift)
    if shift is not None or (has_key and not remove):
        return Dates.SHIFTED, None
    return Dates.REMOVED, None


def _whole_days(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise InputError(
            f'"{text}" is not a whole number of days',
            where="--shift-dates",
            remedy='for example "--shift-dates -400", or "--shift-dates key"',
        ) from error


def _print(done: Deidentification, out: Path, *, with_identifiers: bool) -> None:
    screen = console()
    table = Table(title="Not written", title_justify="left")
    for heading, side in (("state", "left"), ("files", "right"), ("reason", "left")):
        table.add_column(heading, justify=side)  # type: ignore[arg-type]
    for (outcome, reason), count in sorted(done.reasons().items()):
        table.add_row(outcome, str(count), reason)
    if table.rows:
        screen.print(table)
    if with_identifiers:
        for fate in done.fates:
            if fate.outcome is not Outcome.WRITTEN:
                screen.print(f"{fate.path}: {fate.reason}", soft_wrap=True, markup=False)
    for reason, count in sorted(done.warnings.items()):
        screen.print(f"look before sharing: {count} files, each {reason}")
    counts = ", ".join(f"{done.count(outcome)} {outcome}" for outcome in Outcome)
    screen.print(f"{len(done.fates)} files: {counts}")
    screen.print(f"dates {done.options.dates}; {done.patients} patients, {done.series} series")
    screen.print(f"images: {out / 'dicom'}", soft_wrap=True)
    screen.print(f"report: {out / 'privacy_report.txt'}", soft_wrap=True)
