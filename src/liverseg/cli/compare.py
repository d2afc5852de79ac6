"""`liverseg compare`: reported findings against a case's measurements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from liverseg.case import CaseFile
from liverseg.cli.screen import claim_table, console, print_json, verdict_line
from liverseg.errors import InputError
from liverseg.findings import compare as compare_findings
from liverseg.findings import comparison_json, read_findings


def compare(
    case: Annotated[Path, typer.Argument(help="A case file (*.liverseg).")],
    findings: Annotated[
        Path | None, typer.Option(help="Other findings than those stored in the case.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print comparison.json.")] = False,
) -> None:
    """Put every reported statement beside what was measured. Nothing is written."""
    with CaseFile.open(case, read_only=True) as stored:
        reported = stored.findings() if findings is None else read_findings(findings)
        rows = stored.measurements()
    if reported is None:
        raise InputError(f"{case} holds no reported findings", remedy="pass --findings FILE")
    comparison = compare_findings(reported, rows)
    if as_json:
        print_json(comparison_json(comparison))
        return
    out = console()
    out.print(claim_table(comparison))
    out.print(verdict_line(comparison))
