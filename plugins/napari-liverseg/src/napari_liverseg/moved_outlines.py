"""Lesions drawn where they lie in each phase, where that is not where the mask is. No Qt.

Side by side, the labels of a pane are a follower of the lesions: in a phase with moves it
gets an array of its own. The lesions themselves, which are drawn on, stand in the first pane
or alone; what was moved in that phase is hidden there and shown by one more layer, which
napari draws in the first pane as well. While a brush is in hand the lesions are shown
themselves: it draws in the place of the mask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from napari.layers import Labels
from numpy.typing import NDArray

from liverseg.geometry import sparse_zeros
from napari_liverseg.drawing import Part
from napari_liverseg.looking import Looking
from napari_liverseg.scene import colour_of, layer_options
from napari_liverseg.stage_parts import colours, on_reference

MOVED = "moved lesions"
#: Under this name the layer of the lesions keeps the numbers that it hides.
HIDDEN = "hidden"
Steps = tuple[int, int, int]
Box = tuple[slice, ...]
Array = NDArray[np.unsignedinteger]
#: How far each lesion lies from its mask, in voxels as displayed, by its number.
Moves = Mapping[int, Steps]


class MovedOutlines:
    """Which lesions are shown elsewhere in which phase."""

    def __init__(self, looking: Looking) -> None:
        self._looking, self._stage = looking, looking.stage
        self._layer: Any = None
        self._moves: dict[str, Moves] = {}
        self._parts: dict[int, Part] = {}
        #: Moved lesions by phase, and all lesions of a phase ("all"), with what is drawn there.
        self._arrays: dict[tuple[str, str], Array] = {}
        self._boxes: dict[tuple[str, str], list[Box]] = {}

    def forget(self) -> None:
        """The exam leaves the viewer."""
        self._layer = None
        for kept in (self._moves, self._parts, self._arrays, self._boxes):
            kept.clear()

    def show(
        self,
        moves: Mapping[str, Moves],
        part_of: Callable[[int], Part | None],
        numbers: Iterable[int],
        *,
        anew: bool = False,
    ) -> None:
        """Show these moves by series key; `part_of` gives the voxels of one of the `numbers`.

        `anew`: the lesions known so far may be others by now.
        """
        if not moves and not self._moves:
            return
        if anew or not self._parts:
            found = {number: part_of(number) for number in numbers}
            self._parts = {number: part for number, part in found.items() if part is not None}
        before, self._moves = self._moves, dict(moves)
        changed = {
            key
            for key in {*before, *moves}
            if anew or before.get(key, {}) != self._moves.get(key, {})
        }
        for key, what in self._arrays:
            if key in changed:
                self._fill(key, what)
        self.dress(redraw=changed)

    def dress(self, *, redraw: Iterable[str] = ()) -> None:
        """Give each pane what belongs to its phase; `redraw` are phases with other moves."""
        looking, lesions = self._looking, self._stage.lesions
        if lesions is None or not looking.keys or not (self._moves or redraw or self._arrays):
            return
        anew = set(redraw)
        home = looking.keys[0]
        self._show_home(home, anew=home in anew)
        for key in looking.keys[1:]:
            for layer in self._followers_in(key):
                # A follower takes the colours of the lesions, with what is hidden there.
                colour_of_number = layer.colormap.color_dict
                if any(colour_of_number[n][3] == 0 for n in lesions.metadata.get(HIDDEN, ())):
                    layer.colormap = _colours(frozenset())
                array = self._array(key, "all") if self._moves.get(key) else lesions.data
                _put(layer, array, anew=key in anew)

    def _show_home(self, key: str, *, anew: bool) -> None:
        """The phase alone, or in the first pane: the lesions, and beside them what was moved."""
        lesions, moves = self._stage.lesions, self._moves.get(key, {})
        drawing = str(lesions.mode) != "pan_zoom"
        _hide(lesions, frozenset() if drawing else frozenset(moves))
        if not moves:
            if self._layer is not None:
                self._layer.visible = False
            return
        array = self._array(key, "moved")
        if self._layer is None:
            self._make(array)
        _put(self._layer, array, anew=anew)
        self._layer.visible = True

    def _make(self, array: Array) -> None:
        scene, lesions = self._stage.scene, self._stage.lesions
        assert scene is not None
        self._layer = Labels(
            array,
            name=MOVED,
            opacity=lesions.opacity,
            colormap=_colours(frozenset()),
            features=lesions.features,
            **layer_options(on_reference(scene)),
        )
        self._layer.contour = lesions.contour
        self._layer.editable = False
        lesions.events.mode.connect(lambda _: self.dress())
        self._stage.add_extra(self._layer)

    def _array(self, key: str, what: str) -> Array:
        """Lesions as they lie in a phase: the "moved" ones, or "all"."""
        if (key, what) not in self._arrays:
            like = self._stage.lesions.data
            self._arrays[key, what] = sparse_zeros(like.shape, like.dtype)
            self._fill(key, what)
        return self._arrays[key, what]

    def _fill(self, key: str, what: str) -> None:
        """Draw the lesions of a phase; what of them lies off the grid is left out."""
        array, moves = self._arrays[key, what], self._moves.get(key, {})
        for box in self._boxes.pop((key, what), ()):
            array[box] = 0
        boxes = self._boxes[key, what] = []
        for number in sorted(self._parts, key=lambda one: one in moves):
            if what == "all" or number in moves:
                start, mask = self._parts[number]
                boxes.append(_draw(array, mask, np.add(start, moves.get(number, 0)), number))

    def _followers_in(self, key: str) -> list[Any]:
        """Followers of the lesions in the pane of a phase."""
        layers, images = list(self._looking.viewer.layers), self._looking.images
        found: list[Any] = []
        for layer in layers[layers.index(images[key]) + 1 :]:
            if any(layer is image for image in images.values()):
                break
            if layer.metadata.get("follows") == self._stage.lesions.name:
                found.append(layer)
        return found


def _put(layer: Any, array: Array, *, anew: bool) -> None:
    if layer.data is not array:
        layer.data = array
    elif anew:
        layer.refresh(extent=False, thumbnail=False)


def _hide(lesions: Any, numbers: frozenset[int]) -> None:
    """Hide the lesions of these numbers and show all others."""
    if lesions.metadata.get(HIDDEN, frozenset()) != numbers:
        lesions.colormap = _colours(numbers)
        lesions.metadata[HIDDEN] = numbers


def _colours(hidden: frozenset[int]) -> Any:
    shown = {number: colour_of(number) for number in range(1, 256)}
    return colours({**shown, **dict.fromkeys(hidden, "transparent")})


def _draw(array: Array, mask: NDArray[np.bool_], start: Any, number: int) -> Box:
    """Put a mask into an array from `start` on, as far as it lies in it; returns the place."""
    low = np.clip(start, 0, array.shape)
    high = np.clip(np.add(start, mask.shape), low, array.shape)
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    own = tuple(slice(int(a), int(b)) for a, b in zip(low - start, high - start, strict=True))
    array[box][mask[own]] = number
    return box
