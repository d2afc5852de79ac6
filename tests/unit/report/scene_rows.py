"""Measurement rows of the exam made by formula."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from unit.report.scenes import CT, LESIONS, LIVER, MR

from liverseg.geometry import Grid
from liverseg.records import Doubt, Exam, Measurement, Phase, SeriesVolume


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
        Measurement(
            "voxel_volume", volume, "ml", "voxels", lower=0.86 * volume, upper=1.14 * volume
        ),
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
            ("lesion_liver_difference", mean - liver, unit),
            ("lesion_liver_ratio", mean / liver, "1"),
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
