"""Change a drawn mask as a whole: grow, shrink, fill, smooth, keep the largest piece.

All take and give a label map on an acquired grid, whatever its spacing or tilt; distances
are in mm between voxel centres. One label changes; voxels of other labels stay theirs,
and nothing is drawn outside the image. A mask that would vanish is an `EmptyLabelError`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.errors import EmptyLabelError, InputError
from liverseg.geometry import Grid, Label, LabelMap, Mask, bounding_box
from liverseg.lesions.lattice import dilate_mm, erode_mm
from liverseg.tables import load_table

#: Smoothing looks so many standard deviations far.
REACH = 3.0
#: Corners connect, as where pieces are counted for a measurement.
TOUCHING = np.ones((3, 3, 3), dtype=bool)

#: (voxels of the label, voxels of other labels, grid of the box) to the new voxels.
_Change = Callable[[Mask, Mask, Grid], Mask]


def least_step_mm(grid: Grid) -> float:
    """The step of one press of grow or shrink: that of table `reshape_rules`, or one voxel.

    A smaller step than the finest voxel reaches no neighbour at all.
    """
    return max(load_table("reshape_rules").number("step"), min(grid.spacing_mm))


def grow(drawn: LabelMap, distance_mm: float, *, label: int = 1) -> LabelMap:
    """All free voxels at most `distance_mm` from the label become part of it."""
    _require_step(drawn.grid, distance_mm, "grow")
    return _changed(
        drawn, label, distance_mm, lambda own, _, grid: dilate_mm(own, grid, distance_mm)
    )


def shrink(drawn: LabelMap, distance_mm: float, *, label: int = 1) -> LabelMap:
    """Voxels of the label at most `distance_mm` from one outside it leave it.

    Where the image ends nothing is known to be outside, so its edge takes nothing off.
    """
    _require_step(drawn.grid, distance_mm, "shrink")
    return _changed(
        drawn, label, distance_mm, lambda own, _, grid: erode_mm(own, grid, distance_mm)
    )


def fill_holes(drawn: LabelMap, *, label: int = 1) -> LabelMap:
    """Free voxels that the label encloses, in one acquired slice or in space, become part of it.

    What another label fills stays that label's.
    """

    def fill(own: Mask, _: Mask, __: Grid) -> Mask:
        closed = np.stack([ndimage.binary_fill_holes(plane) for plane in own])
        return np.asarray(ndimage.binary_fill_holes(closed))

    return _changed(drawn, label, 0.0, fill)


def smooth(drawn: LabelMap, *, sigma_mm: float | None = None, label: int = 1) -> LabelMap:
    """The label with a smoother border and as many voxels as before.

    The mask is blurred with a Gaussian of standard deviation `sigma_mm` (default: table
    `reshape_rules`) along each index axis, and the voxels with the largest shares are
    kept: as many as there were, and those that tie with the last one. So a small lesion
    does not shrink away. On a sheared grid the blur follows the sheared axes. Thin spikes
    and single voxels go, holes smaller than the blur close.
    """
    rules = load_table("reshape_rules")
    width = rules.number("smooth") if sigma_mm is None else sigma_mm
    if not np.isfinite(width) or width <= 0:
        raise InputError(f"smoothing by {width:g} mm makes no sense", remedy="pass a width above 0")

    def blur(own: Mask, others: Mask, grid: Grid) -> Mask:
        sigma = [width / step for step in grid.spacing_mm]
        share = ndimage.gaussian_filter(own.astype(np.float64), sigma, truncate=REACH)
        return _largest_shares(share, others, int(np.count_nonzero(own)), ties=rules.number("ties"))

    return _changed(drawn, label, REACH * width, blur)


def keep_largest(drawn: LabelMap, *, label: int = 1) -> LabelMap:
    """Only the connected piece with most voxels is kept (corners connect).

    Of equal ones the first in the array is kept.
    """

    def largest(own: Mask, _: Mask, __: Grid) -> Mask:
        pieces, _count = ndimage.label(own, TOUCHING)
        biggest = 1 + int(np.bincount(pieces.ravel())[1:].argmax())
        found: Mask = pieces == biggest
        return found

    return _changed(drawn, label, 0.0, largest)


def _changed(drawn: LabelMap, label: int, reach_mm: float, change: _Change) -> LabelMap:
    """Apply a change inside the label's box widened by its reach; others keep their voxels."""
    own = drawn.array == label
    if not own.any():
        raise EmptyLabelError(
            f"label {label} has no voxel to change", remedy="draw the lesion first"
        )
    box = _box(own, drawn.grid, reach_mm)
    start = (box[0].start, box[1].start, box[2].start)
    part, others = own[box], (drawn.array[box] != 0) & ~own[box]
    grid = drawn.grid.cropped(start, part.shape)
    found = change(part, others, grid) & ~others
    if not found.any():
        raise EmptyLabelError(
            "nothing would be left of the lesion", remedy="take a smaller step, or remove it"
        )
    array = drawn.array.copy()
    inside = array[box]
    inside[part] = 0
    inside[found] = label
    return LabelMap(array, drawn.grid, drawn.labels or (Label(label, str(label)),))


def _box(own: Mask, grid: Grid, reach_mm: float) -> tuple[slice, slice, slice]:
    """Box of the label with room for all that lies within `reach_mm`, inside the image."""
    # On a sheared grid planes are closer together than voxels: the rows of the inverse
    # matrix say how far an index can change over a distance.
    per_mm = np.linalg.norm(grid.index_from_lps[:3, :3], axis=1)
    margins = np.ceil(reach_mm * per_mm).astype(int) + 1
    tight = bounding_box(own)
    low, mid, high = (
        slice(max(0, int(part.start - more)), min(n, int(part.stop + more)))
        for part, more, n in zip(tight, margins, own.shape, strict=True)
    )
    return low, mid, high


def _largest_shares(share: NDArray[np.float64], others: Mask, count: int, *, ties: float) -> Mask:
    free = np.where(others, -1.0, share)
    last = np.partition(free.ravel(), free.size - count)[free.size - count]
    kept: Mask = free >= max(last - ties, ties)
    return kept


def _require_step(grid: Grid, distance_mm: float, word: str) -> None:
    least = min(grid.spacing_mm)
    if not np.isfinite(distance_mm) or distance_mm < least - 1e-6:
        raise InputError(
            f"to {word} by {distance_mm:g} mm reaches no neighbour, {least:.2f} mm away",
            remedy=f"take at least {least:.2f} mm",
        )
