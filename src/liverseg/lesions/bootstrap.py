"""Resampling by blocks: how far a mean may be off when neighbouring voxels share their noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liverseg.lesions.hull import Float


@dataclass(frozen=True, eq=False)
class Blocks:
    """Cubes of `size_mm` over a lesion, and the weights they get in each resample.

    `weights` is (copies + 1, cubes): the first row is all 1 (nothing resampled), the others
    are exponential (Bayesian bootstrap, Rubin 1981, Ann Stat 9:130), so that no part is
    ever empty. The same cube has the same weight in every series.
    """

    first_mm: Float
    counts: tuple[int, int, int]
    size_mm: float
    weights: NDArray[np.float64]

    @classmethod
    def over(cls, points_mm: Float, *, size_mm: float, copies: int, seed: int) -> Blocks:
        """Cubes that hold all points (n, 3) and half a cube around them."""
        along = points_mm.T.copy()  # numpy is many times faster along rows
        first = along.min(axis=1) - size_mm / 2.0
        x, y, z = (int(n) for n in np.ceil((np.ptp(along, axis=1) + size_mm) / size_mm))
        rng = np.random.default_rng(seed)
        weights = np.ones((copies + 1, x * y * z))
        weights[1:] = rng.standard_exponential((copies, x * y * z))
        return cls(first, (x, y, z), size_mm, weights)

    def of(self, points_mm: Float) -> NDArray[np.intp]:
        """(n,) cube of each point."""
        place = np.floor((points_mm - self.first_mm) / self.size_mm).astype(np.intp)
        place = np.clip(place, 0, np.array(self.counts) - 1)
        index: NDArray[np.intp] = np.ravel_multi_index(tuple(place.T), self.counts)
        return index

    def means(self, values: Float, cubes: NDArray[np.intp]) -> Float:
        """(copies + 1,) mean of `values` (n,) in each resample; the first is the plain mean."""
        size = self.weights.shape[1]
        sums = np.bincount(cubes, weights=values, minlength=size)
        counts = np.bincount(cubes, minlength=size)
        some = counts > 0
        return np.asarray(
            (self.weights[:, some] @ sums[some]) / (self.weights[:, some] @ counts[some])
        )


def run_error(values: Float, run: int) -> float:
    """Standard error of the mean of values in the order of the image, by runs of neighbours."""
    whole = len(values) // run
    if whole < 2:
        return float(values.std() / np.sqrt(max(len(values), 1)))
    means = values[: whole * run].reshape(whole, run).mean(axis=1)
    return float(means.std(ddof=1) / np.sqrt(whole))
