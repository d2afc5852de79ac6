"""The bench in a real napari window, used by mouse and keys, on the tiny exam."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from plugin.plugin_stand_ins import CT, LOCKED, MR, FakeStore
from plugin.tiny_window import tiny_window
from plugin.whole_cases import TIMEOUT_MS

from napari_liverseg.window import PLUGIN, WIDGET

pytestmark = pytest.mark.gui


@pytest.fixture
def opened(make_napari_viewer, qtbot):
    """(viewer, dock, store) with the tiny exam loaded, in a shown window of 1366 x 768."""
    with tiny_window(make_napari_viewer, qtbot, FakeStore()) as held:
        yield held


def texts(table, line: int) -> list[str]:
    return [table.item(line, column).text() for column in range(table.columnCount())]


def test_the_dock_shows_lesions_claims_and_the_exam(opened):
    _, dock, _ = opened
    assert [dock.exams.itemText(n) for n in range(dock.exams.count())] == [CT, MR]
    assert texts(dock.lesions_page.table, 0) == [
        f"A\n{dock.bench.loaded.exam.date}",
        "3 (75 %), 4 (25 %)",
        "24.0 × 12.0",
        "0.24",
        "ring",
    ]
    assert texts(dock.claims_page.claims.table, 0) == ["1", "A measures 240 voxels", "agrees"]
    assert dock.phases.currentText() == "portal venous"
    names = [line.name for line in dock.lesions_page.curve.chart.lines]
    assert names == ["A", "liver", "aorta"]
    assert not dock.message.isVisible()


def test_a_stroke_of_the_brush_changes_case_table_curve_and_verdict(opened, qtbot):
    from plugin.mouse import canvas_of, settle, stroke, world_to_canvas

    viewer, dock, store = opened
    before = store.mask("A").copy()
    layer = dock.bench.stage.lesions
    layer.mode = "paint"
    layer.brush_size = 4
    dock.bench.stage.go_to_slice(4)
    canvas = canvas_of(viewer)
    stroke(canvas, world_to_canvas(viewer, (22, 12)), world_to_canvas(viewer, (30, 30)))
    qtbot.waitUntil(lambda: bool(store.writes), timeout=TIMEOUT_MS)
    settle(qtbot, dock.bench)
    after = store.mask("A")
    assert after.sum() > before.sum()
    assert (after & ~before).any(axis=(1, 2)).nonzero()[0].tolist() == [4]
    np.testing.assert_array_equal(after, layer.data == 1)
    assert texts(dock.lesions_page.table, 0)[3] == f"{after.sum() / 1000:.2f}"
    assert texts(dock.claims_page.claims.table, 0)[2] == "conflicts"
    # Undo by the key, on the canvas, as a person would.
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(store.undone), timeout=TIMEOUT_MS)
    settle(qtbot, dock.bench)
    np.testing.assert_array_equal(store.mask("A"), before)
    assert texts(dock.claims_page.claims.table, 0)[2] == "agrees"


def test_undo_works_while_a_phase_is_the_active_layer(opened, qtbot):
    from plugin.mouse import canvas_of, settle, stroke, world_to_canvas
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    viewer, dock, store = opened
    before = store.mask("A").copy()
    dock.bench.stage.lesions.mode = "paint"
    canvas = canvas_of(viewer)
    stroke(canvas, world_to_canvas(viewer, (22, 12)), world_to_canvas(viewer, (30, 30)))
    qtbot.waitUntil(lambda: len(store.writes) == 1, timeout=TIMEOUT_MS)
    settle(qtbot, dock.bench)
    viewer.layers.selection.active = viewer.layers["portal venous"]
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(store.undone), timeout=TIMEOUT_MS)
    settle(qtbot, dock.bench)
    np.testing.assert_array_equal(store.mask("A"), before)


def test_many_strokes_at_once_are_all_in_the_case(opened, qtbot):
    from plugin.mouse import canvas_of, settle, stroke, world_to_canvas

    viewer, dock, store = opened
    layer = dock.bench.stage.lesions
    layer.mode = "paint"
    canvas = canvas_of(viewer)
    for row in range(20, 36, 2):
        stroke(canvas, world_to_canvas(viewer, (row, 8)), world_to_canvas(viewer, (row, 40)))
    qtbot.waitUntil(lambda: bool(store.writes), timeout=TIMEOUT_MS)
    assert dock.bench.flush()
    settle(qtbot, dock.bench)
    np.testing.assert_array_equal(store.mask("A"), layer.data == 1)
    assert len(store.writes) <= 8


def test_the_wheel_steps_through_slices(opened):
    from plugin.mouse import canvas_of, turn_wheel

    viewer, dock, _ = opened
    dock.bench.stage.go_to_slice(4)
    zoom = viewer.scene.camera.zoom
    turn_wheel(canvas_of(viewer), 120)
    assert dock.bench.stage.slice == 5
    turn_wheel(canvas_of(viewer), -120)
    turn_wheel(canvas_of(viewer), -120)
    assert dock.bench.stage.slice == 3
    assert viewer.scene.camera.zoom == pytest.approx(zoom)
    turn_wheel(canvas_of(viewer), 120, ctrl=True)
    assert viewer.scene.camera.zoom > zoom
    assert dock.bench.stage.slice == 3


def test_clicks_in_the_tables_lead_to_lesion_and_claim(opened, qtbot):
    from plugin.mouse import click_cell

    _, dock, _ = opened
    click_cell(dock.lesions_page.table, 1, 0)
    assert dock.bench.lesion == "B"
    assert dock.bench.stage.slice == 7
    assert dock.bench.stage.lesions.selected_label == 2
    dock.show_page(dock.claims_page)
    click_cell(dock.claims_page.claims.table, 0, 1)
    assert dock.bench.lesion == "A"
    assert dock.lesions_page.table.chosen() == "A"
    assert dock.phases.currentText() == "late arterial"
    assert dock.bench.stage.slice == 4
    assert "A holds 240 voxels" in dock.claims_page.claims.reason.text()


def test_a_fault_stands_in_the_dock_and_can_be_tried_again(opened, qtbot):
    from plugin.mouse import canvas_of, settle, stroke, world_to_canvas
    from qtpy.QtCore import Qt

    viewer, dock, store = opened
    dock.bench.stage.lesions.mode = "paint"
    store.broken = LOCKED
    stroke(canvas_of(viewer), world_to_canvas(viewer, (22, 12)), world_to_canvas(viewer, (30, 30)))
    qtbot.waitUntil(lambda: bool(dock.bench.unsaved), timeout=TIMEOUT_MS)
    assert "close the other window" in dock.message.text()
    assert dock.lesions_page.retry.isVisible()
    assert texts(dock.lesions_page.table, 0)[0].startswith("A (not saved)\n")
    store.broken = None
    qtbot.mouseClick(dock.lesions_page.retry, Qt.MouseButton.LeftButton)
    settle(qtbot, dock.bench)
    np.testing.assert_array_equal(store.mask("A"), dock.bench.stage.lesions.data == 1)
    assert not dock.lesions_page.retry.isVisible()


def test_a_new_lesion_is_named_drawn_and_stored(opened, qtbot, monkeypatch):
    from plugin.mouse import canvas_of, settle, stroke, world_to_canvas
    from qtpy.QtCore import Qt
    from qtpy.QtWidgets import QInputDialog, QMessageBox

    viewer, dock, store = opened
    monkeypatch.setattr(QInputDialog, "getText", lambda *a, **k: ("C", True))
    qtbot.mouseClick(dock.lesions_page.new_button, Qt.MouseButton.LeftButton)
    assert texts(dock.lesions_page.table, 2)[0].startswith("C (not drawn yet)\n")
    stroke(canvas_of(viewer), world_to_canvas(viewer, (30, 30)), world_to_canvas(viewer, (33, 36)))
    qtbot.waitUntil(lambda: bool(store.writes), timeout=TIMEOUT_MS)
    settle(qtbot, dock.bench)
    assert store.mask("C").any()
    yes = QMessageBox.StandardButton.Yes
    monkeypatch.setattr(QMessageBox, "question", lambda *a, **k: yes)
    qtbot.mouseClick(dock.lesions_page.remove_button, Qt.MouseButton.LeftButton)
    settle(qtbot, dock.bench)
    assert [row.name for row in dock.bench.lesions()] == ["A", "B"]


def test_exam_and_phase_are_chosen_in_the_dock(opened, qtbot):
    from plugin.mouse import settle

    _, dock, _ = opened
    dock.phases.setCurrentIndex(1)
    dock.phases.activated.emit(1)
    assert dock.bench.stage.phase == f"{CT}.arterial"
    dock.show_segments.setChecked(True)
    assert dock.bench.stage.segments.visible
    dock.exams.setCurrentText(MR)
    settle(qtbot, dock.bench)
    assert dock.bench.exam_id == MR
    assert not dock.show_segments.isChecked()


def test_closing_the_window_writes_the_last_stroke(make_napari_viewer, qtbot, monkeypatch):
    from plugin.mouse import canvas_of, settle, stroke, world_to_canvas

    from napari_liverseg._qt import runner

    monkeypatch.setattr(runner, "THROTTLE_MS", 60_000)  # nothing is noticed by itself
    viewer = make_napari_viewer(show=True)
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, WIDGET)
    store = FakeStore()
    bench = dock.open(Path("tiny.liverseg"), store=store)
    settle(qtbot, bench)
    bench.stage.lesions.mode = "paint"
    stroke(canvas_of(viewer), world_to_canvas(viewer, (22, 12)), world_to_canvas(viewer, (30, 30)))
    drawn = np.asarray(bench.stage.lesions.data) == 1
    assert not store.writes
    viewer.close()
    np.testing.assert_array_equal(store.mask("A"), drawn)


def test_taking_the_dock_away_writes_the_last_stroke_and_closes_the_case(opened, qtbot):
    from plugin.mouse import canvas_of, settle, stroke, world_to_canvas

    viewer, dock, store = opened
    dock.bench.stage.lesions.mode = "paint"
    layer = dock.bench.stage.lesions
    stroke(canvas_of(viewer), world_to_canvas(viewer, (22, 12)), world_to_canvas(viewer, (30, 30)))
    viewer.window.remove_dock_widget(dock)
    np.testing.assert_array_equal(store.mask("A"), np.asarray(layer.data) == 1)
    assert dock.bench is None
    assert len(viewer.layers) == 0
    _, again = viewer.window.add_plugin_dock_widget(PLUGIN, WIDGET)
    assert again is not dock
    settle(qtbot, again.open(Path("tiny.liverseg"), store=store))
    assert [row.name for row in again.bench.lesions()] == ["A", "B"]
    again.let_go()


def test_another_case_takes_the_place_of_the_first(opened, qtbot, monkeypatch):
    from plugin.mouse import canvas_of, settle, stroke, turn_wheel, world_to_canvas
    from qtpy.QtWidgets import QMessageBox

    from liverseg.errors import CaseError

    viewer, dock, store = opened
    dock.bench.stage.lesions.mode = "paint"
    store.broken = LOCKED
    stroke(canvas_of(viewer), world_to_canvas(viewer, (22, 12)), world_to_canvas(viewer, (30, 30)))
    cancel = QMessageBox.StandardButton.Cancel
    monkeypatch.setattr(QMessageBox, "warning", lambda *a, **k: cancel)
    first, names = dock.bench, [layer.name for layer in viewer.layers]
    with pytest.raises(CaseError, match="could not be written"):
        dock.open(Path("other.liverseg"), store=FakeStore())
    assert dock.bench is first
    store.broken = None
    settle(qtbot, dock.open(Path("other.liverseg"), store=FakeStore()))
    assert store.writes
    assert [layer.name for layer in viewer.layers] == names
    dock.bench.stage.go_to_slice(4)
    turn_wheel(canvas_of(viewer), 120, ctrl=True)
    assert dock.bench.stage.slice == 4
    turn_wheel(canvas_of(viewer), 120)
    assert dock.bench.stage.slice == 5


def test_a_window_that_cannot_write_asks_before_it_closes(opened, qtbot, monkeypatch):
    from plugin.mouse import canvas_of, stroke, world_to_canvas
    from qtpy.QtWidgets import QMessageBox

    viewer, dock, store = opened
    dock.bench.stage.lesions.mode = "paint"
    store.broken = LOCKED
    stroke(canvas_of(viewer), world_to_canvas(viewer, (22, 12)), world_to_canvas(viewer, (30, 30)))
    asked = []

    def answer(*args, **kwargs):
        asked.append(args[2])
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "warning", answer)
    window = dock.window()
    window.close()
    assert window.isVisible()
    assert "could not be written" in asked[0]
    store.broken = None


def test_the_curve_follows_the_theme(opened, qtbot):
    viewer, dock, _ = opened

    def ground_and_ink() -> tuple[float, float]:
        """Lightness of a corner, where nothing stands, and of the farthest from it."""
        picture = dock.lesions_page.curve.grab().toImage()
        found = [
            picture.pixelColor(x, y).lightnessF()
            for x in range(picture.width())
            for y in range(picture.height())
        ]
        return found[0], max(found, key=lambda one: abs(one - found[0]))

    dark, bright_ink = ground_and_ink()
    assert bright_ink > dark + 0.3
    viewer.theme = "light"
    qtbot.waitUntil(lambda: ground_and_ink()[0] > dark + 0.3, timeout=60_000)
    light, dark_ink = ground_and_ink()
    assert dark_ink < light - 0.3


def test_nothing_is_cut_off_on_a_small_screen(opened, qtbot):
    from qtpy.QtWidgets import QWidget

    viewer, dock, _ = opened
    assert viewer.window.geometry()[2:] == (1366, 768)
    for page in dock.pages:
        dock.show_page(page)
        qtbot.wait(50)
        assert page.isVisible()
        for widget in [dock.exams, dock.phases, page, *page.findChildren(QWidget)]:
            if not widget.isVisible() or widget.visibleRegion().isEmpty():
                continue
            corner = widget.mapTo(dock.window(), widget.rect().bottomRight())
            assert corner.x() <= 1366, widget
            assert corner.y() <= 768, widget
    dock.show_page(dock.lesions_page)
    qtbot.wait(50)
    assert dock.lesions_page.table.height() > 70
    assert dock.claims_page.claims.table.height() > 120
    assert viewer.canvas.size[1] > 500
