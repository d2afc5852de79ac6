"""Transforms between frames: for now one translation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: A place, or an offset, in LPS mm.
Point = tuple[float, float, float]


@dataclass(frozen=True)
class Translation:
    """A rigid shift in LPS mm: ``target = source + offset_mm``.

    Named `target_from_source` at its place of use, so products read right.
    """

    offset_mm: Point = (0.0, 0.0, 0.0)

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

    def then(self, further: Translation) -> Translation:
        """Both shifts, this one and a further one, as one.

        >>> Translation((1.0, 0.0, -2.0)).then(Translation((0.0, 3.0, -1.0))).offset_mm
        (1.0, 3.0, -3.0)
        """
        (x, y, z), (u, v, w) = self.offset_mm, further.offset_mm
        return Translation((x + u, y + v, z + w))

    @property
    def length_mm(self) -> float:
        """Length of the shift in mm."""
        return float(np.linalg.norm(self.offset_mm))
