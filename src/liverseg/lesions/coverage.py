"""How much of the rim enhances, by sectors of equal solid angle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liverseg.geometry import Volume
from liverseg.lesions.hull import Float
from liverseg.lesions.place import PlacedParts
from liverseg.lesions.rim import RIM
from liverseg.tables import load_table

Sectors = NDArray[np.intp]
BANDS, TURNS = 3, 12
#: Sectors of the fine division: three bands of equal height, twelve parts of 30 degrees each.
FINE = BANDS * TURNS
COARSE = 20


@dataclass(frozen=True, eq=False)
class RimVoxels:
    """Values of the rim's voxels and where they lie, in mm from the lesion's centroid."""

    values: Float
    outward_mm: Float


@dataclass(frozen=True, eq=False)
class SectorValues:
    """Rim voxels, their median and its standard error in each sector; NaN where there are none."""

    counts: Sectors
    medians: Float
    errors: Float


@dataclass(frozen=True, eq=False)
class SectorRise:
    """Rise of the sectors that hold enough voxels, in HU or %, with its standard error."""

    rise: Float
    error: Float
    division: int


def fine_sectors(outward_mm: Float) -> Sectors:
    """(n,) sector 0 to 35 of each direction: band by height over the foot plane, then azimuth.

    Bands end where the height is a third of the length, so that all sectors see the same
    solid angle.
    """
    length = np.maximum(np.linalg.norm(outward_mm, axis=1), 1e-9)
    band = np.clip((outward_mm[:, 2] / length + 1.0) * BANDS / 2.0, 0, BANDS - 1)
    turn = (np.arctan2(outward_mm[:, 1], outward_mm[:, 0]) / (2.0 * np.pi) % 1.0) * TURNS
    index: Sectors = band.astype(np.intp) * TURNS + np.minimum(turn.astype(np.intp), TURNS - 1)
    return index


def coarse_sectors(outward_mm: Float) -> Sectors:
    """(n,) sector 0 to 19 of each direction, for rims of few voxels."""
    nearest: Sectors = (outward_mm @ sector_directions().T).argmax(axis=1)
    return nearest


def sector_directions() -> Float:
    """(20, 3) unit vectors: the corners of a dodecahedron, middles of equal sectors."""
    golden = (1.0 + np.sqrt(5.0)) / 2.0
    cube = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    rest = [(0.0, a / golden, b * golden) for a in (-1, 1) for b in (-1, 1)]
    turned = [(*p[k:], *p[:k]) for p in rest for k in range(3)]
    directions: Float = np.array([*cube, *turned], dtype=np.float64) / np.sqrt(3.0)
    return directions


def rim_voxels(parts: PlacedParts, volume: Volume, centroid_lps_mm: Float) -> RimVoxels:
    """The rim round the lesion's centroid (of the lesion's own series)."""
    values, which = parts.values(volume)
    rim = which == RIM
    return RimVoxels(values[rim], parts.positions_lps_mm(volume)[rim] - centroid_lps_mm)


def sector_values(values: Float, sector: Sectors, count: int) -> SectorValues:
    """Median of each sector, with the standard error that normal noise gives it."""
    order = np.lexsort((values, sector))
    ordered = values[order]
    counts = np.bincount(sector, minlength=count)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    last = max(len(values) - 1, 0)
    some = np.maximum(counts, 1)

    def pick(offset: Sectors) -> Float:
        if not len(values):
            return np.full(count, np.nan)
        return np.where(counts > 0, ordered[np.minimum(first + offset, last)], np.nan)

    medians = 0.5 * (pick((some - 1) // 2) + pick(some // 2))
    # The middle half of normal values is 1.349 standard deviations wide; a median is known
    # 1.2533 times less well than a mean.
    width = (pick((3 * some - 1) // 4) - pick(some // 4)) / 1.349
    return SectorValues(counts, medians, 1.2533 * width / np.sqrt(some))


def sector_rise(
    before: RimVoxels, after: RimVoxels, *, relative: bool
) -> tuple[SectorRise | None, str]:
    """Enhancement of the sectors with enough voxels (table `enhancement_rules`), or why not.

    HU, or % of the value before contrast when `relative`. The 36 fine sectors where most
    of them hold enough voxels in both series, else 20 coarse ones.
    """
    rules = load_table("enhancement_rules").number
    divisions: tuple[tuple[int, Callable[[Float], Sectors], float], ...] = (
        (FINE, fine_sectors, rules("fine_sectors_min")),
        (COARSE, coarse_sectors, rules("sectors_min")),
    )
    counted = 0
    for division, sectors, least in divisions:
        base, late = (
            sector_values(one.values, sectors(one.outward_mm), division) for one in (before, after)
        )
        enough = np.minimum(base.counts, late.counts) >= rules("sector_voxels_min")
        counted = int(enough.sum())
        if counted >= least:
            return _rise(base, late, enough, relative=relative)
    return None, f"only {counted} sectors of the rim hold enough voxels"


def _rise(
    base: SectorValues, late: SectorValues, enough: NDArray[np.bool_], *, relative: bool
) -> tuple[SectorRise | None, str]:
    rise = late.medians[enough] - base.medians[enough]
    error = np.hypot(late.errors[enough], base.errors[enough])
    if not relative:
        return SectorRise(rise, error, len(enough)), ""
    start = base.medians[enough]
    if (start <= 0).any():
        return None, "signal before contrast is not above 0 everywhere in the rim"
    return SectorRise(100.0 * rise / start, 100.0 * error / start, len(enough)), ""


def enhances_limit(*, relative: bool) -> float:
    """From how much on something enhances: 15 % when `relative`, else 20 HU."""
    row = "enhances_relative" if relative else "enhances_absolute"
    return load_table("enhancement_rules").number(row)


def ring_coverage(
    before: RimVoxels, after: RimVoxels, *, relative: bool
) -> tuple[float | None, str]:
    """Share of sectors that enhance, 0 to 1, or None and why.

    A sector enhances when its median does, which is when most of it does: a bright nodule
    that reaches into a sector does not make it one that enhances.
    """
    found, refusal = sector_rise(before, after, relative=relative)
    if found is None:
        return None, refusal
    return float((found.rise >= enhances_limit(relative=relative)).mean()), ""
