"""A labels layer seen in more than one picture: copies that share its voxels. No Qt.

napari draws a layer in one place only. A follower is a second layer on the same array: it
shows what is drawn on its source and cannot be drawn on itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from napari.layers import Labels

#: What a person may change on the source and sees on its followers too.
LOOKS = ("opacity", "contour", "colormap", "visible")


class Follower:
    """`layer` shows what `source` shows, on the same voxels, until `let_go`.

    A stroke is shown when it ends: redrawing every picture with each move of the mouse
    would make the brush lag.
    """

    def __init__(self, source: Any, *, name: str, place: Callable[[], Any]) -> None:
        """`place()` tells which slice is shown: a step to another one is no change of voxels."""
        self.source = source
        self.layer = Labels(
            source.data,
            name=name,
            opacity=source.opacity,
            visible=source.visible,
            colormap=source.colormap,
            features=source.features,
            scale=source.scale,
            translate=source.translate,
            units=source.units,
            axis_labels=source.axis_labels,
            metadata={"follows": source.name},
        )
        self.layer.contour = source.contour
        self.layer.editable = False
        self.layer.locked = True
        self._place, self._seen_at, self._late = place, place(), False
        events = source.events
        self._wired: list[tuple[Any, Callable[[Any], None]]] = [
            (events.set_data, self._drawn_anew),
            (events.paint, self._painted),
            (events.labels_update, self._painted_late),
            (events.data, self._take_data),
            *((events[name], self._take_look) for name in LOOKS),
        ]
        for event, act in self._wired:
            event.connect(act)

    def let_go(self) -> None:
        """Follow no more; the layer stays as it is."""
        for event, act in self._wired:
            event.disconnect(act)
        self._wired = []

    def _redraw(self) -> None:
        self.layer.refresh(extent=False, thumbnail=False)

    def _drawn_anew(self, _event: Any) -> None:
        """Undo and the like, or a step to another slice, which the follower takes by itself."""
        here = self._place()
        if here == self._seen_at:
            self._redraw()
        self._seen_at = here

    def _painted(self, _event: Any) -> None:
        self._redraw()
        self._late = True

    def _painted_late(self, _event: Any) -> None:
        """A change made by code is told before the voxels change, and once more after that."""
        if self._late:
            self._redraw()
        self._late = False

    def _take_data(self, _event: Any) -> None:
        if self.layer.data is not self.source.data:
            self.layer.data = self.source.data

    def _take_look(self, event: Any) -> None:
        setattr(self.layer, event.type, getattr(self.source, event.type))
