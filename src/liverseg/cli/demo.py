"""`liverseg demo`: the main job on the digital case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from liverseg.cli.run import print_outcome
from liverseg.cli.screen import progress_bar
from liverseg.workflow import Variant, run_demo


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for phantom and outputs.")],
    variant: Annotated[
        Variant,
        typer.Option(help="Which reading of the contradictory report the phantom follows."),
    ] = Variant.RECONCILED,
    seed: Annotated[int, typer.Option(help="Seed of the noise.")] = 2021,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the outputs of an earlier run.")
    ] = False,
) -> None:
    """Make a phantom patient as DICOM, measure it and compare it with the case report.

    The phantom stands in for a published case whose scans are not public. Nothing is
    downloaded.
    """
    with progress_bar() as progress:
        path = run_demo(out, variant=variant, seed=seed, overwrite=overwrite, progress=progress)
    print_outcome(path)
