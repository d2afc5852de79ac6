"""One smooth surface from the evidence along many rays.

Evidence is a log likelihood for every place of the border on every ray. The surface is a
Gaussian process over the directions; each ray's evidence enters as a normal site that is
matched to it round the present surface (expectation propagation, Rasmussen & Williams,
Gaussian Processes for Machine Learning, 2006, section 3.6), in ever smaller surroundings.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from liverseg.geometry import Mask
from liverseg.lesions.drawing.mixture import Float
from liverseg.lesions.drawing.sphere import closeness
from liverseg.tables import load_table

#: The mean radius is free: its standard deviation in mm.
MEAN_SD_MM = 20.0
ROUNDS = 8
#: A ray says nothing about its border when its precision is below this, in 1/mm2.
SILENT = 1e-4


def region_evidence(lesion: Float, spacing_mm: float, *, independent_mm: float) -> Float:
    """(ray, radius) log evidence that the border lies behind each sample.

    `lesion` is the log likelihood ratio of lesion against surroundings. Once there is
    strong evidence that a lesion has ended, what comes later cannot belong to it (the
    cumulative-sum test of Page 1954, doi:10.1093/biomet/41.1-2.100).
    """
    limit = load_table("delineate_rules").number("give_up")
    total = np.cumsum(lesion * (spacing_mm / independent_mm), axis=1)
    best = np.maximum.accumulate(total, axis=1)
    ended = np.maximum.accumulate(best - total > limit, axis=1)
    falling = np.cumsum(ended, axis=1) * spacing_mm / 2
    return np.asarray(np.where(ended, best - limit - falling, total))


def step_evidence(
    scaled: Float, lesion: Float, spacing_mm: float, *, window_mm: float, independent_mm: float
) -> Float:
    """(ray, radius) log likelihood ratio of a step behind each sample against none.

    `scaled` (ray, radius, image) is compared within `window_mm` before and behind. A step
    counts only where what lies behind looks like surroundings: between core and rim it is
    no border.
    """
    size = max(2, round(window_mm / spacing_mm))
    count = scaled.shape[1]
    here = np.arange(count)
    low, middle = np.maximum(here - size + 1, 0), here + 1
    high = np.minimum(here + 1 + size, count)
    before = (middle - low)[None, :, None]
    behind = np.maximum(high - middle, 1)[None, :, None]
    sums, squares = _running(scaled), _running(scaled**2)
    first = sums[:, middle] - sums[:, low]
    second = sums[:, high] - sums[:, middle]
    square = squares[:, high] - squares[:, low]
    # 0.3 of the noise's variance is left after pooling: below it nothing is a step.
    within = np.maximum(square - first**2 / before - second**2 / behind, 0) / (before + behind)
    total = np.maximum(square - (first + second) ** 2 / (before + behind), 0) / (before + behind)
    step = 0.5 * np.log((total + 0.3) / (within + 0.3)).sum(axis=-1)
    step *= 2 * window_mm / independent_mm
    step[:, high - middle < 2] = 0
    running = _running(lesion)
    looks = (running[:, high] - running[:, middle]) / np.maximum(high - middle, 1)
    return np.asarray(step * np.clip(0.5 - looks, 0, 1))


def settle(
    evidence: Float, borders_mm: Float, start_mm: Float, *, search_mm: tuple[float, float]
) -> Float:
    """(ray,) radii of the smooth surface in mm that fits the evidence best near `start_mm`.

    The search narrows from the first to the second of `search_mm` (standard deviations).
    """
    number = load_table("delineate_rules").number
    shape = closeness(number("bump_width"))
    reach = start_mm.copy()
    for width in np.geomspace(*search_mm, ROUNDS):
        chance = evidence - (borders_mm - reach[:, None]) ** 2 / (2 * width**2)
        chance = np.exp(chance - chance.max(axis=1, keepdims=True))
        chance /= chance.sum(axis=1, keepdims=True)
        mean = chance @ borders_mm
        variance = np.maximum(chance @ borders_mm**2 - mean**2, 0) + 0.15
        precision = np.maximum(1 / variance - 1 / width**2, SILENT)
        site = np.clip((mean / variance - reach / width**2) / precision, 0, borders_mm[-1])
        site = np.where(precision <= SILENT, mean, site)
        typical = float(np.median(reach))
        prior = MEAN_SD_MM**2 + (number("bump") * typical) ** 2 * shape
        noisy = prior.copy()
        noisy[np.diag_indices(len(reach))] += number("ray_noise") / precision + 0.05
        factor = cho_factor(noisy, lower=True, overwrite_a=True, check_finite=False)
        reach = typical + prior @ cho_solve(factor, site - typical, check_finite=False)
        reach = np.clip(reach, borders_mm[0], borders_mm[-1])
    return reach


def inside(radii_mm: Float, reach_mm: Float, usable: Mask, *, share: float = 1.0) -> Mask:
    """Usable samples (ray, radius) within this share of the surface."""
    return np.asarray((radii_mm[None] < share * reach_mm[:, None]) & usable)


def around(radii_mm: Float, reach_mm: Float, usable: Mask, *, gap_mm: float) -> Mask:
    """Usable samples outside the surface, from `gap_mm` beyond it to nearly twice its radius."""
    near = radii_mm[None] > reach_mm[:, None] + gap_mm
    return np.asarray(near & (radii_mm[None] < 1.8 * reach_mm[:, None] + 6) & usable)


def _running(values: Float) -> Float:
    """Sums along the radius, with a zero in front."""
    start = np.zeros((values.shape[0], 1, *values.shape[2:]))
    return np.concatenate([start, np.cumsum(values, axis=1)], axis=1)
