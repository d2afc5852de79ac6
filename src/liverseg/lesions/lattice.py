"""Dilation and erosion by millimetres, and depth below a surface, on any lattice."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from liverseg.geometry import Grid, Mask
from liverseg.lesions.hull import Float
from liverseg.tables import load_table


def slice_step_mm(grid: Grid) -> float:
    """Distance between neighbouring slice planes in mm, also on a sheared grid."""
    in_plane = np.linalg.norm(np.cross(grid.lps_from_index[:3, 1], grid.lps_from_index[:3, 2]))
    return float(grid.voxel_volume_mm3 / in_plane)


def dilate_mm(drawn: Mask, grid: Grid, radius_mm: float) -> Mask:
    """All voxels whose centre is at most `radius_mm` from the centre of a drawn one.

    `drawn` is (slice, row, column) on `grid`'s lattice (any shape). Exact for oblique and
    sheared lattices: a run along the columns is made once for each width of the ball and
    shifted over slices and rows.
    """
    grown = np.zeros_like(drawn)
    runs: dict[tuple[int, int], Mask] = {}
    for step, row, low, high in _ball(grid, radius_mm):
        if (low, high) not in runs:
            runs[low, high] = _run(drawn, low, high)
        target, source = zip(
            *(_overlap(shift, size) for shift, size in zip((step, row), drawn.shape, strict=False)),
            strict=True,
        )
        grown[target] |= runs[low, high][source]
    return grown


def erode_mm(drawn: Mask, grid: Grid, radius_mm: float) -> Mask:
    """Drawn voxels further than `radius_mm` from every voxel that is not drawn.

    Outside the array nothing is known, so its edge does not erode.
    """
    eroded: Mask = ~dilate_mm(~drawn, grid, radius_mm)
    return eroded


def peel(drawn: Mask) -> Mask:
    """Drawn voxels whose six neighbours are drawn too; the array's edge counts as not drawn."""
    inner: Mask = ndimage.binary_erosion(drawn)
    return inner


def depth_mm(drawn: Mask, grid: Grid) -> Float:
    """Distance in mm from each drawn voxel's centre to the lesion's surface, 0 outside.

    The array needs a margin of one empty voxel. The surface runs a little before the
    nearest voxel outside (row `depth_voxels` of table `enhancement_rules`, in voxel sizes
    along that direction).
    """
    matrix = grid.lps_from_index[:3, :3]
    inside = np.argwhere(drawn)
    if grid.is_orthogonal:
        near = ndimage.distance_transform_edt(
            drawn, sampling=grid.spacing_mm, return_distances=False, return_indices=True
        )
        nearest = near[:, inside[:, 0], inside[:, 1], inside[:, 2]].T
    else:
        shell = np.argwhere(~drawn & ndimage.binary_dilation(drawn, np.ones((3, 3, 3), bool)))
        nearest = shell[cKDTree(shell @ matrix.T).query(inside @ matrix.T)[1]]
    offset = (nearest - inside) @ matrix.T
    distance = np.linalg.norm(offset, axis=1)
    # Size of a voxel along the way out: between its shortest and its longest edge.
    voxel = np.linalg.norm(offset @ matrix, axis=1) / distance
    depth = np.zeros(drawn.shape)
    beyond = load_table("enhancement_rules").number("depth_voxels") * voxel
    depth[drawn] = np.maximum(distance - beyond, 0.0)
    return depth


def _ball(grid: Grid, radius_mm: float) -> list[tuple[int, int, int, int]]:
    """(slice step, row step, first column step, last column step) of a ball of voxels."""
    matrix = grid.lps_from_index[:3, :3]
    reach = np.floor(radius_mm * np.linalg.norm(np.linalg.inv(matrix), axis=1) + 1e-9).astype(int)
    steps = np.stack(np.meshgrid(*[np.arange(-n, n + 1) for n in reach], indexing="ij"), axis=-1)
    inside = np.linalg.norm(steps @ matrix.T, axis=-1) <= radius_mm + 1e-9
    runs = []
    for i, j in np.argwhere(inside.any(axis=2)):
        columns = np.flatnonzero(inside[i, j]) - reach[2]
        runs.append((int(i - reach[0]), int(j - reach[1]), int(columns[0]), int(columns[-1])))
    return runs


def _run(drawn: Mask, low: int, high: int) -> Mask:
    """Drawn voxels moved along the columns by every step from `low` to `high`, all at once."""
    size = drawn.shape[2]
    room = max(-low, 0)
    run = np.zeros((*drawn.shape[:2], size + room), dtype=bool)
    run[:, :, :size] = drawn
    length = 1
    while length <= high - low:
        step = min(length, high - low + 1 - length)
        run[:, :, step:] |= run[:, :, :-step].copy()
        length += step
    moved = np.zeros_like(drawn)
    first = max(low, 0)
    moved[:, :, first:] = run[:, :, room : room + size - first]
    return moved


def _overlap(shift: int, size: int) -> tuple[slice, slice]:
    """Where an axis moved by `shift` lands inside itself, and where that comes from."""
    count = max(size - abs(shift), 0)
    first = max(shift, 0)
    start = max(-shift, 0)
    return slice(first, first + count), slice(start, start + count)
