"""Every place where the plugin leans on a name that napari does not promise.

Each has a test in `tests/plugin/test_private.py` that fails when napari changes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: napari's own callbacks that step slices on Ctrl+wheel and zoom into a box on Alt+drag. The
#: lists of callbacks are public, their names are not. All callbacks of a list run, whatever an
#: earlier one did.
CTRL_WHEEL, ALT_DRAG = "dims_scroll", "drag_to_zoom"


def take_ctrl_wheel(viewer: Any) -> Callable[[], None]:
    """Keep napari from stepping slices on Ctrl+wheel; returns the way back.

    Where napari has no such callback any more nothing happens.
    """
    return _take(viewer.mouse_wheel_callbacks, CTRL_WHEEL)


def take_alt_drag(viewer: Any) -> Callable[[], None]:
    """Keep napari from zooming into a box on Alt+drag; as `take_ctrl_wheel`."""
    return _take(viewer.mouse_drag_callbacks, ALT_DRAG)


def _take(callbacks: Any, name: str) -> Callable[[], None]:
    found = [act for act in callbacks if getattr(act, "__name__", "") == name]
    for act in found:
        callbacks.remove(act)

    def give_back() -> None:
        for act in found:
            if act not in callbacks:
                callbacks.append(act)

    return give_back
