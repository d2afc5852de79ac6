"""All size rows of a mask. Every row says its convention; none is made without need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liverseg.geometry import Grid, LabelMap
from liverseg.lesions.caliper import PlaneAxes, measure_axes, plane_matrix
from liverseg.lesions.extents import principal_extents
from liverseg.lesions.hull import (
    Ends,
    Float,
    NearPairs,
    Span,
    farthest_corners,
    longest_spans,
    near_longest,
)
from liverseg.lesions.lattice import slice_step_mm
from liverseg.lesions.limits import reader_interval
from liverseg.lesions.mesh import longest_on_mesh, longest_on_mesh_in_plane
from liverseg.lesions.morphology import Morphology
from liverseg.lesions.sampling import volume_bounds_mm3
from liverseg.lesions.shape_rows import shape_rows
from liverseg.lesions.size_doubts import edge_doubts, length_doubts, piece_doubts, shape_doubts
from liverseg.records import Doubt, Measurement

__all__ = ["measure_size", "slice_step_mm"]

CENTRES = "between voxel centres; upper = between voxel corners"
MM3_PER_ML = 1000.0
Points = tuple[tuple[float, float, float], tuple[float, float, float]]


@dataclass(frozen=True)
class _Parts:
    """What the rows are made of; `first` is the mask's first slice in the image."""

    shape: Morphology
    axes: PlaneAxes
    near: NearPairs
    corner: Ends
    first: int
    bounds_mm3: tuple[float, float]

    @property
    def grid(self) -> Grid:
        return self.shape.grid


def measure_size(mask: LabelMap) -> tuple[Measurement, ...]:
    """Volume, diameters, extents and shape of all voxels of a mask that are not 0.

    `mask` is (slice, row, column); slices are the acquired ones, so an oblique grid
    gives oblique axes. Volumes in ml, lengths in mm. Lengths go between voxel centres,
    which is nearly unbiased; `upper` is at least the value between voxel corners. The
    rows ``..._corner`` and ``..._mesh`` hold the conventions of other programs. A mask in
    several pieces is measured as one, with a doubt.

    Definitions: RECIST 1.1 (doi:10.1016/j.ejca.2008.10.026) for `long_axis`, WHO for
    `who_product`, IBSI (arXiv:1612.07003) for volumes, `max_3d_diameter_mesh` and shape.
    Limits: tables `size_rules` and `reader_limits`; a volume's interval also holds what a
    body without dents may hide between slices. Partial volume is not corrected for.

    Raises `EmptyLabelError` when nothing is drawn.
    """
    box = mask.box()
    parts = _measure(mask, box)
    doubts = (*piece_doubts(parts.shape.drawn), *edge_doubts(mask, box))
    return (
        *_volumes(parts, doubts),
        *_in_slice(parts),
        *_in_slice_elsewhere(parts),
        *_in_space(parts),
        *_extents(parts),
        *shape_rows(parts.shape, parts.bounds_mm3, shape_doubts(parts.axes.long, parts.grid)),
    )


def _measure(mask: LabelMap, box: tuple[slice, slice, slice]) -> _Parts:
    shape = Morphology.of(mask, box)
    matrix = shape.grid.lps_from_index[:3, :3]
    near = near_longest(shape.hull, matrix)
    corner = farthest_corners(shape.hull, near, matrix)
    bounds = volume_bounds_mm3(
        shape.drawn, shape.grid, widest_mm=corner.length_mm, border=shape.surface.cells
    )
    axes = measure_axes(shape.drawn, shape.grid)
    return _Parts(shape, axes, near, corner, box[0].start, bounds)


def _volumes(parts: _Parts, doubts: tuple[Doubt, ...]) -> tuple[Measurement, ...]:
    count = float(np.count_nonzero(parts.shape.drawn))
    voxels = count * parts.grid.voxel_volume_mm3 / MM3_PER_ML
    lower, upper = reader_interval("lesion_volume", voxels)
    least, most = parts.bounds_mm3
    return (
        Measurement(
            "voxel_volume",
            voxels,
            "ml",
            "number of voxels times volume of a voxel (IBSI YEKZ)",
            lower=min(lower, least / MM3_PER_ML),
            upper=max(upper, most / MM3_PER_ML),
            doubts=doubts,
        ),
    )


def _in_slice(parts: _Parts) -> tuple[Measurement, ...]:
    axes = parts.axes
    number = parts.first + axes.slice
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
            endpoints_lps_mm=_ends(long, axes.slice, parts.grid),
            doubts=length_doubts(long, parts.grid),
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
            endpoints_lps_mm=_ends(short, axes.slice, parts.grid),
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


def _in_slice_elsewhere(parts: _Parts) -> tuple[Measurement, ...]:
    """The same lengths by the conventions of other programs."""
    axes = parts.axes
    plane = plane_matrix(parts.grid)
    short = _corners_of(axes.short, plane)
    place, mesh = longest_on_mesh_in_plane(parts.shape.drawn, plane)
    whole = float(place).is_integer()
    return (
        Measurement(
            "long_axis_corner",
            axes.corner.length_mm,
            "mm",
            "largest distance between two voxel corners of one region of one acquired slice",
            slice=parts.first + axes.corner_slice,
            endpoints_lps_mm=_ends(axes.corner, axes.corner_slice, parts.grid),
        ),
        Measurement(
            "short_axis_corner",
            short.length_mm,
            "mm",
            "short axis between the outer corners of its two voxels",
            slice=parts.first + axes.slice,
            endpoints_lps_mm=_ends(short, axes.slice, parts.grid),
        ),
        Measurement(
            "long_axis_mesh",
            mesh.length_mm,
            "mm",
            "largest distance between two vertices of the surface mesh at level 0.5 in one plane "
            "through or halfway between slices, pieces together (pyradiomics "
            "Maximum2DDiameterSlice)",
            slice=parts.first + int(place) if whole else None,
            endpoints_lps_mm=_ends(mesh, place, parts.grid),
        ),
    )


def _in_space(parts: _Parts) -> tuple[Measurement, ...]:
    hull, grid = parts.shape.hull, parts.grid
    spans, _ = longest_spans(hull, grid.lps_from_index[:3, :3], near=parts.near)
    longest, corner = spans[0], parts.corner
    mesh = longest_on_mesh(hull, parts.near, grid)
    return (
        Measurement(
            "max_3d_diameter",
            longest.length_mm,
            "mm",
            f"largest distance in space, {CENTRES}",
            lower=longest.length_mm,
            upper=corner.length_mm,
            endpoints_lps_mm=_ends(longest, None, grid),
        ),
        Measurement(
            "max_3d_diameter_mesh",
            mesh.length_mm,
            "mm",
            "largest distance between two vertices of the surface mesh at level 0.5 (IBSI L0JK)",
            lower=longest.length_mm,
            upper=corner.length_mm,
            endpoints_lps_mm=_ends(mesh, None, grid),
        ),
        Measurement(
            "max_3d_diameter_corner",
            corner.length_mm,
            "mm",
            "largest distance between two voxel corners in space",
            endpoints_lps_mm=_ends(corner, None, grid),
        ),
    )


def _extents(parts: _Parts) -> tuple[Measurement, ...]:
    found = principal_extents(parts.shape.axes, parts.shape.hull, parts.grid)
    rows = [
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
        for number, extent in enumerate(found, start=1)
    ]
    sixth_ml = np.pi / 6.0 / MM3_PER_ML
    value = sixth_ml * float(np.prod([extent.length_mm for extent in found]))
    rows.append(
        Measurement(
            "ellipsoid_volume",
            value,
            "ml",
            f"pi/6 times the three extents (DCM 121221), {CENTRES}",
            lower=value,
            upper=sixth_ml * float(np.prod([extent.corner_mm for extent in found])),
        )
    )
    return tuple(rows)


def _corners_of(span: Span, plane: Float) -> Ends:
    """A span of a plane between the outer corners of its two voxels."""
    points = np.array([span.start, span.end], dtype=np.intp)
    pair = np.zeros(1, np.intp), np.ones(1, np.intp), np.array([span.length_mm])
    return farthest_corners(points, pair, plane)


def _ends(span: Span | Ends, number: float | None, grid: Grid) -> Points:
    """Ends of a span in LPS mm; `number` is the slice of a span within a plane."""
    plane = () if number is None else (number,)
    (ax, ay, az), (bx, by, bz) = (
        (float(v) for v in grid.to_lps_mm((*plane, *end))) for end in (span.start, span.end)
    )
    return (ax, ay, az), (bx, by, bz)
