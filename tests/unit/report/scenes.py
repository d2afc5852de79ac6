"""A small exam of ellipsoids made by formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liverseg.geometry import Grid, Label, LabelMap, SliceSource, Translation, Volume
from liverseg.records import (
    Exam,
    Lesion,
    Phase,
    PhaseCall,
    PhaseShift,
    SeriesRecord,
    SeriesVolume,
)
from liverseg.report import ExamSummary, SeriesSummary

FRAME = "1.2.3"
#: Level of (background, liver, rim, core, aorta) by phase.
CT = {
    Phase.NON_CONTRAST: (-60, 58, 48, 42, 42),
    Phase.LATE_ARTERIAL: (-55, 78, 112, 68, 345),
    Phase.PORTAL_VENOUS: (-50, 118, 128, 88, 163),
    Phase.DELAYED: (-50, 95, 125, 98, 110),
}
MR = {
    Phase.NON_CONTRAST: (40, 100, 70, 68, 60),
    Phase.LATE_ARTERIAL: (45, 130, 190, 100, 400),
    Phase.PORTAL_VENOUS: (45, 190, 200, 125, 260),
    Phase.TRANSITIONAL: (45, 230, 185, 130, 180),
    Phase.HEPATOBILIARY: (45, 300, 80, 74, 110),
    Phase.T2: (60, 100, 200, 230, 30),
    Phase.ADC: (0.0004, 0.0011, 0.0013, 0.0014, 0.002),
}
#: Centre (LPS mm) and half axes (x, y, z) of each lesion.
LESIONS = {
    "R7": ((-60.0, 45.0, 20.0), (17.5, 16.0, 15.0)),
    "R4": ((8.0, -35.0, 5.0), (11.0, 10.0, 10.0)),
}
LIVER = ((-20.0, 0.0, 0.0), (95.0, 75.0, 60.0))
AORTA_MM = (10.0, 95.0)


@dataclass(frozen=True)
class SceneOptions:
    """How fine the images are, (slice, row, column) in mm, and how they are laid out."""

    spacing_mm: tuple[float, float, float] = (6.0, 3.0, 3.0)
    noise: float = 0.0
    step_mm: tuple[float, float, float] = (1.0, -2.0, 3.0)
    lesions: Sequence[str] = tuple(LESIONS)
    couinaud: bool = True


def axial_grid(spacing_mm: tuple[float, float, float]) -> Grid:
    shape = [round(size / step) for size, step in zip((150, 230, 260), spacing_mm, strict=True)]
    return Grid.axial(
        (shape[0], shape[1], shape[2]),
        spacing_mm,
        origin_lps_mm=(-150.0, -110.0, -75.0),
        frame_of_reference=FRAME,
    )


def depth(points: np.ndarray, shape: tuple[Sequence[float], Sequence[float]]) -> np.ndarray:
    """0 at the centre of an ellipsoid, 1 on its surface."""
    return np.linalg.norm((points - np.array(shape[0])) / np.array(shape[1]), axis=-1)


def points_of(grid: Grid, shift: Translation) -> np.ndarray:
    """(slice, row, column, 3) place in the reference series of each voxel's tissue."""
    index = np.stack(np.indices(grid.shape, dtype=np.float64), axis=-1)
    return shift.inverse.apply(grid.to_lps_mm(index)).astype(np.float32)


def make_exam(
    modality: str = "CT",
    date: str = "2015-06-01",
    options: SceneOptions = SceneOptions(),
    grid: Grid | None = None,
) -> Exam:
    """An exam of ellipsoids: every phase is shifted by n times `step_mm`."""
    grid = grid or axial_grid(options.spacing_mm)
    levels = CT if modality == "CT" else MR
    reference = Phase.PORTAL_VENOUS if modality == "CT" else Phase.HEPATOBILIARY
    still = points_of(grid, Translation())
    liver = depth(still, LIVER) < 1
    series, shifts = [], []
    for n, (phase, level) in enumerate(levels.items()):
        away = 0 if phase is reference else n + 1
        shift = Translation(tuple(away * step for step in options.step_mm))
        key = f"{modality}.{date}.{n + 1}"
        record = _record(key, n + 1, modality, date, phase, grid)
        volume = Volume(_image(grid, shift, level, options, seed=n), grid, record.unit)
        call = PhaseCall(phase, f'description "{record.description}"', "description")
        series.append(SeriesVolume(record, volume, call))
        residual = None if phase is reference else 0.2
        shifts.append(PhaseShift(key, shift, residual, "mean squares"))
    return Exam(
        exam_id=f"{date} {modality}",
        date=date,
        modality=modality,
        reference=next(item.record.key for item in series if item.call.phase is reference),
        series=tuple(series),
        shifts=tuple(shifts),
        liver=LabelMap(liver, grid, (Label(1, "liver"),)),
        lesions=tuple(
            Lesion(
                name,
                f"2.25.{name}",
                LabelMap(depth(still, LESIONS[name]) <= 1, grid, (Label(1, name),)),
                series[0].record.key,
            )
            for name in options.lesions
        ),
        couinaud=_segments(still, liver, grid) if options.couinaud else None,
    )


def _record(
    key: str, number: int, modality: str, date: str, phase: Phase, grid: Grid
) -> SeriesRecord:
    unit = "HU" if modality == "CT" else "mm2/s" if phase is Phase.ADC else "au"
    return SeriesRecord(
        key=key,
        series_uid=key,
        study_uid=f"{modality}.{date}",
        modality=modality,
        date=date,
        number=number,
        description=f"Liver {phase.value}",
        study_description="",
        slices=tuple(SliceSource(f"{key}/{n}", f"{key}.{n}") for n in range(grid.shape[0])),
        grid=grid,
        unit=unit,
        is_phantom=True,
    )


def _image(
    grid: Grid, shift: Translation, level: Sequence[float], options: SceneOptions, *, seed: int
) -> np.ndarray:
    points = points_of(grid, shift)
    background, liver, rim, core, aorta = level
    image = np.full(grid.shape, background, dtype=np.float32)
    image[depth(points, LIVER) < 1] = liver
    image[np.hypot(points[..., 0] - AORTA_MM[0], points[..., 1] - AORTA_MM[1]) < 11] = aorta
    for name in options.lesions:
        inside = depth(points, LESIONS[name])
        image[inside <= 1] = rim
        image[inside <= 0.75] = core
    if options.noise:
        spread = options.noise * (0.00008 if liver < 1 else 1)
        image += np.random.default_rng(seed).normal(0, spread, grid.shape).astype(np.float32)
    return image if liver < 1 else np.rint(image).astype(np.int16)


def _segments(points: np.ndarray, liver: np.ndarray, grid: Grid) -> LabelMap:
    """Eight wedges of the liver that meet where segments do, more or less."""
    x, y, z = np.moveaxis(points, -1, 0)
    upper = z >= 0
    labels = np.where(x < -35, np.where(y > 15, 7, 8), np.where(x < 30, 4, 2))
    labels = np.where(~upper & (labels == 7), 6, np.where(~upper & (labels == 8), 5, labels))
    labels = np.where(~upper & (labels == 2), 3, labels)
    labels = np.where((np.abs(x) < 20) & (y > 35), 1, labels)
    named = tuple(Label(n, str(n)) for n in range(1, 9))
    return LabelMap(np.where(liver, labels, 0).astype(np.uint8), grid, named)


def summary_of(exam: Exam) -> ExamSummary:
    return ExamSummary(
        exam.exam_id,
        exam.date,
        exam.modality,
        tuple(
            SeriesSummary(
                title=item.record.title,
                phase=str(item.call.phase),
                reason=item.call.reason,
                slices=item.volume.grid.shape[0],
                spacing_mm=item.volume.grid.spacing_mm,
                shift_mm=exam.shift_of(item.record.key).series_from_reference.offset_mm,
                residual_mm=exam.shift_of(item.record.key).residual_mm,
                unit=item.volume.unit,
                is_reference=item.record.key == exam.reference,
                series_uid=item.record.series_uid,
            )
            for item in exam.series
        ),
    )
