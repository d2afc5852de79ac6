"""642 directions on a sphere, how close they are to one another, and solids as radii over them."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import ConvexHull, cKDTree

from liverseg.geometry import Grid, Mask

Float = NDArray[np.float64]

#: An icosahedron halved three times: neighbours are 8 degrees apart.
HALVINGS = 3
#: Step in degrees of the table from which radii between rays are read.
TABLE_DEG = 2.0
#: Wider than this, and everything is pooled.
EVERYWHERE = np.inf


@cache
def directions() -> Float:
    """(642, 3) unit vectors in LPS, evenly spread."""
    golden = (1 + 5**0.5) / 2
    signs = np.array([[-1, 1], [1, 1], [-1, -1], [1, -1]])
    flat = np.column_stack([signs, np.zeros(4)]) * [1, golden, 1]
    points = np.vstack([np.roll(flat, shift, axis=1) for shift in range(3)])
    for _ in range(HALVINGS):
        points = _unit(points)
        corners = ConvexHull(points).simplices
        sides = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
        sides = np.unique(np.sort(sides, axis=1), axis=0)
        points = np.vstack([points, points[sides].sum(axis=1)])
    return _frozen(_unit(points))


@cache
def closeness(width_rad: float) -> Float:
    """(642, 642) correlation that falls with the angle like a bell of this width."""
    rays = directions()
    squared = ((rays[:, None] - rays[None]) ** 2).sum(axis=-1)
    return _frozen(np.exp(-squared / (2 * width_rad**2)))


@cache
def pooling(width_rad: float) -> NDArray[np.float32]:
    """(642, 642) weights, each row sums to 1, of a mean over neighbouring directions."""
    weights = closeness(width_rad)
    pooled: NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    pooled.flags.writeable = False
    return pooled


def nearest_rays(units: Float) -> NDArray[np.intp]:
    """Index of the direction nearest to each of the (n, 3) unit vectors."""
    return np.asarray((units @ directions().T).argmax(axis=1))


def fill(grid: Grid, centre: Float, reach_mm: Float) -> Mask:
    """Voxels of `grid` whose centre lies within the radius of its direction from `centre`.

    `reach_mm` is (642,); radii between the directions are interpolated. Any grid.
    """
    mask = np.zeros(grid.shape, dtype=bool)
    low, high = _box(grid, centre, float(reach_mm.max()))
    if (high <= low).any():
        return mask
    spans = [np.arange(a, b) for a, b in zip(low, high, strict=True)]
    offset = grid.to_lps_mm(np.stack(np.meshgrid(*spans, indexing="ij"), axis=-1)) - centre
    distance = np.sqrt(np.einsum("...k,...k->...", offset, offset))
    inside = distance <= reach_mm.min()
    between = ~inside & (distance <= reach_mm.max())
    inside[between] = distance[between] <= radii_along(offset[between], reach_mm)
    mask[low[0] : high[0], low[1] : high[1], low[2] : high[2]] = inside
    return mask


def radii_along(offset: Float, reach_mm: Float) -> Float:
    """Radius of the surface in mm along each of the (n, 3) vectors."""
    which, weight = _table()
    table = (reach_mm[which] * weight).sum(axis=-1)
    length = np.maximum(np.linalg.norm(offset, axis=-1), 1e-9)
    polar = np.degrees(np.arccos(np.clip(offset[..., 2] / length, -1, 1)))
    around = np.degrees(np.arctan2(offset[..., 1], offset[..., 0])) + 180
    places = [polar / TABLE_DEG, around / TABLE_DEG]
    return np.asarray(ndimage.map_coordinates(table, places, order=1, mode="nearest"))


def middle(centre: Float, reach_mm: Float) -> Float:
    """Centre of mass in LPS mm of the solid with these radii about `centre`."""
    moment = (directions() * (reach_mm**4)[:, None]).sum(axis=0) / 4
    return np.asarray(centre + moment / ((reach_mm**3).sum() / 3))


@cache
def _table() -> tuple[NDArray[np.intp], Float]:
    """For each polar and azimuth angle the four nearest directions and their weights."""
    polar, around = np.meshgrid(
        np.radians(np.arange(0, 180 + TABLE_DEG, TABLE_DEG)),
        np.radians(np.arange(-180, 180 + TABLE_DEG, TABLE_DEG)),
        indexing="ij",
    )
    units = np.stack(
        [np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], axis=-1
    )
    gap, which = cKDTree(directions()).query(units, k=4)
    weight = 1 / (gap + 1e-3) ** 2
    return which, weight / weight.sum(axis=-1, keepdims=True)


def _box(grid: Grid, centre: Float, radius_mm: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Index box (start, stop) inside the grid that holds a ball."""
    # Along index axis k a ball reaches as far as row k of the inverse matrix is long.
    reach = radius_mm * np.linalg.norm(grid.index_from_lps[:3, :3], axis=1)
    at = grid.to_index(centre)
    low = np.clip(np.floor(at - reach), 0, grid.shape).astype(np.intp)
    return low, np.clip(np.ceil(at + reach) + 1, 0, grid.shape).astype(np.intp)


def _unit(points: Float) -> Float:
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


def _frozen(array: Float) -> Float:
    array.flags.writeable = False
    return array
