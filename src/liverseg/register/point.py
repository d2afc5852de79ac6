"""The value of every series of an exam at one place in the patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liverseg.geometry import Translation
from liverseg.records import Exam
from liverseg.register.links import Link, LinkKind, link_of

Index = tuple[int, int, int]


@dataclass(frozen=True)
class PointValue:
    """One series at one place: `value` in `unit` of the acquired voxel `index`.

    `value` and `index` are None where the series has no voxel there or is not linked.
    """

    link: Link
    value: float | None
    unit: str
    index: Index | None = None


def values_at(exam: Exam, position_lps_mm: tuple[float, float, float]) -> tuple[PointValue, ...]:
    """What each series shows at a position of the reference series, in LPS mm.

    One row a series, in the exam's order: the value of the acquired voxel whose centre is
    nearest to the same tissue there (`series_from_reference` applied), not interpolated.
    """
    return tuple(_value(exam, item.record.key, position_lps_mm) for item in exam.series)


def _value(exam: Exam, key: str, position_lps_mm: tuple[float, float, float]) -> PointValue:
    link, volume = link_of(exam, key), exam.by_key(key).volume
    if link.kind is LinkKind.NONE:
        return PointValue(link, None, volume.unit)
    shift = Translation()
    if link.kind is LinkKind.TRANSFORM:
        shift = exam.shift_of(key).series_from_reference
    place = np.rint(volume.grid.to_index(shift.apply(position_lps_mm))).astype(int)
    if not ((place >= 0) & (place < volume.grid.shape)).all():
        return PointValue(link, None, volume.unit)
    index = int(place[0]), int(place[1]), int(place[2])
    return PointValue(link, float(volume.array[index]), volume.unit, index)
