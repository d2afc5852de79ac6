"""Soft-edged solids: signed distances in mm (positive inside) on lattices along the body axes.

Every solid answers ``depth(lattice)`` with a (z, y, x) array, and `bounds` with a box
that holds it. Away from its surface the depth is only roughly a distance; near the surface
it is one to first order, which is what painting an edge needs. `liverseg.teach.outlines`
holds the exact ones for lesions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float32 = NDArray[np.float32]
Point = tuple[float, float, float]
#: Lowest and highest corner in LPS mm.
Bounds = tuple[Point, Point]


@dataclass(frozen=True, eq=False)
class Lattice:
    """Positions along x, y and z in LPS mm; a point is any combination of the three."""

    x: Float32
    y: Float32
    z: Float32

    @classmethod
    def spanning(cls, bounds: Bounds, step_mm: float) -> Lattice:
        """Evenly spaced lattice that covers `bounds`."""
        axes = [
            np.arange(low, high + step_mm, step_mm, dtype=np.float64).astype(np.float32)
            for low, high in zip(*bounds, strict=True)
        ]
        return cls(*axes)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of points along (z, y, x)."""
        return self.z.size, self.y.size, self.x.size

    def offsets(self, point: ArrayLike) -> tuple[Float32, Float32, Float32]:
        """x, y, z minus those of a point, shaped so that they broadcast to (z, y, x)."""
        px, py, pz = np.asarray(point, dtype=np.float32)
        return (
            (self.x - px)[None, None, :],
            (self.y - py)[None, :, None],
            (self.z - pz)[:, None, None],
        )


class Solid(Protocol):
    """Anything with a depth below its surface."""

    def depth(self, lattice: Lattice) -> Float32:
        """(z, y, x) distance to the surface in mm, positive inside."""
        ...

    @property
    def bounds(self) -> Bounds:
        """Box that holds the solid, in LPS mm."""
        ...


@dataclass(frozen=True)
class Ellipsoid:
    """Half axes along x, y, z in mm, turned by angles in degrees about x, then y, then z."""

    centre: Point
    radii: Point
    turn_deg: Point = (0.0, 0.0, 0.0)

    def depth(self, lattice: Lattice) -> Float32:
        """Distance to the surface, to first order near it."""
        axes = rotation(self.turn_deg)
        x, y, z = lattice.offsets(self.centre)
        norm: Float32 = np.zeros(lattice.shape, dtype=np.float32)
        slope: Float32 = np.zeros(lattice.shape, dtype=np.float32)
        for axis, radius in zip(axes.T.astype(np.float32), self.radii, strict=True):
            along: Float32 = (x * axis[0] + y * axis[1] + z * axis[2]).astype(np.float32)
            along *= np.float32(1.0 / radius)
            along *= along
            norm += along
            along *= np.float32(1.0 / radius**2)
            slope += along
        np.sqrt(norm, out=norm)
        np.sqrt(slope, out=slope)
        result: Float32 = np.asarray(norm * (1 - norm) / np.maximum(slope, 1e-6), np.float32)
        # At the very centre both are zero: there the nearest wall is the shortest half axis.
        result[slope < 1e-6] = min(self.radii)
        return result

    @property
    def bounds(self) -> Bounds:
        """Box that holds the ellipsoid."""
        reach = np.linalg.norm(rotation(self.turn_deg) * self.radii, axis=1)
        centre = np.asarray(self.centre)
        return _corners(centre - reach, centre + reach)


@dataclass(frozen=True)
class HalfSpace:
    """Everything behind a plane: depth is positive against the direction `outward`."""

    point: Point
    outward: Point

    def depth(self, lattice: Lattice) -> Float32:
        """Exact distance to the plane."""
        nx, ny, nz = np.asarray(self.outward) / np.linalg.norm(self.outward)
        x, y, z = lattice.offsets(self.point)
        result: Float32 = (-(x * nx + y * ny + z * nz)).astype(np.float32)
        return result

    @property
    def bounds(self) -> Bounds:
        """It has no end."""
        return _corners(np.full(3, -np.inf), np.full(3, np.inf))


@dataclass(frozen=True)
class Tube:
    """A chain of round pieces through `points` with a radius in mm at each."""

    points: tuple[Point, ...]
    radii: tuple[float, ...]

    def depth(self, lattice: Lattice) -> Float32:
        """Distance to the wall; exact where the radius does not change."""
        best = np.full(lattice.shape, -np.inf, dtype=np.float32)
        for k in range(len(self.points) - 1):
            start, end = np.asarray(self.points[k]), np.asarray(self.points[k + 1])
            np.maximum(best, _piece(lattice, start, end, self.radii[k : k + 2]), out=best)
        return best

    @property
    def bounds(self) -> Bounds:
        """Box that holds the tube."""
        points, widest = np.asarray(self.points), max(self.radii)
        return _corners(points.min(axis=0) - widest, points.max(axis=0) + widest)


def _piece(
    lattice: Lattice, start: NDArray[np.float64], end: NDArray[np.float64], radii: Sequence[float]
) -> Float32:
    x, y, z = lattice.offsets(start)
    way = (end - start).astype(np.float32)
    part = (x * way[0] + y * way[1] + z * way[2]) * np.float32(1.0 / float(way @ way))
    np.clip(part, 0.0, 1.0, out=part)
    gap = np.square(x - part * way[0])
    gap += np.square(y - part * way[1])
    gap += np.square(z - part * way[2])
    result: Float32 = radii[0] + np.float32(radii[1] - radii[0]) * part - np.sqrt(gap)
    return result


@dataclass(frozen=True)
class Union:
    """All parts together; seams are rounded over `round_mm`."""

    parts: tuple[Solid, ...]
    round_mm: float = 0.0

    def depth(self, lattice: Lattice) -> Float32:
        """Depth below the joint surface."""
        total = self.parts[0].depth(lattice)
        for part in self.parts[1:]:
            total = _soft_max(total, part.depth(lattice), self.round_mm)
        return total

    @property
    def bounds(self) -> Bounds:
        """Box that holds all parts and the seams between them."""
        lows, highs = zip(*(part.bounds for part in self.parts), strict=True)
        low, high = np.min(lows, axis=0), np.max(highs, axis=0)
        return _corners(low - self.round_mm, high + self.round_mm)


@dataclass(frozen=True)
class Without:
    """A solid with others cut away; the new edges are rounded over `round_mm`."""

    whole: Solid
    cut: tuple[Solid, ...]
    round_mm: float = 0.0

    def depth(self, lattice: Lattice) -> Float32:
        """Depth below what remains."""
        rest = self.whole.depth(lattice)
        for part in self.cut:
            rest = -_soft_max(-rest, part.depth(lattice), self.round_mm)
        return rest

    @property
    def bounds(self) -> Bounds:
        """Box that holds the whole before anything was cut away."""
        return self.whole.bounds


@dataclass(frozen=True)
class Common:
    """What all parts share; edges are rounded over `round_mm`."""

    parts: tuple[Solid, ...]
    round_mm: float = 0.0

    def depth(self, lattice: Lattice) -> Float32:
        """Depth below the shared surface."""
        rest = self.parts[0].depth(lattice)
        for part in self.parts[1:]:
            rest = -_soft_max(-rest, -part.depth(lattice), self.round_mm)
        return rest

    @property
    def bounds(self) -> Bounds:
        """Box that the boxes of all parts share."""
        lows, highs = zip(*(part.bounds for part in self.parts), strict=True)
        return _corners(np.max(lows, axis=0), np.min(highs, axis=0))


@dataclass(frozen=True)
class Grown:
    """A solid made thicker everywhere by `by_mm` (thinner when negative)."""

    solid: Solid
    by_mm: float

    def depth(self, lattice: Lattice) -> Float32:
        """Depth below the moved surface."""
        result: Float32 = self.solid.depth(lattice) + np.float32(self.by_mm)
        return result

    @property
    def bounds(self) -> Bounds:
        """Box that holds the moved surface."""
        low, high = self.solid.bounds
        by = max(self.by_mm, 0.0)
        return _corners(np.asarray(low) - by, np.asarray(high) + by)


def rotation(turn_deg: ArrayLike) -> NDArray[np.float64]:
    """(3, 3) rotation by degrees about x, then y, then z; column k is where axis k goes."""
    a, b, c = np.radians(np.asarray(turn_deg, dtype=np.float64))
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)


def _soft_max(one: Float32, other: Float32, round_mm: float) -> Float32:
    if round_mm <= 0:
        return np.asarray(np.maximum(one, other))
    # Quadratic blend of the two within `round_mm` of where they are equal.
    near: Float32 = np.maximum(np.float32(round_mm) - np.abs(one - other), np.float32(0))
    near *= near
    near *= np.float32(0.25 / round_mm)
    near += np.maximum(one, other)
    return near


def _corners(low: NDArray[np.float64], high: NDArray[np.float64]) -> Bounds:
    return (
        (float(low[0]), float(low[1]), float(low[2])),
        (float(high[0]), float(high[1]), float(high[2])),
    )
