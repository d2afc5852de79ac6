"""Marching cubes without a mesh: each cell of eight voxels has one of 256 patterns.

On a mask the surface inside a cell depends on its pattern alone, so volume and area need
the number of cells of each pattern and where they lie, not a list of triangles. The values
are those of the whole mesh: the tests compare both.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
from skimage import measure

from liverseg.geometry import Grid, Mask
from liverseg.lesions.hull import Float, Index

#: Number of patterns of eight voxels, and the last: all drawn.
PATTERNS = 256
FULL_CELL = PATTERNS - 1
#: Bit of voxel (1, 1, 0) of a cell, see `CellMesh.PYRADIOMICS`.
PYRADIOMICS_BIT = 6


class CellMesh(StrEnum):
    """How a cell that can be cut in several ways is cut.

    LEWINER is closed always (Lewiner 2003, doi:10.1080/10867651.2003.10487582) and is what
    our own numbers use. PYRADIOMICS is the classic cut (Lorensen 1987,
    doi:10.1145/37401.37422) of a pattern or, when voxel (1, 1, 0) is drawn, of its opposite:
    pyradiomics stores half of the patterns only. Its mesh can have holes, so its area
    depends on the direction in which slices are stored, and its volume a little too.
    """

    LEWINER = "lewiner"
    PYRADIOMICS = "pyradiomics"


@dataclass(frozen=True, eq=False)
class CellTriangles:
    """(n, 3, 3) corners of all triangles of all patterns, in a cell of side 1, and whose."""

    corners: Float
    pattern: Index


@dataclass(frozen=True, eq=False)
class SurfaceCells:
    """Patterns of the cells that the surface crosses, and their first voxel (n, 3).

    Indices count from the voxel before the mask's first one on each axis.
    """

    pattern: Index
    position: Index


def surface_cells(drawn: Mask) -> SurfaceCells:
    """Cells of two by two by two voxels of a (slice, row, column) mask, some drawn, some not."""
    padded = np.pad(drawn, 1).view(np.uint8)
    pattern = padded[:, :, :-1] | padded[:, :, 1:] << 1
    pattern = pattern[:, :-1] | pattern[:, 1:] << 2
    pattern = pattern[:-1] | pattern[1:] << 4
    flat = pattern.reshape(-1)
    crossed = np.flatnonzero((flat - np.uint8(1)) < FULL_CELL - 1)
    position = np.column_stack(np.unravel_index(crossed, pattern.shape))
    return SurfaceCells(flat[crossed].astype(np.intp), position)


def mesh_volume_and_area(
    cells: SurfaceCells, grid: Grid, *, mesh: CellMesh = CellMesh.LEWINER
) -> tuple[float, float]:
    """Volume in mm3 (IBSI RNU0) and area in mm2 (IBSI C0JK) of the mesh of these cells.

    The volume is the sum of signed tetrahedra to the index origin (divergence theorem).
    """
    table = cell_triangles(mesh)
    counts = np.bincount(cells.pattern, minlength=PATTERNS).astype(np.float64)
    places = np.column_stack(
        [
            np.bincount(cells.pattern, weights=axis, minlength=PATTERNS)
            for axis in cells.position.T.astype(np.float64)
        ]
    )
    normals = _normals(table.corners)
    local = np.einsum("ij,ij->i", table.corners[:, 0], normals)
    moved = np.einsum("ij,ij->i", places[table.pattern], normals)
    volume = abs(float(counts[table.pattern] @ local + moved.sum())) / 6.0
    in_mm = _normals(table.corners @ grid.lps_from_index[:3, :3].T)
    area = 0.5 * float(counts[table.pattern] @ np.linalg.norm(in_mm, axis=1))
    return volume * grid.voxel_volume_mm3, area


@cache
def cell_triangles(mesh: CellMesh) -> CellTriangles:
    """Triangles of each pattern; bit ``4 i + 2 j + k`` of a pattern is voxel (i, j, k)."""
    method = "lewiner" if mesh is CellMesh.LEWINER else "lorensen"
    corners, patterns = [], []
    for pattern in range(1, FULL_CELL):
        if mesh is CellMesh.PYRADIOMICS and pattern >> PYRADIOMICS_BIT & 1:
            own = _triangles(FULL_CELL - pattern, method)[:, ::-1]
        else:
            own = _triangles(pattern, method)
        corners.append(own)
        patterns.append(np.full(len(own), pattern, dtype=np.intp))
    return CellTriangles(np.concatenate(corners), np.concatenate(patterns))


def _triangles(pattern: int, method: str) -> Float:
    cell = (pattern >> np.arange(8) & 1).reshape(2, 2, 2).astype(np.float32)
    vertices, faces, _, _ = measure.marching_cubes(cell, 0.5, method=method)
    triangles: Float = vertices[faces].astype(np.float64)
    return triangles


def _normals(corners: Float) -> Float:
    """(n, 3) normals of (n, 3, 3) triangles, twice their area long."""
    normals: Float = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return normals
