"""A layer seen in more than one picture: copies that show what it shows. No Qt.

napari draws a layer in one place only. A follower is a second layer, of the same kind: it
shows what is drawn on its source and cannot be drawn on itself. Labels share the voxels;
lines and points are few, and are copied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from napari.layers import Labels, Points, Vectors

#: Called when the source tells of something.
Act = Callable[[Any], None]
#: Where a layer lies; any two of them lie alike.
PLACE = ("scale", "translate", "units", "axis_labels")


class Follower:
    """`layer` shows what `source` shows, until `let_go`."""

    #: What a person may change on the source and sees on its followers too.
    looks: tuple[str, ...] = ("opacity", "visible")

    def __init__(self, source: Any, layer: Any, told: Mapping[str, Act]) -> None:
        """`told`: what to do when the source tells of an event of this name."""
        self.source, self.layer = source, layer
        layer.metadata = {"follows": source.name}
        layer.editable, layer.locked = False, True
        looks = dict.fromkeys(self.looks, self._take_look)
        self._wired = [(source.events[name], act) for name, act in {**told, **looks}.items()]
        for event, act in self._wired:
            event.connect(act)

    def let_go(self) -> None:
        """Follow no more; the layer stays as it is."""
        for event, act in self._wired:
            event.disconnect(act)
        self._wired = []

    def _take_look(self, event: Any) -> None:
        setattr(self.layer, event.type, getattr(self.source, event.type))


class LabelsFollower(Follower):
    """Labels on the same voxels.

    A stroke is shown when it ends: redrawing every picture with each move of the mouse
    would make the brush lag.
    """

    looks = ("opacity", "contour", "colormap", "visible")

    def __init__(self, source: Any, *, name: str, place: Callable[[], Any]) -> None:
        """`place()`: the slice that the source shows; a step to another changes no voxel."""
        layer = Labels(
            source.data,
            name=name,
            opacity=source.opacity,
            visible=source.visible,
            colormap=source.colormap,
            features=source.features,
            **_place_of(source),
        )
        layer.contour = source.contour
        self._place, self._seen_at, self._late = place, place(), False
        super().__init__(
            source,
            layer,
            {
                "set_data": self._drawn_anew,
                "paint": self._painted,
                "labels_update": self._painted_late,
                "data": self._take_data,
            },
        )

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


class PointsFollower(Follower):
    """Points with their text; points that are dragged move here too."""

    def __init__(self, source: Any, *, name: str) -> None:
        layer = Points(
            source.data.copy(),
            name=name,
            features=source.features,
            text=source.text,
            size=source.current_size,
            symbol=source.current_symbol,
            face_color=source.current_face_color,
            border_width=0,
            opacity=source.opacity,
            visible=source.visible,
            **_place_of(source),
        )
        # napari tells of features last, and of them with each move of a point.
        super().__init__(source, layer, {"features": self._take_points})

    def _take_points(self, _event: Any) -> None:
        if len(self.source.features) != len(self.source.data):
            return  # points are there, their names come next
        # Nobody is told: napari would slice every layer anew, in case the picture grew.
        with self.layer.events.data.blocker():
            self.layer.data = self.source.data.copy()
        self.layer.features = self.source.features
        self.layer.selected_data, self.layer.editable = set(), False


class LinesFollower(Follower):
    """Lines in their colours."""

    looks = ("opacity", "visible", "edge_width")

    def __init__(self, source: Any, *, name: str) -> None:
        layer = Vectors(
            source.data,
            name=name,
            ndim=source.ndim,
            edge_color=source.edge_color if len(source.data) else "white",
            edge_width=source.edge_width,
            vector_style=source.vector_style,
            opacity=source.opacity,
            visible=source.visible,
            **_place_of(source),
        )
        # Whoever draws lines gives them their colours last.
        super().__init__(source, layer, {"edge_color": self._take_lines})

    def _take_lines(self, _event: Any) -> None:
        with self.layer.events.data.blocker():
            self.layer.data = self.source.data
        self.layer.edge_color = self.source.edge_color


def follow(source: Any, *, name: str, place: Callable[[], Any]) -> Follower:
    """A follower of labels, points or lines; `place` as of `LabelsFollower`."""
    if isinstance(source, Points):
        return PointsFollower(source, name=name)
    if isinstance(source, Vectors):
        return LinesFollower(source, name=name)
    return LabelsFollower(source, name=name, place=place)


def _place_of(layer: Any) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in PLACE}
