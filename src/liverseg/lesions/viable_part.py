"""The enhancing part of a lesion in each arterial phase of an exam."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.geometry import Grid, LabelMap, Translation
from liverseg.lesions.comparable import ARTERIAL, find_baseline
from liverseg.lesions.detail import EnhancementDetail
from liverseg.lesions.moves import tell_moves
from liverseg.lesions.shift import lesion_shift_to
from liverseg.lesions.viable import measure_viable
from liverseg.records import Doubt, Exam, Lesion, Measurement, SeriesVolume
from liverseg.tables import load_table

Float = NDArray[np.float64]


def measure_viable_part(exam: Exam, lesion: Lesion) -> EnhancementDetail:
    """Diameter (mRECIST), product (EASL), volume and share of what enhances, per arterial phase.

    Both series are read at the voxels that the lesion was drawn on (linearly, at the exam's
    shifts and the lesion's moves), subtracted and smoothed: a difference of two noisy voxels
    says little. CT in HU, MR in % of the signal before contrast. A phase without a series to
    subtract is a refusal with its reason. Raises `MeasurementError` for a series never aligned.
    """
    rows: list[Measurement] = []
    refusals: list[Doubt] = []
    for series in exam.series:
        if series.call.phase not in ARTERIAL:
            continue
        baseline = find_baseline(exam, series)
        if baseline.series is None:
            where = f"{series.call.phase}, {series.record.title}"
            refusals.append(Doubt(f"no viable_diameter: {baseline.refusal}", where))
            continue
        rows.extend(_rows(exam, lesion, series, baseline.series))
    return EnhancementDetail(tuple(rows), tuple(refusals))


def _rows(
    exam: Exam, lesion: Lesion, after: SeriesVolume, before: SeriesVolume
) -> tuple[Measurement, ...]:
    sigma_mm = load_table("size_rules").number("viable_smoothing")
    margin = int(np.ceil(4 * sigma_mm / min(lesion.mask.grid.spacing_mm)))
    mask, first_slice = _crop(lesion.mask, margin)
    late, early = (
        _at(one, mask.grid, lesion_shift_to(exam, lesion, one)) for one in (after, before)
    )
    native = _smooth(early, sigma_mm, mask.grid)
    change = _smooth(late - early, sigma_mm, mask.grid)
    if exam.modality == "CT":
        found = measure_viable(mask, change)
    else:
        limit = load_table("enhancement_rules").number("enhances_relative")
        with np.errstate(divide="ignore", invalid="ignore"):
            percent = np.where(native > 0, 100 * change / native, np.nan)
        found = measure_viable(mask, percent, least=limit, unit="%")
    return tuple(
        replace(
            tell_moves(row, lesion, before, after),
            slice=None if row.slice is None else row.slice + first_slice,
            lesion=lesion.name,
            date=exam.date,
            modality=exam.modality,
            phase=str(after.call.phase),
            series_uid=exam.by_key(exam.reference).record.series_uid,
        )
        for row in found
    )


def _crop(mask: LabelMap, margin: int) -> tuple[LabelMap, int]:
    """The lesion's box with a margin inside the image, and where its slices start."""
    box = tuple(
        slice(max(part.start - margin, 0), min(part.stop + margin, count))
        for part, count in zip(mask.box(), mask.grid.shape, strict=True)
    )
    start = (box[0].start, box[1].start, box[2].start)
    array = mask.array[box]
    shape = (array.shape[0], array.shape[1], array.shape[2])
    return LabelMap(array, mask.grid.cropped(start, shape), mask.labels), start[0]


def _at(series: SeriesVolume, grid: Grid, shift: Translation) -> Float:
    """Values of a series at the voxels of a grid that lies on the reference; NaN outside."""
    matrix = series.volume.grid.index_from_lps @ grid.shifted(shift.offset_mm).lps_from_index
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in grid.shape])).reshape(3, -1)
    reach = matrix[:3, :3] @ corners + matrix[:3, 3:]
    # Only the part of the series that is needed is made float: a lesion is small.
    low = np.clip(np.floor(reach.min(axis=1)) - 1, 0, None).astype(int)
    high = np.clip(np.ceil(reach.max(axis=1)) + 2, low + 1, series.volume.grid.shape).astype(int)
    part = series.volume.array[low[0] : high[0], low[1] : high[1], low[2] : high[2]]
    values: Float = ndimage.affine_transform(
        part.astype(np.float64),
        matrix[:3, :3],
        offset=matrix[:3, 3] - low,
        output_shape=grid.shape,
        order=1,
        cval=np.nan,
    )
    return values


def _smooth(values: Float, sigma_mm: float, grid: Grid) -> Float:
    """A mean over neighbours that are known (normalised convolution)."""
    known = np.isfinite(values)
    sigma = [sigma_mm / step for step in grid.spacing_mm]
    weight = ndimage.gaussian_filter(known.astype(np.float64), sigma)
    total = ndimage.gaussian_filter(np.where(known, values, 0.0), sigma)
    return np.where(known, total / np.maximum(weight, 1e-9), np.nan)
