"""`LabelMap`: whole numbers on a grid, with a table of what each number means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from liverseg.errors import EmptyLabelError, GeometryError
from liverseg.geometry.grid import Grid

Mask = NDArray[np.bool_]
#: Indices of a box: slices, rows, columns.
#: Where a part of an array lies: slices, rows, columns.
Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Code:
    """A coded concept: value, coding scheme (SCT, DCM, UCUM ...), meaning."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True)
class Label:
    """One number of a label map: its name and, where there is one, its code."""

    value: int
    name: str
    code: Code | None = None


@dataclass(frozen=True, eq=False)
class LabelMap:
    """Labels (0 = nothing) on a grid.

    Parameters
    ----------
    array
        (slice, row, column) of unsigned whole numbers (bool becomes uint8); read-only.
    grid
        Same shape as `array`.
    labels
        What the numbers mean. Every number in `array` except 0 must be listed when
        the table is not empty.

    A label map is resampled by nearest neighbour only, see `resample_labels`.
    """

    array: NDArray[np.unsignedinteger]
    grid: Grid
    labels: tuple[Label, ...] = ()

    def __post_init__(self) -> None:
        array = np.asarray(self.array)
        if array.dtype == np.bool_:
            array = array.astype(np.uint8)
        if array.dtype.kind != "u":
            raise GeometryError(f"labels must be unsigned whole numbers, not {array.dtype}")
        if array.shape != self.grid.shape:
            raise GeometryError(f"label array is {array.shape} but its grid is {self.grid.shape}")
        array = array.view()
        array.flags.writeable = False
        object.__setattr__(self, "array", array)

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        """Type of the numbers in the array."""
        return self.array.dtype

    @cached_property
    def values(self) -> tuple[int, ...]:
        """The numbers present in the array, without 0, ascending."""
        if self.is_empty:
            return ()
        # Plane by plane: a count needs eight bytes for each number that it looks at.
        planes = self.part(self.box())
        found = {int(v) for plane in planes for v in np.flatnonzero(np.bincount(plane.ravel()))}
        return tuple(sorted(found - {0}))

    def name_of(self, value: int) -> str:
        """Name of a label; its number as text when the table does not list it."""
        return next((label.name for label in self.labels if label.value == value), str(value))

    def value_of(self, name: str) -> int | None:
        """Number of the label of this name, or None."""
        return next((label.value for label in self.labels if label.name == name), None)

    def mask(self, value: int | None = None) -> Mask:
        """Boolean array of one label, or of all labels when `value` is None."""
        drawn: Mask = self.array != 0 if value is None else self.array == value
        return drawn

    def part(self, box: Box) -> NDArray[np.unsignedinteger]:
        """The numbers in an index box, read-only; cheaper than `array` where that is packed."""
        return self.array[box]

    def box(self, *, margin: int = 0) -> Box:
        """Smallest index box that holds all labels, widened by `margin` voxels inside the grid.

        Raises `EmptyLabelError` when nothing is drawn.
        """
        tight = self._tight_box
        if not margin:
            return tight
        first, second, third = (
            slice(max(0, span.start - margin), min(size, span.stop + margin))
            for span, size in zip(tight, self.grid.shape, strict=True)
        )
        return first, second, third

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn."""
        try:
            return not self._tight_box
        except EmptyLabelError:
            return True

    @cached_property
    def _tight_box(self) -> Box:
        # Looked for once: on a whole CT it takes as long as many a measurement.
        return bounding_box(self.array)

    def cropped(self, *, margin: int = 0) -> LabelMap:
        """The part of the map inside `box(margin)`, on its own smaller grid."""
        box = self.box(margin=margin)
        start = (box[0].start, box[1].start, box[2].start)
        part = np.ascontiguousarray(self.part(box))
        return LabelMap(part, self.grid.cropped(start, part.shape), self.labels)


def bounding_box(array: NDArray[np.generic], *, margin: int = 0) -> Box:
    """Index box of the non-zero voxels of a (slice, row, column) array.

    The slice axis is searched first and the other two only inside the slab found,
    which is several times cheaper on a whole CT. Raises `EmptyLabelError` if all is 0.
    """
    slices = np.flatnonzero(array.any(axis=(1, 2)))
    if slices.size == 0:
        raise EmptyLabelError(
            "the mask has no voxels", remedy="draw the lesion first, or pass another mask"
        )
    slab = array[slices[0] : slices[-1] + 1]
    rows = np.flatnonzero(slab.any(axis=(0, 2)))
    columns = np.flatnonzero(slab.any(axis=(0, 1)))
    spans = (slices, rows, columns)
    ends = [
        slice(max(0, int(s[0]) - margin), min(n, int(s[-1]) + 1 + margin))
        for s, n in zip(spans, array.shape, strict=True)
    ]
    return ends[0], ends[1], ends[2]
