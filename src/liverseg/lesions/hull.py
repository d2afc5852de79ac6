"""Few points that carry a mask's whole extent: row ends and their convex hull."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist

from liverseg.geometry import Mask

Float = NDArray[np.float64]
Index = NDArray[np.intp]
NearPairs = tuple[Index, Index, Float]

#: Lengths closer than this are equal; far below what header numbers can mean.
SAME_LENGTH_MM = 1e-6


@dataclass(frozen=True)
class Span:
    """A length in mm and its two ends, as indices (plane: row, column; space: slice, row, column).

    `corner_mm` is the same length between the outer corners of the two voxels.
    """

    length_mm: float
    corner_mm: float
    start: tuple[int, ...]
    end: tuple[int, ...]


def row_ends(drawn: Mask) -> Index:
    """(n, 3) indices of the first and last voxel of every row of a (slice, row, column) mask.

    No other voxel can be a corner of the convex hull.
    """
    slices, rows = np.nonzero(drawn.any(axis=2))
    lines = drawn[slices, rows]
    first = lines.argmax(axis=1)
    last = lines.shape[1] - 1 - lines[:, ::-1].argmax(axis=1)
    long = last > first
    starts = np.column_stack([slices, rows, first])
    return np.concatenate([starts, np.column_stack([slices, rows, last])[long]])


def hull_vertices(points: Index) -> Index:
    """Corners of the convex hull of (n, d) whole-number points, d = 2 or 3, flat sets too."""
    centred = (points - points.mean(axis=0)).astype(np.float64)
    spread, axes = np.linalg.eigh(centred.T @ centred)
    # A lattice point off a plane adds far more to the scatter than rounding does.
    used = spread > 1e-9 * max(float(spread[-1]), 1.0)
    rank = int(used.sum())
    if rank == 0:
        return points[:1]
    if rank == 1:
        along = centred @ axes[:, -1]
        return points[[along.argmin(), along.argmax()]]
    own = centred if rank == points.shape[1] else centred @ axes[:, used]
    corners: Index = points[np.sort(ConvexHull(own).vertices)]
    return corners


def longest_spans(
    points: Index, matrix: Float, *, near: NearPairs | None = None
) -> tuple[list[Span], float]:
    """All longest spans between (n, d) hull corners, and the longest corner-to-corner value.

    `matrix` (k, d) turns index steps into mm. Equal spans are all returned, in order of
    their ends. The second number is the largest distance between any two voxel corners.
    `near` saves the search when `near_longest` was asked already.
    """
    first, second, lengths = near or near_longest(points, matrix)
    corners = corner_lengths(points[second] - points[first], matrix)
    longest = float(lengths.max())
    best = lengths >= longest - SAME_LENGTH_MM
    spans = []
    for one, two, corner in zip(first[best], second[best], corners[best], strict=True):
        ends = sorted((tuple(map(int, points[one])), tuple(map(int, points[two]))))
        spans.append(Span(longest, float(corner), ends[0], ends[1]))
    return sorted(spans, key=lambda span: (span.start, span.end)), float(corners.max())


def near_longest(points: Index, matrix: Float) -> NearPairs:
    """Numbers of all pairs of (n, d) points at most a voxel diagonal short of the longest.

    Only these can become the longest when the ends move within their voxels. The third
    array holds their lengths in mm.
    """
    if len(points) == 1:
        return np.zeros(1, np.intp), np.zeros(1, np.intp), np.zeros(1)
    lengths = pdist(points @ matrix.T)
    voxel_mm = float(corner_lengths(np.zeros((1, points.shape[1])), matrix)[0])
    near = np.flatnonzero(lengths >= lengths.max() - voxel_mm)
    first, second = _pairs(near, len(points))
    return first, second, lengths[near]


def corner_lengths(steps: NDArray[np.generic], matrix: Float) -> Float:
    """Corner-to-corner length in mm of (n, d) index steps: each axis may add one voxel."""
    signs = np.array(list(product((-1.0, 1.0), repeat=matrix.shape[1])))
    return longest_with(steps, signs, matrix)


def longest_with(steps: NDArray[np.generic], offsets: Float, matrix: Float) -> Float:
    """(n,) largest length in mm of each of (n, d) index steps plus one of (m, d) offsets."""
    reach = [np.linalg.norm((steps + offset) @ matrix.T, axis=1) for offset in offsets]
    longest: Float = np.max(reach, axis=0)
    return longest


def _pairs(condensed: Index, count: int) -> tuple[Index, Index]:
    """Point numbers of positions in the condensed order of `pdist`."""
    starts = np.concatenate([[0], np.cumsum(np.arange(count - 1, 0, -1))])
    first = np.searchsorted(starts, condensed, side="right") - 1
    return first, condensed - starts[first] + first + 1
