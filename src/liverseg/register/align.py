"""Align the phases of one exam: one translation of the liver a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.errors import MeasurementError
from liverseg.geometry import Grid, LabelMap, Mask, Translation, Volume, require_same_frame
from liverseg.records import Doubt, PhaseShift, Progress, SeriesVolume
from liverseg.register._sitk import Picture, fit_translation, itk_version, search_translation
from liverseg.register.lattice import sample, sample_mask, working_lattice
from liverseg.register.links import NO_SHIFT
from liverseg.register.quality import (
    overlap_doubts,
    overlap_problem,
    residual_doubts,
    residual_of_halves,
    shift_problem,
)
from liverseg.tables import load_table

Vector = NDArray[np.float64]


def align_phases(
    reference: SeriesVolume,
    others: Sequence[SeriesVolume],
    liver: LabelMap,
    *,
    progress: Progress | None = None,
) -> tuple[PhaseShift, ...]:
    """How the liver in each series lies against the reference series, one shift a series.

    The reference comes first, with no shift. `liver` is its liver mask, in the same
    frame of reference; grids, spacings and sequences of the series may differ. Each
    shift is one translation in LPS mm by mutual information on the liver and a small
    margin; tissue that does not move with the liver is left out on purpose.
    `residual_mm` comes from fits on opposite halves of the liver.

    What cannot be fitted (too little of the liver, a shift beyond the bound, a single
    slice) gets no shift, no residual and a doubt that says why. Raises `GeometryError`
    when a series lies in another known frame of reference, `EmptyLabelError` for an
    empty liver. Does not bend: breathing that turns or squeezes the liver stays.
    """
    for series in others:
        require_same_frame(reference.volume.grid, series.volume.grid, where=series.record.title)
    require_same_frame(reference.volume.grid, liver.grid, where="liver mask")
    others = [series for series in others if series.record.key != reference.record.key]
    shifts = [PhaseShift(reference.record.key, Translation(), None, "reference")]
    if not others:
        liver.box()  # an empty mask is an error, whatever there is to align
        return tuple(shifts)
    fixed = _Fixed.build(reference, liver)
    for done, series in enumerate(others):
        if progress:
            progress(f"aligning {series.record.title}", done / len(others))
        shifts.append(_align_one(fixed, series))
    if progress:
        progress("phases aligned", 1.0)
    return tuple(shifts)


@dataclass(frozen=True, eq=False)
class _Fixed:
    """The reference on both lattices: its pictures, the liver, and the liver with margin."""

    reference: SeriesVolume
    fine: Picture
    coarse: Picture
    liver: Mask
    around: Mask
    coarse_around: Mask

    @classmethod
    def build(cls, reference: SeriesVolume, liver: LabelMap) -> _Fixed:
        number = load_table("register").number
        pictures, livers, arounds = [], [], []
        for step, margin in (("working_step", "margin"), ("coarse_step", "coarse_margin")):
            # The lattice must hold where the liver may have gone to.
            lattice = working_lattice(
                liver, step_mm=number(step), margin_mm=number("shift_max") + number(margin)
            )
            inside = sample_mask(liver, lattice)
            livers.append(inside)
            arounds.append(_widened(inside, lattice, number(margin)))
            pictures.append(_picture(reference.volume, lattice, arounds[-1]))
        return cls(reference, pictures[0], pictures[1], livers[0], arounds[0], arounds[1])


def _align_one(fixed: _Fixed, series: SeriesVolume) -> PhaseShift:
    doubts = _frame_doubts(fixed.reference, series)
    try:
        shift, residual, more = _fit(fixed, series)
    except MeasurementError as problem:
        doubts.append(Doubt(f"no shift was applied: {problem.what}", series.record.title))
        return PhaseShift(series.record.key, Translation(), None, NO_SHIFT, tuple(doubts))
    x, y, z = (float(value) for value in shift)
    return PhaseShift(
        series.record.key,
        Translation((x, y, z)),
        residual,
        _method(),
        (*doubts, *more),
    )


def _fit(fixed: _Fixed, series: SeriesVolume) -> tuple[Vector, float, tuple[Doubt, ...]]:
    """Shift, residual in mm and doubts; `MeasurementError` says why there is none."""
    where = series.record.title
    number = load_table("register").number
    _require_size(fixed, series)
    coarse = _picture(series.volume, fixed.coarse.lattice, fixed.coarse_around)
    fine = _picture(series.volume, fixed.fine.lattice, fixed.around)
    _believe(overlap_problem(_overlap(fixed, fine, np.zeros(3))))
    first = search_translation(fixed.coarse, coarse, fixed.coarse_around)
    shift = fit_translation(
        fixed.fine, fine, fixed.around, start_mm=first, first_step_mm=number("first_step")
    )
    _believe(shift_problem(float(np.linalg.norm(shift))))
    overlap = _overlap(fixed, fine, shift)
    _believe(overlap_problem(overlap))
    pairs = [
        tuple(
            fit_translation(
                fixed.fine, fine, half, start_mm=shift, first_step_mm=number("repeat_step")
            )
            for half in halves
        )
        for halves in _halves(fixed.around & fixed.fine.seen & fine.seen)
    ]
    residual = residual_of_halves([(one, other) for one, other in pairs])
    doubts = (*overlap_doubts(overlap, where=where), *residual_doubts(residual, where=where))
    return shift, residual, doubts


def _picture(volume: Volume, lattice: Grid, around: Mask) -> Picture:
    """A series on a lattice, clipped to what matters in `around` and blurred against noise."""
    table = load_table("register")
    values = sample(volume, lattice)
    seen = np.isfinite(values)
    if not (seen & around).any():
        return Picture(np.zeros(lattice.shape, dtype=np.float32), seen, lattice)
    if volume.unit == "HU":
        low, high = table["window_hu"].value
    else:
        low, high = np.percentile(values[seen & around], table["window_percentiles"].value)
    # From 0 to 100 in any unit: an ADC of 0.001 mm2/s must not look like a flat image.
    values = (np.clip(np.where(seen, values, low), low, high) - low) * (
        100.0 / max(high - low, np.finfo(np.float32).tiny)
    )
    sigma = table.number("blur") / min(lattice.spacing_mm)
    blurred = ndimage.gaussian_filter(values, sigma, truncate=3.0)
    return Picture(blurred.astype(np.float32, copy=False), seen, lattice)


def _widened(inside: Mask, lattice: Grid, margin_mm: float) -> Mask:
    gap = ndimage.distance_transform_edt(~inside, sampling=lattice.spacing_mm)
    return np.asarray(gap <= margin_mm)


def _halves(mask: Mask) -> list[tuple[Mask, Mask]]:
    """The mask cut in two equal parts along each of the three axes."""
    pairs = []
    for axis in range(3):
        along = np.arange(mask.shape[axis])
        counts = mask.sum(axis=tuple(k for k in range(3) if k != axis))
        middle = int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
        shape = [1, 1, 1]
        shape[axis] = -1
        low = (along <= middle).reshape(shape)
        pairs.append((mask & low, mask & ~low))
    return pairs


def _overlap(fixed: _Fixed, moving: Picture, shift: Vector) -> float:
    """Part of the liver that both series show when `moving` is shifted by `shift` mm."""
    index = np.argwhere(fixed.liver)
    steps = np.rint(shift[::-1] / np.array(moving.lattice.spacing_mm)).astype(int)
    moved = index + steps
    inside = ((moved >= 0) & (moved < moving.lattice.shape)).all(axis=1)
    seen = moving.seen[tuple(moved[inside].T)] & fixed.fine.seen[tuple(index[inside].T)]
    return float(np.count_nonzero(seen) / max(len(index), 1))


def _require_size(fixed: _Fixed, series: SeriesVolume) -> None:
    number = load_table("register").number
    for item in (fixed.reference, series):
        shape = item.volume.grid.shape
        if min(shape) < number("slices_min"):
            raise MeasurementError(
                f"{item.record.title} has {' x '.join(map(str, shape))} voxels; "
                f"{number('slices_min'):g} along each axis are needed"
            )
    points = int(np.count_nonzero(fixed.liver))
    if points < number("points_min"):
        raise MeasurementError(
            f"the liver mask has {points} points of the working lattice; "
            f"{number('points_min'):g} are needed"
        )


def _believe(problem: str) -> None:
    if problem:
        raise MeasurementError(problem)


def _frame_doubts(reference: SeriesVolume, series: SeriesVolume) -> list[Doubt]:
    frames = {reference.volume.grid.frame_of_reference, series.volume.grid.frame_of_reference}
    if None not in frames:
        return []
    reason = (
        "a frame of reference is unknown; the series is taken to lie in that of "
        f"{reference.record.title}"
    )
    return [Doubt(reason, series.record.title)]


def _method() -> str:
    number = load_table("register").number
    return (
        f"one translation, Mattes mutual information, liver + {number('margin'):g} mm, "
        f"{number('working_step'):g} mm lattice, SimpleITK {itk_version()}"
    )
