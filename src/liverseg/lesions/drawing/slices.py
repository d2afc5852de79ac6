"""The slices between those that were drawn by hand."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from scipy import ndimage

from liverseg.errors import EmptyLabelError
from liverseg.geometry import Label, LabelMap, Mask
from liverseg.lesions.drawing.mixture import Float


def interpolate_slices(
    drawn: LabelMap, *, label: int = 1, slices: Iterable[int] | None = None
) -> LabelMap:
    """The label in every slice between the first and the last drawn one.

    `slices` are the indices of the slices drawn by hand; without them all that hold the
    label. Drawn slices stay as they are. Between two of them the signed distances to both
    outlines, in mm in the plane, are mixed by their distance (Raya & Udupa 1990,
    doi:10.1109/42.52980). Slices without a contour between two drawn ones are filled; an
    outline that splits or moves further than its own width is not followed. Other labels
    and other voxels stay. Raises `EmptyLabelError` when nothing is drawn.
    """
    mask = drawn.array == label
    keys = np.flatnonzero(mask.any(axis=(1, 2)))
    if slices is not None:
        keys = np.intersect1d(keys, np.fromiter(slices, dtype=np.intp))
    if keys.size == 0:
        raise EmptyLabelError(
            f"label {label} is drawn on no slice", remedy="draw at least two slices by hand"
        )
    array = drawn.array.copy()
    _, row_mm, column_mm = drawn.grid.spacing_mm
    for low, high in pairwise(keys.tolist()):
        if high - low < 2:
            continue
        rows, columns = _box(mask[low] | mask[high])
        first, last = (
            _signed_mm(mask[key][rows, columns], (row_mm, column_mm)) for key in (low, high)
        )
        for between in range(low + 1, high):
            part = (between - low) / (high - low)
            inside = (1 - part) * first + part * last > 0
            plane = array[between]
            plane[plane == label] = 0
            here = plane[rows, columns]
            here[inside & (here == 0)] = label
    labels = drawn.labels if drawn.labels else (Label(label, str(label)),)
    return LabelMap(array, drawn.grid, labels)


def _signed_mm(plane: Mask, sampling: tuple[float, float]) -> Float:
    """Distance to the outline in mm, positive inside; both sides are measured to its voxels."""
    padded = np.pad(plane, 1)
    inner = ndimage.distance_transform_edt(padded, sampling=sampling)
    outer = ndimage.distance_transform_edt(~padded, sampling=sampling)
    return np.asarray((inner - outer)[1:-1, 1:-1])


def _box(plane: Mask) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
