"""Measured 95 % intervals: what other readers' masks, partial volume and noise do to a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import stdtrit

from liverseg.geometry import LabelMap, Translation
from liverseg.lesions.caliper import measure_axes
from liverseg.lesions.comparable import find_baseline
from liverseg.lesions.enhancement import MM3_PER_ML
from liverseg.lesions.hull import Float
from liverseg.lesions.moves import tell_moves
from liverseg.lesions.perturb import Surface, reader_steps, smooth_surface
from liverseg.lesions.rim import in_plane_mm, shell_mm, why_no_core
from liverseg.lesions.shift import lesion_shift_to
from liverseg.records import CONTRAST_PHASES, Doubt, Exam, Lesion, Measurement, SeriesVolume
from liverseg.tables import load_table

#: Rows of an interval are called after the metric that they belong to.
INTERVAL_SUFFIX = "_interval"
PARTS = ("lesion", "rim", "core")
MEANS = {"lesion": "mean", "rim": "rim_mean", "core": "core_mean"}
RISES = {"lesion": "enhancement", "rim": "rim_enhancement", "core": "core_enhancement"}


@dataclass(frozen=True)
class Interval:
    """The best estimate with its 95 % interval, all in one unit."""

    value: float
    lower: float
    upper: float


def measure_intervals(exam: Exam, lesion: Lesion, *, seed: int = 0) -> tuple[Measurement, ...]:
    """Rows `long_axis_interval`, `voxel_volume_interval`, `rim_mean_interval` ... of a lesion.

    `value` is the best estimate, `lower` and `upper` its 95 % interval: from masks as
    other readers would draw them (table `interval_rules`), from half a voxel of border,
    and from noise. Sizes are stamped with the phase the mask was drawn on; means and
    enhancement have a row in every phase, in the unit of the metric. A mean of rim or core
    is estimated from voxels away from the surface, free of partial volume, so that it may
    lie beside the plain mean.

    Raises as `measure_enhancement`.
    """
    surface = smooth_surface(lesion.mask)
    copies = int(load_table("interval_rules").number("reader_copies"))
    steps = reader_steps(surface.diameter_mm, copies=copies, seed=seed)
    drawn_on = exam.by_key(exam.reference)
    rows = [
        _stamp(_row(metric, unit, found), exam, lesion, drawn_on)
        for metric, (unit, found) in size_intervals(lesion.mask, surface, steps).items()
    ]
    refusal = why_no_core(surface.diameter_mm, lesion.mask.grid)
    means = {
        series.record.key: part_means(surface, series, lesion_shift_to(exam, lesion, series), steps)
        for series in exam.series
    }
    for series in exam.series:
        stamp = partial(_stamp, exam=exam, lesion=lesion, series=series)
        for part in PARTS if not refusal else PARTS[:1]:
            rows.extend(stamp(row) for row in _signal_rows(exam, lesion, series, part, means))
    return tuple(rows)


def size_intervals(
    mask: LabelMap, surface: Surface, steps: Float
) -> dict[str, tuple[str, Interval]]:
    """Unit and interval of long axis, short axis and volume, by metric.

    `steps` come from `reader_steps`. The centre is corrected for what moving the surface
    does on average: the longest of several lengths grows with any unrest.
    """
    box = mask.box()
    drawn = mask.part(box) != 0
    plain = measure_axes(drawn, mask.grid.cropped((0, 0, 0), drawn.shape))
    ml = mask.grid.voxel_volume_mm3 / MM3_PER_ML
    lengths, volumes = [], []
    for moved in surface.moved(steps):
        axes = measure_axes(moved, surface.grid) if moved.any() else plain
        lengths.append((axes.long.length_mm, axes.short.length_mm))
        volumes.append(float(np.count_nonzero(moved)) * ml)
    rules, pixel = load_table("interval_rules").number, in_plane_mm(mask.grid)
    extra, more = rules("length_error") * pixel, rules("length_bias") * pixel
    long, short = np.array(lengths).T
    return {
        "long_axis": ("mm", interval_of(long, plain.long.length_mm + more, extra=extra)),
        "short_axis": ("mm", interval_of(short, plain.short.length_mm + more, extra=extra)),
        "voxel_volume": ("ml", interval_of(np.array(volumes), float(np.count_nonzero(drawn)) * ml)),
    }


def interval_of(found: Float, value: float, *, extra: float = 0.0) -> Interval:
    """Interval of `value` from `found` (copies + 1,): first without a move, then moved.

    Normal, with Student's factor for the number of copies, round the value less the mean
    effect of the moves; `extra` is a further independent standard error.
    """
    moved = found[1:]
    centre = value - (float(moved.mean()) - float(found[0]))
    level = load_table("interval_rules").number("level")
    factor = float(stdtrit(moved.size - 1, 0.5 + level / 2.0))
    half = factor * float(np.hypot(moved.std(ddof=1), extra))
    return Interval(centre, centre - half, centre + half)


@dataclass(frozen=True, eq=False)
class PartMeans:
    """Means of a part for every move of the surface, its error from noise and from its borders."""

    moved: Float
    noise: float
    border: float


def part_means(
    surface: Surface, series: SeriesVolume, shift: Translation, steps: Float
) -> dict[str, PartMeans]:
    """Means of lesion, rim and core on one series for every step of the surface.

    `shift` brings the lesion to the series.
    """
    near = _near(surface, series, shift, float(np.abs(steps).max()))
    if near is None:
        return {}
    rules = load_table("interval_rules").number
    pixel = in_plane_mm(surface.grid)
    edge = rules("clear_voxels") * near.voxel
    layer = edge + rules("layer_voxels") * near.voxel
    found: dict[str, list[float]] = {part: [] for part in PARTS}
    about: dict[str, tuple[float, float]] = {}
    for number, step in enumerate(steps):
        depth = near.distance + step[near.bins]
        thickness = shell_mm(surface.diameter_mm + 2.0 * float(step.mean()), surface.grid)
        border = thickness - rules("shell_offset") * pixel
        inside = depth > 0.0
        masks = {"lesion": inside, "rim": inside & (depth <= border), "core": depth > border}
        rank = np.where(depth < edge, 0, np.where(depth < layer, 1, 2))
        for part, mask in masks.items():
            if not mask.any():
                found[part].append(np.nan)
                continue
            weights = _weights(rank[mask])
            values = near.values[mask]
            found[part].append(float(weights @ values))
            if number == 0:
                away = np.abs(depth[mask] - border) >= 0.5 * pixel
                about[part] = _errors(values, weights, None if part == "lesion" else away)
    return {
        part: PartMeans(np.where(np.isnan(found[part]), found[part][0], found[part]), *about[part])
        for part in about
    }


def _weights(rank: NDArray[np.intp]) -> Float:
    """Weights of a part's voxels that add up to 1.

    Voxels next to the surface (rank 0) hold a share of what lies outside: the layer below
    them (rank 1) stands for them. Where it holds too few voxels all away from the surface
    do, and where there are too few of those all voxels count.
    """
    least = load_table("enhancement_rules").number("inner_voxels_min")
    weights = (rank > 0).astype(np.float64)
    clear, layer = np.count_nonzero(rank > 0), np.count_nonzero(rank == 1)
    if clear < least:
        return np.full(rank.shape, 1.0 / rank.size)
    if layer >= least:
        weights[rank == 1] += (rank.size - clear) / layer
    return np.asarray(weights / weights.sum())


def _errors(values: Float, weights: Float, away: NDArray[np.bool_] | None) -> tuple[float, float]:
    """Standard errors of a weighted mean: from noise, and from half a voxel at either border.

    `away` are the voxels of rim or core that are not next to the border between them.
    """
    rules = load_table("interval_rules").number
    mean = float(weights @ values)
    spread = float(weights @ (values - mean) ** 2)
    noise = float(np.sqrt(spread * rules("noise_grain") * float((weights**2).sum())))
    moves = [mean - float(values.mean())]
    if away is not None and float(weights[away].sum()) > 0:
        moves.append(mean - float(np.average(values[away], weights=weights[away])))
    return noise, float(np.hypot.reduce([rules("border_share") * move for move in moves]))


@dataclass(frozen=True, eq=False)
class _Near:
    """Voxels of a series in and near a lesion: value, distance, voxel size, direction bin."""

    values: Float
    distance: Float
    voxel: Float
    bins: NDArray[np.intp]


def _near(
    surface: Surface, series: SeriesVolume, shift: Translation, reach_mm: float
) -> _Near | None:
    volume = series.volume
    corners = volume.grid.to_index(shift.apply(surface.grid.corners_lps_mm()))
    low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, volume.grid.shape)
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 1, 0, volume.grid.shape)
    if (high <= low).any():
        return None
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    index = np.indices([int(n) for n in high - low]).reshape(3, -1).T + low
    position = shift.inverse.apply(volume.grid.to_lps_mm(index))
    place = surface.grid.to_index(position).T

    def at(array: Float) -> Float:
        found: Float = ndimage.map_coordinates(array, place, order=1, mode="nearest")
        return found

    distance = at(surface.distance)
    use = distance > -reach_mm
    values = volume.array[box].reshape(-1)[use].astype(np.float64)
    return _Near(values, distance[use], at(surface.voxel)[use], surface.directions(position[use]))


def _signal_rows(
    exam: Exam,
    lesion: Lesion,
    series: SeriesVolume,
    part: str,
    means: Mapping[str, dict[str, PartMeans]],
) -> list[Measurement]:
    own = means[series.record.key].get(part)
    if own is None:
        return []
    extra = float(np.hypot(own.noise, own.border))
    found = interval_of(own.moved, float(own.moved[0]), extra=extra)
    rows = [tell_moves(_row(MEANS[part], series.volume.unit, found), lesion, series)]
    if series.call.phase not in CONTRAST_PHASES:
        return rows
    baseline = find_baseline(exam, series).series
    before = None if baseline is None else means[baseline.record.key].get(part)
    if baseline is None or before is None:
        return rows
    extra = float(np.hypot(extra, np.hypot(before.noise, before.border)))
    rise = own.moved - before.moved
    if exam.modality == "CT":
        row = _row(RISES[part], "HU", interval_of(rise, float(rise[0]), extra=extra))
    elif before.moved.min() <= 0:
        return rows
    else:
        share = 100.0 * rise / before.moved
        extra *= 100.0 / float(before.moved[0])
        row = _row(RISES[part], "%", interval_of(share, float(share[0]), extra=extra))
    return [*rows, tell_moves(row, lesion, baseline, series)]


def _row(metric: str, unit: str, found: Interval) -> Measurement:
    method = (
        f"best estimate of {metric} and its 95 % interval from other readers' masks, half a voxel "
        "of border and noise (table interval_rules)"
    )
    name = f"{metric}{INTERVAL_SUFFIX}"
    return Measurement(name, found.value, unit, method, lower=found.lower, upper=found.upper)


def _stamp(row: Measurement, exam: Exam, lesion: Lesion, series: SeriesVolume) -> Measurement:
    doubts: tuple[Doubt, ...] = ()
    if row.lower is not None and row.unit in ("mm", "ml") and row.lower <= 0:
        doubts = (Doubt("the interval reaches 0: the lesion is too small for it", lesion.name),)
    return replace(
        row,
        lesion=lesion.name,
        date=exam.date,
        modality=exam.modality,
        phase=str(series.call.phase),
        series_uid=series.record.series_uid,
        doubts=doubts,
    )
