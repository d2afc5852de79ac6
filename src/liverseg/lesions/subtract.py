"""Subtraction: what contrast added, as a picture."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from liverseg.errors import MeasurementError
from liverseg.geometry import Volume
from liverseg.lesions.comparable import find_baseline
from liverseg.lesions.shift import shift_to
from liverseg.records import Exam


def subtract_native(exam: Exam, key: str) -> Volume:
    """A series after contrast minus the one before it, on the voxels of the former.

    float32 (slice, row, column) in its unit; the series before contrast is brought to its
    voxels by the exam's shifts, linearly, and is NaN where it has none. To look at:
    enhancement is measured on the voxels as acquired.

    Raises `MeasurementError` where the two may not be compared (TR, TE, flip angle, tube
    voltage, kernel or slice thickness differ, or there is none before contrast).
    """
    after = exam.by_key(key)
    baseline = find_baseline(exam, after)
    if baseline.series is None:
        raise MeasurementError(
            f"no subtraction: {baseline.refusal}",
            where=after.record.title,
            remedy="compare with liver in the same image instead",
        )
    before = baseline.series
    own, other = after.volume.grid, before.volume.grid
    # From a voxel after contrast to the reference, from there to the series before it.
    step = np.subtract(shift_to(exam, before).offset_mm, shift_to(exam, after).offset_mm)
    matrix = other.index_from_lps @ own.shifted(step).lps_from_index
    native = ndimage.affine_transform(
        before.volume.array.astype(np.float32),
        matrix[:3, :3],
        offset=matrix[:3, 3],
        output_shape=own.shape,
        order=1,
        cval=np.nan,
    )
    return Volume(after.volume.array.astype(np.float32) - native, own, after.volume.unit)
