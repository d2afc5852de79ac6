"""Surface mesh of a mask: volume, area and diameters as IBSI and pyradiomics compute them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import pdist

from liverseg.geometry import Grid, Mask
from liverseg.lesions.cells import CellMesh, mesh_volume_and_area, surface_cells
from liverseg.lesions.hull import (
    Ends,
    Float,
    Index,
    NearPairs,
    farthest_ends,
    hull_vertices,
    pair_numbers,
    row_ends,
)
from liverseg.lesions.widths import SliceWidths

HALF_STEPS = 0.5 * np.concatenate([np.eye(3), -np.eye(3)])
HALF_STEPS_IN_PLANE = 0.5 * np.concatenate([np.eye(2), -np.eye(2)])


@dataclass(frozen=True)
class Surface:
    """Volume inside and area of a closed mesh, in mm, and the number of cells it crosses."""

    volume_mm3: float
    area_mm2: float
    cells: int = 0

    @property
    def sphericity(self) -> float:
        """Area of the ball of the same volume over the mesh area (IBSI QCFX)."""
        return float((36.0 * np.pi * self.volume_mm3**2) ** (1.0 / 3.0) / self.area_mm2)


def measure_surface(drawn: Mask, grid: Grid, *, mesh: CellMesh = CellMesh.LEWINER) -> Surface:
    """Mesh of a (slice, row, column) mask at iso level 0.5 (marching cubes).

    Volume: IBSI RNU0. Area: IBSI C0JK. Vertices go through the grid's own matrix, so
    oblique and sheared grids are right.
    """
    cells = surface_cells(drawn)
    return Surface(*mesh_volume_and_area(cells, grid, mesh=mesh), len(cells.pattern))


def mesh_hull_points(hull: Index) -> Float:
    """(n, 3) indices whose hull is that of the mesh, from the hull corners of the centres.

    Every mesh vertex lies half a step from a drawn voxel along one index axis. Where a
    drawn voxel is extreme in some direction its neighbour that way is not drawn, so the
    extreme mesh vertices are exactly extreme centres plus such half steps.
    """
    points: Float = (hull[:, None, :] + HALF_STEPS[None]).reshape(-1, 3)
    return points


def longest_on_mesh(hull: Index, near: NearPairs, grid: Grid) -> Ends:
    """Largest distance between two mesh vertices (IBSI L0JK), ends as indices.

    `hull` are the hull corners of the centres, `near` their nearly longest pairs.
    """
    count = len(HALF_STEPS)
    starts = np.repeat(HALF_STEPS, count, axis=0)
    ends = np.tile(HALF_STEPS, (count, 1))
    return farthest_ends(hull, near, starts, ends, grid.lps_from_index[:3, :3])


def longest_on_mesh_in_plane(drawn: Mask, plane: Float) -> tuple[float, Ends]:
    """Largest distance between two mesh vertices of one plane parallel to the slices.

    Returns the plane's place as a slice index (whole: through voxel centres; half: between
    slices) and the ends as (row, column). `plane` turns steps of (row, column) into mm.
    Pieces of a plane are not told apart. pyradiomics: Maximum2DDiameterSlice.
    """
    best, place = Ends(-1.0, (0.0, 0.0), (0.0, 0.0)), 0.0
    for bound, number in _planes(row_ends(drawn), plane):
        if bound <= best.length_mm:
            break
        found = _longest_in(drawn, number, plane)
        if found.length_mm > best.length_mm:
            best, place = found, number
    return place, best


def _planes(ends: Index, plane: Float) -> list[tuple[float, float]]:
    """(upper bound in mm, place) of planes through slices and between two, widest first."""
    widths = SliceWidths.of(ends, plane)
    half_steps = np.abs(widths.directions).max(axis=0)
    doubled, between = widths.pair_bound_mm()
    places = np.concatenate([widths.numbers, 0.5 * doubled])
    bounds = np.concatenate([widths.bound_mm(more=half_steps), between])
    order = np.lexsort((places, -bounds))
    return list(zip(bounds[order].tolist(), places[order].tolist(), strict=True))


def _longest_in(drawn: Mask, number: float, plane: Float) -> Ends:
    low = int(np.floor(number))
    if number == low:
        corners = hull_vertices(row_ends(drawn[low][None])[:, 1:])
        points = (corners[:, None] + HALF_STEPS_IN_PLANE[None]).reshape(-1, 2)
    else:
        empty = np.zeros_like(drawn[0])
        below = drawn[low] if low >= 0 else empty
        above = drawn[low + 1] if low + 1 < len(drawn) else empty
        border = below ^ above
        if not border.any():
            return Ends(0.0, (0.0, 0.0), (0.0, 0.0))
        points = hull_vertices(row_ends(border[None])[:, 1:]).astype(np.float64)
    if len(points) == 1:
        return Ends(0.0, tuple(points[0].tolist()), tuple(points[0].tolist()))
    lengths = pdist(points @ plane.T)
    longest = int(lengths.argmax())
    first, second = pair_numbers(np.array([longest]), len(points))
    ends = (tuple(points[int(k[0])].tolist()) for k in (first, second))
    return Ends(float(lengths[longest]), *ends)
