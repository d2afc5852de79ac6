"""Segments, words and claims in a real napari window, by mouse and keys, on the tiny exam."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from plugin.plugin_stand_ins import CT, MR, FakeStore, axial_grid, tiny_exam
from plugin.test_segmenting import POINTS
from plugin.tiny_window import tiny_window
from plugin.whole_cases import TIMEOUT_MS

pytestmark = pytest.mark.gui

GRID = axial_grid()


@pytest.fixture
def opened(make_napari_viewer, qtbot):
    """(viewer, dock, store) with the tiny exam and its landmarks, in a window of 1366 x 768."""
    with tiny_window(
        make_napari_viewer,
        qtbot,
        FakeStore(replace(tiny_exam(CT), landmarks=POINTS), tiny_exam(MR)),
    ) as held:
        yield held


def show(dock, page, qtbot) -> None:
    from plugin.mouse import settle

    dock.show_page(page)
    settle(qtbot, dock.bench)


def click(qtbot, button) -> None:
    from qtpy.QtCore import Qt

    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def texts(table, line: int) -> list[str]:
    return [table.item(line, column).text() for column in range(table.columnCount())]


def test_a_landmark_dragged_with_the_mouse_changes_map_case_and_shares(opened, qtbot):
    from plugin.mouse import canvas_of, settle, stroke, world_to_canvas

    viewer, dock, store = opened
    page = dock.segments_page
    show(dock, page, qtbot)
    assert dock.bench.stage.segments.visible
    before = texts(page.table, 0)
    click(qtbot, page.points)
    dock.bench.stage.go_to_slice(5)
    canvas = canvas_of(viewer)
    # The tiny exam is shown as it is stored: (down, right) are row and column in mm.
    stroke(canvas, world_to_canvas(viewer, (20, 18)), world_to_canvas(viewer, (26, 35)))
    settle(qtbot, dock.bench)
    stored = store.exams[CT]
    column = GRID.to_index(np.array(stored.landmarks["mhv"]))[2]
    assert column == pytest.approx(35, abs=0.6)
    assert set(np.unique(stored.couinaud.array[:, :, : int(column)])) == {0, 5}
    np.testing.assert_array_equal(dock.bench.stage.segments.data, stored.couinaud.array)
    assert texts(page.table, 0) != before
    assert texts(page.table, 0)[1] == "0"  # segment 1 lay left of the border's old place


def test_a_landmark_is_placed_by_a_click(opened, qtbot):
    from plugin.mouse import canvas_of, click_cell, settle, world_to_canvas
    from qtpy.QtCore import Qt

    viewer, dock, store = opened
    page = dock.segments_page
    show(dock, page, qtbot)
    names = [row.name for row in page.desk.landmark_rows()]
    click_cell(page.landmarks, names.index("lvf"), 1)
    click(qtbot, page.place_button)
    assert page.landmarks.item(names.index("lvf"), 2).text() == "click"
    dock.bench.stage.go_to_slice(7)
    at = world_to_canvas(viewer, (12, 25))
    qtbot.mouseClick(canvas_of(viewer), Qt.MouseButton.LeftButton, pos=at)
    settle(qtbot, dock.bench)
    index = GRID.to_index(np.array(store.exams[CT].landmarks["lvf"]))
    assert index == pytest.approx((7, 12, 25), abs=0.6)
    assert page.landmarks.item(names.index("lvf"), 2).text() == "7"


def test_a_border_is_corrected_with_the_brush_and_never_outside_the_liver(opened, qtbot):
    from plugin.mouse import canvas_of, click_cell, settle, stroke, world_to_canvas

    viewer, dock, store = opened
    page = dock.segments_page
    show(dock, page, qtbot)
    before = np.array(store.exams[CT].couinaud.array)
    click_cell(page.table, 6, 1)
    click(qtbot, page.brush)
    dock.bench.stage.segments.brush_size = 4
    dock.bench.stage.go_to_slice(4)
    canvas = canvas_of(viewer)
    stroke(canvas, world_to_canvas(viewer, (0, 20)), world_to_canvas(viewer, (30, 20)))
    qtbot.waitUntil(
        lambda: not np.array_equal(store.exams[CT].couinaud.array, before), timeout=5000
    )
    settle(qtbot, dock.bench)
    after = store.exams[CT].couinaud.array
    changed = after != before
    assert (after[changed] == 7).all()
    assert changed.any(axis=(1, 2)).nonzero()[0].tolist() == [4]
    assert not changed[:, :2].any()  # rows 0 and 1 lie outside the liver
    assert "outside the liver" in dock.message.text()
    np.testing.assert_array_equal(dock.bench.stage.segments.data, after)
    click(qtbot, page.brush)
    assert viewer.layers.selection.active is dock.bench.stage.lesions


def test_ticked_segments_are_taken_from_the_remnant(opened, qtbot):
    from qtpy.QtCore import QPoint, Qt

    _, dock, _ = opened
    page = dock.segments_page
    show(dock, page, qtbot)
    assert "tick segments" in page.remnant.text()
    whole = page.desk.remnant().remnant_ml
    for line in (4, 5):
        cell = page.table.visualItemRect(page.table.item(line, 0))
        box = QPoint(cell.left() + 12, cell.center().y())
        qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=box)
    found = page.desk.remnant()
    assert found.resected == ("5", "6")
    assert found.remnant_ml + found.resected_ml == pytest.approx(whole)
    assert f"Remnant {found.remnant_ml:.0f} ml" in page.remnant.text()
    assert "without 5, 6" in page.remnant.text()


def test_leaving_the_page_gives_the_mouse_back_to_the_lesions(opened, qtbot):
    _, dock, _ = opened
    show(dock, dock.segments_page, qtbot)
    click(qtbot, dock.segments_page.brush)
    show(dock, dock.lesions_page, qtbot)
    assert not dock.segments_page.desk.editing
    assert not dock.bench.stage.segments.editable


def test_words_curve_and_profile_follow_a_stroke(opened, qtbot):
    from plugin.mouse import canvas_of, settle, stroke, world_to_canvas

    viewer, dock, store = opened
    page = dock.words_page
    show(dock, page, qtbot)
    assert [texts(page.table, line)[0] for line in range(2)] == ["✓  ring", "?  washout"]
    assert "240.0 HU" in page.table.item(0, 0).toolTip()
    assert [line.name for line in page.curve.chart.lines] == ["A", "liver", "aorta"]
    assert len(page.profile.chart.lines) == 2
    dock.bench.stage.lesions.mode = "paint"
    dock.bench.stage.go_to_slice(4)
    canvas = canvas_of(viewer)
    stroke(canvas, world_to_canvas(viewer, (22, 12)), world_to_canvas(viewer, (30, 30)))
    qtbot.waitUntil(lambda: bool(store.writes), timeout=TIMEOUT_MS)
    settle(qtbot, dock.bench)
    assert f"{store.mask('A').sum():.1f} HU" in page.table.item(0, 0).toolTip()
    page.all_words.setChecked(True)
    assert page.table.rowCount() == 4


def test_an_edited_finding_changes_its_verdict_and_a_wrong_one_says_why(opened, qtbot):
    from plugin.mouse import click_cell, settle
    from qtpy.QtWidgets import QDialogButtonBox

    _, dock, store = opened
    page = dock.claims_page
    show(dock, page, qtbot)
    assert texts(page.claims.table, 0)[2] == "agrees"
    assert not page.claims.table.item(0, 0).icon().isNull()
    click_cell(page.claims.table, 0, 1)
    click(qtbot, page.edit_button)
    form = page.form
    save = form.buttons.button(QDialogButtonBox.StandardButton.Save)
    assert form.fields["statement"].toPlainText() == "A measures 240 voxels"
    form.details["mm"].clear()
    click(qtbot, save)
    settle(qtbot, dock.bench)
    assert form.isVisible()
    assert "the field 'mm' is missing" in form.message.text()
    qtbot.keyClicks(form.details["mm"], "500")
    click(qtbot, save)
    settle(qtbot, dock.bench)
    assert page.form is None
    assert store.reported.claims[0].expects["mm"] == 500
    assert texts(page.claims.table, 0)[2] == "conflicts"


def test_a_typed_finding_is_judged_and_filters_choose_among_them(opened, qtbot):
    from plugin.mouse import settle
    from qtpy.QtWidgets import QDialogButtonBox

    _, dock, _store = opened
    page = dock.claims_page
    show(dock, page, qtbot)
    click(qtbot, page.add_button)
    form = page.form
    assert form.fields["id"].text() == "3"
    form.fields["statement"].setPlainText("A measures 300 voxels")
    qtbot.keyClicks(form.fields["place"], "p. 3")
    qtbot.keyClicks(form.details["mm"], "300")
    click(qtbot, form.buttons.button(QDialogButtonBox.StandardButton.Save))
    settle(qtbot, dock.bench)
    assert texts(page.claims.table, 2) == ["3", "A measures 300 voxels", "conflicts"]
    page.claims.verdicts.setCurrentText("conflicts")
    assert [texts(page.claims.table, 0)[0], page.claims.table.rowCount()] == ["3", 1]
    page.claims.verdicts.setCurrentIndex(0)
    page.claims.lesions.setCurrentText("A")
    assert page.claims.table.rowCount() == 2


def test_pages_fit_the_dock_on_a_small_screen(opened, qtbot):
    from qtpy.QtWidgets import QPushButton

    _, dock, _ = opened
    for page in dock.pages:
        show(dock, page, qtbot)
        assert page.minimumSizeHint().width() <= page.width()
        for button in page.findChildren(QPushButton):
            if button.isVisible():
                assert button.width() >= button.sizeHint().width() - 2, button.text()
