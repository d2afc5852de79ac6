"""The napari side of the segments: numerals, landmarks, the brush on the map. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from napari.layers import Points
from numpy.typing import NDArray

from liverseg.geometry import Point
from napari_liverseg.marks import IN_PANES
from napari_liverseg.stage import SEGMENT_OPACITY, Stage
from napari_liverseg.store import Segments

NUMERALS, LANDMARKS = "segment numbers", "landmarks"
#: Numbers stand on a dark disc, so that they can be read on bright and on dark tissue.
DISC_MM, DISC, NUMERAL_PT, INK = 14.0, (0.0, 0.0, 0.0, 0.55), 11, "white"
#: Magenta is neither tissue nor the colour of a segment.
POINT_MM, POINT, POINT_PT = 8.0, "#ff2bd6", 10
#: While borders are corrected the map is stronger, so that its colours can be told apart.
EDIT_OPACITY = 0.45
#: A click that moves further is a drag, px of the canvas.
STILL_PX = 4.0


class SegmentLayers:
    """Shows segments of the exam on the stage, and tells what a person did to them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.numerals: Any = None
        self.points: Any = None
        #: Called with {id: (x, y, z)} in LPS mm after landmarks were dragged or deleted.
        self.on_moved: Callable[[Mapping[str, Point]], None] = lambda _: None
        #: Called with a position in LPS mm, after `ask_click`, once.
        self._asked: Callable[[Point], None] | None = None
        self._writing = False
        self._shown: dict[str, Point] = {}
        self._watched: Any = None

    def forget(self) -> None:
        """The exam is gone, and its layers with it."""
        self.numerals = self.points = self._asked = self._watched = None

    def show(self, segments: Segments, *, new_map: bool) -> None:
        """The map, if it is another one, and its numbers."""
        if new_map:
            self.stage.put_segments(segments.shown, segments.names)
        self.show_numerals(segments)

    def show_landmarks(self, landmarks: Mapping[str, Point], *, visible: bool) -> None:
        """Landmarks as points with their ids, each on its own slice."""
        scene = self.stage.scene
        if scene is None:
            return
        self._writing, self._shown = True, dict(landmarks)
        try:
            if self.points is None:
                if not landmarks:
                    return
                self.points = self._points_layer()
                self.stage.add_extra(self.points)
                self.points.events.data.connect(self._on_data)
            frame = scene.frame
            places = [frame.to_shown_mm(np.array(point)) for point in landmarks.values()]
            self.points.data = np.array(places).reshape(-1, 3) / np.array(frame.spacing_mm)
            self.points.features = {"landmark": list(landmarks)}
            self.points.visible = visible
            self.points.selected_data = set()
        finally:
            self._writing = False

    def drag_landmarks(self, on: bool) -> None:
        """Whether a drag with the mouse moves landmarks; off gives the lesions the mouse back."""
        if self.points is not None:
            self.points.visible = on
            if on:
                self.points.mode = "select"
                self.stage.viewer.layers.selection.active = self.points
            else:
                self.points.mode = "pan_zoom"
        if not on:
            self._asked = None
            self.stage.select(int(self.stage.lesions.selected_label))

    def ask_click(self, answer: Callable[[Point], None]) -> None:
        """Call `answer` with the place of the next click into the picture."""
        self._asked = answer
        if self.points is None:
            self._writing = True
            self.points = self._points_layer()
            self.stage.add_extra(self.points)
            self.points.events.data.connect(self._on_data)
            self._writing = False
        self.points.visible = True
        self.stage.viewer.layers.selection.active = self.points
        self.points.mode = "pan_zoom"

    def begin_edit(self, number: int, edited: Callable[[], None]) -> NDArray[Any]:
        """Take the brush for the map; returns what the map was (stored axes, a copy)."""
        scene, layer = self.stage.scene, self.stage.segments
        assert scene is not None
        known: NDArray[Any] = np.array(scene.frame.turn.stored(np.asarray(layer.data)))
        # What the case holds is read-only; the brush needs an array of its own.
        self.stage.put_segments(scene.frame.turn.shown(known.copy()), scene.segment_names)
        layer.visible, layer.editable, layer.opacity = True, True, EDIT_OPACITY
        layer.selected_label, layer.brush_size = number, 12
        self.stage.viewer.layers.selection.active = layer
        layer.mode = "paint"
        if self._watched is not layer:
            self._watch(layer, edited)
        return known

    def end_edit(self) -> None:
        """Give the brush back to the lesions."""
        layer = self.stage.segments
        if layer is not None:
            layer.mode, layer.editable, layer.opacity = "pan_zoom", False, SEGMENT_OPACITY
        self.stage.select(int(self.stage.lesions.selected_label))

    def drawn(self) -> NDArray[Any]:
        """The map as it is in the layer now, (slice, row, column)."""
        scene = self.stage.scene
        assert scene is not None
        return scene.frame.turn.stored(np.asarray(self.stage.segments.data))

    def put_back(self, labels: NDArray[Any]) -> None:
        """Write the map as it was stored into the layer that is drawn on."""
        layer = self.stage.segments
        self.drawn()[...] = labels
        layer.refresh()

    def _watch(self, layer: Any, edited: Callable[[], None]) -> None:
        self._watched = layer

        def stroke(_layer: Any, event: Any) -> Iterator[None]:
            self.stage.in_stroke = True
            yield
            while event.type == "mouse_move":
                yield
            self.stage.in_stroke = False
            edited()

        def drawn_anew(_: Any) -> None:
            if layer.editable and not self.stage.in_stroke:
                edited()

        layer.mouse_drag_callbacks.append(stroke)
        for event in (layer.events.paint, layer.events.set_data):
            event.connect(drawn_anew)

    def show_numerals(self, segments: Segments) -> None:
        """The numbers of the map, where there is room for them in each slice."""
        scene, layer = self.stage.scene, self.stage.segments
        if scene is None:
            return
        visible = bool(layer is not None and layer.visible)
        if self.numerals is None:
            if not segments.numeral_names:
                return
            spacing = scene.frame.spacing_mm
            self.numerals = Points(
                segments.numerals.astype(float),
                name=NUMERALS,
                features={"segment": list(segments.numeral_names)},
                text={"string": "{segment}", "size": NUMERAL_PT, "color": INK},
                size=DISC_MM / spacing[2],
                face_color=np.array([DISC]),
                border_width=0,
                visible=visible,
                **_options(spacing),
            )
            self.stage.add_extra(self.numerals)
            self._follow(layer)
        else:
            self.numerals.data = segments.numerals.astype(float)
            self.numerals.features = {"segment": list(segments.numeral_names)}
            self.numerals.selected_data = set()
            self.numerals.visible = visible
            self._follow(layer)

    def _follow(self, layer: Any) -> None:
        """Numbers are shown with the map and hidden with it."""
        if layer is None:
            return
        layer.events.visible.disconnect(self._on_visible)
        layer.events.visible.connect(self._on_visible)

    def _on_visible(self, _event: Any = None) -> None:
        if self.numerals is not None and self.stage.segments is not None:
            self.numerals.visible = self.stage.segments.visible

    def _points_layer(self) -> Points:
        scene = self.stage.scene
        assert scene is not None
        spacing = scene.frame.spacing_mm
        layer = Points(
            np.zeros((0, 3)),
            name=LANDMARKS,
            features={"landmark": np.zeros(0, dtype=object)},
            text={
                "string": "{landmark}",
                "size": POINT_PT,
                "color": POINT,
                "anchor": "upper_left",
            },
            size=POINT_MM / spacing[2],
            symbol="cross",
            face_color=POINT,
            border_width=0,
            **_options(spacing),
        )
        layer.mouse_drag_callbacks.append(self._on_click)
        return layer

    def _on_data(self, event: Any) -> None:
        if self._writing:
            return
        if str(event.action) == "added":  # by napari's own button: a point without a name
            self.show_landmarks(self._shown, visible=True)
        if str(event.action) not in ("changed", "removed"):
            return
        scene, layer = self.stage.scene, self.points
        if scene is None or layer is None:
            return
        shown_mm = np.asarray(layer.data) * np.array(scene.frame.spacing_mm)
        places = scene.frame.to_lps_mm(shown_mm)
        names = [str(name) for name in layer.features["landmark"]]
        self.on_moved({name: _point(place) for name, place in zip(names, places, strict=True)})

    def _on_click(self, _layer: Any, event: Any) -> Iterator[None]:
        if self._asked is None or event.button != 1:
            return
        start, at = np.array(event.pos, dtype=float), np.array(event.position, dtype=float)
        yield
        while event.type == "mouse_move":
            if np.linalg.norm(np.array(event.pos, dtype=float) - start) > STILL_PX:
                return
            yield
        answer, self._asked = self._asked, None
        if answer is not None and self.stage.scene is not None:
            answer(_point(self.stage.scene.frame.to_lps_mm(at)))


def _options(spacing_mm: tuple[float, float, float]) -> dict[str, Any]:
    """As every layer of the display frame, in steps of the reference grid; seen in all panes."""
    return {
        "scale": spacing_mm,
        "units": ("mm", "mm", "mm"),
        "axis_labels": ("slice", "down", "right"),
        "metadata": {IN_PANES: True},
    }


def _point(place: NDArray[Any]) -> Point:
    return float(place[0]), float(place[1]), float(place[2])
