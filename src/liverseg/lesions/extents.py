"""Extents of a mask along its own principal axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liverseg.geometry import Grid, Mask
from liverseg.lesions.hull import Float, Index


@dataclass(frozen=True)
class Extent:
    """Length along one axis in mm between voxel centres; `corner_mm` between voxel corners."""

    length_mm: float
    corner_mm: float
    start_lps_mm: tuple[float, float, float]
    end_lps_mm: tuple[float, float, float]


def principal_extents(drawn: Mask, hull: Index, grid: Grid) -> tuple[Extent, Extent, Extent]:
    """Three extents at right angles, longest first; `hull` are the mask's hull corners.

    The axes are those of the covariance of all voxel centres in mm. Across slices an
    extent between centres may miss up to one slice step.
    """
    centre, axes = principal_axes(drawn, grid)
    matrix = grid.lps_from_index[:3, :3]
    along = (grid.to_lps_mm(hull) - centre) @ axes
    reach = np.abs(axes.T @ matrix).sum(axis=1)  # one voxel's own width on each axis
    extents = []
    for k in range(3):
        low, high = float(along[:, k].min()), float(along[:, k].max())
        start, end = centre + low * axes[:, k], centre + high * axes[:, k]
        extents.append(Extent(high - low, high - low + float(reach[k]), _point(start), _point(end)))
    first, second, third = sorted(extents, key=lambda extent: -extent.length_mm)
    return first, second, third


def principal_axes(drawn: Mask, grid: Grid) -> tuple[Float, Float]:
    """Mean of the voxel centres (LPS mm) and the (3, 3) axes of their covariance as columns.

    Sums over projections, so no list of voxels is made.
    """
    count = float(np.count_nonzero(drawn))
    faces = {
        (1, 2): drawn.sum(axis=0, dtype=np.int64),
        (0, 2): drawn.sum(axis=1, dtype=np.int64),
        (0, 1): drawn.sum(axis=2, dtype=np.int64),
    }
    profiles = (
        faces[0, 1].sum(axis=1),
        faces[0, 1].sum(axis=0),
        faces[0, 2].sum(axis=0),
    )
    steps = [np.arange(n, dtype=np.float64) for n in drawn.shape]
    mean = np.array([p @ s for p, s in zip(profiles, steps, strict=True)]) / count
    moment = np.empty((3, 3))
    for k in range(3):
        moment[k, k] = profiles[k] @ (steps[k] - mean[k]) ** 2 / count
    for (one, two), face in faces.items():
        both = (steps[one] - mean[one]) @ face @ (steps[two] - mean[two]) / count
        moment[one, two] = moment[two, one] = both
    matrix = grid.lps_from_index[:3, :3]
    axes: Float = np.linalg.eigh(matrix @ moment @ matrix.T)[1]
    return grid.to_lps_mm(mean), axes


def _point(position: Float) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in position)
    return x, y, z
