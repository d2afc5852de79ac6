"""The main job on the digital case: a phantom patient is made as DICOM, then run."""

from __future__ import annotations

from pathlib import Path

from liverseg.records import Progress
from liverseg.teach import Variant, case_findings, plan_case
from liverseg.workflow.outputs import OUTPUTS, require_free, staged
from liverseg.workflow.phantom_files import PhantomFiles, write_phantom
from liverseg.workflow.progress import part_of
from liverseg.workflow.request import CaseRequest, PlacedPath
from liverseg.workflow.run import run_case

MADE = ("dicom", "masks", "truth.json")
#: Share of the whole work that making the phantom takes, for the progress line.
MAKING = 0.6


def run_demo(
    out: Path,
    *,
    variant: Variant = Variant.RECONCILED,
    seed: int = 2021,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Make the digital case below `out` and do the main job on it; returns the case file.

    `out` gets ``dicom/``, ``masks/`` and ``truth.json`` beside the outputs of `run_case`.
    The same seed gives the same files.
    """
    require_free(out, (*MADE, *OUTPUTS), overwrite=overwrite)
    make_digital_case(
        out,
        variant=variant,
        seed=seed,
        overwrite=overwrite,
        progress=part_of(progress, 0.0, MAKING),
    )
    request = digital_request(out, variant=variant, overwrite=overwrite)
    return run_case(request, progress=part_of(progress, MAKING, 1.0))


def make_digital_case(
    out: Path,
    *,
    variant: Variant = Variant.RECONCILED,
    seed: int = 2021,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write the phantom patient: DICOM series, true masks as DICOM SEG, true values as JSON."""
    with staged(out, names=MADE, overwrite=overwrite) as stage:
        write_phantom(
            stage, plan_case(variant, seed=seed), variant=variant, seed=seed, progress=progress
        )


def digital_request(out: Path, *, variant: Variant, overwrite: bool = False) -> CaseRequest:
    """What `run_case` is asked for a digital case that was made below `out`."""
    files = [PhantomFiles(out, exam) for exam in plan_case(variant)]
    return CaseRequest(
        paths=(out / "dicom",),
        out=out,
        liver=tuple(PlacedPath(one.liver) for one in files),
        lesions=tuple(PlacedPath(path) for one in files for path in one.lesions),
        couinaud=tuple(PlacedPath(one.couinaud) for one in files),
        structures=tuple(PlacedPath(one.structures) for one in files),
        findings=case_findings(),
        case=f"Phantom ({variant})",
        overwrite=overwrite,
    )
