"""What every phase holds at one place, as rows for people. No Qt, no napari.

Values come from the acquired series (`liverseg.register.values_at`), never from what is
drawn: a series resampled for display shows other numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from liverseg.records import Exam
from liverseg.register import Link, LinkKind, PointValue, link_of, values_at
from napari_liverseg.layers import DisplayFrame, Triple
from napari_liverseg.state import UNITS

#: What stands where a series has no value.
NO_VALUE = "–"
#: At and above this an ordinary number is written without decimals.
WHOLE_FROM = 10.0


@dataclass(frozen=True)
class ReadoutRow:
    """One phase at the place: texts for the table, `hint` for who wants to know more."""

    key: str
    phase: str
    value: str
    link: str
    hint: str


@dataclass(frozen=True)
class Readout:
    """Values at one place; `position` is in patient coordinates, "" while there is none."""

    position: str
    rows: tuple[ReadoutRow, ...]


def link_note(link: Link) -> str:
    """How surely a phase lies on the reference, in a few characters; "" for the reference."""
    if link.kind is LinkKind.REFERENCE:
        return ""
    if link.kind is LinkKind.TRANSFORM:
        return "error unknown" if link.error_mm is None else f"±{link.error_mm:.1f} mm"
    return "not aligned" if link.kind is LinkKind.FRAME else "not linked"


def link_hint(link: Link) -> str:
    """The same as a sentence."""
    if link.kind is LinkKind.REFERENCE:
        return "the reference series: lesions and segments are drawn on it"
    if link.kind is LinkKind.TRANSFORM:
        return f"linked by a stored transform: {link.method or 'method not recorded'}"
    if link.kind is LinkKind.FRAME:
        return f"linked by the scanner's coordinates only: {link.method}"
    return f"not linked, its place is unknown: {link.method}"


def link_notes(exam: Exam) -> dict[str, str]:
    """`link_note` of every series of an exam."""
    keys = [item.record.key for item in exam.series]
    return {key: link_note(link_of(exam, key)) for key in keys}


def read_out(
    exam: Exam, frame: DisplayFrame, point_mm: Triple | None, names: Mapping[str, str]
) -> Readout:
    """Values of all phases at a point in mm of the display frame; `names` by series key.

    Without a point the rows have no value.
    """
    if point_mm is None:
        none = [PointValue(link_of(exam, item.record.key), None, "") for item in exam.series]
        return Readout("", tuple(_row(row, names) for row in none))
    x, y, z = (float(value) for value in frame.to_lps_mm(np.array(point_mm)))
    position = (x, y, z)
    text = ", ".join(f"{value:.1f}" for value in position)
    rows = [_row(value, names) for value in values_at(exam, position)]
    return Readout(f"{text} mm", tuple(rows))


def _row(row: PointValue, names: Mapping[str, str]) -> ReadoutRow:
    key = row.link.series_key
    place = (
        "" if row.index is None else " at voxel {}, {}, {} (slice, row, column)".format(*row.index)
    )
    return ReadoutRow(
        key=key,
        phase=names.get(key, key),
        value=_value(row),
        link=link_note(row.link),
        hint=f"{link_hint(row.link)}{place}",
    )


def _value(row: PointValue) -> str:
    if row.value is None:
        return NO_VALUE
    unit = {"HU": "HU", "au": "au"}.get(row.unit, UNITS.get(row.unit, row.unit))
    whole = row.value.is_integer() or abs(row.value) >= WHOLE_FROM
    number = f"{row.value:.0f}" if whole else f"{row.value:.3g}"
    return f"{number} {unit}".strip().replace("-", "−", 1 if row.value < 0 else 0)
