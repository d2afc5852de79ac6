"""The napari side of an exam: layers in, layers out, slice, phase, wheel. No Qt.

Public napari names only. Layers get their place, units and axis names in the constructor:
set later, units blank the canvas of napari 0.9 until the next slice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from napari.components.overlays import TextOverlay
from napari.layers import Image, Labels
from numpy.typing import NDArray

from napari_liverseg._private import take_ctrl_wheel
from napari_liverseg.scene import (
    LESIONS,
    SEGMENTS,
    ImageLayer,
    Scene,
    colour_of,
    layer_options,
    segment_colour,
)
from napari_liverseg.stage_parts import colours, features, on_reference, slices_of, zoom_at

ZOOM_STEP = 1.15
SEGMENT_OPACITY = 0.3
#: Lesions are outlined, so that their tissue can be seen; width in voxels.
LESION_OPACITY, LESION_CONTOUR = 1.0, 1
EDGES = ("top_center", "bottom_center", "middle_left", "middle_right")
LETTER_PT, CAPTION_PT = 14, 9
#: Ground of the pictures, in any theme.
CANVAS = "black"


class Stage:
    """Shows one exam at a time in a viewer and knows which layers are its own."""

    def __init__(self, viewer: Any) -> None:
        self.viewer = viewer
        self.scene: Scene | None = None
        self.lesions: Any = None
        self.segments: Any = None
        self.phases: dict[str, Any] = {}
        #: Layers of other matters of the exam that is shown; they go with it.
        self.extras: list[Any] = []
        self.in_stroke = False
        #: Told of slices that may have changed, see `watch`.
        self.edited: Callable[[Iterable[int] | None], None] = lambda _: None
        self._held_mode = ""
        self.title = ""
        #: Whether several phases are in view, and who says what is, for the caption.
        self.paned = False
        self.describe: Callable[[], str] | None = None
        #: Writes the caption a moment later; a window sets it.
        self.caption_later: Callable[[], None] | None = None
        #: Who decides which phases are in view, and who lets go of layers before they go.
        self.chooser: Callable[[str], None] | None = None
        self.before_clear: Callable[[], None] | None = None
        self._is_early = False
        self._scrolled = 0.0
        #: On white, letters beside the body could be read and letters on it could not.
        viewer.canvas.background_color_override = CANVAS
        self._give_ctrl_wheel_back = take_ctrl_wheel(viewer)
        viewer.mouse_wheel_callbacks.insert(0, self._on_wheel)
        viewer.dims.events.range.connect(self._keep_slices)
        viewer.dims.events.point.connect(self._moved)

    def show(self, scene: Scene, *, title: str, early: bool = False) -> None:
        """Replace the exam that is shown. The reference phase is visible, the others are not.

        `early`: only the reference series is there yet, and the next scene brings the rest.
        """
        if self._is_early and self._has_begun(scene):
            self._complete(scene, title)
            return
        self.clear()
        self.scene, self.in_stroke, self._held_mode = scene, False, ""
        self.title, self._is_early = title, early
        order = sorted(scene.images, key=lambda image: image.is_reference)
        for image in order:
            self.phases[image.key] = self._own(self._image_layer(image))
        if scene.segments is not None:
            self.segments = self._own(self._segment_layer(scene))
        self.lesions = self._own(self._lesion_layer(scene))
        self._keep_slices()
        self.viewer.dims.set_current_step(0, scene.frame.shape[0] // 2)
        self.viewer.reset_view()
        self._activate()
        self._write_edges(scene)
        self.write_caption()

    def _has_begun(self, scene: Scene) -> bool:
        """Whether the layers in view are the first ones of this scene."""
        shown = self.scene
        if shown is None or shown.frame.grid != scene.frame.grid:
            return False
        same_map = (shown.segments is None) == (scene.segments is None)
        return same_map and set(self.phases) <= {image.key for image in scene.images}

    def _complete(self, scene: Scene, title: str) -> None:
        """Put the other series below the reference, which stays: layers are slow to take out."""
        self.scene, self.title, self._is_early = scene, title, False
        first = self.viewer.layers.index(next(iter(self.phases.values())))
        added: dict[str, Any] = {}
        for image in scene.images:
            if image.key not in self.phases:
                layer = self._image_layer(image)
                layer.locked = True
                self.viewer.layers.insert(first + len(added), layer)
                added[image.key] = layer
        self.phases = {**added, **self.phases}
        if self.segments is not None:
            self.segments.data = scene.segments
        self.lesions.data = scene.lesions.array
        self._keep_slices()
        self._activate()
        self.write_caption()

    def clear(self) -> None:
        """Take the exam's layers out of the viewer."""
        self._is_early = False
        if self.before_clear is not None:
            self.before_clear()
        shown = (*self.phases.values(), self.segments, self.lesions, *self.extras)
        own = [layer for layer in shown if layer is not None]
        self.scene, self.segments, self.lesions, self.phases = None, None, None, {}
        self.extras = []
        for layer in own:
            if layer in self.viewer.layers:
                self.viewer.layers.remove(layer)

    def put_segments(
        self, array: NDArray[np.unsignedinteger] | None, names: Mapping[int, str]
    ) -> None:
        """Show another segment map of the same exam, as displayed; None takes it away."""
        if self.scene is None:
            return
        self.scene = replace(self.scene, segments=array, segment_names=names)
        if array is None:
            if self.segments in self.viewer.layers:
                self.viewer.layers.remove(self.segments)
            self.segments = None
        elif self.segments is None:
            self.segments = self._own(self._segment_layer(self.scene))
            layers = self.viewer.layers
            layers.move(layers.index(self.segments), layers.index(self.lesions))
            self._activate()
        else:
            self.segments.data = array
            self.segments.colormap = colours({n: segment_colour(n) for n in names})
            self.segments.features = features("segment", names)

    def add_extra(self, layer: Any) -> Any:
        """Show a layer of another matter above the others; it goes with the exam."""
        self.extras.append(layer)
        self._own(layer)
        self._activate()
        return layer

    def close(self) -> None:
        """Let go of the viewer; its layers stay."""
        self.viewer.canvas.background_color_override = None
        if self._on_wheel in self.viewer.mouse_wheel_callbacks:
            self.viewer.mouse_wheel_callbacks.remove(self._on_wheel)
            self._give_ctrl_wheel_back()
        self.viewer.dims.events.range.disconnect(self._keep_slices)
        self.viewer.dims.events.point.disconnect(self._moved)

    def allow_drawing(self, on: bool) -> None:
        """Whether the lesions can be drawn on; not while another exam is being read."""
        if self.lesions is not None:
            self.lesions.editable = on

    def hold(self) -> None:
        """No drawing for a moment, until `release`; the tool in hand is remembered."""
        if self.lesions is not None and self.lesions.editable:
            self._held_mode = str(self.lesions.mode)
            self.lesions.editable = False

    def release(self) -> None:
        """Drawing goes on with the tool that was in hand."""
        mode, self._held_mode = self._held_mode, ""
        if self.lesions is not None and mode:
            self.lesions.editable = True
            self.lesions.mode = mode

    def take_brush(self) -> None:
        """Draw on the lesions with the brush."""
        self._activate()
        self.lesions.mode = "paint"

    def _activate(self) -> None:
        self.viewer.layers.selection.active = self.lesions

    def go_to_slice(self, index: int) -> None:
        """Show an acquired slice of the reference series (from 0)."""
        if self.scene is not None:
            self.viewer.dims.set_current_step(0, self.scene.frame.shown_slice(index))

    @property
    def slice(self) -> int:
        """The acquired slice of the reference series that is shown (from 0)."""
        if self.scene is None:
            return 0
        return self.scene.frame.stored_slice(int(self.viewer.dims.current_step[0]))

    @property
    def phase(self) -> str:
        """Key of the uppermost visible series, or "" when none is."""
        for layer in reversed(list(self.viewer.layers)):
            if layer.visible and layer.metadata.get("series") in self.phases:
                return str(layer.metadata["series"])
        return ""

    def show_phase(self, key: str) -> None:
        """Bring one series into view; what is drawn stays in view."""
        if self.chooser is not None:
            self.chooser(key)
            return
        for other, layer in self.phases.items():
            layer.visible = other == key
        self.write_caption()

    def select(self, number: int) -> None:
        """Take a lesion's number for the brush."""
        if self.lesions is not None:
            self.lesions.selected_label = number
            self._activate()

    def watch(self, edited: Callable[[Iterable[int] | None], None]) -> None:
        """Call `edited(slices)` after each change of the lesions, by whatever way it came.

        `slices` (slider positions) are those that may have changed, None for any.

        napari's own undo tells of no edit, only that the layer was drawn anew (`set_data`),
        as each step to another slice does: a trigger too many is cheap.
        """
        layer, self.edited = self.lesions, edited
        seen = -1

        def drawn_anew(_: Any) -> None:
            nonlocal seen
            before, seen = seen, int(self.viewer.dims.current_step[0])
            if not self.in_stroke and seen == before:
                edited(None)

        layer.mouse_drag_callbacks.append(self.on_stroke)
        layer.events.set_data.connect(drawn_anew)
        layer.events.paint.connect(lambda event: edited(slices_of(event)))
        layer.events.data.connect(lambda _: edited(None))

    def on_stroke(self, _layer: Any, event: Any) -> Iterator[None]:
        """Drag callback of a layer that one draws on: nothing is handed on before the end."""
        self.in_stroke = True
        yield
        while event.type == "mouse_move":
            yield
        self.in_stroke = False
        self.edited(())

    def _own(self, layer: Any) -> Any:
        layer.locked = True
        self.viewer.add_layer(layer)
        return layer

    def _image_layer(self, image: ImageLayer) -> Any:
        layer = Image(
            image.placed.array,
            name=image.name,
            contrast_limits=image.contrast_limits,
            visible=image.is_reference,
            interpolation2d="linear",
            metadata={"series": image.key, "resampled_for_display": image.placed.resampled},
            **layer_options(image.placed),
        )
        layer.contrast_limits_range = image.contrast_range
        return layer

    def _segment_layer(self, scene: Scene) -> Any:
        layer = Labels(
            scene.segments,
            name=SEGMENTS,
            opacity=SEGMENT_OPACITY,
            visible=False,
            colormap=colours({n: segment_colour(n) for n in scene.segment_names}),
            features=features("segment", scene.segment_names),
            **layer_options(on_reference(scene)),
        )
        layer.editable = False
        return layer

    def _lesion_layer(self, scene: Scene) -> Any:
        layer = Labels(
            scene.lesions.array,
            name=LESIONS,
            opacity=LESION_OPACITY,
            colormap=colours({n: colour_of(n) for n in range(1, 256)}),
            features=features("lesion", scene.lesions.names),
            **layer_options(on_reference(scene)),
        )
        layer.brush_size, layer.contour = 6, LESION_CONTOUR
        # One lesion's brush takes no voxel of another; key B switches it off.
        layer.preserve_labels = True
        return layer

    def _keep_slices(self, _event: Any = None) -> None:
        """Let the slider count the acquired slices of the reference, whatever else is there.

        A phase moved back by its shift would otherwise give the slider its own start.
        """
        if self.scene is None:
            return
        step = self.scene.frame.spacing_mm[0]
        wanted = (0.0, (self.scene.frame.shape[0] - 1) * step, step)
        if not np.allclose(self.viewer.dims.range[0], wanted):
            self.viewer.dims.set_range(0, wanted)

    def _write_edges(self, scene: Scene) -> None:
        """Patient directions at the edges of the picture, a scale bar, the caption's place."""
        overlays = self.viewer.canvas.overlays
        for place, letter in zip(EDGES, scene.frame.edge_letters(), strict=True):
            overlays[f"liverseg {place}"] = TextOverlay(
                text=letter, position=place, visible=True, font_size=LETTER_PT
            )
        overlays.text.position, overlays.text.font_size = "top_left", CAPTION_PT
        overlays.text.visible = True
        overlays.scale_bar.visible = True

    def _on_wheel(self, viewer: Any, event: Any) -> None:
        """Wheel: slices, up is towards the head. Ctrl+wheel: zoom about the cursor."""
        if self.scene is None or "Alt" in event.modifiers or "Shift" in event.modifiers:
            return
        event.handled = True
        turns = float(event.delta[1])
        if "Control" in event.modifiers:
            zoom_at(viewer.scene.camera, ZOOM_STEP ** np.clip(turns, -1, 1), event.position)
            return
        self._scrolled += float(np.clip(turns, -1, 1))
        whole = int(self._scrolled)
        self._scrolled -= whole
        if whole:
            viewer.dims.set_current_step(0, viewer.dims.current_step[0] + whole)

    def _moved(self, _event: Any = None) -> None:
        """Another slice. Writing text costs as much as the step itself: it may lag."""
        if self.caption_later is not None:
            self.caption_later()
        else:
            self.write_caption()

    def write_caption(self) -> None:
        """Exam, phase and slice in the corner; panes name their phase themselves."""
        if self.scene is None:
            return
        parts = [f"slice {self.slice}"]
        if not self.paned:
            parts[0] += f" (0 to {self.scene.frame.shape[0] - 1})"
            phase = self.phases.get(self.phase)
            name = "no phase" if phase is None else phase.name
            parts = [self.title, name if self.describe is None else self.describe(), *parts]
        self.viewer.canvas.overlays.text.text = "\n".join(parts)
        self._place_texts()

    def _place_texts(self) -> None:
        """Have napari place its texts now.

        After a text changed it places them when it has drawn the picture, and draws it a
        second time, which doubles the time of each step to another slice. A change of the
        tiling, here of a place where nothing stands, has them placed at once.
        """
        tiling = self.viewer.canvas.overlay_tiling
        upright = tiling.middle_center == "vertical"
        tiling.middle_center = "horizontal" if upright else "vertical"
