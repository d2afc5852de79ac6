"""Digital ellipsoids in any direction, with their analytic sections, volume and area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from liverseg.geometry import Grid, LabelMap


@dataclass(frozen=True, eq=False)
class Tilted:
    """An ellipsoid on an axial grid: x belongs to it when ``(x - c) Q (x - c) <= 1``.

    `form` is Q in mm along (slice, row, column), `offset` the centre relative to the middle
    of the array, in voxels.
    """

    diameters_mm: tuple[float, float, float]
    spacing_mm: tuple[float, float, float]
    form: np.ndarray
    offset: np.ndarray

    @classmethod
    def of(
        cls,
        diameters_mm: Sequence[float],
        spacing_mm: tuple[float, float, float],
        *,
        turn: Rotation,
        offset: Sequence[float] = (0.0, 0.0, 0.0),
    ) -> Tilted:
        axes = turn.as_matrix()
        form = axes @ np.diag(4.0 / np.square(diameters_mm)) @ axes.T
        one, two, three = diameters_mm
        return cls((one, two, three), spacing_mm, form, np.asarray(offset, dtype=float))

    @property
    def shape(self) -> tuple[int, int, int]:
        reach = max(self.diameters_mm)
        one, two, three = (int(np.ceil(reach / step)) + 4 for step in self.spacing_mm)
        return one, two, three

    @property
    def volume_ml(self) -> float:
        return float(np.pi / 6.0 * np.prod(self.diameters_mm) / 1000.0)

    def axis_mm(self, axis: int) -> np.ndarray:
        """Places of the voxels along one axis, from the centre."""
        middle = (self.shape[axis] - 1) / 2.0 + self.offset[axis]
        return (np.arange(self.shape[axis]) - middle) * self.spacing_mm[axis]

    def mask(self) -> LabelMap:
        """Voxels whose centre lies inside."""
        z, y, x = np.meshgrid(*(self.axis_mm(k) for k in range(3)), indexing="ij", sparse=True)
        q = self.form
        level = q[0, 0] * z * z + q[1, 1] * y * y + q[2, 2] * x * x
        level = level + 2.0 * (q[0, 1] * z * y + q[0, 2] * z * x + q[1, 2] * y * x)
        return LabelMap(level <= 1.0, Grid.axial(self.shape, self.spacing_mm))

    def largest_section_mm(self) -> tuple[float, float]:
        """Long and short diameter of the largest section among the acquired slices.

        With Q = [[a, b], [b, B]] split into across and in plane, the section at height z is
        ``u B u <= 1 - z^2 (a - b B^-1 b)`` round a centre of its own, so its half axes are
        the roots of the right side over the eigenvalues of B. (0, 0) when all slices miss.
        """
        across, mixed, plane = self.form[0, 0], self.form[1:, 0], self.form[1:, 1:]
        fall = across - mixed @ np.linalg.solve(plane, mixed)
        left = max(0.0, float((1.0 - fall * self.axis_mm(0) ** 2).max()))
        low, high = np.linalg.eigvalsh(plane)
        return 2.0 * float(np.sqrt(left / low)), 2.0 * float(np.sqrt(left / high))


def sample(
    count: int,
    spacing_mm: tuple[float, float, float],
    *,
    sizes_mm: tuple[float, float],
    seed: int,
    thinnest: float = 0.5,
) -> list[Tilted]:
    """Random ellipsoids that at least one slice shows; sizes even in the logarithm."""
    random = np.random.default_rng(seed)
    found: list[Tilted] = []
    while len(found) < count:
        longest = float(np.exp(random.uniform(*np.log(sizes_mm))))
        shares = np.array([1.0, *random.uniform(thinnest, 1.0, 2)])
        one = Tilted.of(
            longest * shares,
            spacing_mm,
            turn=Rotation.random(random_state=random),
            offset=random.uniform(-0.5, 0.5, 3),
        )
        if one.mask().array.any():
            found.append(one)
    return found
