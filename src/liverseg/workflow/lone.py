"""Measure masks without making a case."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from liverseg.errors import InputError
from liverseg.ingest import scan_folder
from liverseg.interop import read_masks
from liverseg.lesions import measure_like_pyradiomics, measure_size
from liverseg.phases import recognise_phases
from liverseg.records import Measurement, Progress
from liverseg.workflow.assemble import assemble_exam
from liverseg.workflow.gather import as_binary, gather_masks
from liverseg.workflow.measure import measure_exam
from liverseg.workflow.place import group_exams
from liverseg.workflow.request import CaseRequest, PlacedPath
from liverseg.workflow.run import require_one_patient

OURS = "liverseg"
CONVENTIONS = {OURS: measure_size, "pyradiomics": measure_like_pyradiomics}


def measure_masks(
    lesions: Sequence[PlacedPath],
    *,
    images: Sequence[Path] = (),
    liver: PlacedPath | None = None,
    progress: Progress | None = None,
    convention: str = OURS,
) -> tuple[Measurement, ...]:
    """Rows of each lesion mask: sizes, and with images and a liver mask everything.

    Without images the mask's own grid gives the millimetres. `convention` is "liverseg", or
    "pyradiomics" for shape by that program's names and definitions, of the masks alone.
    """
    if convention not in CONVENTIONS:
        raise InputError(
            f"there is no convention {convention!r}",
            where="measure",
            remedy=f"use one of {', '.join(CONVENTIONS)}",
        )
    if convention != OURS and (images or liver is not None):
        raise InputError(
            f"the convention of {convention} is for masks alone",
            where="measure",
            remedy="leave out images and the liver mask",
        )
    if not images:
        return tuple(
            replace(row, lesion=mask.name)
            for placed in lesions
            for mask in read_masks(placed.path)
            for row in CONVENTIONS[convention](as_binary(mask.labels, mask.name))
        )
    if liver is None:
        raise InputError(
            "enhancement is measured against the liver", remedy="pass --liver MASK with --image"
        )
    ledger = scan_folder(tuple(images), progress=progress)
    require_one_patient(ledger)
    exams = group_exams(ledger.series, recognise_phases(ledger.series))
    request = CaseRequest(
        paths=tuple(images),
        out=Path(tempfile.gettempdir()),
        liver=(liver,),
        lesions=tuple(lesions),
    )
    rows: list[Measurement] = []
    for masks in gather_masks(request, exams):
        measured = measure_exam(assemble_exam(masks, progress=progress), progress=progress)
        rows.extend(row for lesion in measured.values() for row in lesion)
    return tuple(rows)
