"""Bring the names and numbers of an imported structure map to the ones used here."""

from __future__ import annotations

import re

import numpy as np

from liverseg.errors import InputError
from liverseg.geometry import Code, Label, LabelMap
from liverseg.tables import load_table


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
