"""How much of the rim enhances, by sectors of solid angle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liverseg.geometry import Volume
from liverseg.lesions.hull import Float
from liverseg.lesions.place import PlacedParts
from liverseg.lesions.rim import RIM
from liverseg.tables import load_table


@dataclass(frozen=True, eq=False)
class SectorMeans:
    """Rim voxels and their mean value in each sector."""

    counts: NDArray[np.intp]
    means: Float


def sector_directions() -> Float:
    """(20, 3) unit vectors: the corners of a dodecahedron, middles of equal sectors."""
    golden = (1.0 + np.sqrt(5.0)) / 2.0
    cube = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    rest = [(0.0, a / golden, b * golden) for a in (-1, 1) for b in (-1, 1)]
    turned = [(*p[k:], *p[:k]) for p in rest for k in range(3)]
    directions: Float = np.array([*cube, *turned], dtype=np.float64) / np.sqrt(3.0)
    return directions


def sector_means(parts: PlacedParts, volume: Volume, centroid_lps_mm: Float) -> SectorMeans:
    """Mean of the rim in each sector round the lesion's centroid (of the lesion's own series)."""
    values, which = parts.values(volume)
    rim = which == RIM
    outward = parts.positions_lps_mm(volume)[rim] - centroid_lps_mm
    directions = sector_directions()
    sector = (outward @ directions.T).argmax(axis=1)
    counts = np.bincount(sector, minlength=len(directions))
    sums = np.bincount(sector, weights=values[rim], minlength=len(directions))
    return SectorMeans(counts, sums / np.maximum(counts, 1))


def ring_coverage(
    before: SectorMeans, after: SectorMeans, *, relative: bool
) -> tuple[float | None, str]:
    """Share of sectors that enhance, 0 to 1, or None and why.

    A sector enhances from 20 HU, or from 15 % of the value before contrast when
    `relative` (table `enhancement_rules`). Sectors with few voxels do not count.
    """
    rules = load_table("enhancement_rules").number
    counted = np.minimum(before.counts, after.counts) >= rules("sector_voxels_min")
    if counted.sum() < rules("sectors_min"):
        return None, f"only {counted.sum()} sectors of the rim hold enough voxels"
    rise = after.means[counted] - before.means[counted]
    if relative:
        base = before.means[counted]
        if (base <= 0).any():
            return None, "signal before contrast is not above 0 everywhere in the rim"
        enhanced = 100.0 * rise / base >= rules("enhances_relative")
    else:
        enhanced = rise >= rules("enhances_absolute")
    return float(enhanced.mean()), ""
