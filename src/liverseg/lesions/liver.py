"""Rows of the liver itself: its volume, and liver and vessels in every phase."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from liverseg.geometry import LabelMap
from liverseg.lesions.enhancement import MM3_PER_ML
from liverseg.lesions.levels import LiverLevels, sample_liver
from liverseg.lesions.limits import reader_interval
from liverseg.lesions.shift import shift_to
from liverseg.lesions.tissue import Tissue, cut_structures
from liverseg.records import Exam, Measurement, SeriesVolume

LIVER = "liver"


#: Rows of the vessels and the spleen by series key: they rest on no lesion and no liver mask.
StructureRows = Mapping[str, tuple[Measurement, ...]]


def measure_liver(
    exam: Exam, reference: LabelMap | LiverLevels, *, structures: StructureRows | None = None
) -> tuple[Measurement, ...]:
    """Volume of the whole liver, and liver and vessel values in every series of an exam.

    `reference` is the exam's `liver_reference` or its `sample_liver`: mean, sd and median
    a series. `structures` are `measure_structures` of this exam where they are known. With
    structures also aorta_mean, ivc_mean, portal_vein_mean, hepatic_veins_mean and
    spleen_mean, each without its outermost voxel where it is thick enough. All rows have
    the lesion name "liver". Structures out of an image have no row there.

    Raises `EmptyLabelError` for an empty liver, `MeasurementError` for a series without
    a shift.
    """
    rows = [_stamp(_volume(exam.liver), exam, exam.by_key(exam.reference))]
    liver = reference if isinstance(reference, LiverLevels) else sample_liver(exam, reference)
    others = measure_structures(exam) if structures is None else structures
    for series in exam.series:
        rows.extend(_stamp(row, exam, series) for row in _liver_rows(series, liver))
        rows.extend(others[series.record.key])
    return tuple(rows)


def measure_structures(exam: Exam) -> StructureRows:
    """The rows of vessels and spleen that `measure_liver` gives, by series key."""
    tissue = cut_structures(exam.structures)
    return {
        series.record.key: tuple(
            _stamp(row, exam, series) for row in _structure_rows(exam, series, tissue)
        )
        for series in exam.series
    }


def _volume(liver: LabelMap) -> Measurement:
    voxels = np.count_nonzero(liver.part(liver.box()))
    volume = voxels * liver.grid.voxel_volume_mm3 / MM3_PER_ML
    lower, upper = reader_interval("liver_volume", volume)
    method = "number of voxels of the liver mask times volume of a voxel"
    return Measurement("voxel_volume", volume, "ml", method, lower=lower, upper=upper)


def _liver_rows(series: SeriesVolume, liver: LiverLevels) -> list[Measurement]:
    level = liver.levels.get(series.record.key)
    if level is None:
        return []
    where = f"{series.call.phase}, {series.record.title}"
    unit, of = series.volume.unit, "liver away from lesions, vessels and surface"
    return [
        Measurement("mean", level.mean, unit, f"mean of {of}", doubts=liver.doubts(where)),
        Measurement("sd", level.sd, unit, f"standard deviation of {of}"),
        Measurement("median", level.median, unit, f"median of {of}"),
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
