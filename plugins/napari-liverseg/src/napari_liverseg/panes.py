"""Phases side by side in one picture: napari's grid mode, so slice, pan and zoom are one. No Qt.

Each pane holds a phase and what is seen everywhere: labels, drawn from the same voxels,
numerals, landmarks, lines. These are called `labels` here.
napari fills the panes from its list of layers, `stride` layers a pane, so the list is
brought into that order; layers that stand in no pane come after, and those of them that
are visible are drawn in the first pane.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_liverseg.followers import Follower, follow

#: Rows and columns of panes, by the number of panes.
SHAPES = {1: (1, 1), 2: (1, 2), 4: (2, 2), 6: (2, 3)}
GAP_PX = 4
#: Size of a phase's name: as large as its pane allows, in one line or in two.
NAME_PT, LEAST_NAME_PT = 9.0, 6.5
#: Width of a letter for each point of its size, px.
LETTER_PX_PER_PT = 1.0
#: Text of a pane has no dark box behind it, each of which is drawn anew with every slice, but
#: a colour that stands out from grey.
TEXT_COLOUR = "#ffe066"
#: Letters and caption of one picture, and of a pane; the upper letter of a pane stands below
#: the phase's name.
LETTER_PT, CAPTION_PT = {False: 14, True: 10}, {False: 9, True: 8}
UPPER = "liverseg top_center"
#: Two letters say it all, and each text in each pane costs a millisecond a slice.
ONE_PICTURE_ONLY = ("liverseg bottom_center", "liverseg middle_right")
#: Lengths of the scale bar, and how wide it may be in a pane, so that it covers little.
BARS_MM, BAR_PX = (100.0, 50.0, 20.0, 10.0, 5.0, 2.0), 80.0
#: Overlays of the bench begin with this word.
OWN_OVERLAYS = "liverseg "


@dataclass(frozen=True)
class PaneText:
    """What a pane says of its phase: its name and, if any, how it is linked."""

    name: str
    note: str = ""

    def lines(self, width_px: float) -> str:
        """Both in one line, or in two where a pane of this width is tight."""
        parts = [part for part in (self.name, self.note) if part]
        one = ", ".join(parts)
        return one if _fitting_pt(one, width_px) >= LEAST_NAME_PT else "\n".join(parts)


class Panes:
    """Lays layers out in panes and takes them back; knows which pane shows which phase."""

    def __init__(self, viewer: Any) -> None:
        self.viewer = viewer
        self.keys: tuple[str, ...] = ()
        self.followers: list[Follower] = []
        self._images: Mapping[str, Any] = {}
        self._names: dict[str, str] = {}
        self._before: list[Any] = []
        #: The labels of each pane, in the order of the panes, and what they follow.
        self._groups: list[list[Any]] = []
        self._labels: tuple[Any, ...] = ()
        self._unseen: frozenset[str] = frozenset()
        viewer.layers.selection.events.active.connect(self._no_drawing_on_followers)
        viewer.scene.camera.events.zoom.connect(self._fit_bar)

    @property
    def labels(self) -> tuple[Any, ...]:
        """What is seen in every pane; nothing while there is one picture."""
        return self._labels

    @property
    def paned(self) -> bool:
        """Whether more than one phase is in view."""
        return len(self.keys) > 1

    def show(
        self,
        images: Mapping[str, Any],
        keys: Sequence[str],
        labels: Sequence[Any],
        *,
        panes: int,
        texts: Mapping[str, PaneText],
        unlabelled: Sequence[str] = (),
    ) -> None:
        """Show the phases `keys`, each with `labels`, in `panes` panes (1, 2, 4 or 6).

        `images` has the image layer of every phase. A phase in `unlabelled` is not in the
        place that the labels are drawn in, so they are not shown on it.
        """
        keys, unseen = tuple(keys[:panes]), frozenset(unlabelled) & frozenset(keys)
        if self.paned and len(keys) == len(self.keys) and self._unseen == unseen:
            if tuple(labels) == self._labels and not unseen:
                self._exchange(images, keys, texts)
                return
            if keys == self.keys and set(self._labels) < set(labels):
                self._grow(labels, texts)
                return
        zoom = self._zoom_per_px()
        with self.viewer.layers.batched_update():  # or each layer would fill the canvas anew
            self._take_out()
            if panes == 1:
                _show_only(images, keys)
                self.keys, self._images = keys, images
            else:
                self._unseen, self._labels = unseen, tuple(labels)
                self._fill(images, keys, texts, panes)
        if panes == 1:
            self._gridded(False)
        else:
            self._grid(panes)
        self._keep_zoom(zoom)

    def clear(self) -> None:
        """One picture again, the layers in the order that they had; nothing is shown or hidden."""
        with self.viewer.layers.batched_update():
            self._take_out()
        self._gridded(False)

    def _take_out(self) -> None:
        self.viewer.canvas.grid.enabled = False
        for follower in self.followers:
            follower.let_go()
            with suppress(ValueError):
                self.viewer.layers.remove(follower.layer)
        self._undress(())
        _put_in_order(self.viewer.layers, self._before)
        self.followers, self._before, self.keys = [], [], ()
        self._groups, self._labels, self._unseen = [], (), frozenset()

    def close(self) -> None:
        """Let go of the viewer."""
        self.clear()
        self.viewer.layers.selection.events.active.disconnect(self._no_drawing_on_followers)
        self.viewer.scene.camera.events.zoom.disconnect(self._fit_bar)

    def key_at(self, viewbox: tuple[int, int] | None) -> str:
        """The phase in a pane (row, column); "" where there is none."""
        if not self.paned:
            return self.keys[0] if self.keys else ""
        if viewbox is None:
            return ""
        at = viewbox[0] * self.viewer.canvas.grid.shape[1] + viewbox[1]
        return self.keys[at] if 0 <= at < len(self.keys) else ""

    def _fill(
        self,
        images: Mapping[str, Any],
        keys: tuple[str, ...],
        texts: Mapping[str, PaneText],
        panes: int,
    ) -> None:
        """The layers of the panes one pane after the other; what stands in none behind them."""
        layers, active = self.viewer.layers, self.viewer.layers.selection.active
        self._images, self.keys, self._before = images, keys, list(layers)
        _show_only(images, keys)
        home = self._home()
        wanted: list[Any] = []
        for key in keys:
            wanted += [images[key], *(self._labels if key == home else ())]
        _put_in_order(layers, [*wanted, *(layer for layer in layers if layer not in wanted)])
        for key in keys:
            own = list(self._labels) if key == home else self._follow(key, texts[key].name, {})
            self._groups.append(own)
        self._dress(texts, self.viewer.canvas.size[1] / SHAPES[panes][1])
        layers.selection.active = active

    def _home(self) -> str:
        """The phase in whose pane the labels themselves stand; the others have followers."""
        return next((key for key in self.keys if key not in self._unseen), self.keys[0])

    def _follow(self, key: str, name: str, known: Mapping[Any, Any]) -> list[Any]:
        """Followers of the labels, above the phase that they are seen on; `known` are there."""
        layers = self.viewer.layers
        group: list[Any] = []
        at = layers.index(self._images[key]) + 1
        for source in self._labels:
            layer = known.get(source)
            if layer is None:
                layer = self._follower(source, key, name).layer
                layers.insert(at + len(group), layer)
            group.append(layer)
        return group

    def _follower(self, source: Any, key: str, name: str) -> Follower:
        follower = follow(
            source, name=f"{source.name}: {name}", place=lambda: self.viewer.dims.point
        )
        if key in self._unseen:
            follower.let_go()
            follower.layer.visible = False
        self.followers.append(follower)
        return follower

    def _grow(self, labels: Sequence[Any], texts: Mapping[str, PaneText]) -> None:
        """More is seen in the panes; what is there stays, for layers are slow to take out."""
        layers, active = self.viewer.layers, self.viewer.layers.selection.active
        self._labels = tuple(labels)
        self.viewer.canvas.grid.enabled = False
        sources = {follower.layer: follower.source for follower in self.followers}
        with layers.batched_update():
            for n, key in enumerate(self.keys):
                if key == self._home():
                    self._groups[n] = list(labels)
                else:
                    known = {sources[layer]: layer for layer in self._groups[n]}
                    self._groups[n] = self._follow(key, texts[key].name, known)
            self._put_panes_first()
        self.viewer.canvas.grid.stride = 1 + len(self._labels)
        self.viewer.canvas.grid.enabled = True
        layers.selection.active = active

    def _put_panes_first(self) -> None:
        """The layers of the panes, one pane after the other; what stands in none behind them."""
        layers = self.viewer.layers
        wanted: list[Any] = []
        for key, group in zip(self.keys, self._groups, strict=True):
            wanted += [self._images[key], *group]
        _put_in_order(layers, [*wanted, *(layer for layer in layers if layer not in wanted)])

    def _exchange(
        self, images: Mapping[str, Any], keys: tuple[str, ...], texts: Mapping[str, PaneText]
    ) -> None:
        """Other phases in the same panes: their labels stay, being the same everywhere."""
        self._undress(keys)
        self._images, self.keys = images, keys
        names = {
            id(layer): key for key, group in zip(keys, self._groups, strict=True) for layer in group
        }
        for follower in self.followers:
            key = names[id(follower.layer)]
            follower.layer.name = f"{follower.source.name}: {texts[key].name}"
        self.viewer.canvas.grid.enabled = False
        with self.viewer.layers.batched_update():
            _show_only(images, keys)
            self._put_panes_first()
        self.viewer.canvas.grid.enabled = True
        self._dress(texts, self.viewer.canvas.size[1] / self.viewer.canvas.grid.shape[1])

    def _dress(self, texts: Mapping[str, PaneText], width_px: float) -> None:
        """Write the names of the phases into their panes, all in one size."""
        lines = {key: texts[key].lines(width_px) for key in self.keys}
        size_pt = min(_fitting_pt(line, width_px) for line in lines.values())
        for key, line in lines.items():
            layer, overlay = self._images[key], self._images[key].name_overlay
            self._names.setdefault(key, layer.name)
            layer.name, overlay.font_size = line, max(size_pt, LEAST_NAME_PT)
            overlay.position, overlay.visible = "top_left", True
            overlay.box, overlay.color = False, TEXT_COLOUR

    def _undress(self, staying: Sequence[str]) -> None:
        """Give the phases that leave the panes their own names back."""
        for key in [key for key in self._names if key not in staying]:
            self._images[key].name = self._names.pop(key)
            self._images[key].name_overlay.visible = False

    def _grid(self, panes: int) -> None:
        grid = self.viewer.canvas.grid
        grid.stride, grid.shape = 1 + len(self._labels), SHAPES[panes]
        grid.spacing, grid.enabled = GAP_PX, True
        self._gridded(True)

    def _gridded(self, on: bool) -> None:
        """Letters and caption in each pane or once; the scale bar once: the zoom is one."""
        overlays = self.viewer.canvas.overlays
        for name in [name for name in overlays if name.startswith(OWN_OVERLAYS)]:
            overlay = overlays[name]
            letter = overlay.text.strip()
            overlay.text = f"\n{letter}" if on and name == UPPER else letter
            overlay.font_size, overlay.gridded, overlay.box = LETTER_PT[on], on, not on
            overlay.visible = not (on and name in ONE_PICTURE_ONLY)
            overlay.color = TEXT_COLOUR if on else None
        overlays.text.gridded, overlays.text.font_size = on, CAPTION_PT[on]
        overlays.text.box, overlays.text.color = not on, TEXT_COLOUR if on else None
        overlays.text.position = "bottom_left" if on else "top_left"
        self._fit_bar()

    def _fit_bar(self, _event: Any = None) -> None:
        """A scale bar short enough for a pane; in one picture napari chooses it."""
        zoom, bar = self.viewer.scene.camera.zoom, self.viewer.canvas.overlays.scale_bar
        fits = (mm for mm in BARS_MM if mm * zoom <= BAR_PX)
        wanted = next(fits, BARS_MM[-1]) if self.paned else None
        if bar.length != wanted:
            bar.length = wanted
            # napari draws a new length only when the zoom changes, a new font at once.
            bar.font_size += 1
            bar.font_size -= 1

    def _zoom_per_px(self) -> float:
        size = min(self.viewer.canvas.viewbox_size(self.viewer.layers))
        return float(self.viewer.scene.camera.zoom / size) if size > 0 else math.nan

    def _keep_zoom(self, per_px: float) -> None:
        """As much of the patient in a pane as was in view before."""
        size = min(self.viewer.canvas.viewbox_size(self.viewer.layers))
        if np.isfinite(per_px) and size > 0:
            self.viewer.scene.camera.zoom = per_px * size

    def _no_drawing_on_followers(self, _event: Any = None) -> None:
        """A follower that was clicked in the list of layers stands for its source."""
        active = self.viewer.layers.selection.active
        for follower in self.followers:
            if follower.layer is active and follower.source in self.viewer.layers:
                self.viewer.layers.selection.active = follower.source


def _fitting_pt(text: str, width_px: float) -> float:
    letters = max(len(line) for line in text.split("\n"))
    return min(NAME_PT, (width_px - 20) / (max(letters, 1) * LETTER_PX_PER_PT))


def _show_only(images: Mapping[str, Any], keys: Sequence[str]) -> None:
    for key, layer in images.items():
        layer.visible = key in keys


def _put_in_order(layers: Any, wanted: Sequence[Any]) -> None:
    """Move layers of a napari list until those of `wanted` that it holds come in that order."""
    held = [layer for layer in wanted if layer in layers]
    for at, layer in enumerate(held):
        if layers[at] is not layer:
            layers.move(layers.index(layer), at)
