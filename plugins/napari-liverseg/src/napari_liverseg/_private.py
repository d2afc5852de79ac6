"""Every place where the plugin leans on a name that napari does not promise.

Each has a test in `tests/plugin/test_private.py` that fails when napari changes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: napari's own callback that steps slices on Ctrl+wheel. The list of callbacks is public,
#: the callback's name is not. All callbacks of the list run, whatever an earlier one did.
CTRL_WHEEL = "dims_scroll"


def take_ctrl_wheel(viewer: Any) -> Callable[[], None]:
    """Keep napari from stepping slices on Ctrl+wheel; returns the way back.

    Where napari has no such callback any more nothing happens.
    """
    callbacks = viewer.mouse_wheel_callbacks
    found = [act for act in callbacks if getattr(act, "__name__", "") == CTRL_WHEEL]
    for act in found:
        callbacks.remove(act)

    def give_back() -> None:
        for act in found:
            if act not in callbacks:
                callbacks.append(act)

    return give_back
