"""Masks of simulated readers: the exact surface of a scene, drawn with a smooth error."""

from __future__ import annotations

import numpy as np

from liverseg.geometry import Label, LabelMap
from liverseg.teach import PatternScene

#: A reader's surface lies off by this share of the radius and this many mm (root of squares).
SHARE, LEAST_MM = 0.04, 0.5
#: Half of the variance is the same all round, half waves of about 30 degrees.
COMMON, GRAIN_DEG, WAVES = 0.5, 30.0, 40


def reader_mask(scene: PatternScene, *, seed: int) -> LabelMap:
    """Label 1 = the lesion as a reader might draw it; equal seeds give equal masks.

    The error is about 5 % of the radius or 1 mm: a common part and smooth waves over the
    directions, as a share of the exact outline, so that no voxel mask stands behind it.
    """
    rng = np.random.default_rng([seed, 4711])
    grid = scene.truth.grid
    radius = float(np.cbrt(scene.outline.volume_ml * 750.0 / np.pi))
    sd_mm = float(np.hypot(SHARE * radius, LEAST_MM))
    points = grid.to_lps_mm(np.indices(grid.shape).reshape(3, -1).T) - scene.centre_lps_mm
    length = np.linalg.norm(points, axis=1)
    near = np.flatnonzero(np.abs(length) < scene.outline.reach_mm + 4.0 * sd_mm)
    towards = points[near] / np.maximum(length[near], 1e-9)[:, None]
    waves = rng.standard_normal((WAVES, 3)) / np.radians(GRAIN_DEG)
    field = np.cos(towards @ waves.T + rng.uniform(0.0, 2.0 * np.pi, WAVES)).sum(axis=1)
    field *= np.sqrt(2.0 / WAVES)
    error = np.sqrt(COMMON) * rng.standard_normal() + np.sqrt(1.0 - COMMON) * field
    level = scene.outline.level(points[near])
    drawn = np.zeros(grid.shape, dtype=np.uint8)
    drawn.reshape(-1)[near[level < 1.0 + sd_mm / radius * error]] = 1
    return LabelMap(drawn, grid, (Label(1, "L1"),))
