"""Corrections by hand: what a brush did to a segment map, kept inside the liver."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from liverseg.couinaud.segments import segment_table
from liverseg.errors import GeometryError, InputError
from liverseg.geometry import Label, LabelMap

WHERE = "corrected segments"
#: More letters of a message than this are no help.
_FEW = 5


def correct_segments(
    before: LabelMap, drawn: NDArray[np.integer], liver: LabelMap
) -> tuple[LabelMap, int]:
    """A segment map after a correction, and how many drawn voxels did not count.

    `drawn` is the whole map as drawn, (slice, row, column) of `before`; `liver` (any label)
    lies on the same grid. A voxel changes its segment only inside the liver, and a voxel
    that had a segment keeps one: where it was erased it keeps the segment that it had. So
    the segments of a liver that was divided stay a division of it.

    Raises `GeometryError` for another shape or lattice, `InputError` for numbers that are
    no segment of this map (4a is 4 and 4b is 9 where 4 is split).
    """
    if drawn.shape != before.array.shape or not before.grid.is_same_lattice(liver.grid):
        raise GeometryError(
            f"the drawing is {drawn.shape}, the segments {before.array.shape} and the liver "
            f"{liver.array.shape}",
            where=WHERE,
            remedy="draw on the grid of the liver mask",
        )
    changed = drawn != before.array
    if not changed.any():
        return before, 0
    _require_known(before, np.unique(drawn[changed]))
    counts = changed & (liver.array != 0) & (drawn != 0)
    array = before.array.copy()
    array[counts] = drawn[counts]
    refused = int(np.count_nonzero(changed) - np.count_nonzero(counts))
    return LabelMap(array, before.grid, _labels(before)), refused


def _labels(before: LabelMap) -> tuple[Label, ...]:
    """All segments, also those that no voxel has yet."""
    return segment_table(split=any(before.name_of(value) in ("4a", "4b") for value in _all(before)))


def _all(before: LabelMap) -> tuple[int, ...]:
    return tuple(dict.fromkeys([*(label.value for label in before.labels), *before.values]))


def _require_known(before: LabelMap, drawn: NDArray[np.integer]) -> None:
    known = {0, *(label.value for label in _labels(before))}
    wrong = [int(value) for value in drawn if int(value) not in known]
    if wrong:
        raise InputError(
            f"the drawing holds {', '.join(map(str, wrong[:_FEW]))}, no segment of this map",
            where=WHERE,
            remedy="use the numbers " + ", ".join(map(str, sorted(known - {0}))),
        )
