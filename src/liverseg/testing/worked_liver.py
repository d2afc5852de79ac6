"""A simple liver with landmarks: the worked example of the plane method."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from liverseg.geometry import Grid, LabelMap

Point = tuple[float, float, float]

#: Landmarks in LPS mm.
WORKED_POINTS: Mapping[str, Point] = MappingProxyType(
    {
        "ivc": (-15.0, 25.0, 60.0),
        "ivc_low": (-18.0, 28.0, -20.0),
        "mhv": (-45.0, -30.0, 45.0),
        "rhv": (-85.0, 15.0, 40.0),
        "gb": (-60.0, -55.0, -60.0),
        "uf": (5.0, -40.0, 5.0),
        "falc": (0.0, -85.0, 30.0),
        "pvb": (-28.0, 0.0, 0.0),
        "rpv": (-55.0, 5.0, 0.0),
        "lpv": (5.0, -15.0, 8.0),
        "lvf": (0.0, 5.0, 25.0),
    }
)


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
