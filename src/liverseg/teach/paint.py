"""Render a series of the digital case: soft edges, levels by phase, noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import ndtr

from liverseg.geometry import Box, Grid, Volume
from liverseg.tables import load_table
from liverseg.teach.anatomy import Organ, body
from liverseg.teach.plan import PlannedExam, PlannedSeries, PlantedLesion, Point
from liverseg.teach.shapes import Bounds, Float32, Lattice

#: An edge is painted as far as so many standard deviations of its blur.
EDGE_SDS = 3.5
#: Noise is smooth within a slice, as a scanner's kernel leaves it, over so many pixels.
NOISE_GRAIN = 0.6
STILL = (0.0, 0.0, 0.0)


def render_series(exam: PlannedExam, series: PlannedSeries, *, seed: int = 2021) -> Volume:
    """The series as a scanner would store it: int16 (slice, row, column), with noise.

    HU for CT; for MR signal with liver before contrast = 400, unit "au"; ADC in
    1e-6 mm2/s.
    """
    values = paint(exam, series, series.grid, shift_mm=series.shift_mm)
    values += noise(series, seed)
    low = -1024.0 if exam.modality == "CT" else 0.0
    stored = np.rint(np.clip(values, low, 32000.0)).astype(np.int16)
    return Volume(stored, series.grid, "HU" if exam.modality == "CT" else "au")


def paint(exam: PlannedExam, series: PlannedSeries, grid: Grid, *, shift_mm: Point) -> Float32:
    """(slice, row, column) values without noise on an axial `grid`, organs moved by `shift_mm`."""
    lattice = lattice_of(grid)
    air = level(series, "air")
    values: Float32 = np.full(lattice.shape, air, dtype=np.float32)
    for organ in body(gallbladder=exam.gallbladder):
        _paint_organ(values, lattice, organ, series, shift_mm)
    for lesion in exam.lesions:
        _paint_lesion(values, lattice, lesion, series, shift_mm)
    return values


def level(series: PlannedSeries, tissue: str) -> float:
    """Level of a tissue in a series, in stored units (table `phantom_tissues`)."""
    return stored_level(series, load_table("phantom_tissues")[tissue].value)


def stored_level(series: PlannedSeries, by_kind: Mapping[str, Any]) -> float:
    """The level of a table row that a series shows, in stored units."""
    kind, column = series.level_index
    levels = by_kind[kind]
    number = levels if kind in ("T2", "ADC") else levels[column]
    scale = {"CT": 1.0, "ADC": load_table("phantom_series").number("adc_scale")}
    return float(number) * scale.get(kind, load_table("phantom_series").number("mr_scale"))


def noise(series: PlannedSeries, seed: int) -> Float32:
    """Gaussian noise of the series' standard deviation, smooth within a slice."""
    stream = np.random.default_rng([seed, 7, *series.name.encode()])
    raw = stream.standard_normal(series.grid.shape, dtype=np.float32)
    grain: Float32 = ndimage.gaussian_filter(raw, (0.0, NOISE_GRAIN, NOISE_GRAIN), truncate=3.0)
    return grain * np.float32(series.noise_sd / float(grain.std()))


def lattice_of(grid: Grid) -> Lattice:
    """Positions of an axial grid along x, y and z."""
    origin, steps = grid.lps_from_index[:3, 3], grid.spacing_mm
    axes = [
        (origin[2 - k] + steps[k] * np.arange(grid.shape[k])).astype(np.float32) for k in range(3)
    ]
    return Lattice(axes[2], axes[1], axes[0])


def box_of(lattice: Lattice, bounds: Bounds, margin_mm: float) -> Box | None:
    """Index box (z, y, x) of the lattice points inside `bounds` and a margin, or None."""
    spans = []
    for axis, low, high in zip((lattice.x, lattice.y, lattice.z), *bounds, strict=True):
        first = int(np.searchsorted(axis, low - margin_mm))
        last = int(np.searchsorted(axis, high + margin_mm, side="right"))
        if first >= last:
            return None
        spans.append(slice(first, last))
    return spans[2], spans[1], spans[0]


def part_of(lattice: Lattice, box: Box, shift_mm: Point) -> Lattice:
    """The lattice inside a box, as things that moved by `shift_mm` see it."""
    x, y, z = (np.float32(step) for step in shift_mm)
    return Lattice(lattice.x[box[2]] - x, lattice.y[box[1]] - y, lattice.z[box[0]] - z)


def moved(bounds: Bounds, shift_mm: Point) -> Bounds:
    """Bounds of a thing after a shift."""
    low, high = (np.asarray(corner) + shift_mm for corner in bounds)
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


def lesion_depth(lesion: PlantedLesion, lattice: Lattice) -> NDArray[np.float32]:
    """(z, y, x) depth below a lesion's surface in mm at the points of a lattice."""
    x, y, z = np.asarray(lesion.centre_lps_mm)
    zz, yy, xx = np.meshgrid(lattice.z - z, lattice.y - y, lattice.x - x, indexing="ij")
    return lesion.outline.depth().at(np.stack([xx, yy, zz], axis=-1))


def lesion_bounds(lesion: PlantedLesion) -> Bounds:
    """Box that holds a lesion, in LPS mm."""
    reach = lesion.outline.reach_mm
    x, y, z = lesion.centre_lps_mm
    return (x - reach, y - reach, z - reach), (x + reach, y + reach, z + reach)


def _paint_organ(
    values: Float32, lattice: Lattice, organ: Organ, series: PlannedSeries, shift_mm: Point
) -> None:
    shift = shift_mm if organ.moves else STILL
    margin = EDGE_SDS * series.blur_mm
    box = box_of(lattice, moved(organ.solid.bounds, shift), margin)
    if box is None:
        return
    depth = organ.solid.depth(part_of(lattice, box, shift))
    part = values[box]
    part += edge_share(depth, series.blur_mm) * (np.float32(level(series, organ.tissue)) - part)


def _paint_lesion(
    values: Float32, lattice: Lattice, lesion: PlantedLesion, series: PlannedSeries, shift_mm: Point
) -> None:
    """Rim over liver, then the core as a step on the rim: near flat walls an exact blur."""
    box = box_of(lattice, moved(lesion_bounds(lesion), shift_mm), EDGE_SDS * series.blur_mm)
    if box is None:
        return
    depth = lesion_depth(lesion, part_of(lattice, box, shift_mm))
    rim, core = (level(series, f"{lesion.tissue}_{part}") for part in ("rim", "core"))
    part = values[box]
    part += edge_share(depth, series.blur_mm) * (np.float32(rim) - part)
    part += edge_share(depth - np.float32(lesion.rim_mm), series.blur_mm) * np.float32(core - rim)


def edge_share(depth: Float32, blur_mm: float) -> Float32:
    """Share of the inside, 0 to 1, across a flat edge blurred by `blur_mm`."""
    share: Float32 = (depth > 0).astype(np.float32)
    near = np.abs(depth) < EDGE_SDS * blur_mm
    share[near] = ndtr(depth[near] / np.float32(blur_mm))
    return share
