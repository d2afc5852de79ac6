"""A liver that moves with the breath inside a body that does not, rendered analytically.

A scene for tests of alignment: every border is a smooth function of position, so a shift
by any part of a voxel is exact. Levels are plausible HU, nobody's measurement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liverseg.geometry import Grid, LabelMap

Float = NDArray[np.float64]
Point = tuple[float, float, float]

#: HU of each tissue by contrast phase.
LEVELS: Mapping[str, Mapping[str, float]] = {
    "non_contrast": {"liver": 55, "vessel": 42, "lesion": 38, "aorta": 42, "ivc": 40, "organ": 35},
    "arterial": {"liver": 72, "vessel": 85, "lesion": 95, "aorta": 320, "ivc": 90, "organ": 120},
    "portal": {"liver": 112, "vessel": 165, "lesion": 75, "aorta": 150, "ivc": 130, "organ": 150},
    "delayed": {"liver": 92, "vessel": 112, "lesion": 98, "aorta": 110, "ivc": 110, "organ": 110},
}
STILL_HU = {"air": -1000.0, "fat": -100.0, "muscle": 58.0, "bone": 260.0, "lung": -850.0}


@dataclass(frozen=True)
class Ellipsoid:
    """Centre and half axes along x, y, z in LPS mm."""

    centre: Point
    radii: Point


LIVER = (
    Ellipsoid((-62.0, 0.0, 0.0), (74.0, 68.0, 72.0)),
    Ellipsoid((15.0, -38.0, 18.0), (72.0, 38.0, 36.0)),
)
LESIONS = (
    Ellipsoid((-80.0, 10.0, 30.0), (17.0, 16.0, 15.0)),
    Ellipsoid((-60.0, -35.0, -20.0), (10.0, 9.0, 10.0)),
    Ellipsoid((20.0, -45.0, 20.0), (8.0, 9.0, 8.0)),
)


@dataclass(frozen=True, eq=False)
class BreathingScene:
    """A grid and a seed; `render` gives HU, `liver` the mask at rest."""

    grid: Grid
    seed: int = 0

    def liver(self) -> LabelMap:
        """Liver mask at rest: a voxel belongs when its centre is inside."""
        canvas = _Canvas(self.grid)
        for part in LIVER:
            canvas.ellipsoid(part, 1.0, (0.0, 0.0, 0.0))
        return LabelMap((canvas.values >= 0.5).astype(np.uint8), self.grid)

    def render(self, phase: str, *, shift: Point = (0.0, 0.0, 0.0), noise: float = 12.0) -> Float:
        """(slice, row, column) HU with the liver, its vessels and lesions moved by `shift` mm.

        Body wall, ribs, spine, aorta, cava, kidney and stomach stay where they are.
        """
        level = LEVELS[phase]
        canvas = _Canvas(self.grid, STILL_HU["air"])
        self._draw_body(canvas, level)
        for part in LIVER:
            canvas.ellipsoid(part, level["liver"], shift)
        for start, end, radius in _vessels():
            canvas.tube(start, end, radius, level["vessel"], shift)
        for part in LESIONS:
            canvas.ellipsoid(part, level["lesion"], shift)
        # Two renderings of one scene must not share their noise.
        stream = np.random.default_rng([self.seed, *phase.encode(), *_whole(shift)])
        return canvas.values + stream.normal(0.0, noise, self.grid.shape)

    def _draw_body(self, canvas: _Canvas, level: Mapping[str, float]) -> None:
        still = (0.0, 0.0, 0.0)
        long = 1000.0
        for radii, value in (
            ((172.0, 122.0, long), STILL_HU["fat"]),
            ((160.0, 110.0, long), STILL_HU["muscle"]),
            ((139.0, 92.0, long), STILL_HU["fat"]),
        ):
            canvas.ellipsoid(Ellipsoid((0.0, 0.0, 0.0), radii), value, still)
        canvas.ellipsoid(Ellipsoid((0.0, 0.0, 90.0), (134.0, 87.0, 55.0)), STILL_HU["lung"], still)
        for angle in np.radians(np.arange(0, 360, 24)):
            for z in range(-90, 111, 25):
                centre = (151.0 * float(np.cos(angle)), 102.0 * float(np.sin(angle)), float(z))
                canvas.ellipsoid(Ellipsoid(centre, (6.0, 6.0, 7.0)), STILL_HU["bone"], still)
        canvas.ellipsoid(Ellipsoid((0.0, 68.0, 0.0), (24.0, 20.0, long)), STILL_HU["bone"], still)
        canvas.ellipsoid(Ellipsoid((18.0, 36.0, 0.0), (11.0, 11.0, long)), level["aorta"], still)
        canvas.ellipsoid(Ellipsoid((-14.0, 34.0, 0.0), (13.0, 11.0, long)), level["ivc"], still)
        canvas.ellipsoid(Ellipsoid((-70, 60, -60), (28.0, 26.0, 45.0)), level["organ"], still)
        canvas.ellipsoid(Ellipsoid((75.0, -20.0, -20.0), (45.0, 50.0, 50.0)), 30.0, still)


class _Canvas:
    """Draws smooth shapes over one another; a border is one voxel wide."""

    def __init__(self, grid: Grid, background: float = 0.0) -> None:
        self.grid = grid
        self.values = np.full(grid.shape, background)
        self.blur = 0.5 * float(np.cbrt(grid.voxel_volume_mm3))

    def ellipsoid(self, shape: Ellipsoid, value: float, shift: Point) -> None:
        centre = np.add(shape.centre, shift)
        radii = np.asarray(shape.radii)
        box, points = self._near(centre, radii + 2 * self.blur)
        if box is None:
            return
        scaled = (points - centre) / radii
        length = np.linalg.norm(scaled, axis=-1)
        # First-order distance to the surface: exact enough within a voxel of it.
        slope = np.maximum(np.linalg.norm(scaled / radii, axis=-1), 1e-9)
        self._mix(box, (1.0 - length) * length / slope, value)

    def tube(self, start: Float, end: Float, radius: float, value: float, shift: Point) -> None:
        start, end = start + np.asarray(shift), end + np.asarray(shift)
        half = np.abs(end - start) / 2 + radius + 2 * self.blur
        box, points = self._near((start + end) / 2, half)
        if box is None:
            return
        along = end - start
        part = np.clip((points - start) @ along / (along @ along), 0.0, 1.0)
        gap = np.linalg.norm(points - start - part[..., None] * along, axis=-1)
        self._mix(box, radius - gap, value)

    def _mix(self, box: tuple[slice, ...], inside_mm: Float, value: float) -> None:
        cover = np.clip(0.5 + inside_mm / (2 * self.blur), 0.0, 1.0)
        self.values[box] += cover * (value - self.values[box])

    def _near(self, centre: Float, half: Float) -> tuple[tuple[slice, ...] | None, Float]:
        """Index box round a world box, and the (..., 3) LPS mm positions in it."""
        signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
        corners = self.grid.to_index(centre + signs * half)
        low = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, self.grid.shape)
        if (high <= low).any():
            return None, np.empty((0, 3))
        spans = [np.arange(a, b) for a, b in zip(low, high, strict=True)]
        index = np.stack(np.meshgrid(*spans, indexing="ij"), axis=-1)
        box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
        return box, self.grid.to_lps_mm(index)


def _vessels() -> list[tuple[Float, Float, float]]:
    """A fixed tree: (start, end, radius) in mm, from the hilum outwards."""
    stream = np.random.default_rng(7)
    tubes = []
    root = np.array([-28.0, 0.0, 0.0])
    for _ in range(9):
        aim = stream.normal(size=3)
        aim /= np.linalg.norm(aim)
        bend = root + aim * 35.0 + np.array([-22.0, 0.0, 0.0])
        tubes.append((root, bend, 4.5))
        for _ in range(3):
            turn = aim + 0.7 * stream.normal(size=3)
            end = bend + 28.0 * turn / np.linalg.norm(turn)
            if _in_liver(end):
                tubes.append((bend, end, 2.5))
    return [tube for tube in tubes if _in_liver(tube[1])]


def _in_liver(point: Float) -> bool:
    return any(
        float((((point - part.centre) / np.asarray(part.radii)) ** 2).sum()) < 0.8 for part in LIVER
    )


def _whole(shift: Point) -> list[int]:
    return [round(1000 * (s + 1000)) for s in shift]
