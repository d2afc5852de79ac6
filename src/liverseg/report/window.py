"""Which values a picture shows between black and white."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from liverseg.geometry import LabelMap
from liverseg.records import Exam, Phase, SeriesVolume
from liverseg.tables import load_table

#: At most so many voxels of a mask are looked at: percentiles need no more.
SAMPLE = 20_000


def display_window(exam: Exam, item: SeriesVolume) -> tuple[float, float]:
    """(lowest, highest) value to show of a series, in its unit; one window for all lesions.

    CT: the liver window of its phase. Other units: what liver and lesions hold, with room
    at either end. Values: table `display`.
    """
    rule = load_table("display").number
    if item.volume.unit == "HU":
        kind = "_non_contrast" if item.call.phase is Phase.NON_CONTRAST else ""
        level, width = rule(f"ct_level{kind}"), rule(f"ct_width{kind}")
        return level - width / 2, level + width / 2
    liver = np.zeros(0) if exam.liver.is_empty else _values_inside(exam, item, exam.liver)
    if liver.size == 0:
        return _whole_range(item)
    parts = [liver, *(_values_inside(exam, item, lesion.mask) for lesion in exam.lesions)]
    percentiles = load_table("display")["mr_percentiles"].value
    ends = np.array([np.percentile(part, percentiles) for part in parts if part.size])
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    least = abs(float(np.median(liver))) * rule("mr_least_width")
    width = max((high - low) * (1 + 2 * rule("mr_room")), least)
    if width <= 0:
        return _whole_range(item)
    middle = (low + high) / 2
    return middle - width / 2, middle + width / 2


def _values_inside(exam: Exam, item: SeriesVolume, mask: LabelMap) -> NDArray[np.float64]:
    """(n,) values of a series at the voxels of a mask on the reference grid, evenly thinned."""
    box = mask.box()
    drawn = np.flatnonzero(mask.array[box])
    drawn = drawn[:: max(1, drawn.size // SAMPLE)]
    shape = mask.array[box].shape
    index = np.stack(np.unravel_index(drawn, shape), axis=1) + [span.start for span in box]
    shift = exam.shift_of(item.record.key).series_from_reference
    grid = item.volume.grid
    place = np.rint(grid.to_index(shift.apply(mask.grid.to_lps_mm(index)))).astype(np.intp)
    inside = ((place >= 0) & (place < np.array(grid.shape))).all(axis=1)
    return np.asarray(item.volume.array[tuple(place[inside].T)], dtype=np.float64)


def _whole_range(item: SeriesVolume) -> tuple[float, float]:
    low, high = float(item.volume.array.min()), float(item.volume.array.max())
    return low, high if high > low else low + 1.0
