"""First-order statistics of voxel values: IBSI's intensity statistics.

Definitions: IBSI reference manual (arXiv:1612.07003), section 3.3; entropy and uniformity
section 3.4. Everything follows from how often each value occurs, so a whole-number image
(CT in HU) is counted once and never copied to floating point.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from liverseg.errors import MeasurementError
from liverseg.lesions.hull import Float

#: Whole-number values that spread no wider are counted in one pass instead of sorted.
COUNTED_SPREAD = 1 << 17
#: The third central moment of a value that does not vary is 0, also after rounding.
FLAT = 1e-12


@dataclass(frozen=True, eq=False)
class Levels:
    """Different values in ascending order and how often each occurs."""

    values: Float
    counts: Float

    @classmethod
    def of(cls, values: NDArray[np.generic]) -> Levels:
        """Levels of any array of finite numbers; raises `MeasurementError` if there are none."""
        flat = np.asarray(values).reshape(-1)
        if flat.size == 0:
            raise MeasurementError(
                "no voxel values to describe",
                where="intensity statistics",
                remedy="check that the mask lies inside the image and is not empty",
            )
        if flat.dtype.kind in "iub":
            low, high = int(flat.min()), int(flat.max())
            if high - low < COUNTED_SPREAD:
                counts = np.bincount(_above(flat, low))
                present = np.flatnonzero(counts)
                return cls(present.astype(np.float64) + low, counts[present].astype(np.float64))
        found, times = np.unique(flat.astype(np.float64), return_counts=True)
        if not np.isfinite(found).all():
            raise MeasurementError(
                "voxel values are not all finite",
                where="intensity statistics",
                remedy="measure where the image has values",
            )
        return cls(found, times.astype(np.float64))

    @property
    def size(self) -> float:
        """Number of voxels."""
        return float(self.counts.sum())

    @property
    def mean(self) -> float:
        """Mean of the voxel values (IBSI Q4LE)."""
        return float(self.counts @ self.values) / self.size

    @cached_property
    def ranks(self) -> Float:
        """How many voxels are not above each value."""
        return np.cumsum(self.counts)

    def moment(self, power: int) -> float:
        """Central moment over all voxels (not the sample estimate)."""
        return float(self.counts @ (self.values - self.mean) ** power) / self.size

    def percentile(self, percent: float) -> float:
        """Percentile, linear between neighbouring ranks as in numpy."""
        place = percent / 100.0 * (self.size - 1.0)
        below = np.floor(place)
        low, high = (
            float(self.values[np.searchsorted(self.ranks, rank, side="right")])
            for rank in (below, min(below + 1.0, self.size - 1.0))
        )
        return low + (high - low) * float(place - below)

    def mean_distance(self, centre: float) -> float:
        """Mean absolute difference from a value."""
        return float(self.counts @ np.abs(self.values - centre)) / self.size

    def between(self, low: float, high: float) -> Levels:
        """Only the values from `low` to `high`, ends included."""
        kept = (self.values >= low) & (self.values <= high)
        return Levels(self.values[kept], self.counts[kept])


def _above(flat: NDArray[np.generic], low: int) -> NDArray[np.generic]:
    """How far whole numbers lie above the least, as unsigned numbers of the same size."""
    if flat.itemsize == 8:
        return flat.astype(np.int64) - low
    unsigned = flat.view(np.uint8 if flat.dtype.kind == "b" else np.dtype(f"u{flat.itemsize}"))
    # Where the subtraction wraps, the true difference still fits the unsigned type.
    above: NDArray[np.generic] = unsigned - unsigned.dtype.type(low % 2 ** (8 * flat.itemsize))
    return above


def intensity_statistics(values: NDArray[np.generic]) -> dict[str, float]:
    """The intensity statistics of IBSI by their id, in the unit of the values.

    Q4LE mean, ECT3 variance, KE2A skewness, IPH6 excess kurtosis, Y12H median, 1GSF least,
    QG58 and 8DWT 10th and 90th percentile, 84IY largest, SALO interquartile range, 2OJQ
    range, 4FUA mean, 1128 robust mean and N72L median absolute deviation, 7TET coefficient
    of variation, 9S40 quartile coefficient of dispersion, N8CA energy, 5ZWQ root mean
    square. Skewness and kurtosis of values that do not vary are 0; 7TET and 9S40 are left
    out where they would divide by 0.
    """
    levels = Levels.of(values)
    p10, p25, p50, p75, p90 = (levels.percentile(p) for p in (10, 25, 50, 75, 90))
    mean, variance = levels.mean, levels.moment(2)
    varies = variance > FLAT * max(mean**2, 1.0)
    least, largest = float(levels.values[0]), float(levels.values[-1])
    middle = levels.between(p10, p90)
    energy = float(levels.counts @ levels.values**2)
    found = {
        "Q4LE": mean,
        "ECT3": variance,
        "KE2A": levels.moment(3) / variance**1.5 if varies else 0.0,
        "IPH6": levels.moment(4) / variance**2 - 3.0 if varies else 0.0,
        "Y12H": p50,
        "1GSF": least,
        "QG58": p10,
        "8DWT": p90,
        "84IY": largest,
        "SALO": p75 - p25,
        "2OJQ": largest - least,
        "4FUA": levels.mean_distance(mean),
        "1128": middle.mean_distance(middle.mean),
        "N72L": levels.mean_distance(p50),
        "N8CA": energy,
        "5ZWQ": float(np.sqrt(energy / levels.size)),
    }
    if mean != 0.0:
        found["7TET"] = float(np.sqrt(variance)) / mean
    if p75 + p25 != 0.0:
        found["9S40"] = (p75 - p25) / (p75 + p25)
    return found


def intensity_histogram(values: NDArray[np.generic], *, bin_width: float) -> dict[str, float]:
    """Entropy in bits (IBSI TLU2) and uniformity (IBSI BJ5W) of bins of fixed width.

    Bins start at whole multiples of `bin_width` (same unit as the values), as in pyradiomics.
    """
    levels = Levels.of(values)
    bins = np.floor(levels.values / bin_width).astype(np.int64)
    counts = np.bincount(bins - bins[0], weights=levels.counts)
    share = counts[counts > 0] / levels.size
    return {"TLU2": -float(share @ np.log2(share)), "BJ5W": float(share @ share)}
