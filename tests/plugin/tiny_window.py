"""A case of stand-ins in a real napari window: open it, click, press keys, find its panes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np


@contextmanager
def tiny_window(make_napari_viewer, qtbot, store) -> Iterator[tuple]:
    """(viewer, dock, store) with the store's first exam, in a shown window of 1366 x 768."""
    from plugin.mouse import settle

    from napari_liverseg.window import PLUGIN, WIDGET

    viewer = make_napari_viewer(show=True)
    viewer.window.set_geometry(0, 0, 1366, 768)
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, WIDGET)
    dock.open(Path("tiny.liverseg"), store=store)
    settle(qtbot, dock.bench)
    try:
        yield viewer, dock, store
    finally:
        store.broken = None  # or a failed test would leave a question that nobody answers
        dock.let_go()


def click(button) -> None:
    from plugin.mouse import BUTTON, NO_KEY
    from qtpy.QtTest import QTest

    QTest.mouseClick(button, BUTTON, NO_KEY)
    QTest.qWait(100)


def press_key(canvas, name: str) -> None:
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    QTest.keyClick(canvas, getattr(Qt.Key, f"Key_{name}"))
    QTest.qWait(100)


def pane_point(viewer, pane: int, point_mm):
    """Canvas pixel of (down, right) in mm of the display frame, in a pane of the grid."""
    from qtpy.QtCore import QPoint

    rows, columns = viewer.canvas.grid.shape
    gap, (height, width) = viewer.canvas.grid.spacing, viewer.canvas.size
    tall, wide = (height - gap * (rows - 1)) / rows, (width - gap * (columns - 1)) / columns
    top, left = (pane // columns) * (tall + gap), (pane % columns) * (wide + gap)
    camera = viewer.scene.camera
    down, right = (np.array(point_mm) - camera.center[-2:]) * camera.zoom
    return QPoint(round(left + wide / 2 + right), round(top + tall / 2 + down))


def quarters(viewer) -> list[np.ndarray]:
    picture = viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)
    tall, wide = picture.shape[0] // 2, picture.shape[1] // 2
    parts = [slice(0, tall), slice(tall, None)], [slice(0, wide), slice(wide, None)]
    return [picture[rows, columns] for rows in parts[0] for columns in parts[1]]
