"""Transforms between frames: for now one translation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Translation:
    """A rigid shift in LPS mm: ``target = source + offset_mm``.

    Named `target_from_source` at its place of use, so products read right.
    """

    offset_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def apply(self, points_lps_mm: ArrayLike) -> NDArray[np.float64]:
        """(..., 3) source positions in LPS mm to target positions in LPS mm."""
        moved: NDArray[np.float64] = np.asarray(points_lps_mm, dtype=np.float64) + np.asarray(
            self.offset_mm
        )
        return moved

    @property
    def inverse(self) -> Translation:
        """The way back."""
        x, y, z = self.offset_mm
        return Translation((-x, -y, -z))

    @property
    def length_mm(self) -> float:
        """Length of the shift in mm."""
        return float(np.linalg.norm(self.offset_mm))
