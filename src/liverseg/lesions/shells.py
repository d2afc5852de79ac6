"""A lesion by depth below its surface and by direction: shells and sectors in every series."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from liverseg.geometry import Mask
from liverseg.lesions.coverage import FINE, fine_sectors
from liverseg.lesions.rim import RIM
from liverseg.lesions.samples import PERILESIONAL, LesionSample
from liverseg.records import Measurement
from liverseg.tables import load_table

#: References that are measured beside a lesion, in the order of their rows.
REFERENCES = (PERILESIONAL, "spleen", "muscle", "aorta", "portal_vein", "ivc", "hepatic_veins")


def shell_rows(sample: LesionSample) -> list[Measurement]:
    """Means of shells by depth in mm and by share of the depth of the deepest voxel.

    Rows `shell_<from>_<to>_mm_mean` and `shell_<from>_<to>_percent_mean`, in the unit of
    the series. Shells of few voxels have no row; none where the lesion is not divided.
    """
    depth = sample.depth_mm
    if depth is None:
        return []
    table = load_table("enhancement_rules")
    deepest = max(float(depth.max()), 1e-9)
    rows = []
    for unit, scale, values in (
        ("mm", 1.0, depth),
        ("percent", 100.0, depth / deepest),
    ):
        edges = table["shell_edges_mm" if unit == "mm" else "shell_edges_share"].value
        for low, high in pairwise(edges):
            last = high == edges[-1] and unit == "percent"
            own = (values >= low) & ((values <= high) if last else (values < high))
            name = f"shell_{low * scale:g}_{high * scale:g}_{unit}_mean"
            span = f"{low * scale:g} to {high * scale:g} {'%' if unit == 'percent' else 'mm'}"
            of = " of the deepest point" if unit == "percent" else ""
            rows.extend(_mean(sample, name, own, f"{span}{of} below the surface"))
    return rows


def sector_rows(sample: LesionSample) -> list[Measurement]:
    """Medians of the rim in 36 sectors of equal solid angle, rows `sector_<number>_median`.

    Three bands from foot to head, twelve parts of 30 degrees from left over back to right
    and front in each.
    """
    rim = sample.part == RIM
    if sample.depth_mm is None or not rim.any():
        return []
    sector, values = fine_sectors(sample.outward_mm[rim]), sample.values[rim]
    least = load_table("enhancement_rules").number("sector_voxels_min")
    rows = []
    for number in range(FINE):
        own = values[sector == number]
        if own.size >= least:
            method = f"median of the rim in sector {number + 1} of {FINE}, {own.size} voxels"
            name = f"sector_{number + 1:02d}_median"
            rows.append(Measurement(name, float(np.median(own)), sample.series.volume.unit, method))
    return rows


def reference_rows(sample: LesionSample) -> list[Measurement]:
    """Means of perilesional liver, spleen, muscle and vessels, as far as they are given."""
    unit = sample.series.volume.unit
    return [
        Measurement(
            f"{name}_mean",
            sample.tissue[name].mean,
            unit,
            f"mean of {name.replace('_', ' ')}, {sample.tissue[name].voxels} voxels",
        )
        for name in REFERENCES
        if name in sample.tissue
    ]


def _mean(sample: LesionSample, name: str, own: Mask, of: str) -> list[Measurement]:
    count = int(np.count_nonzero(own))
    if count < load_table("enhancement_rules").number("shell_voxels_min"):
        return []
    method = f"mean of the lesion {of}, {count} voxels"
    value = float(sample.values[own].mean())
    return [Measurement(name, value, sample.series.volume.unit, method)]
