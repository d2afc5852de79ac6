"""Long axis and perpendicular in acquired slices, as a reader's caliper finds them.

The long axis is the largest distance between two voxel centres of one connected region
within one slice (RECIST 1.1, doi:10.1016/j.ejca.2008.10.026); voxels that touch at a
side or corner are connected. The short axis is the longest chord at right angles to it
in that region.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from liverseg.geometry import Grid, Mask
from liverseg.lesions.hull import (
    SAME_LENGTH_MM,
    Float,
    Index,
    Span,
    corner_lengths,
    hull_vertices,
    longest_spans,
    row_ends,
)
from liverseg.tables import load_table

ALL_NEIGHBOURS = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True)
class PlaneAxes:
    """Long and short axis of one slice; ends are (row, column).

    `corner_mm` is the largest corner-to-corner distance of any region of any slice.
    """

    slice: int
    long: Span
    short: Span
    corner_mm: float


def plane_matrix(grid: Grid) -> Float:
    """(2, 2) mm in the slice plane from steps of (row, column); lengths and angles are kept."""
    triangle: Float = np.linalg.qr(grid.lps_from_index[:3, 1:3])[1]
    return triangle


def measure_axes(drawn: Mask, grid: Grid) -> PlaneAxes:
    """Long and short axis of a (slice, row, column) mask that is not empty.

    Of equally long axes the one with the longest perpendicular counts, then the first
    slice, so that the numbers do not depend on the direction in which slices are stored.
    """
    plane = plane_matrix(grid)
    pixel_mm = float(corner_lengths(np.zeros((1, 2)), plane)[0])
    longest, corner = 0.0, 0.0
    ties: list[tuple[int, Span, Mask]] = []
    for bound, number in _widest_first(drawn, plane):
        if bound < longest - SAME_LENGTH_MM and bound + pixel_mm < corner:
            break
        for region, points in _regions(drawn[number]):
            spans, reach = longest_spans(hull_vertices(points), plane)
            corner = max(corner, reach)
            if spans[0].length_mm > longest + SAME_LENGTH_MM:
                longest, ties = spans[0].length_mm, []
            if spans[0].length_mm >= longest - SAME_LENGTH_MM:
                ties.extend((number, span, region) for span in spans)
    ties.sort(key=lambda tie: (tie[0], tie[1].start, tie[1].end))
    best: PlaneAxes | None = None
    for number, span, region in ties:
        short = longest_perpendicular(region, span, plane)
        if best is None or short.length_mm > best.short.length_mm + SAME_LENGTH_MM:
            best = PlaneAxes(number, span, short, corner)
    assert best is not None
    return best


def longest_perpendicular(region: Mask, long: Span, plane: Float) -> Span:
    """Longest chord of a (row, column) region at right angles to `long`, in mm.

    Ends are centres of border voxels. A pair is at right angles when it is within the
    angle of table `size_rules`, or when its ends are less than half a voxel off, because
    the direction of a short chord cannot be known better. Every voxel that the chord
    crosses must belong to the region; holes count as inside, as for a caliper.
    """
    filled = ndimage.binary_fill_holes(region)
    border = np.argwhere(filled & ~ndimage.binary_erosion(filled))
    direction = plane @ (np.array(long.end) - np.array(long.start))
    here = Span(0.0, float(corner_lengths(np.zeros((1, 2)), plane)[0]), long.start, long.start)
    if not direction.any():
        return here
    direction /= np.linalg.norm(direction)
    for length, first, second in _perpendicular_pairs(border, direction, plane):
        if _stays_inside(filled, border[first], border[second]):
            ends = sorted((tuple(map(int, border[first])), tuple(map(int, border[second]))))
            step = (border[second] - border[first])[None]
            return Span(length, float(corner_lengths(step, plane)[0]), ends[0], ends[1])
    return here


def _widest_first(drawn: Mask, plane: Float) -> Iterator[tuple[float, int]]:
    """(upper bound in mm, slice number) of the slices that hold voxels, widest first."""
    ends = row_ends(drawn)
    bounds = []
    for number in np.unique(ends[:, 0]):
        own = ends[ends[:, 0] == number, 1:]
        height, width = np.ptp(own, axis=0)
        diagonals = np.array([[height, width], [height, -width]]) @ plane.T
        bounds.append((float(np.linalg.norm(diagonals, axis=1).max()), int(number)))
    yield from sorted(bounds, key=lambda pair: (-pair[0], pair[1]))


def _regions(drawn: Mask) -> Iterator[tuple[Mask, Index]]:
    """Each connected region of a slice, with the ends of its rows as (row, column)."""
    labels, count = ndimage.label(drawn, ALL_NEIGHBOURS)
    for number in range(1, count + 1):
        region = labels == number
        yield region, row_ends(region[None])[:, 1:]


def _perpendicular_pairs(
    border: Index, direction: Float, plane: Float
) -> Iterator[tuple[float, int, int]]:
    """(length in mm, two numbers of border voxels) at right angles, longest first."""
    limit = load_table("size_rules").number
    position = border @ plane.T
    along = position @ direction
    across = position @ np.array([-direction[1], direction[0]])
    off = np.abs(along[:, None] - along[None, :])
    gap = across[None, :] - across[:, None]
    half_voxel = limit("perpendicular_voxels") * float(np.linalg.norm(plane, axis=0).min())
    allowed = np.maximum(np.tan(np.radians(limit("perpendicular_angle"))) * gap, half_voxel)
    first, second = np.nonzero((gap > 0) & (off <= allowed + SAME_LENGTH_MM))
    lengths = np.hypot(gap[first, second], off[first, second])
    for k in np.lexsort((second, first, -lengths.round(6))):
        yield float(lengths[k]), int(first[k]), int(second[k])


def _stays_inside(filled: Mask, start: Index, end: Index) -> bool:
    """Whether every voxel that the line between two voxel centres crosses is drawn."""
    step = (end - start).astype(np.float64)
    crossings = [np.array([0.0, 1.0])]
    for size in step:
        if size:
            crossings.append((np.arange(abs(int(size))) + 0.5) / abs(size))
    cuts = np.unique(np.concatenate(crossings))
    middles = 0.5 * (cuts[1:] + cuts[:-1])[np.diff(cuts) > 1e-9]
    visited = np.rint(start + middles[:, None] * step).astype(np.intp)
    return bool(filled[visited[:, 0], visited[:, 1]].all())
