"""A simple liver with landmarks: the worked example of the plane method."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from liverseg.geometry import Grid, LabelMap
from liverseg.teach import LANDMARKS

Point = tuple[float, float, float]

#: Landmarks in LPS mm; the digital case has its vessels where they say.
WORKED_POINTS: Mapping[str, Point] = LANDMARKS.points


def worked_grid(*, step_mm: float = 4.0, frame_of_reference: str | None = "1.2.3") -> Grid:
    """Axial grid that holds the worked liver, twice as coarse along the slices."""
    low, high = (-165.0, -100.0, -85.0), (85.0, 85.0, 95.0)
    x, y = (int((b - a) / step_mm) + 1 for a, b in zip(low[:2], high[:2], strict=True))
    z = int((high[2] - low[2]) / (2 * step_mm)) + 1
    return Grid.axial(
        (z, y, x),
        (2 * step_mm, step_mm, step_mm),
        origin_lps_mm=low,
        frame_of_reference=frame_of_reference,
    )


def worked_liver(grid: Grid) -> LabelMap:
    """Ellipsoid round the landmarks, on any grid: a voxel belongs when its centre is inside."""
    index = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1)
    scaled = (grid.to_lps_mm(index) - (-45.0, -10.0, 5.0)) / (112.0, 85.0, 82.0)
    inside = (scaled**2).sum(axis=-1) <= 1.0
    return LabelMap(inside.astype(np.uint8), grid)
