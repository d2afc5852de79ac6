"""Lesions drawn where they lie in each phase, where that is not where the mask is. No Qt.

One more labels layer above the lesions, empty but for lesions that were moved in the phase
in view; side by side each pane has its own. There the lesion's own outline is hidden, unless
it is being drawn on: the brush draws in the place of the mask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from napari.layers import Labels
from numpy.typing import NDArray

from liverseg.geometry import bounding_box, sparse_zeros
from napari_liverseg.looking import Looking
from napari_liverseg.scene import colour_of, layer_options
from napari_liverseg.stage_parts import colours, on_reference

MOVED = "moved lesions"
#: Under this name a layer keeps the numbers that it hides.
HIDDEN = "hidden"
Steps = tuple[int, int, int]
Mask = NDArray[np.bool_]
Box = tuple[slice, ...]
#: How far each lesion lies from its mask, in voxels as displayed, by its number.
Moves = Mapping[int, Steps]


class MovedOutlines:
    """The layer, and which lesions it shows in which phase."""

    def __init__(self, looking: Looking) -> None:
        self._looking, self._stage = looking, looking.stage
        self._layer: Any = None
        self._moves: dict[str, Moves] = {}
        self._arrays: dict[str, NDArray[np.unsignedinteger]] = {}
        self._parts: dict[int, tuple[Steps, Mask]] = {}
        #: What is drawn in the array of a phase, to be wiped out again.
        self._boxes: dict[str, list[Box]] = {}

    def forget(self) -> None:
        """The exam leaves the viewer."""
        self._layer = None
        self._looking.more_labels.clear()
        for kept in (self._moves, self._arrays, self._parts, self._boxes):
            kept.clear()

    def show(
        self,
        moves: Mapping[str, Moves],
        mask_of: Callable[[int], Mask | None],
        *,
        anew: bool = False,
    ) -> None:
        """Show these moves by series key; `mask_of` gives the mask of a number, as displayed.

        `anew`: the masks known so far may be others by now.
        """
        if anew:
            self._parts.clear()
        if self._layer is None and not moves:
            return
        for number in {number for own in moves.values() for number in own} - self._parts.keys():
            mask = mask_of(number)
            if mask is not None and mask.any():
                self._parts[number] = _part(mask)
        changed = {
            key
            for key in {*self._moves, *moves}
            if anew or self._moves.get(key, {}) != moves.get(key, {})
        }
        self._moves = dict(moves)
        for key in changed:
            self._fill(key)
        if self._layer is None:
            self._make()
        self.dress(redraw=changed)

    def dress(self, *, redraw: Iterable[str] = ()) -> None:
        """Give each pane what belongs to its phase; `redraw` are phases with other moves."""
        if self._layer is None:
            return
        drawing = str(self._stage.lesions.mode) != "pan_zoom"
        panes = [(key, self._labels_of(key)) for key in self._looking.keys]
        # A layer passes its array and colours on to those that follow it: it comes first.
        panes.sort(key=lambda pane: self._stage.lesions not in pane[1])
        for key, layers in panes:
            own = frozenset(self._moves.get(key, {}))
            for layer in layers:
                if _is(layer, self._layer):
                    self._put(layer, key, anew=key in redraw)
                elif _is(layer, self._stage.lesions):
                    spared = drawing and layer is self._stage.lesions
                    self._hide(layer, frozenset() if spared else own)

    def _make(self) -> None:
        scene = self._stage.scene
        assert scene is not None
        lesions = self._stage.lesions
        self._layer = Labels(
            self._array(""),
            name=MOVED,
            opacity=lesions.opacity,
            colormap=lesions.colormap,
            features=lesions.features,
            **layer_options(on_reference(scene)),
        )
        self._layer.contour = lesions.contour
        self._layer.editable = False
        lesions.events.mode.connect(lambda _: self.dress())
        self._stage.add_extra(self._layer)
        self._looking.more_labels.append(self._layer)
        if self._stage.paned:
            self._looking.arrange(self._looking.count, self._looking.keys)

    def _array(self, key: str) -> NDArray[np.unsignedinteger]:
        if key not in self._arrays:
            lesions = self._stage.lesions.data
            self._arrays[key] = sparse_zeros(lesions.shape, lesions.dtype)
        return self._arrays[key]

    def _fill(self, key: str) -> None:
        """Draw the moved lesions of a phase; what of them lies off the grid is left out."""
        array = self._array(key)
        for box in self._boxes.pop(key, ()):
            array[box] = 0
        for number, steps in self._moves.get(key, {}).items():
            if number in self._parts:
                start, mask = self._parts[number]
                box = _draw(array, mask, np.add(start, steps), number)
                self._boxes.setdefault(key, []).append(box)

    def _put(self, layer: Any, key: str, *, anew: bool) -> None:
        array = self._array(key if self._moves.get(key) else "")
        if layer.data is not array:
            layer.data = array
        elif anew:
            layer.refresh(extent=False, thumbnail=False)

    def _hide(self, layer: Any, numbers: frozenset[int]) -> None:
        """Hide lesions; a layer that follows the lesions begins with, and takes, their colours."""
        lesions = self._stage.lesions
        present = layer.metadata.get(HIDDEN, lesions.metadata.get(HIDDEN, frozenset()))
        if present == numbers:
            return
        shown = {n: colour_of(n) for n in range(1, 256)}
        layer.colormap = colours({**shown, **dict.fromkeys(numbers, "transparent")})
        layer.metadata[HIDDEN] = numbers
        if layer is lesions:
            for follower in self._looking.panes.followers:
                follower.layer.metadata.pop(HIDDEN, None)

    def _labels_of(self, key: str) -> list[Any]:
        """Label layers that are drawn on a phase: in its pane, or all where it is alone."""
        if not self._stage.paned:
            return [self._stage.lesions, self._layer]
        layers, images = list(self._looking.viewer.layers), self._looking.images
        found: list[Any] = []
        for layer in layers[layers.index(images[key]) + 1 :]:
            if any(layer is image for image in images.values()):
                break
            found.append(layer)
        return found


def _is(layer: Any, source: Any) -> bool:
    return layer is source or layer.metadata.get("follows") == source.name


def _part(mask: Mask) -> tuple[Steps, Mask]:
    """Where a mask begins, and what is drawn from there."""
    box = bounding_box(mask)
    return (box[0].start, box[1].start, box[2].start), mask[box]


def _draw(array: NDArray[np.unsignedinteger], mask: Mask, start: Any, number: int) -> Box:
    """Put a mask into an array from `start` on, as far as it lies in it; returns the place."""
    low = np.clip(start, 0, array.shape)
    high = np.clip(np.add(start, mask.shape), low, array.shape)
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    own = tuple(slice(int(a), int(b)) for a, b in zip(low - start, high - start, strict=True))
    array[box][mask[own]] = number
    return box
