"""Where a segment's number is written in a slice: where most room is round it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.geometry import LabelMap, Mask
from liverseg.tables import load_table


@dataclass(frozen=True, eq=False)
class Numerals:
    """(n, 3) voxel indices (slice, row, column) and the name written at each."""

    index: NDArray[np.intp]
    names: tuple[str, ...]


def place_numerals(segments: LabelMap, *, avoid: Mask | None = None) -> Numerals:
    """One number for each segment in each slice that has room for it.

    The place is the voxel furthest from the segment's border within the slice, found on
    every n-th voxel (table `display`, rows `numeral_step` and `numeral_room`, mm). Where
    there is room elsewhere it keeps away from `avoid` (same shape, such as the lesions).
    """
    table = load_table("display")
    _, down, right = segments.grid.spacing_mm
    step = max(1, int(table.number("numeral_step") // max(down, right)))
    room_mm, steps_mm = table.number("numeral_room"), (down * step, right * step)
    names = {value: segments.name_of(value) for value in segments.values}
    found: list[tuple[int, int, int]] = []
    written: list[str] = []
    for number, plane in enumerate(segments.array[:, ::step, ::step]):
        if not plane.any():
            continue
        for value, box in enumerate(ndimage.find_objects(plane), start=1):
            if box is None:
                continue
            own = plane[box] == value
            free = own if avoid is None else own & ~avoid[number, ::step, ::step][box]
            place = _roomiest(free, steps_mm, room_mm) or _roomiest(own, steps_mm, room_mm)
            if place is None:
                continue
            at = (place[0] + box[0].start, place[1] + box[1].start)
            found.append((number, at[0] * step, at[1] * step))
            written.append(names[value])
    index = np.array(found, dtype=np.intp).reshape(-1, 3)
    return Numerals(index, tuple(written))


def _roomiest(own: Mask, steps_mm: tuple[float, float], room_mm: float) -> tuple[int, int] | None:
    """(row, column) furthest from what is not `own`; None where nothing is far enough."""
    room = ndimage.distance_transform_edt(np.pad(own, 1), sampling=steps_mm)
    row, column = np.unravel_index(int(room.argmax()), room.shape)
    return None if room[row, column] < room_mm else (int(row) - 1, int(column) - 1)
