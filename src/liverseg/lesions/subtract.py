"""Subtraction: what contrast added, or washed out, as a picture."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from liverseg.errors import MeasurementError
from liverseg.geometry import Volume
from liverseg.lesions.comparable import compare_settings, find_baseline
from liverseg.lesions.shift import shift_to
from liverseg.records import Exam, SeriesVolume


def subtract_native(exam: Exam, key: str) -> Volume:
    """A series after contrast minus the one before it, on the voxels of the former.

    As `subtract_series`, with the series before contrast that belongs to it. Raises
    `MeasurementError` also where there is none.
    """
    after = exam.by_key(key)
    baseline = find_baseline(exam, after)
    if baseline.series is None:
        raise _refused(baseline.refusal, after)
    return _difference(exam, after, baseline.series)


def subtract_series(exam: Exam, key: str, *, baseline: str) -> Volume:
    """One series minus another of the same exam, on the voxels of the former.

    float32 (slice, row, column) in its unit; the series `baseline` is brought to its
    voxels by the exam's shifts, linearly, and is NaN where it has none. To look at:
    enhancement is measured on the voxels as acquired.

    Raises `MeasurementError` where the two may not be compared (TR, TE, flip angle, tube
    voltage, kernel, slice thickness or unit differ) or one was not aligned.
    """
    one, other = exam.by_key(key), exam.by_key(baseline)
    if key == baseline:
        raise _refused("it would be taken from itself", one)
    different, _ = compare_settings(other, one, modality=exam.modality)
    if different:
        raise _refused(f"{other.record.title} differs in {' and '.join(different)}", one)
    return _difference(exam, one, other)


def _refused(reason: str, series: SeriesVolume) -> MeasurementError:
    return MeasurementError(
        f"no subtraction: {reason}",
        where=series.record.title,
        remedy="compare with liver in the same image instead",
    )


def _difference(exam: Exam, after: SeriesVolume, before: SeriesVolume) -> Volume:
    own, other = after.volume.grid, before.volume.grid
    # From a voxel of `after` to the reference, from there to `before`.
    step = np.subtract(shift_to(exam, before).offset_mm, shift_to(exam, after).offset_mm)
    matrix = other.index_from_lps @ own.shifted(step).lps_from_index
    moved = ndimage.affine_transform(
        before.volume.array.astype(np.float32),
        matrix[:3, :3],
        offset=matrix[:3, 3],
        output_shape=own.shape,
        order=1,
        cval=np.nan,
    )
    return Volume(after.volume.array.astype(np.float32) - moved, own, after.volume.unit)
