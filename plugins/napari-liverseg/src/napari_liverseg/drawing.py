"""What was drawn since it was last handed on. No Qt, no napari.

`Drawing` compares the labels array of the layer with its own copy. So every way to change
it counts - brush, eraser, fill, polygon, undo, another plugin - and a trigger too many
costs a comparison, never a wrong entry. Where a trigger says which slices changed, only
these are compared: a whole CT takes longer than a stroke.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.geometry import Box, sparse_zeros
from napari_liverseg.scene import Index, LesionLabels

Mask = NDArray[np.bool_]
#: Where a lesion's voxels begin, and which of those from there on are its.
Part = tuple[tuple[int, int, int], Mask]


class Drawing:
    """The lesions of one exam while they are edited.

    Holds the labels as last handed on (a copy), the lesion of each number, and the voxels
    of a lesion that another one covers in the picture.
    """

    def __init__(self, labels: LesionLabels) -> None:
        self._hidden: dict[int, Index] = dict(labels.hidden)
        self.names: dict[int, str] = dict(labels.names)
        # Where the voxels of a number lie, at most: erasing does not make it smaller.
        found = ndimage.find_objects(labels.array)
        self._boxes: dict[int, Box] = {n: box for n, box in enumerate(found, 1) if box}
        self._known = sparse_zeros(labels.array.shape, labels.array.dtype)
        for box in self._boxes.values():
            self._known[box] = labels.array[box]
        self._noticed: set[int] = set()
        self._everywhere = False

    def notice(self, slices: Iterable[int] | None) -> None:
        """These slices may have changed since (None: any); `take_noticed` will look there."""
        if slices is None:
            self._everywhere = True
        else:
            self._noticed.update(slices)

    def take_noticed(self, data: NDArray[Any]) -> frozenset[int]:
        """As `take_changes`, looking no further than what was noticed since."""
        everywhere, noticed = self._everywhere, sorted(self._noticed)
        if everywhere:
            return self.take_changes(data)
        return self._take(data, [n for n in noticed if n < len(data)])

    def take_changes(self, data: NDArray[Any]) -> frozenset[int]:
        """Numbers whose voxels differ from those last taken; `data` becomes the new known.

        Both arrays are (slice, down, right) as displayed; only changed slices are copied.
        """
        self._everywhere = False
        return self._take(data, range(len(self._known)))

    def _take(self, data: NDArray[Any], slices: Iterable[int]) -> frozenset[int]:
        self._noticed = set()
        changed: set[int] = set()
        for number in slices:
            now, before = data[number], self._known[number]
            if np.array_equal(now, before):
                continue
            differs = now != before
            for label in np.unique(now[differs]).tolist():
                changed.add(label)
                self._widen(label, number, np.argwhere(differs & (now == label)))
            changed.update(np.unique(before[differs]).tolist())
            before[...] = now
        changed.discard(0)
        for number in changed & set(self._hidden):
            self._uncover(number)
        return frozenset(changed)

    def mask_of(self, number: int) -> Mask:
        """All voxels of a lesion as last taken, with those that another lesion covers."""
        mask: Mask = sparse_zeros(self._known.shape, bool)
        if number in self._boxes:
            box = self._boxes[number]
            mask[box] = self._known[box] == number
        if number in self._hidden:
            mask[self._hidden[number]] = True
        return mask

    def part_of(self, number: int) -> Part | None:
        """As `mask_of`, cut to where the lesion lies; None where it has no voxel."""
        known = self._known[self._boxes[number]] == number if number in self._boxes else None
        start = [span.start for span in self._boxes[number]] if number in self._boxes else [0] * 3
        index = np.zeros((0, 3), np.intp) if known is None else np.argwhere(known) + start
        if number in self._hidden:
            index = np.concatenate([index, np.stack(self._hidden[number], axis=1)])
        if not len(index):
            return None
        low = index.min(axis=0)
        mask: Mask = np.zeros(index.max(axis=0) - low + 1, dtype=bool)
        mask[tuple((index - low).T)] = True
        return (int(low[0]), int(low[1]), int(low[2])), mask

    def number_of(self, name: str) -> int | None:
        """Number of the lesion of this name, or None."""
        return next((number for number, known in self.names.items() if known == name), None)

    def number_for(self, name: str) -> int:
        """The number of a lesion, also of one that had none so far."""
        number = self.number_of(name) or self.next_free()
        self.names[number] = name
        return number

    def put(self, data: NDArray[Any], number: int, mask: Mask | None, *, taken: bool) -> None:
        """Give a lesion this mask (as displayed; None: no voxel) in `data`.

        What other lesions hold stays theirs in the picture; the lesion keeps such voxels
        aside as covered, and gives free what it covered itself. With `taken` the case holds
        this mask already, so it is no change to hand on.
        """
        drawn = data == number
        slices = drawn.any(axis=(1, 2))
        if mask is not None:
            slices |= mask.any(axis=(1, 2))
        self._hidden.pop(number, None)
        if not slices.any():
            return
        # Only the slices that change: a whole exam takes ten times as long.
        first, last = np.flatnonzero(slices)[[0, -1]].tolist()
        slab = slice(first, last + 1)
        own, part = drawn[slab], data[slab]
        wanted = np.zeros_like(own) if mask is None else mask[slab]
        part[own & ~wanted] = 0
        for other in self._hidden:
            self._give_free(data, other)
        part[wanted & (part == 0)] = number
        covered = np.nonzero(wanted & (part != number))
        if covered[0].size:
            self._hidden[number] = (covered[0] + first, *covered[1:])
        if taken:
            touched = own | wanted
            self._known[slab][touched] = part[touched]

    def next_free(self) -> int:
        """The number for a new lesion: one above all that are named or drawn."""
        return max([0, *self.names, *self._boxes]) + 1

    def name_for(self, number: int) -> str:
        """Name of a number; a number drawn without "New lesion" gets a name of its own."""
        if number not in self.names:
            name = f"lesion-{number}"
            while name in self.names.values():
                name += "a"
            self.names[number] = name
        return self.names[number]

    def _give_free(self, data: NDArray[Any], other: int) -> None:
        """Show voxels of another lesion that nothing covers any more."""
        hidden = self._hidden[other]
        free = data[hidden] == 0
        data[tuple(axis[free] for axis in hidden)] = other
        self._hidden[other] = tuple(axis[~free] for axis in hidden)

    def _widen(self, label: int, number: int, at: NDArray[np.intp]) -> None:
        """Voxels (n, 2) of a label were drawn in a slice."""
        low, high = (number, *at.min(axis=0)), (number + 1, *(at.max(axis=0) + 1))
        old = self._boxes.get(label)
        if old is not None:
            low = tuple(min(a, span.start) for a, span in zip(low, old, strict=True))
            high = tuple(max(a, span.stop) for a, span in zip(high, old, strict=True))
        spans = [slice(int(a), int(b)) for a, b in zip(low, high, strict=True)]
        self._boxes[label] = (spans[0], spans[1], spans[2])

    def _uncover(self, number: int) -> None:
        """A covered voxel that is drawn anew as its own lesion is covered no more."""
        hidden = self._hidden[number]
        still = self._known[hidden] != number
        self._hidden[number] = tuple(axis[still] for axis in hidden)
