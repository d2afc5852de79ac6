"""Extents of a mask along its own principal axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liverseg.geometry import Grid, Mask, Point
from liverseg.lesions.hull import Float, Index

#: Variance along an axis below this share of the largest is rounding.
FLAT_SHARE = 1e-12


@dataclass(frozen=True)
class Extent:
    """Length along one axis in mm between voxel centres; `corner_mm` between voxel corners."""

    length_mm: float
    corner_mm: float
    start_lps_mm: Point
    end_lps_mm: Point


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """Mean of the voxel centres in LPS mm and the axes of their covariance.

    Columns of `axes` are unit vectors, the most spread first; `spread_mm2` are the
    variances along them, estimated from a sample (n - 1) as the reference values of IBSI
    are; pyradiomics divides by n.
    """

    centre: Float
    axes: Float
    spread_mm2: Float

    @property
    def lengths_mm(self) -> tuple[float, float, float]:
        """Four standard deviations along each axis (IBSI TDIC, P9VJ, 7J51), longest first."""
        major, minor, least = (4.0 * float(np.sqrt(value)) for value in self.spread_mm2)
        return major, minor, least

    def ends_lps_mm(self, axis: int) -> tuple[Point, Point]:
        """Ends of one of these lengths, half to each side of the centre, in LPS mm."""
        half = 0.5 * self.lengths_mm[axis] * self.axes[:, axis]
        return _point(self.centre - half), _point(self.centre + half)


def principal_extents(own: PrincipalAxes, hull: Index, grid: Grid) -> tuple[Extent, Extent, Extent]:
    """Three extents at right angles, longest first; `hull` are the mask's hull corners.

    `own` are the axes of the covariance of all voxel centres in mm. Across slices an
    extent between centres may miss up to one slice step.
    """
    centre, axes = own.centre, own.axes
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


def principal_axes(drawn: Mask, grid: Grid) -> PrincipalAxes:
    """Principal axes of the voxel centres of a (slice, row, column) mask.

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
    moment *= count / max(count - 1.0, 1.0)
    spread, axes = np.linalg.eigh(matrix @ moment @ matrix.T)
    # Rounding of a flat mask's variance may be of either sign; a lattice is never that thin.
    spread = np.where(spread > FLAT_SHARE * max(float(spread[-1]), 0.0), spread, 0.0)
    return PrincipalAxes(grid.to_lps_mm(mean), axes[:, ::-1], spread[::-1])


def _point(position: Float) -> Point:
    x, y, z = (float(v) for v in position)
    return x, y, z
