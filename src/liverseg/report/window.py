"""Which values a picture shows between black and white."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liverseg.errors import InputError
from liverseg.geometry import LabelMap, Volume
from liverseg.lesions import lesion_shift_to
from liverseg.records import Exam, Lesion, SeriesVolume
from liverseg.tables import load_table

#: At most so many voxels of a mask are looked at: percentiles need no more.
SAMPLE = 20_000
#: Presets that are reckoned from the series itself, whatever its unit.
AUTO, WHOLE = "auto", "whole"
LIVER = "liver"


@dataclass(frozen=True)
class WindowPreset:
    """A display window by its name; `label` is what a person reads."""

    name: str
    label: str


def window_presets(unit: str) -> tuple[WindowPreset, ...]:
    """Presets that series of this unit have, the usual one first.

    HU: rows of the table `windows`. Any other unit: what liver and lesions hold. Both:
    the whole range of values.
    """
    named = {
        str(row.more["preset"]): str(row.more["label"])
        for row in load_table("windows")
        if row.unit == unit and "preset" in row.more
    }
    if unit != "HU":
        named = {AUTO: "Auto", **named}
    named[WHOLE] = "Whole range"
    return tuple(WindowPreset(name, label) for name, label in named.items())


def preset_window(exam: Exam, item: SeriesVolume, preset: str) -> tuple[float, float]:
    """(lowest, highest) value that a preset shows of a series, in its unit.

    A row for the phase of the series stands before the general one. Raises `InputError`
    for a preset that series of this unit do not have.
    """
    known = [found.name for found in window_presets(item.volume.unit)]
    if preset not in known:
        raise InputError(
            f"there is no window {preset!r} for values in {item.volume.unit}",
            where=item.record.title,
            remedy=f"choose one of {', '.join(known)}",
        )
    if preset == WHOLE:
        return _whole_range(item)
    if preset == AUTO:
        return _liver_and_lesions(exam, item)
    return _tabled(preset, phase=str(item.call.phase))


def display_window(exam: Exam, item: SeriesVolume) -> tuple[float, float]:
    """(lowest, highest) value to show of a series, in its unit; one window for all lesions.

    CT: the liver window of its phase. Other units: what liver and lesions hold, with room
    at either end. Values: tables `windows` and `display`.
    """
    return preset_window(exam, item, LIVER if item.volume.unit == "HU" else AUTO)


def difference_window(difference: Volume) -> tuple[float, float]:
    """(lowest, highest) value to show of one series minus another, in its unit.

    HU: table `windows`. Other units: the percentiles of table `display` over the volume,
    NaN left out.
    """
    if difference.unit == "HU":
        level, width = load_table("windows")["subtraction"].value
        return float(level - width / 2), float(level + width / 2)
    step = max(1, difference.array.size // (10 * SAMPLE))
    values = difference.array.ravel()[::step]
    values = values[np.isfinite(values)]
    if values.size == 0:
        return 0.0, 1.0
    low, high = np.percentile(values, load_table("display")["mr_percentiles"].value)
    return float(low), float(high) if high > low else float(low) + 1.0


def _tabled(preset: str, *, phase: str) -> tuple[float, float]:
    rows = [row for row in load_table("windows") if row.more.get("preset") == preset]
    general = next(row for row in rows if "phase" not in row.more)
    level, width = next((row for row in rows if row.more.get("phase") == phase), general).value
    return float(level - width / 2), float(level + width / 2)


def _liver_and_lesions(exam: Exam, item: SeriesVolume) -> tuple[float, float]:
    rule = load_table("display").number
    liver = np.zeros(0) if exam.liver.is_empty else _values_inside(exam, item, exam.liver)
    if liver.size == 0:
        return _whole_range(item)
    parts = [liver, *(_values_inside(exam, item, one.mask, one) for one in exam.lesions)]
    percentiles = load_table("display")["mr_percentiles"].value
    ends = np.array([np.percentile(part, percentiles) for part in parts if part.size])
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    least = abs(float(np.median(liver))) * rule("mr_least_width")
    width = max((high - low) * (1 + 2 * rule("mr_room")), least)
    if width <= 0:
        return _whole_range(item)
    middle = (low + high) / 2
    return middle - width / 2, middle + width / 2


def _values_inside(
    exam: Exam, item: SeriesVolume, mask: LabelMap, lesion: Lesion | None = None
) -> NDArray[np.float64]:
    """(n,) values of a series at the voxels of a mask on the reference grid, evenly thinned.

    The mask of a lesion goes with it. None of a series that was not aligned with the reference.
    """
    known = next((one for one in exam.shifts if one.series_key == item.record.key), None)
    if known is None:
        return np.zeros(0)
    shift = known.series_from_reference if lesion is None else lesion_shift_to(exam, lesion, item)
    box = mask.box()
    drawn = np.flatnonzero(mask.array[box])
    drawn = drawn[:: max(1, drawn.size // SAMPLE)]
    shape = mask.array[box].shape
    index = np.stack(np.unravel_index(drawn, shape), axis=1) + [span.start for span in box]
    grid = item.volume.grid
    place = np.rint(grid.to_index(shift.apply(mask.grid.to_lps_mm(index)))).astype(np.intp)
    inside = ((place >= 0) & (place < np.array(grid.shape))).all(axis=1)
    return np.asarray(item.volume.array[tuple(place[inside].T)], dtype=np.float64)


def _whole_range(item: SeriesVolume) -> tuple[float, float]:
    low, high = float(item.volume.array.min()), float(item.volume.array.max())
    return low, high if high > low else low + 1.0
