"""Tools, undo and the sheet of keys in a real window, by mouse and keys, on the tiny exam."""

from __future__ import annotations

import numpy as np
import pytest
from plugin.plugin_stand_ins import FakeStore
from plugin.tiny_window import tiny_window
from plugin.whole_cases import TIMEOUT_MS

pytestmark = pytest.mark.gui


@pytest.fixture
def opened(make_napari_viewer, qtbot):
    """(viewer, dock, store) with the tiny exam loaded, in a shown window of 1366 x 768."""
    with tiny_window(make_napari_viewer, qtbot, FakeStore()) as held:
        yield held


def give_focus(widget, qtbot) -> None:
    """Shortcuts need a window that is active; without a window manager that must be asked for."""
    widget.window().activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus, timeout=TIMEOUT_MS)


def test_buttons_draw_and_keys_work_from_the_dock_but_not_from_the_name(opened, qtbot):
    from plugin.mouse import canvas_of, settle, stroke, world_to_canvas
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    viewer, dock, store = opened
    bar, left = dock.lesions_page.tool_bar, Qt.MouseButton.LeftButton
    assert not dock.steps.undo.isEnabled()
    # A name is typed: its letters are no tools.
    qtbot.mouseClick(bar.name, left)
    qtbot.keyClicks(bar.name, "Na")
    assert bar.name.text() == "Na"
    assert dock.bench.tools.tool == ""
    qtbot.mouseClick(bar.tools["click"], left)
    assert bar.tools["click"].isChecked()
    dock.bench.stage.go_to_slice(2)
    spot = world_to_canvas(viewer, (30.0, 35.0))
    centre = np.array(viewer.scene.camera.center)
    stroke(canvas_of(viewer), spot, spot)
    settle(qtbot, dock.bench)
    assert store.mask("Na").sum() == 27
    np.testing.assert_allclose(viewer.scene.camera.center, centre)
    qtbot.mouseClick(bar.changes["smooth"], left)
    settle(qtbot, dock.bench)
    assert store.mask("Na").sum() == 9
    assert dock.steps.undo.toolTip() == "Undo: smooth lesion Na (Ctrl+Z)"
    # The table has the focus: the keys are the same.
    table = dock.lesions_page.table
    give_focus(table, qtbot)
    QTest.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(store.undone) == 1, timeout=TIMEOUT_MS)
    settle(qtbot, dock.bench)
    assert store.mask("Na").sum() == 27
    assert "undone: smooth lesion Na" in dock.message.text()
    qtbot.mouseClick(dock.steps.redo, left)
    settle(qtbot, dock.bench)
    assert store.mask("Na").sum() == 9
    give_focus(table, qtbot)
    QTest.keyClick(table, Qt.Key.Key_A)
    assert dock.bench.tools.tool == "add"
    give_focus(table, qtbot)
    QTest.keyClick(table, Qt.Key.Key_Escape)
    assert dock.bench.tools.tool == ""


def test_the_sheet_of_keys_names_every_key_and_fits_the_screen(opened, qtbot):
    from plugin.mouse import canvas_of
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    from napari_liverseg import keys
    from napari_liverseg._qt.key_sheet import KeySheet

    viewer, dock, _ = opened
    QTest.keyClick(canvas_of(viewer), Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: bool(dock.findChildren(KeySheet)), timeout=TIMEOUT_MS)
    (sheet,) = dock.findChildren(KeySheet)
    assert sheet.isVisible()
    assert sheet.width() <= 1366
    assert sheet.height() <= 700
    text = "".join(label.text() for label in sheet.children() if hasattr(label, "text"))
    for group in keys.GROUPS.values():
        for key, words, _ in group:
            assert keys.spoken(key) in text
            assert words.replace("'", "&#x27;") in text
    sheet.close()
