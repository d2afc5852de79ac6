"""Which tissues there are round a click: liver, what was clicked, and others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.tables import load_table

Float = NDArray[np.float64]

LIVER, CLICKED = 0, 1
BINS = 100
#: A sample further than this from liver and from the clicked tissue is another one: about
#: three standard deviations of a chi-squared variable beyond its mean.
FAR_SDS = 3.0
ROUNDS = 12
#: A tissue needs so many samples.
FEWEST = 10


@dataclass(frozen=True, eq=False)
class Levels:
    """Liver's level and the noise in each image, in the image's unit."""

    mean: Float
    sd: Float

    def scaled(self, values: NDArray[np.floating]) -> Float:
        """Values (..., image) as standard deviations from liver."""
        return np.asarray((values - self.mean) / self.sd, dtype=np.float64)


def commonest_level(values: Float, weights: Float) -> Levels:
    """The level that most of the (n, image) samples have, image by image, and its spread.

    The spread is the narrower half of the peak: the other may be another tissue.
    """
    found = [_peak(values[:, k], weights) for k in range(values.shape[1])]
    return Levels(np.array([mean for mean, _ in found]), np.array([sd for _, sd in found]))


def local_level(values: Float, around: Levels) -> Levels:
    """Median and robust spread of the (n, image) samples near a known level."""
    near = values[(np.abs(around.scaled(values)) < 4).all(axis=1)]
    if len(near) < 200:
        return around
    mean = np.median(near, axis=0)
    sd = 1.4826 * np.median(np.abs(near - mean), axis=0)
    return Levels(mean, np.maximum(sd, 0.6 * around.sd))


@dataclass(frozen=True, eq=False)
class Mixture:
    """Tissues as normal distributions (tissue, image) of scaled values; liver first."""

    means: Float
    variances: Float
    limit: Float

    def log_densities(self, scaled: Float) -> Float:
        """(..., tissue) log density of scaled values (..., image)."""
        clipped = np.clip(scaled, -self.limit, self.limit)
        parts = [
            -0.5 * (((clipped - mean) ** 2 / variance) + np.log(variance)).sum(axis=-1)
            for mean, variance in zip(self.means, self.variances, strict=True)
        ]
        return np.stack(parts, axis=-1)

    @property
    def contrast(self) -> float:
        """What one sample of the clicked tissue tells against liver: mean log likelihood ratio."""
        return float((self.means[CLICKED] ** 2 / self.variances[LIVER]).sum() / 2)

    def prior(self, row: str) -> Float:
        """Shares of the tissues before anything is known (a row of `delineate_rules`)."""
        liver, clicked, others = load_table("delineate_rules")[row].value
        count = len(self.means) - 2
        shares = np.array([liver, clicked] + [others / max(count, 1)] * count, dtype=np.float64)
        return np.asarray(shares / shares.sum())


def fit_mixture(scaled: Float, clicked: Float) -> Mixture:
    """Tissues among the (n, image) samples, given samples of the clicked one.

    Liver is 0 with spread 1. A third tissue lies on the way between the two: rims and soft
    margins. What none of them explains is divided into a few more by k-means. Every spread
    is widened by a share of the contrast.
    """
    number = load_table("delineate_rules").number
    contrast = np.percentile(np.abs(clicked), 75, axis=0)
    floor = 1 + (number("softness") * contrast) ** 2
    limit = 4 * np.sqrt(floor) + 12
    scaled = np.clip(scaled, -limit, limit)
    means = [np.zeros(len(floor)), clicked.mean(axis=0)]
    variances = [floor, np.maximum(clicked.var(axis=0), floor)]
    rest = scaled
    bound = len(floor) + FAR_SDS * np.sqrt(2 * len(floor))
    for mean, variance in zip(means, variances, strict=True):
        rest = rest[((rest - mean) ** 2 / variance).sum(axis=1) > bound]
    place, width = load_table("delineate_rules")["between"].value
    means.append(place * means[CLICKED])
    variances.append(floor + (width * means[CLICKED]) ** 2)
    for group in _groups(rest / np.sqrt(floor), int(number("pieces"))):
        means.append(rest[group].mean(axis=0))
        variances.append(np.maximum(rest[group].var(axis=0), floor))
    return Mixture(np.array(means), np.array(variances), limit)


def _groups(samples: Float, count: int) -> list[NDArray[np.bool_]]:
    """Masks of the groups that k-means finds; the same samples give the same groups."""
    if len(samples) < FEWEST * (count + 2):
        return []
    rng = np.random.default_rng(0)
    centres = samples[[rng.integers(len(samples))]]
    while len(centres) < count:
        gap = ((samples[:, None] - centres[None]) ** 2).sum(axis=-1).min(axis=1)
        if gap.sum() <= 0:
            break
        centres = np.vstack([centres, samples[rng.choice(len(samples), p=gap / gap.sum())]])
    for _ in range(ROUNDS):
        nearest = ((samples[:, None] - centres[None]) ** 2).sum(axis=-1).argmin(axis=1)
        for k in np.unique(nearest):
            centres[k] = samples[nearest == k].mean(axis=0)
    groups = [nearest == k for k in range(len(centres))]
    return [group for group in groups if np.count_nonzero(group) > FEWEST]


def _peak(values: Float, weights: Float) -> tuple[float, float]:
    low, high = np.percentile(values, [2, 98])
    width = max(float(high - low), float(np.finfo(np.float32).eps)) / BINS
    counts, edges = np.histogram(values, BINS, (low, low + BINS * width), weights=weights)
    counts = ndimage.gaussian_filter1d(counts, 2.0)
    top = int(counts.argmax())
    below = np.flatnonzero(counts <= counts[top] / 2)
    left = below[below < top].max(initial=0)
    right = below[below > top].min(initial=BINS - 1)
    # Half width at half height, without what the smoothing added.
    sd = max(min(top - left, right - top), 1) * width / 1.177
    sd = float(np.sqrt(max(sd**2 - (2 * width) ** 2, width**2)))
    near = np.abs(values - (edges[top] + width / 2)) < 1.5 * sd
    if not near.any():
        return float(edges[top] + width / 2), sd
    return float(np.average(values[near], weights=weights[near])), sd
