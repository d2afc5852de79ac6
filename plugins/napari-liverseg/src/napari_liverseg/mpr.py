"""Axial, coronal and sagittal of one phase with one cross-hair, as viewer models. No Qt.

The arrays are those of the phase and of the lesions, not copies; each model has layers of
its own, because a napari layer holds the slice of one picture only. `napari.components`
exports `ViewerModel` but promises little about it: this module and `_qt.mpr_dock`, which
draws the models, are the only places that use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.components import ViewerModel
from napari.components.overlays import TextOverlay
from napari.layers import Image, Vectors

from napari_liverseg.followers import Follower
from napari_liverseg.layers import Plane, Triple
from napari_liverseg.stage import CANVAS, EDGES, LETTER_PT
from napari_liverseg.stage_parts import zoom_at
from napari_liverseg.windows import drag_window

if TYPE_CHECKING:
    from napari_liverseg.looking import Looking

CROSS_COLOUR, CROSS_PX = "#ffd60a", 1.0
#: The cross-hair leaves this much free round its point, so that it covers no lesion, mm.
GAP_MM = 6.0
CAPTION_PT = 9
ZOOM_STEP = 1.15


class PlaneView:
    """One plane: its model, with image, lesion outlines and cross-hair."""

    def __init__(self, looking: Looking, plane: Plane, image: Any) -> None:
        self.plane, self.looking = plane, looking
        self.model = ViewerModel(title=plane.name)
        self.image = _copy_of(image)
        place = lambda: self.model.dims.point  # noqa: E731
        self.lesions = Follower(looking.stage.lesions, name="lesions", place=place)
        self.cross = Vectors(
            np.zeros((0, 2, 3)),
            name="cross-hair",
            ndim=3,
            edge_color=CROSS_COLOUR,
            edge_width=CROSS_PX,
            vector_style="line",
            units=image.units,
            axis_labels=image.axis_labels,
        )
        self.cross.locked = True
        for layer in (self.image, self.lesions.layer, self.cross):
            self.model.add_layer(layer)
        self.model.dims.order = plane.order
        down, right = ("up" if plane.flips[1] else "down", "left" if plane.flips[2] else "right")
        self.model.scene.camera.orientation2d = (down, right)
        self.model.layers.selection.active = self.image
        self._write_edges()
        callbacks = self.model.mouse_wheel_callbacks
        callbacks.clear()
        callbacks.append(self._on_wheel)
        self.model.mouse_drag_callbacks.clear()
        self.model.mouse_drag_callbacks.append(self._on_drag)
        self.model.mouse_double_click_callbacks.clear()
        self.model.mouse_move_callbacks.append(self._on_move)

    def go_to(self, point_mm: Triple) -> None:
        """Show the slice of this plane through a point, with the cross-hair on it."""
        self.model.dims.set_point((0, 1, 2), point_mm)
        self.cross.data = self._lines(np.array(point_mm))
        self._write_caption()

    def show(self, image: Any) -> None:
        """Show another phase."""
        self.image.locked = False
        self.model.layers.remove(self.image)
        self.image = _copy_of(image)
        self.model.layers.insert(0, self.image)
        self.model.layers.selection.active = self.image

    def close(self) -> None:
        """Follow the lesions no more."""
        self.lesions.let_go()

    def _lines(self, point: Any) -> Any:
        """(4, 2, 3): start and extent of the cross-hair's four arms, in mm."""
        scene = self.looking.stage.scene
        assert scene is not None
        last = (np.array(scene.frame.shape) - 1) * scene.frame.spacing_mm
        arms = []
        for axis in self.plane.order[1:]:
            for end, side in ((0.0, -1), (last[axis], 1)):
                start, arm = point.copy(), np.zeros(3)
                start[axis] += side * GAP_MM
                arm[axis] = end - start[axis]
                if arm[axis] * side > 0:
                    arms.append((start, arm))
        return np.array(arms) if arms else np.zeros((0, 2, 3))

    def _write_edges(self) -> None:
        self.model.canvas.background_color_override = CANVAS
        overlays = self.model.canvas.overlays
        for place, letter in zip(EDGES, self.plane.edges, strict=True):
            overlays[f"liverseg {place}"] = TextOverlay(
                text=letter, position=place, visible=True, font_size=LETTER_PT
            )
        overlays.text.position, overlays.text.font_size = "top_left", CAPTION_PT
        overlays.text.visible = True
        overlays.scale_bar.visible = True

    def _write_caption(self) -> None:
        scene = self.looking.stage.scene
        assert scene is not None
        axis = self.plane.order[0]
        at = round(self.looking.point_mm[axis] / scene.frame.spacing_mm[axis])
        text = f"{self.image.name}\n{self.plane.name} {at} (0 to {scene.frame.shape[axis] - 1})"
        self.model.canvas.overlays.text.text = text

    def _on_wheel(self, model: Any, event: Any) -> None:
        """Wheel: the next slice of this plane. Ctrl+wheel: zoom about the mouse."""
        turns = float(np.clip(event.delta[1], -1, 1))
        event.handled = True
        if "Control" in event.modifiers:
            at = np.array(event.position, dtype=float)[list(self.plane.order[1:])]
            zoom_at(model.scene.camera, ZOOM_STEP**turns, at)
            return
        scene = self.looking.stage.scene
        assert scene is not None
        axis, point = self.plane.order[0], list(self.looking.point_mm)
        # Up is towards the head (axial), the back (coronal), the left (sagittal).
        up = -np.sign(turns) if self.plane.flips[0] else np.sign(turns)
        point[axis] += up * scene.frame.spacing_mm[axis]
        self.looking.go_to((point[0], point[1], point[2]))

    def _on_drag(self, model: Any, event: Any) -> Iterator[None]:
        """Left: the cross-hair. Right: window and level. Shift+left: move the picture."""
        if event.button == 1 and "Shift" in event.modifiers:
            yield from _pan(model, event, self.plane)
        elif event.button == 1:
            self.looking.go_to(_position(event))
            event.handled = True
            yield
            while event.type == "mouse_move":
                self.looking.go_to(_position(event))
                event.handled = True
                yield
        else:
            yield from drag_window(model, event, change=self.looking.drag)

    def _on_move(self, _model: Any, event: Any) -> None:
        if len(event.position) == 3:
            self.looking.hover(_position(event))


class Mpr:
    """The three planes of a phase; they follow the cross-hair of `Looking`, and move it."""

    def __init__(self, looking: Looking, key: str) -> None:
        scene = looking.stage.scene
        assert scene is not None
        self.looking, self.key = looking, key
        self.source = looking.images[key]
        self.views = tuple(PlaneView(looking, plane, self.source) for plane in scene.frame.planes())
        self.source.events.contrast_limits.connect(self._take_window)
        looking.went.connect(self.go_to)
        self.go_to(looking.point_mm)

    def go_to(self, point_mm: Triple) -> None:
        """Move all three planes and their cross-hairs to a point of the display frame, in mm."""
        for view in self.views:
            view.go_to(point_mm)

    def show_phase(self, key: str) -> None:
        """Show another phase in all three planes, at the same place."""
        self.source.events.contrast_limits.disconnect(self._take_window)
        self.key, self.source = key, self.looking.images[key]
        self.source.events.contrast_limits.connect(self._take_window)
        for view in self.views:
            view.show(self.source)
        self.go_to(self.looking.point_mm)

    def close(self) -> None:
        """Let go of phase, lesions and cross-hair."""
        self.looking.went.disconnect(self.go_to)
        self.source.events.contrast_limits.disconnect(self._take_window)
        for view in self.views:
            view.close()

    def _take_window(self, _event: Any = None) -> None:
        for view in self.views:
            view.image.contrast_limits = self.source.contrast_limits


def _copy_of(image: Any) -> Any:
    layer = Image(
        image.data,
        name=image.name,
        contrast_limits=image.contrast_limits,
        interpolation2d=image.interpolation2d,
        scale=image.scale,
        translate=image.translate,
        units=image.units,
        axis_labels=image.axis_labels,
    )
    layer.contrast_limits_range = image.contrast_limits_range
    layer.locked = True
    return layer


def _position(event: Any) -> Triple:
    z, down, right = (float(value) for value in event.position)
    return z, down, right


def _pan(model: Any, event: Any, plane: Plane) -> Iterator[None]:
    camera, start = model.scene.camera, np.array(event.pos, dtype=float)
    centre = np.array(camera.center, dtype=float)
    signs = np.array([-1.0 if flip else 1.0 for flip in plane.flips[1:]])
    event.handled = True
    yield
    while event.type == "mouse_move":
        moved = (np.array(event.pos, dtype=float) - start)[::-1] / camera.zoom
        camera.center = (0.0, *(centre[-2:] - moved * signs))
        event.handled = True
        yield
