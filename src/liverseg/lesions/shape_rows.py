"""Rows of shape: the mesh, its convex hull, and IBSI's morphology family."""

from __future__ import annotations

from liverseg.geometry import Grid
from liverseg.lesions.extents import PrincipalAxes
from liverseg.lesions.lattice import slice_step_mm
from liverseg.lesions.limits import reader_interval
from liverseg.lesions.mesh import Surface
from liverseg.lesions.morphology import (
    Morphology,
    axis_features,
    density_features,
    surface_features,
)
from liverseg.records import Doubt, Measurement
from liverseg.tables import load_table

MESH = "surface mesh at level 0.5 (marching cubes, Lewiner)"
MM3_PER_ML = 1000.0
#: Number of the principal axis along which each length can be drawn.
AXES = {"TDIC": 0, "P9VJ": 1, "7J51": 2}


def shape_rows(
    parts: Morphology, bounds_mm3: tuple[float, float], doubts: tuple[Doubt, ...]
) -> tuple[Measurement, ...]:
    """Mesh volume, solidity, sphericity, and every row of table `ibsi_morphology`.

    `bounds_mm3` are the least and largest volume that the slices allow. What a flat mask
    does not have (see `ibsi_morphology`) is left out.
    """
    surface = parts.surface
    volume_ml = surface.volume_mm3 / MM3_PER_ML
    lower, upper = reader_interval("lesion_volume", volume_ml)
    densities = density_features(parts)
    method = f"area of the ball of the same volume over the area of the {MESH}; IBSI QCFX"
    return (
        Measurement(
            "mesh_volume",
            volume_ml,
            "ml",
            f"inside the {MESH}; IBSI RNU0",
            lower=min(lower, bounds_mm3[0] / MM3_PER_ML),
            upper=max(upper, bounds_mm3[1] / MM3_PER_ML),
        ),
        *_solidity(densities["R3ER"], parts.grid, doubts),
        Measurement("sphericity", surface.sphericity, "1", method, doubts=doubts),
        *_family(surface, parts.axes, densities),
    )


def _solidity(density: float, grid: Grid, doubts: tuple[Doubt, ...]) -> tuple[Measurement, ...]:
    if slice_step_mm(grid) > load_table("size_rules").number("solidity_step_max"):
        return ()
    method = f"volume inside the {MESH} over that of the mesh's convex hull"
    return (Measurement("solidity", min(1.0, density), "1", method, doubts=doubts),)


def _family(
    surface: Surface, axes: PrincipalAxes, densities: dict[str, float]
) -> tuple[Measurement, ...]:
    values = {**surface_features(surface), **axis_features(axes), **densities}
    rows = []
    for row in load_table("ibsi_morphology"):
        if row.value not in values:
            continue
        method = f"{row.more['means']}; IBSI {row.value}"
        along = AXES.get(row.value)
        ends = () if along is None else axes.ends_lps_mm(along)
        rows.append(
            Measurement(row.name, values[row.value], row.unit, method, endpoints_lps_mm=ends)
        )
    return tuple(rows)
