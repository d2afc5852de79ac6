"""Looking in a real napari window: panes, keys, planes, flicker, by mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from plugin.phases import ARTERIAL, NATIVE, PORTAL, acquired, four_phase_store
from plugin.tiny_window import click, pane_point, press_key, quarters, tiny_window
from plugin.whole_cases import TIMEOUT_MS

pytestmark = pytest.mark.gui


@pytest.fixture
def opened(make_napari_viewer, qtbot):
    """(viewer, dock, store) with four phases loaded, in a shown window of 1366 x 768."""
    with tiny_window(make_napari_viewer, qtbot, four_phase_store()) as held:
        held[1].show_page(held[1].look_page)
        yield held


def test_four_panes_step_together(opened):
    from plugin.mouse import canvas_of, turn_wheel
    from qtpy.QtTest import QTest

    viewer, dock, _ = opened
    click(dock.look_page.counts[4])
    assert dock.bench.looking.count == 4
    before = quarters(viewer)
    assert all(np.ptp(part) > 100 for part in before)  # a picture in every pane
    turn_wheel(canvas_of(viewer), 120, at=pane_point(viewer, 3, (20, 20)))
    QTest.qWait(200)
    after = quarters(viewer)
    assert [np.abs(a - b).max() > 50 for a, b in zip(before, after, strict=True)] == [True] * 4


def test_a_stroke_in_the_second_pane_lands_on_its_voxel(opened, qtbot):
    from plugin.mouse import canvas_of, settle, stroke

    viewer, dock, store = opened
    dock.bench.looking.arrange(4)
    dock.bench.stage.go_to_slice(4)
    qtbot.wait(300)  # the panes have their sizes after they were drawn
    before = store.mask("A").copy()
    layer = dock.bench.stage.lesions
    layer.mode, layer.brush_size = "paint", 1
    start, end = (pane_point(viewer, 1, (30, right)) for right in (8, 20))
    stroke(canvas_of(viewer), start, end)
    qtbot.waitUntil(lambda: bool(store.writes), timeout=TIMEOUT_MS)
    settle(qtbot, dock.bench)
    added = np.argwhere(store.mask("A") & ~before)
    assert {tuple(place[:2]) for place in added.tolist()} == {(4, 30)}
    assert added[:, 2].tolist() == list(range(8, 21))
    # What was drawn in the second pane is in the picture of the others.
    layer.mode = "pan_zoom"
    lit = [np.abs(part - part.mean(axis=2, keepdims=True)).max() for part in quarters(viewer)]
    assert all(colour > 60 for colour in lit)


def test_keys_choose_windows_and_panes(opened):
    from plugin.mouse import canvas_of
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    viewer, dock, _ = opened
    phases, canvas = dock.bench.stage.phases, canvas_of(viewer)
    press_key(canvas, "F3")
    assert tuple(phases[PORTAL].contrast_limits) == (-160.0, 240.0)
    press_key(canvas, "F2")
    assert tuple(phases[PORTAL].contrast_limits) == (-35.0, 215.0)
    assert tuple(phases[NATIVE].contrast_limits) == (-40.0, 160.0)
    assert dock.look_page.window_text.text() == "portal venous: level 90, width 250 HU"
    QTest.keyClick(canvas, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert dock.bench.looking.keys == (ARTERIAL, PORTAL)
    assert dock.look_page.choosers[1].currentText() == "portal venous"


def test_the_right_button_drags_the_window_and_not_the_camera(opened):
    from plugin.mouse import NO_KEY, canvas_of
    from qtpy.QtCore import QPoint, Qt
    from qtpy.QtTest import QTest

    viewer, dock, _ = opened
    canvas, layer = canvas_of(viewer), dock.bench.stage.phases[PORTAL]
    low, high = layer.contrast_limits
    zoom, at = viewer.scene.camera.zoom, canvas.rect().center()
    QTest.mousePress(canvas, Qt.MouseButton.RightButton, NO_KEY, at)
    for step in range(1, 6):
        QTest.mouseMove(canvas, at + QPoint(20 * step, 0))
        QTest.qWait(20)
    QTest.mouseRelease(canvas, Qt.MouseButton.RightButton, NO_KEY, at + QPoint(100, 0))
    found = layer.contrast_limits
    assert found[1] - found[0] > 1.2 * (high - low)
    assert sum(found) == pytest.approx(low + high)
    assert viewer.scene.camera.zoom == pytest.approx(zoom)


def test_the_mouse_reads_the_acquired_value_of_every_phase(opened, qtbot):
    from plugin.mouse import canvas_of
    from qtpy.QtTest import QTest

    viewer, dock, _ = opened
    bench, canvas = dock.bench, canvas_of(viewer)
    bench.looking.arrange(4)
    bench.stage.go_to_slice(5)
    qtbot.wait(300)
    QTest.mouseMove(canvas, canvas.rect().center())
    QTest.qWait(50)
    QTest.mouseMove(canvas, pane_point(viewer, 2, (20.3, 24.4)))
    qtbot.waitUntil(lambda: bench.looking.focus == PORTAL, timeout=TIMEOUT_MS)
    QTest.qWait(50)
    point = bench.looking.cursor_mm
    assert point == pytest.approx((15.0, 20.3, 24.4), abs=1.0)
    position = bench.stage.scene.frame.to_lps_mm(point)
    table = dock.look_page.readout.table
    shown = {table.item(n, 0).text(): table.item(n, 1).text() for n in range(table.rowCount())}
    for key, name in bench.looking.names.items():
        value = acquired(bench.loaded.exam, key, position)
        assert shown[name] == f"{value:.0f} HU".replace("-", "−")
    assert "{:.1f}, {:.1f}, {:.1f} mm".format(*position) in dock.look_page.readout.position.text()


def test_planes_open_follow_the_cross_hair_and_close(opened, qtbot):
    from plugin.mouse import BUTTON, NO_KEY, canvas_of
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QApplication

    viewer, dock, _ = opened
    look = dock.bench.looking
    drawn_on = {id(w) for w in QApplication.allWidgets() if _is_canvas(w)}
    press_key(canvas_of(viewer), "F9")
    planes = dock.look_page.planes
    assert dock.look_page.planes_button.isChecked()
    qtbot.wait(500)
    canvases = [w for w in QApplication.allWidgets() if _is_canvas(w) and id(w) not in drawn_on]
    assert len(canvases) == 3
    coronal = planes.mpr.views[1]
    canvas = next(w for w in canvases if planes.panes[1].isAncestorOf(w))
    assert min(canvas.width(), canvas.height()) >= 150
    look.go_to((15.0, 20.0, 24.0))
    QTest.mouseClick(canvas, BUTTON, NO_KEY, canvas.rect().center())
    qtbot.wait(100)
    z, down, right = look.point_mm
    centre = np.array(coronal.model.scene.camera.center)[-2:]
    assert (z, right) == pytest.approx(tuple(centre), abs=3.0)
    assert down == 20.0
    for view in planes.mpr.views:
        assert view.model.dims.point == look.point_mm
    assert viewer.dims.point[0] == z
    press_key(canvas, "F9")
    qtbot.wait(300)
    assert dock.look_page.planes is None
    assert not dock.look_page.planes_button.isChecked()
    assert [w for w in QApplication.allWidgets() if _is_canvas(w) and id(w) not in drawn_on] == []


def test_planes_end_with_their_dock_and_with_the_window(opened, qtbot):
    viewer, dock, _ = opened
    page = dock.look_page
    page.toggle_planes()
    qtbot.wait(300)
    gone = page.planes
    viewer.window.remove_dock_widget(gone)  # what the cross of the dock does
    assert (gone.mpr, gone.panes) == (None, [])
    assert not page.planes_button.isChecked()
    page.toggle_planes()
    qtbot.wait(300)
    assert page.planes is not gone
    assert page.planes_button.isChecked()
    dock.bench.looking.arrange(4)
    viewer.close()
    assert dock.look_page.planes is None


def test_flicker_goes_on_by_itself_until_it_is_stopped(opened, qtbot):
    _, dock, _ = opened
    look, page = dock.bench.looking, dock.look_page
    seen = [look.keys]
    look.changed.connect(lambda: seen.append(look.keys))
    click(page.flicker)
    qtbot.waitUntil(lambda: {(ARTERIAL,), (PORTAL,)} <= set(seen[1:]), timeout=TIMEOUT_MS)
    click(page.flicker)
    stopped = look.keys
    qtbot.wait(800)
    assert look.keys == stopped


def _is_canvas(widget) -> bool:
    return type(widget).__name__ == "CanvasBackendDesktop"
