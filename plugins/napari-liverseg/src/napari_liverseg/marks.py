"""Thin lines over the picture, alike in every pane: cross-hair, axes, what is being drawn. No Qt.

They stand in one layer of two dimensions, (down, right). napari shows such a layer on every
slice and does nothing for it when the slice changes: the cross-hair costs no step. Lines of
one slice are put in and taken out when that slice comes and goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from napari.layers import Vectors
from numpy.typing import NDArray

from napari_liverseg.layers import DisplayFrame, Triple

MARKS = "lines"
#: Layers with this in their metadata are seen in every pane.
IN_PANES = "in panes"
#: Yellow, and a little of the tissue below can be seen.
CROSS_COLOUR = "#ffd60acc"
#: The cross-hair leaves this much free round its point, so that it covers no lesion, mm.
GAP_MM = 12.0
#: Width of all lines, at any zoom, px.
LINE_PX = 1.05

#: A line through points of the display frame, (n, 3) mm, and its colour.
Path = tuple[NDArray[np.float64], str]


class Marks:
    """The layer of lines of the exam in view; `layer` is None while there is none."""

    def __init__(self, viewer: Any) -> None:
        self.viewer = viewer
        self.layer: Any = None
        self._frame: DisplayFrame | None = None
        self._cross: Triple | None = None
        self._paths: tuple[Path, ...] = ()
        self._seen: tuple[int, ...] = ()
        viewer.dims.events.point.connect(self._on_step)
        viewer.scene.camera.events.zoom.connect(self._fit_width)

    def close(self) -> None:
        """Let go of the viewer."""
        self.viewer.dims.events.point.disconnect(self._on_step)
        self.viewer.scene.camera.events.zoom.disconnect(self._fit_width)

    def begin(self, frame: DisplayFrame) -> Any:
        """Another exam: a new layer, without lines, to be put into the viewer."""
        self._frame, self._cross, self._paths, self._seen = frame, None, (), ()
        self.layer = Vectors(
            np.zeros((0, 2, 2)),
            name=MARKS,
            ndim=2,
            vector_style="line",
            scale=frame.spacing_mm[1:],
            units=("mm", "mm"),
            axis_labels=("down", "right"),
            metadata={IN_PANES: True},
        )
        self._fit_width()
        return self.layer

    def forget(self) -> None:
        """The exam goes, and its layer with it."""
        self.layer = self._frame = None

    def put_cross(self, point_mm: Triple | None) -> None:
        """Put the cross-hair at a point of the display frame; None takes it away."""
        if point_mm != self._cross:
            self._cross = point_mm
            self._fill()

    def draw(self, paths: Sequence[Path]) -> None:
        """Show these lines, each in the slice of its first point, and no others."""
        self._paths = tuple(paths)
        self._fill()

    def _on_step(self, _event: Any = None) -> None:
        if self._paths and self._in_slice() != self._seen:
            self._fill()

    def _in_slice(self) -> tuple[int, ...]:
        """Which lines lie in the slice shown."""
        if self._frame is None:
            return ()
        here, half = float(self.viewer.dims.point[0]), self._frame.spacing_mm[0] / 2
        return tuple(n for n, (path, _) in enumerate(self._paths) if abs(path[0, 0] - here) < half)

    def _fill(self) -> None:
        frame, layer = self._frame, self.layer
        if frame is None or layer is None:
            return
        self._seen = self._in_slice()
        parts = [(_segments(self._paths[n][0]), self._paths[n][1]) for n in self._seen]
        if self._cross is not None:
            parts.insert(0, (cross_arms(self._cross, (1, 2), frame)[..., 1:], CROSS_COLOUR))
        vectors = np.concatenate([np.zeros((0, 2, 2)), *(part for part, _ in parts)])
        # Nobody is told: napari would slice every layer anew, in case the picture grew. Lines
        # never leave it.
        with layer.events.data.blocker():
            layer.data = vectors / frame.spacing_mm[1:]
        layer.edge_color = [colour for part, colour in parts for _ in part] or "white"

    def _fit_width(self, _event: Any = None) -> None:
        if self._frame is not None and self.layer is not None:
            fit_width(self.layer, self.viewer.scene.camera.zoom)


def cross_arms(point_mm: Triple, axes: Sequence[int], frame: DisplayFrame) -> NDArray[np.float64]:
    """(n, 2, 3): start and extent of the arms of a cross-hair along `axes`, in mm.

    They begin `GAP_MM` beside the point and end at the border of the frame.
    """
    last = (np.array(frame.shape) - 1) * frame.spacing_mm
    arms = []
    for axis in axes:
        for end, side in ((0.0, -1), (last[axis], 1)):
            start, arm = np.array(point_mm), np.zeros(3)
            start[axis] += side * GAP_MM
            arm[axis] = end - start[axis]
            if arm[axis] * side > 0:
                arms.append((start, arm))
    return np.array(arms, dtype=np.float64).reshape(-1, 2, 3)


def fit_width(layer: Any, zoom: float) -> None:
    """Give the lines of a layer the same width on the screen at any zoom (px a mm)."""
    width = LINE_PX / max(float(zoom), 1e-6) / float(layer.scale[-1])
    if not np.isclose(width, layer.edge_width):
        layer.edge_width = width


def _segments(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n - 1, 2, 2): start and extent, (down, right) mm, of the parts of a line."""
    points = np.asarray(path, dtype=np.float64)[:, 1:]
    return np.stack([points[:-1], np.diff(points, axis=0)], axis=1)
