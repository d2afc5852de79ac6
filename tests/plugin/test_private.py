"""What the plugin takes from inside napari, and that it takes nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Labels

import napari_liverseg
from napari_liverseg._private import ALT_DRAG, CTRL_WHEEL, take_alt_drag, take_ctrl_wheel

SOURCES = sorted(Path(napari_liverseg.__file__).parent.rglob("*.py"))
#: A private module or a private attribute of a napari object.
PRIVATE = re.compile(
    r"napari\._|napari\.\w+(\.\w+)*\._\w|(viewer|window|layer|lesions|dims|camera|canvas)\._\w"
)


@pytest.mark.parametrize(
    ("take", "callbacks", "name"),
    [
        (take_ctrl_wheel, "mouse_wheel_callbacks", CTRL_WHEEL),
        (take_alt_drag, "mouse_drag_callbacks", ALT_DRAG),
    ],
)
def test_napari_still_has_its_callbacks_under_these_names(take, callbacks, name):
    viewer = ViewerModel()

    def names() -> list[str]:
        return sorted(act.__name__ for act in getattr(viewer, callbacks))

    before = names()
    assert name in before
    give_back = take(viewer)
    assert name not in names()
    give_back()
    give_back()
    assert names() == before


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_other_module_touches_private_napari(path):
    if path.name == "_private.py":
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if PRIVATE.search(line)] == []


def test_undo_is_still_silent_so_the_keys_of_the_bench_are_needed():
    layer = Labels(np.zeros((4, 8, 8), np.uint8))
    told = []
    layer.events.paint.connect(told.append)
    with layer.block_history():
        layer.paint((1, 4, 4), 1)
    layer.undo()
    assert len(told) == 1
    assert not layer.data.any()


def test_paint_is_still_told_before_the_voxels_change():
    layer = Labels(np.zeros((4, 8, 8), np.uint8))
    seen = []
    layer.events.paint.connect(lambda event: seen.append(bool(layer.data.any())))
    layer.paint((1, 4, 4), 1)
    assert seen == [False]
