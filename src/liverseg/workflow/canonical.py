"""Bring the names and numbers of imported label maps to the ones used here."""

from __future__ import annotations

import re

import numpy as np

from liverseg.errors import InputError
from liverseg.geometry import Code, Label, LabelMap
from liverseg.tables import load_table

#: Last thing in a segment's name: "4a", "liver_segment_7", "Segment VIII", "S8".
_SEGMENT = re.compile(
    r"(?:^|[ _])s?(?P<number>[1-8][ab]?|viii|vii|vi|iv|v|iii|ii|i)(?P<part>[ab]?)$"
)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8"}
#: Label numbers on disk: 1 to 8; where segment 4 is split, 4 is 4a and 9 is 4b.
_ON_DISK = {**{str(n): n for n in range(1, 9)}, "4a": 4, "4b": 9}


def segment_named(name: str) -> str | None:
    """Couinaud segment that a label's name means, or None.

    >>> segment_named("liver_segment_7"), segment_named("Segment IVa"), segment_named("spleen")
    ('7', '4a', None)
    """
    found = _SEGMENT.search(name.casefold().strip())
    if found is None:
        return None
    number = _ROMAN.get(found["number"], found["number"])
    segment = number + found["part"]
    return segment if segment in _ON_DISK else None


def canonical_segments(labels: LabelMap) -> LabelMap:
    """Numbers by the names of the labels, where every one of them names a segment.

    Programs number their items as they like (a SEG counts from 1 whatever it holds);
    a map without names keeps its numbers.
    """
    names = {value: segment_named(labels.name_of(value)) for value in labels.values}
    listed = {label.value for label in labels.labels}
    if not names or any(v not in listed or name is None for v, name in names.items()):
        return LabelMap(labels.array, labels.grid)
    return _renumbered(labels, {v: _ON_DISK[name] for v, name in names.items() if name})


def canonical_structures(labels: LabelMap, *, where: str) -> LabelMap:
    """Structures under the names of table `structures`, by name, else by code, else by number.

    A label that is none of them is an `InputError` naming it.
    """
    rows = load_table("structures")
    listed = {label.value: label for label in labels.labels}
    numbers: dict[int, int] = {}
    for value in labels.values:
        label = listed.get(value)
        row = _structure_of(label) if label else None
        if row is None and label is None:
            row = next((r.name for r in rows if r.value == value), None)
        if row is None:
            raise InputError(
                f"label {value} ({labels.name_of(value)}) is no structure that is known here",
                where=where,
                remedy="name it one of: " + ", ".join(r.name for r in rows),
            )
        numbers[value] = int(rows[row].value)
    table = tuple(
        Label(int(r.value), r.name, Code(str(r.more["code"]), "SCT", str(r.more["meaning"])))
        for r in rows
    )
    return LabelMap(_renumbered(labels, numbers).array, labels.grid, table)


def _structure_of(label: Label) -> str | None:
    name = re.sub(r"[ \-]+", "_", label.name.casefold().strip())
    for row in load_table("structures"):
        if name in row.more["synonyms"] or (label.code and label.code.value == row.more["code"]):
            return row.name
    return None


def _renumbered(labels: LabelMap, numbers: dict[int, int]) -> LabelMap:
    lookup = np.zeros(max(numbers) + 1, dtype=np.uint8)
    for old, new in numbers.items():
        lookup[old] = new
    return LabelMap(lookup[labels.array], labels.grid)
