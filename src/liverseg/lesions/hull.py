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


@dataclass(frozen=True)
class Ends:
    """A length in mm between two places that need not be voxel centres, as indices."""

    length_mm: float
    start: tuple[float, ...]
    end: tuple[float, ...]


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


def hull_candidates(drawn: Mask) -> Index:
    """(n, 3) row ends that are not halfway between two drawn voxels next to them.

    Few more than the corners of the convex hull, which are among them.
    """
    ends = row_ends(drawn)
    padded = np.pad(drawn, 1)
    flat = padded.reshape(-1)
    steps = np.array([padded.shape[1] * padded.shape[2], padded.shape[2], 1])
    places = (ends + 1) @ steps
    for way in product((-1, 0, 1), repeat=3):
        if way > (0, 0, 0) and way != (0, 0, 1):
            step = int(np.array(way) @ steps)
            kept = ~(flat[places + step] & flat[places - step])
            ends, places = ends[kept], places[kept]
    return ends


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
    pairs = near or near_longest(points, matrix)
    first, second, lengths = pairs
    longest = float(lengths.max())
    best = np.flatnonzero(lengths >= longest - SAME_LENGTH_MM)
    corners = corner_lengths(points[second[best]] - points[first[best]], matrix)
    spans = []
    for one, two, corner in zip(first[best], second[best], corners, strict=True):
        ends = sorted((tuple(map(int, points[one])), tuple(map(int, points[two]))))
        spans.append(Span(longest, float(corner), ends[0], ends[1]))
    reach = farthest_corners(points, pairs, matrix).length_mm
    return sorted(spans, key=lambda span: (span.start, span.end)), reach


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
    first, second = pair_numbers(near, len(points))
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


def farthest_ends(
    points: Index, near: NearPairs, starts: Float, ends: Float, matrix: Float
) -> Ends:
    """Longest of the nearly longest pairs when their ends may move.

    (m, d) `starts` and `ends` are the moves to try, pair by pair, in index steps.
    """
    first, second, lengths = near
    moves = ends - starts
    # The longest pair alone says how long it gets at least; most others cannot get there.
    top = int(lengths.argmax())
    least = float(longest_with((points[second[top]] - points[first[top]])[None], moves, matrix)[0])
    gain = float(np.linalg.norm(moves @ matrix.T, axis=1).max())
    able = np.flatnonzero(lengths >= least - gain - SAME_LENGTH_MM)
    first, second = first[able], second[able]
    steps = (points[second] - points[first]) @ matrix.T
    lengths = np.linalg.norm(steps[:, None] + (moves @ matrix.T)[None], axis=2)
    pair, move = np.unravel_index(int(lengths.argmax()), lengths.shape)
    start = points[first[pair]] + starts[move]
    end = points[second[pair]] + ends[move]
    return Ends(float(lengths[pair, move]), tuple(start.tolist()), tuple(end.tolist()))


def farthest_corners(points: Index, near: NearPairs, matrix: Float) -> Ends:
    """Longest distance between two corners of voxels, from the nearly longest pairs."""
    half = 0.5 * np.array(list(product((-1.0, 1.0), repeat=points.shape[1])))
    return farthest_ends(points, near, -half, half, matrix)


def pair_numbers(condensed: Index, count: int) -> tuple[Index, Index]:
    """Point numbers of positions in the condensed order of `pdist`."""
    starts = np.concatenate([[0], np.cumsum(np.arange(count - 1, 0, -1))])
    first = np.searchsorted(starts, condensed, side="right") - 1
    return first, condensed - starts[first] + first + 1
