"""`liverseg run`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from liverseg import NOTICE
from liverseg.case import CaseFile
from liverseg.cli.screen import claim_table, console, progress_bar, verdict_line
from liverseg.workflow import CaseRequest, parse_phase_override, parse_placed_path, run_case

MASK_HELP = "A folder of DICOM mask slices, a DICOM SEG or a NIfTI file; MASK@SERIES says where."


def run(
    paths: Annotated[list[Path], typer.Argument(help="DICOM files or folders of one patient.")],
    liver: Annotated[list[str], typer.Option(help=f"Liver mask, one for each exam. {MASK_HELP}")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the outputs.")],
    lesion: Annotated[
        list[str] | None, typer.Option(help="Lesion mask; its file's stem is the lesion's name.")
    ] = None,
    couinaud: Annotated[
        list[str] | None, typer.Option(help="Label map of Couinaud segments (1 to 8; 9 = 4b).")
    ] = None,
    landmarks: Annotated[
        list[str] | None, typer.Option(help="YAML or JSON of landmarks (LPS mm) instead of a map.")
    ] = None,
    structures: Annotated[
        list[str] | None,
        typer.Option(help="Label map of aorta, IVC, portal and hepatic veins, spleen."),
    ] = None,
    findings: Annotated[
        Path | None, typer.Option(help="YAML file of reported findings to compare with.")
    ] = None,
    phase: Annotated[
        list[str] | None, typer.Option(help="Override: SERIES=PHASE, for example 3=arterial.")
    ] = None,
    case: Annotated[str, typer.Option(help="Name of the case; default: the folder's.")] = "",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the outputs of an earlier run.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Read every header, and remember none.")
    ] = False,
    with_identifiers: Annotated[
        bool,
        typer.Option(
            "--with-identifiers", help="Do not hide the patient in the outputs; for use inside."
        ),
    ] = False,
) -> None:
    """Measure lesions in a folder of DICOM and compare them with reported findings.

    Writes case.liverseg, measurements.csv and .parquet, comparison.json, ledger.json and
    report.html, all of them or none.
    """
    request = CaseRequest(
        paths=tuple(paths),
        out=out,
        liver=tuple(parse_placed_path(text) for text in liver),
        lesions=tuple(parse_placed_path(text) for text in lesion or ()),
        couinaud=tuple(parse_placed_path(text) for text in couinaud or ()),
        landmarks=tuple(parse_placed_path(text) for text in landmarks or ()),
        structures=tuple(parse_placed_path(text) for text in structures or ()),
        findings=findings,
        phases=dict(parse_phase_override(text) for text in phase or ()),
        case=case,
        overwrite=overwrite,
        cache=not no_cache,
        with_identifiers=with_identifiers,
    )
    with progress_bar() as progress:
        path = run_case(request, progress=progress)
    print_outcome(path)


def print_outcome(path: Path) -> None:
    """The claim table of a finished case and where its report is."""
    out = console()
    with CaseFile.open(path, read_only=True) as case:
        comparison = case.comparison()
        lesions = {row.lesion for row in case.measurements()} - {"liver"}
        exams = case.exam_ids()
    if comparison is not None:
        out.print(claim_table(comparison))
        out.print(verdict_line(comparison))
    out.print(f"{len(exams)} exams, {len(lesions)} lesions measured")
    out.print(f"report: {path.parent / 'report.html'}", soft_wrap=True)
    out.print(f"case:   {path}", soft_wrap=True)
    out.print(NOTICE)
