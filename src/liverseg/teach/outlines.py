"""Outlines of planted lesions: analytic surfaces whose size is known without any voxel.

A surface is a ball stretched along its three axes, with bumps and dents on it. Without
them it is an ellipsoid. Volume and lengths come from the formula of the surface, never
from a voxel mask, so that a measured mask can be judged by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import map_coordinates
from scipy.spatial import ConvexHull, cKDTree
from scipy.spatial.distance import pdist
from skimage.measure import find_contours

Float = NDArray[np.float64]
Point = tuple[float, float, float]
MM3_PER_ML = 1000.0
#: Nodes from pole to pole of the sphere over which volumes are summed; twice as many around.
NODES = 120
#: Step of the cuts in which the long axis is looked for, and of the lattice of depths.
CUT_MM, CONTOUR_MM, DEPTH_MM = 0.25, 0.25, 0.5
#: Deeper than this no edge is painted: depth stays there, which spares the slow part.
DEEPEST_MM = 7.5
#: So close to the surface depth is taken from the slope of `Outline.level`.
WALL_MM = 0.6
#: Angle between neighbouring points of the surface to which depth is measured, in degrees.
SURFACE_DEG = 0.9


@dataclass(frozen=True)
class Bump:
    """A protrusion (height above 0) or dent, as a share of the radius, round one direction.

    The larger `sharpness`, the narrower: half the height is left at the angle whose
    cosine is ``1 - ln 2 / sharpness``.
    """

    towards: Point
    height: float
    sharpness: float


@dataclass(frozen=True)
class Outline:
    """A surface round the origin: half axes along x, y, z in mm, turned about z in degrees."""

    half_axes_mm: Point
    bumps: tuple[Bump, ...] = ()
    turn_deg: float = 0.0

    def level(self, points_mm: ArrayLike) -> Float:
        """(...,) share of the way from the centre to the surface: below 1 is inside.

        `points_mm` is (..., 3), relative to the centre.
        """
        stretched = np.asarray(points_mm, dtype=np.float64) @ self._turn / self.half_axes_mm
        length = np.linalg.norm(stretched, axis=-1)
        towards = stretched / np.maximum(length, 1e-12)[..., None]
        level: Float = length / self._factor(towards)
        return level

    @property
    def volume_ml(self) -> float:
        """Volume inside the surface, by Gauss-Legendre quadrature over all directions."""
        towards, weights = _sphere(NODES)
        stretch = float(np.prod(self.half_axes_mm))
        cubed = self._factor(towards) ** 3
        return float(weights @ cubed) * stretch / 3.0 / MM3_PER_ML

    @cached_property
    def surface_mm(self) -> Float:
        """(n, 3) points of the surface, evenly spread."""
        count = round(4.0 * np.pi / np.radians(SURFACE_DEG) ** 2)
        place = np.arange(count) + 0.5
        height = 1.0 - 2.0 * place / count
        angle = np.pi * (1.0 + np.sqrt(5.0)) * place
        flat = np.sqrt(1.0 - height**2)
        towards = np.stack([flat * np.cos(angle), flat * np.sin(angle), height], axis=-1)
        return self._at(towards)

    @property
    def solidity(self) -> float:
        """Volume over the volume of the convex hull."""
        return self.volume_ml * MM3_PER_ML / float(ConvexHull(self.surface_mm).volume)

    @property
    def max_3d_diameter_mm(self) -> float:
        """Largest distance between two points of the surface."""
        if not self.bumps:
            return 2.0 * max(self.half_axes_mm)
        corners = self.surface_mm[ConvexHull(self.surface_mm).vertices]
        return float(pdist(corners).max())

    @cached_property
    def long_axis_mm(self) -> float:
        """Largest distance within one connected region of one cut at right angles to z."""
        if not self.bumps:
            return 2.0 * max(self.half_axes_mm[:2])
        low, high = self.surface_mm[:, 2].min(), self.surface_mm[:, 2].max()
        return max(self._longest_in_cut(z) for z in np.arange(low, high, CUT_MM))

    def depth(self) -> DepthField:
        """Depth below the surface around the whole lesion; made once for equal outlines."""
        return _depth_below(self)

    @property
    def reach_mm(self) -> float:
        """Radius of the ball round the origin that holds the surface."""
        return float(np.linalg.norm(self.surface_mm, axis=1).max())

    @cached_property
    def _turn(self) -> Float:
        angle = np.radians(self.turn_deg)
        cos, sin = np.cos(angle), np.sin(angle)
        return np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])

    def _factor(self, towards: Float) -> Float:
        factor = np.ones(towards.shape[:-1])
        for bump in self.bumps:
            middle = np.asarray(bump.towards) / np.linalg.norm(bump.towards)
            factor += bump.height * np.exp(bump.sharpness * (towards @ middle - 1.0))
        return factor

    def _at(self, towards: Float) -> Float:
        """Points of the surface for directions of the unturned, unstretched ball."""
        points: Float = (towards * self._factor(towards)[..., None] * self.half_axes_mm) @ (
            self._turn.T
        )
        return points

    def _longest_in_cut(self, z: float) -> float:
        half = self.reach_mm + 2 * CONTOUR_MM
        axis = np.arange(-half, half, CONTOUR_MM)
        y, x = np.meshgrid(axis, axis, indexing="ij")
        level = self.level(np.stack([x, y, np.full_like(x, z)], axis=-1))
        rings = [ring * CONTOUR_MM for ring in find_contours(level, 1.0) if len(ring) > 3]
        return max((float(pdist(ring[::2]).max()) for ring in rings), default=0.0)


@dataclass(frozen=True, eq=False)
class DepthField:
    """Distance to an outline's surface in mm, positive inside, on a fine lattice.

    `values` is (z, y, x) with steps of `DEPTH_MM`, its first point at (-half_mm, ...).
    """

    values: NDArray[np.float32]
    half_mm: float

    @classmethod
    def below(cls, outline: Outline, *, margin_mm: float = 3.0) -> DepthField:
        """Depth in and around `outline`, from `margin_mm` outside to `DEEPEST_MM` inside."""
        half = outline.reach_mm + margin_mm
        axis = np.arange(-half, half + DEPTH_MM, DEPTH_MM)
        z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
        points = np.stack([x, y, z], axis=-1)
        level = outline.level(points)
        # Only where it matters: the search for the nearest surface point is the slow part.
        near = level < 1.0 + 1.4 * margin_mm / min(outline.half_axes_mm)
        signed = np.full(level.shape, -half, dtype=np.float32)
        distance, _ = cKDTree(outline.surface_mm).query(
            points[near], workers=-1, distance_upper_bound=DEEPEST_MM
        )
        distance = np.minimum(distance, DEEPEST_MM)
        signed[near] = np.where(level[near] < 1.0, distance, -distance)
        # Close to the surface its points are too far apart: there the slope tells.
        slope = np.linalg.norm(np.gradient(level, DEPTH_MM), axis=0)
        wall = np.abs(signed) < WALL_MM
        signed[wall] = (1.0 - level[wall]) / slope[wall]
        return cls(signed, half)

    def at(self, points_mm: ArrayLike) -> NDArray[np.float32]:
        """(...,) depth in mm at (..., 3) points (x, y, z) relative to the centre."""
        index = (np.moveaxis(np.asarray(points_mm), -1, 0)[::-1] + self.half_mm) / DEPTH_MM
        found: NDArray[np.float32] = map_coordinates(
            self.values, index, order=1, mode="constant", cval=-self.half_mm, output=np.float32
        )
        return found


@cache
def _depth_below(outline: Outline) -> DepthField:
    return DepthField.below(outline)


def _sphere(nodes: int) -> tuple[Float, Float]:
    """(n, 3) directions and their weights, which add up to 4 pi."""
    height, share = np.polynomial.legendre.leggauss(nodes)
    angle = np.arange(2 * nodes) * np.pi / nodes
    flat = np.sqrt(1.0 - height**2)[:, None]
    parts = (
        flat * np.cos(angle),
        flat * np.sin(angle),
        np.broadcast_to(height[:, None], (nodes, 2 * nodes)),
    )
    towards = np.stack(parts, axis=-1).reshape(-1, 3)
    return towards, np.repeat(share * np.pi / nodes, 2 * nodes)
