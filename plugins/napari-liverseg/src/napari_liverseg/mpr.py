"""Axial, coronal and sagittal of one phase with one cross-hair, as viewer models. No Qt.

One draws in them as in the picture, see `plane_brush`.

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
from psygnal import Signal

from napari_liverseg import keys
from napari_liverseg.followers import LabelsFollower
from napari_liverseg.layers import Plane, Triple
from napari_liverseg.marks import CROSS_COLOUR, cross_arms, fit_width
from napari_liverseg.plane_brush import PlaneBrush
from napari_liverseg.stage import CANVAS, EDGES, LETTER_PT
from napari_liverseg.stage_parts import zoom_at
from napari_liverseg.windows import drag_window

if TYPE_CHECKING:
    from napari_liverseg.looking import Looking

CAPTION_PT = 9
ZOOM_STEP = 1.15


class PlaneView:
    """One plane: its model, with image, lesion outlines and cross-hair."""

    def __init__(self, looking: Looking, plane: Plane, image: Any) -> None:
        self.plane, self.looking = plane, looking
        self.model = ViewerModel(title=plane.name)
        self.image = _copy_of(image)
        self.lesions = LabelsFollower(
            looking.stage.lesions, name="lesions", place=lambda: looking.viewer.dims.point
        )
        self.cross = Vectors(
            np.zeros((0, 2, 3)),
            name="cross-hair",
            ndim=3,
            edge_color=CROSS_COLOUR,
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
        self.brush = PlaneBrush(looking.stage, self.lesions.layer, plane.order[1:])
        keys.bind_layer(looking.bench, self.lesions.layer)
        self._take_tools()
        self._write_edges()
        self.model.scene.camera.events.zoom.connect(self._fit_width)
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
        self.show_cross()
        self._write_caption()

    def show_cross(self) -> None:
        """Draw the cross-hair where it is, or not, as the person wants it."""
        looking, axes = self.looking, self.plane.order[1:]
        scene = looking.stage.scene
        assert scene is not None
        if looking.cross:
            self.cross.data = cross_arms(looking.point_mm, axes, scene.frame)
        self.cross.visible = looking.cross

    def show(self, image: Any) -> None:
        """Show another phase."""
        self.image.locked = False
        self.model.layers.remove(self.image)
        self.image = _copy_of(image)
        self.model.layers.insert(0, self.image)
        self._take_tools()

    def close(self) -> None:
        """Follow the lesions no more."""
        self.brush.let_go()
        self.lesions.let_go()

    def _take_tools(self) -> None:
        """The lesions are what one draws on, whatever phase they are seen on."""
        self.model.layers.selection.active = self.lesions.layer

    def _fit_width(self, _event: Any = None) -> None:
        fit_width(self.cross, self.model.scene.camera.zoom)

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
        """Left: the cross-hair. Right: window and level. Shift+left: move the picture.

        With the brush in hand the layer draws, and both buttons are its own.
        """
        if self.brush.draws:
            return
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
        if len(event.position) == 3 and self.looking.planes is not None:
            self.looking.hover(_position(event), key=self.looking.planes.key)


class Mpr:
    """The three planes of a phase; they follow the cross-hair of `Looking`, and move it.

    The phase is that of the picture until one is chosen. `changed` when it is another one.
    """

    changed = Signal()

    def __init__(self, looking: Looking, key: str) -> None:
        scene = looking.stage.scene
        assert scene is not None
        self.looking, self.key = looking, key
        #: The phase that a person chose; "" follows the picture.
        self.chosen = ""
        self.source = looking.images[key]
        self.views = tuple(PlaneView(looking, plane, self.source) for plane in scene.frame.planes())
        self.source.events.contrast_limits.connect(self._take_window)
        looking.went.connect(self.go_to)
        looking.changed.connect(self._follow)
        self.go_to(looking.point_mm)
        looking.take_planes(self)

    def go_to(self, point_mm: Triple) -> None:
        """Move all three planes and their cross-hairs to a point of the display frame, in mm."""
        for view in self.views:
            view.go_to(point_mm)

    def choose(self, key: str) -> None:
        """Show this phase whatever the picture shows; "" follows the picture again."""
        self.chosen = key
        self._follow()
        self.changed.emit()

    def show_phase(self, key: str) -> None:
        """Show another phase in all three planes, at the same place."""
        self.source.events.contrast_limits.disconnect(self._take_window)
        self.key, self.source = key, self.looking.images[key]
        self.source.events.contrast_limits.connect(self._take_window)
        for view in self.views:
            view.show(self.source)
        self.go_to(self.looking.point_mm)
        self.changed.emit()

    def _follow(self) -> None:
        """The phase chosen, or one in view; the cross-hair as it is wanted."""
        look = self.looking
        if self.chosen not in look.images:
            self.chosen = ""
        in_view = self.key if self.key in look.keys else next(iter(look.keys), self.key)
        wanted = self.chosen or in_view
        if wanted in look.images and look.images[wanted] is not self.source:
            self.show_phase(wanted)
        for view in self.views:
            if view.cross.visible != look.cross:
                view.show_cross()

    def close(self) -> None:
        """Let go of phase, lesions and cross-hair."""
        self.looking.take_planes(None)
        self.looking.went.disconnect(self.go_to)
        self.looking.changed.disconnect(self._follow)
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
