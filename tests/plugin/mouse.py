"""What a person does with a napari window: strokes, wheel, clicks. Needs a display."""

from __future__ import annotations

import numpy as np
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

BUTTON, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def canvas_of(viewer):
    """The widget that napari draws on; the one private name in these tests."""
    return viewer.window._qt_viewer.canvas.native


def world_to_canvas(viewer, point_mm: tuple[float, float]) -> QPoint:
    """Canvas pixel of (down, right) in mm of the display frame."""
    camera = viewer.scene.camera
    height, width = viewer.canvas.size
    offset = (np.array(point_mm) - camera.center[-2:]) * camera.zoom
    return QPoint(round(width / 2 + offset[1]), round(height / 2 + offset[0]))


def stroke(canvas, start: QPoint, end: QPoint, *, steps: int = 8) -> None:
    """Press, move in small steps, release: one stroke of the brush."""
    QTest.mouseMove(canvas, start)
    QTest.mousePress(canvas, BUTTON, NO_KEY, start)
    for step in range(1, steps + 1):
        at = start + (end - start) * (step / steps)
        QTest.mouseMove(canvas, at)
        QTest.qWait(10)
    QTest.mouseRelease(canvas, BUTTON, NO_KEY, end)
    QTest.qWait(20)


def turn_wheel(canvas, angle: int, *, ctrl: bool = False, at: QPoint | None = None) -> None:
    """One notch of the wheel is 120; over the middle of the canvas unless `at` says where."""
    at = at or canvas.rect().center()
    keys = Qt.KeyboardModifier.ControlModifier if ctrl else NO_KEY
    event = QWheelEvent(
        QPointF(at),
        QPointF(canvas.mapToGlobal(at)),
        QPoint(0, 0),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def click_cell(table, line: int, column: int) -> None:
    """Click the middle of a table cell."""
    at = table.visualItemRect(table.item(line, column)).center()
    QTest.mouseClick(table.viewport(), BUTTON, NO_KEY, at)


def settle(qtbot, bench, *, timeout_ms: int = 60_000) -> None:
    """Wait until the bench reads and writes nothing."""
    qtbot.waitUntil(lambda: bench.is_idle, timeout=timeout_ms)
    QTest.qWait(50)
