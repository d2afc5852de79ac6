"""The digital case on coarse voxels, with fewer series and lesions: the job in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from liverseg.geometry import Grid
from liverseg.teach import PlannedExam, PlannedSeries, Variant, plan_case

STEP_MM = (5.0, 4.0, 4.0)
#: One phase to align with the portal one, a second modality, and the two recurrences.
KEPT = ("ct_arterial", "ct_portal", "t1_hepatocyte", "t2_2017", "t2_2019")


def plan_coarse_case(
    variant: Variant = Variant.TEXT, *, seed: int = 2021, names: Sequence[str] = KEPT
) -> tuple[PlannedExam, ...]:
    """`plan_case` with coarse grids, two lesions an exam, and only the series of these names."""
    return tuple(_coarse(exam, names) for exam in plan_case(variant, seed=seed))


def _coarse(exam: PlannedExam, names: Sequence[str]) -> PlannedExam:
    series = tuple(_on_coarse_grid(one) for one in exam.series if one.name in names)
    reference = next(one for one in series if one.name == exam.reference.name)
    return replace(exam, lesions=exam.lesions[:2], series=series, reference=reference)


def _on_coarse_grid(series: PlannedSeries) -> PlannedSeries:
    fine = series.grid
    shape = tuple(
        int((count - 1) * step / coarse) + 1
        for count, step, coarse in zip(fine.shape, fine.spacing_mm, STEP_MM, strict=True)
    )
    grid = Grid.axial(
        shape,
        STEP_MM,
        origin_lps_mm=tuple(fine.to_lps_mm((0, 0, 0))),
        frame_of_reference=fine.frame_of_reference,
    )
    return replace(series, grid=grid, blur_mm=1.5)
