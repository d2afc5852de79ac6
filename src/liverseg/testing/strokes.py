"""A simulated reader: clicks into a lesion, then scribbles through the largest error.

The way published tests of interactive methods correct a mask: the largest connected
error, its deepest point, a mark there that adds or removes (Xu 2016,
arXiv:1603.04042; Sofiiuk 2021, arXiv:2102.06583), here as a short scribble in one slice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.geometry import Grid, LabelMap, Mask, bounding_box
from liverseg.records import Stroke, StrokeKind

#: A scribble reaches so far from its middle, and keeps to the deep part of the error.
REACH_MM = 5.0
DEEP = 0.7
#: So many points at most.
POINTS = 12


def first_click(truth: LabelMap) -> Stroke:
    """A click on the deepest voxel of the true lesion (any label)."""
    place = _deepest(truth.mask(), truth.grid)
    return Stroke(StrokeKind.CLICK, (_point(truth.grid, place),))


def next_stroke(truth: LabelMap, drawn: LabelMap) -> Stroke | None:
    """How a reader who knows the truth corrects `drawn` (same grid); None when it is right.

    The largest of the 6-connected pieces that are missing or too much, by volume.
    """
    wanted, there = truth.mask(), drawn.mask()
    missing, extra = _largest(wanted & ~there), _largest(there & ~wanted)
    sizes = np.count_nonzero(missing), np.count_nonzero(extra)
    if not any(sizes):
        return None
    adds = sizes[0] >= sizes[1]
    points = _scribble(missing if adds else extra, truth.grid)
    return Stroke(StrokeKind.ADD if adds else StrokeKind.REMOVE, points)


def dice(one: LabelMap, other: LabelMap) -> float:
    """Overlap of two masks on one grid: twice the shared voxels over all; 1 when both are empty."""
    first, second = one.mask(), other.mask()
    total = int(np.count_nonzero(first)) + int(np.count_nonzero(second))
    return 2.0 * int(np.count_nonzero(first & second)) / total if total else 1.0


def _scribble(error: Mask, grid: Grid) -> tuple[tuple[float, float, float], ...]:
    """Points of a short scribble in the slice of the error's deepest voxel."""
    box = bounding_box(error, margin=1)
    start = np.array([part.start for part in box])
    depth = _depth_mm(error[box], grid)
    middle = np.array(np.unravel_index(int(depth.argmax()), depth.shape))
    plane = depth[middle[0]]
    deep = ndimage.label(plane >= DEEP * depth.max(), np.ones((3, 3)))[0]
    index = np.argwhere(deep == deep[middle[1], middle[2]])
    index = np.column_stack([np.full(len(index), middle[0]), index])
    gap = np.linalg.norm((index - middle) @ grid.lps_from_index[:3, :3].T, axis=1)
    near = index[gap <= REACH_MM]
    picked = near[np.linspace(0, len(near) - 1, min(POINTS - 1, len(near))).round().astype(int)]
    chosen = np.unique(np.vstack([middle[None], picked]), axis=0)
    return tuple(_point(grid, place + start) for place in chosen)


def _deepest(drawn: Mask, grid: Grid) -> NDArray[np.intp]:
    box = bounding_box(drawn, margin=1)
    depth = _depth_mm(drawn[box], grid)
    place = np.array(np.unravel_index(int(depth.argmax()), depth.shape))
    return np.asarray(place + [part.start for part in box])


def _depth_mm(drawn: Mask, grid: Grid) -> NDArray[np.float64]:
    """Distance of each drawn voxel to the nearest other one; beyond the image nothing is drawn."""
    padded = np.pad(drawn, 1)
    depth = ndimage.distance_transform_edt(padded, sampling=grid.spacing_mm)
    return np.asarray(depth[1:-1, 1:-1, 1:-1])


def _largest(error: Mask) -> Mask:
    if not error.any():
        return error
    box = bounding_box(error)
    pieces, count = ndimage.label(error[box])
    result = np.zeros_like(error)
    if count:
        result[box] = pieces == 1 + int(np.bincount(pieces.ravel())[1:].argmax())
    return result


def _point(grid: Grid, place: NDArray[np.intp]) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in grid.to_lps_mm(place))
    return x, y, z
