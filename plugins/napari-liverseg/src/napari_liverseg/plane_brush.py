"""Drawing in a plane as on the lesions: one brush, one mask. No Qt.

A plane's layer has the voxels of the lesions' layer, so a stroke in it is already a stroke on
the mask, on the reference's own grid. What is missing is that it has the same tool in hand,
that the stroke is noticed, and that every other picture shows it when it ends.

The brush is as wide in the patient as in the picture, and round in mm whatever the voxels
are: it takes the voxels of the plane whose centres lie in the circle, at least the one under
the mouse. Nothing is drawn in front of the plane or behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from napari_liverseg.stage import Stage
from napari_liverseg.stage_parts import slices_of

#: What the two layers have alike, whichever of them is changed.
SHARED = ("selected_label", "preserve_labels", "contiguous", "n_edit_dimensions")
#: Tools that a plane does not have: this one would move the layer away from its image.
NOT_IN_PLANES, INSTEAD = "transform", "pan_zoom"


class PlaneBrush:
    """Keeps the tools of a plane's layer and of the lesions' layer alike, until `let_go`."""

    def __init__(self, stage: Stage, layer: Any, across: Sequence[int]) -> None:
        """`across`: the two display axes that the plane shows."""
        self.stage, self.lesions, self.layer = stage, stage.lesions, layer
        self._late = False
        self._wider = _finest(self.lesions.scale[1:]) / _finest([layer.scale[n] for n in across])
        layer.editable = self.lesions.editable
        for name in SHARED:
            setattr(layer, name, getattr(self.lesions, name))
        self._take_size()
        self._take_mode()
        ours, theirs = self.lesions.events, layer.events
        self._wired: list[tuple[Any, Callable[[Any], None]]] = [
            (ours.editable, self._take_editable),
            (ours.mode, self._take_mode),
            (theirs.mode, self._give_mode),
            (ours.brush_size, self._take_size),
            (theirs.brush_size, self._give_size),
            (theirs.paint, self._painted),
            (theirs.labels_update, self._painted_late),
            *((ours[name], self._take) for name in SHARED),
            *((theirs[name], self._give) for name in SHARED),
        ]
        for event, act in self._wired:
            event.connect(act)
        layer.mouse_drag_callbacks.append(stage.on_stroke)

    @property
    def draws(self) -> bool:
        """Whether the left button draws."""
        return str(self.layer.mode) != "pan_zoom"

    def let_go(self) -> None:
        """The two layers have nothing to do with each other any more."""
        for event, act in self._wired:
            event.disconnect(act)
        self._wired = []

    def _painted(self, event: Any) -> None:
        """A stroke ended: the lesions, and all that follows them, are drawn anew."""
        self._late = True
        self._show()
        self.stage.edited(slices_of(event))

    def _painted_late(self, _event: Any) -> None:
        """Polygon and bucket tell before the voxels change, and once more after that."""
        if self._late:
            self._show()
        self._late = False

    def _show(self) -> None:
        # Which slices changed is told: being drawn anew shall not say "any of them".
        held, self.stage.in_stroke = self.stage.in_stroke, True
        self.lesions.refresh(extent=False, thumbnail=False)
        self.stage.in_stroke = held

    def _take(self, event: Any) -> None:
        _set(self.layer, event.type, getattr(self.lesions, event.type))

    def _give(self, event: Any) -> None:
        _set(self.lesions, event.type, getattr(self.layer, event.type))

    def _take_editable(self, _event: Any) -> None:
        self.layer.editable = self.lesions.editable

    def _take_mode(self, _event: Any = None) -> None:
        mode = str(self.lesions.mode)
        _set(self.layer, "mode", INSTEAD if mode == NOT_IN_PLANES else mode)

    def _give_mode(self, _event: Any) -> None:
        if str(self.layer.mode) == NOT_IN_PLANES:
            self.layer.mode = INSTEAD
        elif str(self.lesions.mode) != NOT_IN_PLANES:
            _set(self.lesions, "mode", str(self.layer.mode))

    def _take_size(self, _event: Any = None) -> None:
        _set(self.layer, "brush_size", _whole(self.lesions.brush_size * self._wider))

    def _give_size(self, _event: Any) -> None:
        """Only what a person changed here: rounding must not change the brush by itself."""
        if self.layer.brush_size != _whole(self.lesions.brush_size * self._wider):
            self.lesions.brush_size = _whole(self.layer.brush_size / self._wider)


def _set(layer: Any, name: str, value: Any) -> None:
    if getattr(layer, name) != value:
        setattr(layer, name, value)


def _finest(scale: Sequence[float]) -> float:
    """The step that napari's brush counts in: the finest of those shown."""
    return min(abs(float(step)) for step in scale)


def _whole(size: float) -> int:
    return max(round(size), 1)
