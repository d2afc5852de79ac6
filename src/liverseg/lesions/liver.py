"""Rows of the liver itself: its volume, and liver and vessels in every phase."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from liverseg.geometry import LabelMap
from liverseg.lesions.enhancement import MM3_PER_ML, shift_to
from liverseg.lesions.limits import reader_interval
from liverseg.lesions.reference import FULL
from liverseg.lesions.tissue import Tissue, cut_reference, cut_structures
from liverseg.records import Doubt, Exam, Measurement, SeriesVolume

LIVER = "liver"


def measure_liver(exam: Exam, reference: LabelMap) -> tuple[Measurement, ...]:
    """Volume of the whole liver, and liver and vessel values in every series of an exam.

    `reference` is the exam's `liver_reference`: mean, sd and median a series. With
    structures also aorta_mean, ivc_mean, portal_vein_mean, hepatic_veins_mean and
    spleen_mean, each without its outermost voxel where it is thick enough. All rows have
    the lesion name "liver". Structures out of an image have no row there.

    Raises `EmptyLabelError` for an empty liver, `MeasurementError` for a series without
    a shift.
    """
    rows = [_stamp(_volume(exam.liver), exam, exam.by_key(exam.reference))]
    liver, structures = cut_reference(reference), cut_structures(exam.structures)
    for series in exam.series:
        found = [*_liver_rows(exam, series, liver), *_structure_rows(exam, series, structures)]
        rows.extend(_stamp(row, exam, series) for row in found)
    return tuple(rows)


def _volume(liver: LabelMap) -> Measurement:
    voxels = np.count_nonzero(liver.array[liver.box()])
    volume = voxels * liver.grid.voxel_volume_mm3 / MM3_PER_ML
    lower, upper = reader_interval("liver_volume", volume)
    method = "number of voxels of the liver mask times volume of a voxel"
    return Measurement("voxel_volume", volume, "ml", method, lower=lower, upper=upper)


def _liver_rows(exam: Exam, series: SeriesVolume, liver: Tissue) -> list[Measurement]:
    where = f"{series.call.phase}, {series.record.title}"
    values = liver.values(series.volume, shift_to(exam, series)).get(FULL)
    if values is None:
        return []
    unit, of = series.volume.unit, "liver away from lesions, vessels and surface"
    doubts: tuple[Doubt, ...] = liver.doubts_of(FULL, where)
    return [
        Measurement("mean", float(values.mean()), unit, f"mean of {of}", doubts=doubts),
        Measurement("sd", float(values.std()), unit, f"standard deviation of {of}"),
        Measurement("median", float(np.median(values)), unit, f"median of {of}"),
    ]


def _structure_rows(exam: Exam, series: SeriesVolume, structures: Tissue) -> list[Measurement]:
    where = f"{series.call.phase}, {series.record.title}"
    found = structures.values(series.volume, shift_to(exam, series))
    return [
        Measurement(
            f"{name}_mean",
            float(values.mean()),
            series.volume.unit,
            f"mean of {name.replace('_', ' ')} without its outermost voxel",
            doubts=structures.doubts_of(name, where),
        )
        for name, values in found.items()
    ]


def _stamp(row: Measurement, exam: Exam, series: SeriesVolume) -> Measurement:
    return replace(
        row,
        lesion=LIVER,
        date=exam.date,
        modality=exam.modality,
        phase=str(series.call.phase),
        series_uid=series.record.series_uid,
    )
