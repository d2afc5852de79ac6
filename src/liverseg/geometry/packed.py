"""Masks and label maps that are kept for long and looked at seldom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import ReferenceType, ref

import numpy as np
from numpy.typing import NDArray

from liverseg.geometry.grid import Grid
from liverseg.geometry.labelmap import Box, Label, LabelMap, Mask
from liverseg.geometry.sparse import sparse_zeros


@dataclass(frozen=True)
class PackedMask:
    """A mask with one bit a voxel; `mask()` is the array again, a new one each time."""

    shape: tuple[int, ...]
    bits: bytes

    @classmethod
    def of(cls, mask: Mask) -> PackedMask:
        """Pack a bool array of any shape.

        >>> PackedMask.of(np.array([[True, False, True]])).mask()
        array([[ True, False,  True]])
        """
        return cls(mask.shape, np.packbits(mask).tobytes())

    def mask(self) -> Mask:
        """The array that was packed, in C order."""
        count = int(np.prod(self.shape))
        bits = np.unpackbits(np.frombuffer(self.bits, dtype=np.uint8), count=count)
        return bits.view(np.bool_).reshape(self.shape)


class PackedLabelMap(LabelMap):
    """A label map whose array is there only while somebody looks at it.

    `part()` gives the voxels inside `box`, the smallest that holds all labels, whenever the
    array is asked for and nobody holds it (or a view of it) any more; both are of `dtype`.
    For maps of a whole exam, which are measured once and then wait. `part` of a small box
    is cheaper than the array; where more is looked at often, hold the array meanwhile.
    """

    def __init__(
        self,
        part: Callable[[], NDArray[np.unsignedinteger]],
        grid: Grid,
        labels: tuple[Label, ...] = (),
        *,
        box: Box,
        dtype: np.dtype[Any],
    ) -> None:
        for name, value in (
            ("grid", grid),
            ("labels", labels),
            ("_part", part),
            ("_tight_box", box),
            ("_dtype", dtype),
            ("_memory", None),
        ):
            object.__setattr__(self, name, value)

    @property
    def array(self) -> NDArray[np.unsignedinteger]:
        """(slice, row, column), read-only; the same memory as long as anybody holds it."""
        memory = self._held()
        if memory is None:
            part = self.__dict__["_part"]()
            whole = sparse_zeros(self.grid.shape, self.dtype)
            whole[self.__dict__["_tight_box"]] = part
            # What every view holds, whichever array it was made from.
            memory = whole if whole.base is None else whole.base
            self.__dict__["_memory"] = ref(memory)
        array: NDArray[np.unsignedinteger] = memory.reshape(self.grid.shape).view()
        array.flags.writeable = False
        return array

    def part(self, box: Box) -> NDArray[np.unsignedinteger]:
        """The numbers in an index box, read-only; the rest is not made for it."""
        if self._held() is not None:
            return self.array[box]
        own: Box = self.__dict__["_tight_box"]
        spans = [span.indices(n)[:2] for span, n in zip(box, self.grid.shape, strict=True)]
        common = [
            (max(low, span.start), min(high, span.stop))
            for (low, high), span in zip(spans, own, strict=True)
        ]
        found = np.zeros([max(high - low, 0) for low, high in spans], dtype=self.dtype)
        if all(low < high for low, high in common):
            there, here = (
                tuple(slice(a - n, b - n) for (a, b), n in zip(common, starts, strict=True))
                for starts in ([low for low, _ in spans], [span.start for span in own])
            )
            found[there] = self.__dict__["_part"]()[here]
        found.flags.writeable = False
        return found

    def _held(self) -> NDArray[Any] | None:
        known: ReferenceType[NDArray[Any]] | None = self.__dict__["_memory"]
        return None if known is None else known()

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        """Type of the numbers in the array."""
        known: np.dtype[np.unsignedinteger] = self.__dict__["_dtype"]
        return known

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled and copied as the plain label map that it stands for."""
        return LabelMap, (np.array(self.array), self.grid, self.labels)
