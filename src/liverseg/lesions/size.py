"""All size rows of a mask. Every row says its convention; none is made without need."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull

from liverseg.geometry import Grid, LabelMap, Mask
from liverseg.lesions.caliper import PlaneAxes, measure_axes
from liverseg.lesions.extents import principal_extents
from liverseg.lesions.hull import Index, Span, hull_vertices, longest_spans, near_longest, row_ends
from liverseg.lesions.limits import reader_interval
from liverseg.lesions.mesh import longest_on_mesh_mm, measure_surface, mesh_hull_points
from liverseg.records import Doubt, Measurement
from liverseg.tables import load_table

WHERE = "size"
CENTRES = "between voxel centres; upper = between voxel corners"
MM3_PER_ML = 1000.0


def measure_size(mask: LabelMap) -> tuple[Measurement, ...]:
    """Volume, diameters, extents and shape of all voxels of a mask that are not 0.

    `mask` is (slice, row, column); slices are the acquired ones, so an oblique grid
    gives oblique axes. Volumes in ml, lengths in mm. Lengths go between voxel centres,
    which is nearly unbiased; `upper` is at least the value between voxel corners. A
    mask in several pieces is measured as one, with a doubt.

    Definitions: RECIST 1.1 (doi:10.1016/j.ejca.2008.10.026) for `long_axis`, WHO for
    `who_product`, IBSI (arXiv:1612.07003) for volumes, `sphericity` and
    `max_3d_diameter_mesh`. Limits: tables `size_rules` and `reader_limits`. Partial
    volume is not corrected for.

    Raises `EmptyLabelError` when nothing is drawn.
    """
    box = mask.box()
    drawn: Mask = mask.array[box] != 0
    start = (box[0].start, box[1].start, box[2].start)
    grid = mask.grid.cropped(start, drawn.shape)
    hull = hull_vertices(row_ends(drawn))
    axes = measure_axes(drawn, grid)
    shape_doubts = _shape_doubts(axes, grid)
    return (
        *_volumes(drawn, grid, (*_piece_doubts(drawn), *_edge_doubts(mask, box))),
        *_in_slice(axes, grid, first_slice=start[0]),
        *_in_space(hull, grid),
        *_extents(drawn, hull, grid),
        *_shape(drawn, hull, grid, shape_doubts),
    )


def _volumes(drawn: Mask, grid: Grid, doubts: tuple[Doubt, ...]) -> tuple[Measurement, ...]:
    voxels = float(np.count_nonzero(drawn)) * grid.voxel_volume_mm3 / MM3_PER_ML
    lower, upper = reader_interval("lesion_volume", voxels)
    return (
        Measurement(
            "voxel_volume",
            voxels,
            "ml",
            "number of voxels times volume of a voxel (IBSI YEKZ)",
            lower=lower,
            upper=upper,
            doubts=doubts,
        ),
    )


def _in_slice(axes: PlaneAxes, grid: Grid, *, first_slice: int) -> tuple[Measurement, ...]:
    number = first_slice + axes.slice
    long, short = axes.long, axes.short
    lower, upper = reader_interval("long_axis", long.length_mm)
    return (
        Measurement(
            "long_axis",
            long.length_mm,
            "mm",
            f"RECIST 1.1, one region of one acquired slice, {CENTRES} or another reader's limit",
            slice=number,
            lower=lower,
            upper=max(upper, axes.corner_mm),
            endpoints_lps_mm=_ends(long, axes.slice, grid),
            doubts=_length_doubts(long, grid),
        ),
        Measurement(
            "short_axis",
            short.length_mm,
            "mm",
            "longest chord of that region within 1 degree, or half a voxel, of perpendicular "
            f"to the long axis, {CENTRES}",
            slice=number,
            lower=short.length_mm,
            upper=short.corner_mm,
            endpoints_lps_mm=_ends(short, axes.slice, grid),
        ),
        Measurement(
            "who_product",
            long.length_mm * short.length_mm,
            "mm2",
            f"WHO, long axis times short axis, {CENTRES}",
            slice=number,
            lower=long.length_mm * short.length_mm,
            upper=axes.corner_mm * short.corner_mm,
        ),
    )


def _in_space(hull: Index, grid: Grid) -> tuple[Measurement, ...]:
    matrix = grid.lps_from_index[:3, :3]
    near = near_longest(hull, matrix)
    spans, corner_mm = longest_spans(hull, matrix, near=near)
    longest = spans[0]
    return (
        Measurement(
            "max_3d_diameter",
            longest.length_mm,
            "mm",
            f"largest distance in space, {CENTRES}",
            lower=longest.length_mm,
            upper=corner_mm,
            endpoints_lps_mm=_ends(longest, None, grid),
        ),
        Measurement(
            "max_3d_diameter_mesh",
            longest_on_mesh_mm(hull, near, grid),
            "mm",
            "largest distance between two vertices of the surface mesh at level 0.5 (IBSI L0JK)",
            lower=longest.length_mm,
            upper=corner_mm,
        ),
    )


def _extents(drawn: Mask, hull: Index, grid: Grid) -> tuple[Measurement, ...]:
    return tuple(
        Measurement(
            f"extent_{number}",
            extent.length_mm,
            "mm",
            f"extent along a principal axis of the voxel centres, {CENTRES}; "
            "across slices up to one slice step may be missing",
            lower=extent.length_mm,
            upper=extent.corner_mm,
            endpoints_lps_mm=(extent.start_lps_mm, extent.end_lps_mm),
        )
        for number, extent in enumerate(principal_extents(drawn, hull, grid), start=1)
    )


def _shape(
    drawn: Mask, hull: Index, grid: Grid, doubts: tuple[Doubt, ...]
) -> tuple[Measurement, ...]:
    surface = measure_surface(drawn, grid)
    mesh = "surface mesh at level 0.5 (marching cubes, Lewiner)"
    volume_ml = surface.volume_mm3 / MM3_PER_ML
    lower, upper = reader_interval("lesion_volume", volume_ml)
    rows = [
        Measurement(
            "mesh_volume",
            volume_ml,
            "ml",
            f"inside the {mesh}; IBSI RNU0",
            lower=lower,
            upper=upper,
        )
    ]
    if slice_step_mm(grid) <= load_table("size_rules").number("solidity_step_max"):
        hull_mm3 = float(ConvexHull(mesh_hull_points(hull)).volume) * grid.voxel_volume_mm3
        method = f"volume inside the {mesh} over that of the mesh's convex hull"
        solidity = min(1.0, surface.volume_mm3 / hull_mm3)
        rows.append(Measurement("solidity", solidity, "1", method, doubts=doubts))
    method = f"area of the ball of the same volume over the area of the {mesh}; IBSI QCFX"
    rows.append(Measurement("sphericity", surface.sphericity, "1", method, doubts=doubts))
    return tuple(rows)


def slice_step_mm(grid: Grid) -> float:
    """Distance between neighbouring slice planes in mm, also on a sheared grid."""
    in_plane = np.linalg.norm(np.cross(grid.lps_from_index[:3, 1], grid.lps_from_index[:3, 2]))
    return float(grid.voxel_volume_mm3 / in_plane)


def _length_doubts(long: Span, grid: Grid) -> tuple[Doubt, ...]:
    rules = load_table("size_rules").number
    step = slice_step_mm(grid)
    doubts = []
    if long.length_mm == 0:
        doubts.append(Doubt("no two voxels side by side in any slice: below one pixel", WHERE))
    if step > rules("slice_step_max"):
        limit = rules("slice_step_max")
        reason = f"slices are {step:.3g} mm apart, more than the {limit:g} mm of RECIST 1.1"
        doubts.append(Doubt(reason, WHERE))
    if step > rules("slice_step_share_max") * long.length_mm:
        reason = f"slices are {step:.3g} mm apart, more than a third of the long axis"
        doubts.append(Doubt(reason, WHERE))
    return tuple(doubts)


def _shape_doubts(axes: PlaneAxes, grid: Grid) -> tuple[Doubt, ...]:
    rules = load_table("size_rules").number
    step, least = slice_step_mm(grid), rules("shape_diameter_min")
    doubts = []
    if step > rules("solidity_step_max"):
        limit = rules("solidity_step_max")
        reason = f"solidity is not rated: slices are {step:.3g} mm apart, more than {limit:g} mm"
        doubts.append(Doubt(reason, WHERE))
    if axes.long.length_mm < least:
        doubts.append(Doubt(f"shape is not rated below {least:g} mm", WHERE))
    return tuple(doubts)


def _piece_doubts(drawn: Mask) -> tuple[Doubt, ...]:
    count = int(ndimage.label(drawn, np.ones((3, 3, 3), dtype=bool))[1])
    if count == 1:
        return ()
    return (Doubt(f"the mask has {count} separate pieces; they are measured as one", WHERE),)


def _edge_doubts(mask: LabelMap, box: tuple[slice, slice, slice]) -> tuple[Doubt, ...]:
    names = ("first or last slice", "first or last row", "first or last column")
    touched = [
        name
        for name, span, size in zip(names, box, mask.grid.shape, strict=True)
        if size > 1 and (span.start == 0 or span.stop == size)
    ]
    if not touched:
        return ()
    reason = f"the mask reaches the {' and the '.join(touched)} of the image and may be cut off"
    return (Doubt(reason, WHERE),)


def _ends(
    span: Span, number: int | None, grid: Grid
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Ends of a span in LPS mm; `number` is the slice of a span within a plane."""
    plane = () if number is None else (number,)
    (ax, ay, az), (bx, by, bz) = (
        (float(v) for v in grid.to_lps_mm((*plane, *end))) for end in (span.start, span.end)
    )
    return (ax, ay, az), (bx, by, bz)
