"""A small exam made by formula, and a report with everything on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from liverseg.geometry import Grid, Label, LabelMap, SliceSource, Translation, Volume
from liverseg.records import (
    Claim,
    Comparison,
    Contradiction,
    Doubt,
    Exam,
    FileState,
    Judgement,
    Ledger,
    LedgerEntry,
    Lesion,
    Measurement,
    Phase,
    PhaseCall,
    PhaseShift,
    SeriesRecord,
    SeriesVolume,
    SourceKind,
    Verdict,
)
from liverseg.report import ExamSummary, ReportContent, SeriesSummary, cut_views

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


def measure(exam: Exam) -> tuple[Measurement, ...]:
    """Rows as the method rooms make them, with values straight from the formula."""
    reference = exam.by_key(exam.reference)
    rows: list[Measurement] = []
    for lesion in exam.lesions:
        rows += _size_rows(lesion.name, exam.liver.grid)
        rows = [
            row
            if row.date
            else replace(
                row,
                lesion=lesion.name,
                date=exam.date,
                modality=exam.modality,
                phase=str(reference.call.phase),
                series_uid=reference.record.series_uid,
            )
            for row in rows
        ]
        rows += _value_rows(exam, lesion.name)
    rows += _liver_rows(exam)
    return tuple(rows)


def _size_rows(name: str, grid: Grid) -> list[Measurement]:
    (x, y, z), (a, b, c) = LESIONS[name]
    at = round(float(grid.to_index((x, y, z))[0]))
    volume = 4 / 3 * np.pi * a * b * c / 1000
    long_ends = ((x - a, y, z), (x + a, y, z))
    short_ends = ((x, y - b, z), (x, y + b, z))
    sides = ("7", 0.83), ("8", 0.17)
    doubt = Doubt("slices are 6 mm apart, more than the 5 mm of RECIST 1.1", "size")
    centres = "between voxel centres"
    return [
        Measurement(
            "long_axis", 2 * a, "mm", f"RECIST 1.1, {centres}", slice=at,
            lower=1.56 * a, upper=2.5 * a, endpoints_lps_mm=long_ends, doubts=(doubt,),
        ),
        Measurement(
            "short_axis", 2 * b, "mm", centres, slice=at, lower=2 * b, upper=2 * b + 1,
            endpoints_lps_mm=short_ends,
        ),
        Measurement("who_product", 4 * a * b, "mm2", "WHO", slice=at),
        Measurement("max_3d_diameter", 2 * a, "mm", centres, lower=2 * a, upper=2 * a + 1.2),
        Measurement("extent_1", 2 * a, "mm", centres),
        Measurement("extent_2", 2 * b, "mm", centres),
        Measurement("extent_3", 2 * c, "mm", centres),
        Measurement("voxel_volume", volume, "ml", "voxels", lower=0.86 * volume, upper=1.14 * volume),
        Measurement("mesh_volume", volume, "ml", "mesh"),
        Measurement("sphericity", 0.997, "1", "IBSI QCFX"),
        *(Measurement("couinaud_share", s, "1", "shares", segment=n) for n, s in sides),
        Measurement("border_distance", 9.3, "mm", "centroid to face"),
    ]  # fmt: skip


def _value_rows(exam: Exam, name: str) -> list[Measurement]:
    levels = CT if exam.modality == "CT" else MR
    before = levels[Phase.NON_CONTRAST]
    rows = []
    for item in exam.series:
        _, liver, rim, core, _ = levels[item.call.phase]
        unit, mean = item.volume.unit, 0.6 * rim + 0.4 * core
        found = [
            ("mean", mean, unit), ("sd", abs(mean) / 8, unit), ("median", mean, unit),
            ("rim_mean", rim, unit), ("core_mean", core, unit), ("liver_mean", liver, unit),
            ("lesion_liver_difference", mean - liver, unit), ("lesion_liver_ratio", mean / liver, "1"),
        ]  # fmt: skip
        if item.call.phase not in (Phase.NON_CONTRAST, Phase.T2, Phase.ADC):
            gain = [(now - base) for now, base in ((rim, before[2]), (core, before[3]))]
            if exam.modality == "MR":
                gain = [100 * gain[0] / before[2], 100 * gain[1] / before[3]]
            kind = "HU" if exam.modality == "CT" else "%"
            found += [("rim_enhancement", gain[0], kind), ("core_enhancement", gain[1], kind)]
            found += [("enhancement", 0.6 * gain[0] + 0.4 * gain[1], kind)]
        if item.call.phase is Phase.LATE_ARTERIAL:
            found += [("ring_coverage", 1.0, "1")]
        rows += [_row(exam, item, name, *each) for each in found]
    return rows


def _liver_rows(exam: Exam) -> list[Measurement]:
    levels = CT if exam.modality == "CT" else MR
    reference = exam.by_key(exam.reference)
    a, b, c = LIVER[1]
    volume = 4 / 3 * np.pi * a * b * c / 1000
    whole = _row(exam, reference, "liver", "voxel_volume", volume, "ml")
    rows = [replace(whole, lower=0.97 * volume, upper=1.03 * volume)]
    for item in exam.series:
        _, liver, _, _, aorta = levels[item.call.phase]
        for metric, value in (("mean", liver), ("sd", liver / 10), ("aorta_mean", aorta)):
            rows.append(_row(exam, item, "liver", metric, value, item.volume.unit))
    for segment, share in (("8", 0.3), ("7", 0.2), ("4", 0.2), ("5", 0.15), ("2", 0.15)):
        row = _row(exam, reference, "liver", "couinaud_share", share, "1")
        rows.append(replace(row, segment=segment))
    return rows


def _row(
    exam: Exam, item: SeriesVolume, lesion: str, metric: str, value: float, unit: str
) -> Measurement:
    return Measurement(
        metric,
        float(value),
        unit,
        f"{metric} by formula",
        lesion=lesion,
        date=exam.date,
        modality=exam.modality,
        phase=str(item.call.phase),
        series_uid=item.record.series_uid,
    )


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


def claim(number: int, statement: str, **more: object) -> Claim:
    parts = {"source": SourceKind.TEXT, "place": "Section 2", "date": "2015", **more}
    return Claim(str(number), statement, **parts)


def small_comparison() -> Comparison:
    """One judgement of each verdict, a clash and what only looks like one."""
    return Comparison(
        "A case report",
        (
            Judgement(claim(1, "multiple liver metastases"), Verdict.AGREES, "two lesions",
                      value="2", tolerance="at least 2", lesion="R7, R4"),
            Judgement(claim(2, "in segment 4", contradicts=("3",)), Verdict.PARTLY, "7 is extra",
                      value="4, 7", phase="portal_venous", lesion="R7", slice=15),
            Judgement(claim(3, "35 mm in diameter", contradicts=("2",)), Verdict.CONFLICTS,
                      "7.4 mm too small", value="27.6", unit="mm", tolerance="7 mm", lesion="R4",
                      doubts=(Doubt("thick slices", "CT"),)),
            Judgement(claim(4, "in segment 8"), Verdict.BORDERLINE, "17 % of it lie in 8"),
            Judgement(claim(5, "leiomyosarcoma", source=SourceKind.PATHOLOGY, place="Fig. 4"),
                      Verdict.NOT_ASSESSABLE, "images do not show cells"),
        ),
        (
            Contradiction("C1", ("2", "3"), "segment 4 or 7", "both are shown"),
            Contradiction("C2", ("1", "9"), "different phases", "no alarm", is_clash=False),
        ),
    )  # fmt: skip


def small_ledger() -> Ledger:
    states = [FileState.USED] * 4 + [FileState.SPLIT] * 2 + [FileState.SKIPPED] * 3
    entries = [LedgerEntry(f"ct/{n:03}", state, f"why {state}") for n, state in enumerate(states)]
    entries.append(LedgerEntry("ct/bad.dcm", FileState.REFUSED, "pixel data end early"))
    return Ledger(("/home/someone/export",), tuple(entries), ())


@pytest.fixture(scope="session")
def ct_exam() -> Exam:
    return make_exam()


@pytest.fixture(scope="session")
def rich_content(ct_exam: Exam) -> ReportContent:
    """Two exams with two lesions, findings, doubts, everything."""
    exams = (ct_exam, make_exam("MR"))
    rows = tuple(row for exam in exams for row in measure(exam))
    return ReportContent(
        case="kitasaki2021",
        created="2026-01-02T03:04:05.678+00:00",
        program="liverseg 0.1.0",
        comparison=small_comparison(),
        measurements=rows,
        views=tuple(view for exam in exams for view in cut_views(exam, rows)),
        ledger=small_ledger(),
        exams=tuple(summary_of(exam) for exam in exams),
        doubts=(Doubt("no frame of reference", "R7"), Doubt("no frame of reference", "R4")),
        findings_title="A case report",
        findings_source="Some Journal 2021",
        is_phantom=True,
        tables={"display": "ab" * 32},
    )


@pytest.fixture(scope="session")
def scene() -> Callable[..., Exam]:
    return make_exam
