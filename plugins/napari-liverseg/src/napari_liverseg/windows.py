"""Windows of the phases: presets, and window and level by dragging the mouse. No Qt.

Values come from the library (`liverseg.report`); a layer's contrast limits are the only
place where a window is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from liverseg.records import Exam
from liverseg.report import WindowPreset, preset_window, window_presets

#: Right button: the left one draws and pans.
DRAG_BUTTON = 2
#: Dragging so far doubles the width, or moves the level by one width, in canvas pixels.
DOUBLE_PX, LEVEL_PX = 200.0, 300.0
#: The narrowest window, as a part of what the contrast slider can reach.
NARROWEST = 1e-3


class Windows:
    """Windows of one exam. `together`: a change is made to all phases, else to one of them."""

    def __init__(self, exam: Exam, images: Mapping[str, Any]) -> None:
        self.exam, self.images = exam, images
        self.together = True

    def presets(self) -> tuple[WindowPreset, ...]:
        """Presets that the exam's reference series has, the usual one first."""
        return window_presets(self.exam.by_key(self.exam.reference).volume.unit)

    def apply(self, preset: str, *, key: str) -> None:
        """Give the phase `key`, or all phases `together`, the window of a preset.

        Each has its own: a phase before contrast another liver window than one after it.
        A series whose unit does not have the preset keeps its window.
        """
        for each in self._meant(key):
            item = self.exam.by_key(each)
            if preset in [known.name for known in window_presets(item.volume.unit)]:
                self.images[each].contrast_limits = preset_window(self.exam, item, preset)

    def change(self, *, key: str, wider: float, higher: float) -> None:
        """Make windows `wider` times as wide and move them up by `higher` of their width.

        In relation to each window: signals of MR series have no common scale, and a CT
        series before contrast keeps its distance to those after it.
        """
        for each in self._meant(key):
            stretch(self.images[each], wider=wider, higher=higher)

    def _meant(self, key: str) -> list[str]:
        return list(self.images) if self.together else [key] if key in self.images else []


def window_text(limits: tuple[float, float], *, unit: str) -> str:
    """Level and width of a window for people."""
    low, high = limits
    return f"level {_short((low + high) / 2)}, width {_short(high - low)} {unit}".replace(
        "mm2", "mm²"
    )


def stretch(layer: Any, *, wider: float, higher: float) -> None:
    """Make a layer's window `wider` times as wide and move it up by `higher` of its width."""
    low, high = layer.contrast_limits
    least = NARROWEST * float(np.ptp(layer.contrast_limits_range))
    width = max((high - low) * wider, least)
    level = (low + high) / 2 + higher * width
    layer.contrast_limits = (level - width / 2, level + width / 2)


def drag_window(
    viewer: Any, event: Any, *, change: Callable[[float, float], None]
) -> Iterator[None]:
    """Drag callback for napari: right makes wider, down moves the window up (the picture darker).

    Only outside drawing: in paint mode napari fills outlines with the right button.
    """
    active = viewer.layers.selection.active
    if event.button != DRAG_BUTTON or (active is not None and active.mode != "pan_zoom"):
        return
    event.handled = True
    last = np.array(event.pos, dtype=float)
    yield
    while event.type == "mouse_move":
        step = np.array(event.pos, dtype=float) - last
        last = last + step
        change(float(2 ** (step[0] / DOUBLE_PX)), float(step[1] / LEVEL_PX))
        event.handled = True
        yield
    event.handled = True


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.3g}"
