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
    Ends,
    Float,
    Index,
    Span,
    corner_lengths,
    farthest_corners,
    hull_vertices,
    longest_spans,
    near_longest,
    row_ends,
)
from liverseg.lesions.widths import SliceWidths
from liverseg.tables import load_table

ALL_NEIGHBOURS = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True)
class PlaneAxes:
    """Long and short axis of one slice; ends are (row, column).

    `corner` is the largest corner-to-corner distance of any region of any slice, which is
    `corner_slice`.
    """

    slice: int
    long: Span
    short: Span
    corner: Ends
    corner_slice: int

    @property
    def corner_mm(self) -> float:
        """Length of `corner` in mm."""
        return self.corner.length_mm


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
    longest, corner = 0.0, 0.0
    corner_at = (0, np.zeros((1, 2), dtype=np.intp))
    ties: list[tuple[int, Span, Mask]] = []
    for bound, reach_mm, number in widest_first(row_ends(drawn), plane):
        if bound < longest - SAME_LENGTH_MM and reach_mm < corner:
            continue
        for region, points in regions_of(drawn[number]):
            hull = hull_vertices(points)
            spans, reach = longest_spans(hull, plane)
            if reach > corner:
                corner, corner_at = reach, (number, hull)
            if spans[0].length_mm > longest + SAME_LENGTH_MM:
                longest, ties = spans[0].length_mm, []
            if spans[0].length_mm >= longest - SAME_LENGTH_MM:
                ties.extend((number, span, region) for span in spans)
    number, long, short = _widest_tie(ties, plane)
    far_slice, far = corner_at
    ends = farthest_corners(far, near_longest(far, plane), plane)
    return PlaneAxes(number, long, short, ends, far_slice)


def _widest_tie(ties: list[tuple[int, Span, Mask]], plane: Float) -> tuple[int, Span, Span]:
    """Of equally long axes the one with the longest perpendicular, then the first."""
    found: list[tuple[int, Span, Span]] = []
    for number, span, region in sorted(ties, key=lambda tie: (tie[0], tie[1].start, tie[1].end)):
        short = longest_perpendicular(region, span, plane)
        if not found or short.length_mm > found[0][2].length_mm + SAME_LENGTH_MM:
            found = [(number, span, short)]
    return found[0]


def longest_perpendicular(
    region: Mask, long: Span, plane: Float, *, holes_inside: bool = True
) -> Span:
    """Longest chord of a (row, column) region at right angles to `long`, in mm.

    Ends are centres of border voxels. A pair is at right angles when it is within the
    angle of table `size_rules`, or when its ends are less than half a voxel off, because
    the direction of a short chord cannot be known better. Every voxel that the chord
    crosses must belong to the region; holes count as inside, as for a caliper, unless
    `holes_inside` is false.
    """
    filled = ndimage.binary_fill_holes(region) if holes_inside else region
    border = np.argwhere(filled & ~ndimage.binary_erosion(filled))
    direction = plane @ (np.array(long.end) - np.array(long.start))
    here = Span(0.0, float(corner_lengths(np.zeros((1, 2)), plane)[0]), long.start, long.start)
    if not direction.any():
        return here
    direction /= np.linalg.norm(direction)
    for length, first, second in _perpendicular_pairs(border, direction, plane):
        if stays_inside(filled, border[first], border[second]):
            ends = sorted((tuple(map(int, border[first])), tuple(map(int, border[second]))))
            step = (border[second] - border[first])[None]
            return Span(length, float(corner_lengths(step, plane)[0]), ends[0], ends[1])
    return here


def widest_first(ends: Index, plane: Float) -> Iterator[tuple[float, float, int]]:
    """Slices of a mask, given its row ends, widest first.

    Each with upper bounds in mm, between voxel centres and between voxel corners, and its
    number.
    """
    widths = SliceWidths.of(ends, plane)
    corner = np.abs(widths.directions).sum(axis=0)
    bounds = (widths.bound_mm(), widths.bound_mm(more=corner))
    for k in np.lexsort((widths.numbers, -bounds[0])):
        yield float(bounds[0][k]), float(bounds[1][k]), int(widths.numbers[k])


def regions_of(drawn: Mask) -> Iterator[tuple[Mask, Index]]:
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


def stays_inside(filled: Mask, start: Index, end: Index) -> bool:
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
