"""The enhancing part of a lesion: mRECIST diameter and EASL product.

mRECIST (Lencioni 2010, doi:10.1055/s-0030-1247132) measures the longest diameter of the
part that enhances in the arterial phase, not across major necrosis. EASL (Bruix 2001,
doi:10.1016/S0168-8278(01)00130-1) multiplies it by its perpendicular in the same slice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.distance import cdist

from liverseg.errors import GeometryError
from liverseg.geometry import Grid, LabelMap, Mask
from liverseg.lesions.caliper import (
    longest_perpendicular,
    plane_matrix,
    regions_of,
    stays_inside,
    widest_first,
)
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
from liverseg.lesions.lattice import dilate_mm, erode_mm
from liverseg.records import Doubt, Measurement
from liverseg.tables import load_table

WHERE = "viable part"
#: Places of a chord that are looked at before it is followed voxel by voxel.
QUICK_LOOKS = 15
GOLDEN = 0.5 * (np.sqrt(5.0) - 1.0)
#: Chords looked at together, and border voxels whose chords are made together.
BATCH, ROWS = 1 << 16, 256
#: Border voxels of a first rough search, whose result spares most chords of the full one.
FEW = 500


@dataclass(frozen=True)
class ViableAxes:
    """Longest chord and its perpendicular inside the enhancing part of one slice."""

    slice: int
    long: Span
    short: Span


def measure_viable(
    mask: LabelMap,
    enhancement: NDArray[np.generic],
    *,
    least: float | None = None,
    unit: str = "HU",
) -> tuple[Measurement, ...]:
    """Viable diameter (mRECIST), viable product (EASL), viable volume and share of a lesion.

    `enhancement` is arterial minus pre-contrast, (slice, row, column) on the voxels of
    `mask`, already aligned; noise should be smoothed away by the caller. Tissue is viable
    from `least` on (default: row `viable_enhancement` of table `size_rules`, in HU; for MR
    pass a threshold and its `unit`). NaN is not viable. Lengths go between voxel centres.
    Nothing viable gives a diameter of 0, with a doubt: complete response.

    Raises `EmptyLabelError` when nothing is drawn.
    """
    if enhancement.shape != mask.grid.shape:
        raise GeometryError(
            f"enhancement is {enhancement.shape} but the mask is {mask.grid.shape}",
            where=WHERE,
            remedy="resample the difference of both phases onto the grid of the mask",
        )
    limit = load_table("size_rules").number("viable_enhancement") if least is None else least
    box = mask.box()
    start = (box[0].start, box[1].start, box[2].start)
    drawn: Mask = mask.part(box) != 0
    grid = mask.grid.cropped(start, drawn.shape)
    enhancing: Mask = drawn & (enhancement[box].astype(np.float64) >= limit)
    return _rows(
        viable_axes(enhancing, drawn, grid), enhancing, drawn, grid, start[0], f"{limit:g} {unit}"
    )


def viable_axes(enhancing: Mask, drawn: Mask, grid: Grid) -> ViableAxes | None:
    """Longest chord of any slice that stays inside the enhancing part; None without one.

    Gaps inside the lesion up to row `viable_gap` of table `size_rules` are closed first.
    """
    if not enhancing.any():
        return None
    plane = plane_matrix(grid)
    longest = -1.0
    best: tuple[int, Span, Mask] | None = None
    closed = _close_gaps(enhancing, drawn, grid)
    for bound, _, number in widest_first(row_ends(closed), plane):
        if bound <= longest + SAME_LENGTH_MM:
            break
        for region, points in regions_of(closed[number]):
            span = longest_inside(region, points, plane, longer_than=longest)
            if span is not None:
                longest, best = span.length_mm, (number, span, region)
    assert best is not None
    number, long, region = best
    short = longest_perpendicular(region, long, plane, holes_inside=False)
    return ViableAxes(number, long, short)


def longest_inside(region: Mask, ends: Index, plane: Float, *, longer_than: float) -> Span | None:
    """Longest chord of a (row, column) region that never leaves it, or None if not longer.

    `ends` are the ends of its rows, `plane` turns steps of (row, column) into mm.
    """
    spans, _ = longest_spans(hull_vertices(ends), plane)
    if spans[0].length_mm <= longer_than + SAME_LENGTH_MM:
        return None
    for span in spans:
        if stays_inside(region, np.array(span.start), np.array(span.end)):
            return span
    border = np.argwhere(region & ~ndimage.binary_erosion(region))
    thin = border[:: max(1, len(border) // FEW)]
    found = _best_chord(region, thin, plane, longer_than)
    least = longer_than if found is None else found.length_mm
    return _best_chord(region, border, plane, least) or found


def _best_chord(region: Mask, border: Index, plane: Float, longer_than: float) -> Span | None:
    """Longest chord between two border voxels that never leaves the region, if longer."""
    for lengths, one, two in _chords(border, plane, longer_than):
        for k in np.flatnonzero(_quick_look(region, one, two)):
            if stays_inside(region, one[k], two[k]):
                corner = float(corner_lengths((two[k] - one[k])[None], plane)[0])
                start, end = sorted((tuple(map(int, one[k])), tuple(map(int, two[k]))))
                return Span(float(lengths[k]), corner, start, end)
    return None


def _chords(
    border: Index, plane: Float, longer_than: float
) -> Iterator[tuple[Float, Index, Index]]:
    """Batches of (length, ends) of all chords longer than a length, longest first."""
    points = border @ plane.T
    kept: list[tuple[Float, Index, Index]] = []
    for first in range(0, len(points), ROWS):
        lengths = cdist(points[first : first + ROWS], points)
        one, two = np.nonzero(lengths > longer_than + SAME_LENGTH_MM)
        later = two > one + first
        one, two = one[later], two[later]
        kept.append((lengths[one, two], one + first, two))
    lengths, one, two = (np.concatenate(part) for part in zip(*kept, strict=True))
    order = np.argsort(-lengths, kind="stable")
    for first in range(0, len(order), BATCH):
        some = order[first : first + BATCH]
        yield lengths[some], border[one[some]], border[two[some]]


def _quick_look(region: Mask, one: Index, two: Index) -> Mask:
    """Which chords are inside at a few places; most that leave the region are found here."""
    inside = np.ones(len(one), dtype=bool)
    # Irrational shares: a place is never just between two voxels.
    for share in np.arange(1, QUICK_LOOKS + 1) * GOLDEN % 1.0:
        places = np.rint(one[inside] + share * (two[inside] - one[inside])).astype(np.intp)
        inside[inside] = region[places[:, 0], places[:, 1]]
    return inside


def _close_gaps(enhancing: Mask, drawn: Mask, grid: Grid) -> Mask:
    """The enhancing part with its narrow gaps inside the lesion filled, slice by slice."""
    radius = 0.5 * load_table("size_rules").number("viable_gap")
    margin = int(np.ceil(radius / min(grid.spacing_mm[1:]))) + 1
    wide = np.pad(enhancing, ((0, 0), (margin, margin), (margin, margin)))
    closed = np.empty_like(enhancing)
    for number, own in enumerate(wide):
        plane = grid.cropped((number, -margin, -margin), (1, *own.shape))
        filled = erode_mm(dilate_mm(own[None], plane, radius), plane, radius)[0]
        closed[number] = filled[margin:-margin, margin:-margin]
    whole: Mask = (closed | enhancing) & drawn
    return whole


def _rows(
    axes: ViableAxes | None, enhancing: Mask, drawn: Mask, grid: Grid, first: int, limit: str
) -> tuple[Measurement, ...]:
    seen = f"arterial minus pre-contrast at least {limit}"
    count = int(np.count_nonzero(enhancing))
    volume_ml = count * grid.voxel_volume_mm3 / 1000.0
    share = count / int(np.count_nonzero(drawn))
    doubts = () if axes else (Doubt(f"no voxel enhances by {limit} or more", WHERE),)
    rows = [
        Measurement("viable_volume", volume_ml, "ml", f"voxels with {seen}", doubts=doubts),
        Measurement("viable_share", share, "1", f"share of the lesion's voxels with {seen}"),
    ]
    gap = load_table("size_rules").number("viable_gap")
    rule = f"longest chord inside the enhancing part ({seen}; gaps up to {gap:g} mm closed)"
    if axes is None:
        rows.append(Measurement("viable_diameter", 0.0, "mm", f"mRECIST, {rule}", doubts=doubts))
        rows.append(Measurement("viable_product", 0.0, "mm2", f"EASL, {rule}", doubts=doubts))
        return tuple(rows)
    number = axes.slice
    for metric, name, span in (
        ("viable_diameter", f"mRECIST, {rule}", axes.long),
        ("viable_short_axis", f"longest chord at right angles to it, {rule}", axes.short),
    ):
        (ax, ay, az), (bx, by, bz) = (
            grid.to_lps_mm((number, *end)).tolist() for end in (span.start, span.end)
        )
        rows.append(
            Measurement(
                metric,
                span.length_mm,
                "mm",
                f"{name}, between voxel centres; upper = between voxel corners",
                slice=first + number,
                lower=span.length_mm,
                upper=span.corner_mm,
                endpoints_lps_mm=((ax, ay, az), (bx, by, bz)),
            )
        )
    rows.append(
        Measurement(
            "viable_product",
            axes.long.length_mm * axes.short.length_mm,
            "mm2",
            f"EASL, viable diameter times its perpendicular, {rule}",
            slice=first + number,
            lower=axes.long.length_mm * axes.short.length_mm,
            upper=axes.long.corner_mm * axes.short.corner_mm,
        )
    )
    return tuple(rows)
