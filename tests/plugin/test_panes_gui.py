"""Cross-hair, axes, landmarks and drawing in panes and planes, in a real window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from plugin.phases import ARTERIAL, PORTAL, four_phase_store, four_phases
from plugin.plugin_stand_ins import FakeStore, tiny_exam
from plugin.test_segmenting import POINTS
from plugin.tiny_window import click, pane_point, press_key, quarters, tiny_window
from plugin.whole_cases import TIMEOUT_MS

pytestmark = pytest.mark.gui

#: Height of a pane's name with the letter below it, and of its caption.
NAMES_PX, CAPTION_PX = 60, 40


@pytest.fixture
def opened(make_napari_viewer, qtbot):
    """(viewer, dock, store) with four phases in four panes, in a shown window of 1366 x 768."""
    with tiny_window(make_napari_viewer, qtbot, four_phase_store()) as held:
        dock = held[1]
        dock.show_page(dock.look_page)
        click(dock.look_page.counts[4])
        qtbot.wait(300)  # the panes have their sizes after they were drawn
        yield held


def yellow(picture: np.ndarray) -> np.ndarray:
    """Pixels that are yellower than grey can be."""
    return (picture[..., 0] - picture[..., 2] > 60) & (picture[..., 1] - picture[..., 2] > 40)


def cross_in_quarters(viewer) -> list[tuple[int, int] | None]:
    """(row, column) of the cross-hair in each of four panes, from the pixels alone."""
    found: list[tuple[int, int] | None] = []
    for part in quarters(viewer):
        lit = yellow(part)
        lit[:NAMES_PX], lit[-CAPTION_PX:] = False, False  # texts are yellow too
        rows, columns = lit.sum(axis=1), lit.sum(axis=0)
        row, column = int(rows.argmax()), int(columns.argmax())
        seen = min(rows[row] / part.shape[1], columns[column] / part.shape[0]) > 0.22
        found.append((row, column) if seen else None)
    return found


def middle_of_pane(viewer, point_mm) -> tuple[int, int]:
    """(row, column) within its pane of a place (down, right) in mm."""
    at = pane_point(viewer, 0, point_mm)
    return at.y(), at.x()


def test_every_pane_shows_the_cross_hair_where_it_was_clicked(opened, qtbot):
    from plugin.mouse import BUTTON, canvas_of
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    viewer, dock, _ = opened
    canvas, look = canvas_of(viewer), dock.bench.looking
    viewer.scene.camera.zoom = 6.0
    qtbot.wait(100)
    shift = Qt.KeyboardModifier.ShiftModifier
    for pane, place in ((0, (14.0, 30.0)), (3, (24.0, 18.0))):
        QTest.mouseClick(canvas, BUTTON, shift, pane_point(viewer, pane, place))
        qtbot.waitUntil(lambda place=place: look.point_mm[1:] == place, timeout=TIMEOUT_MS)
        qtbot.wait(200)
        wanted = middle_of_pane(viewer, place)
        for found in cross_in_quarters(viewer):
            assert found is not None
            assert np.abs(np.subtract(found, wanted)).max() <= 3
    # Near the point itself nothing is covered.
    gap = round(0.6 * 12.0 * viewer.scene.camera.zoom)
    for part in quarters(viewer):
        row, column = wanted
        near = part[row - gap : row + gap, column - gap : column + gap]
        assert not (yellow(near).sum(axis=0) > gap).any()


def test_the_cross_hair_stays_with_the_slice_and_goes_by_key_and_box(opened, qtbot):
    from plugin.mouse import canvas_of, turn_wheel

    viewer, dock, _ = opened
    canvas, look, box = canvas_of(viewer), dock.bench.looking, dock.look_page.cross
    viewer.scene.camera.zoom = 6.0
    look.go_to((12.0, 20.0, 24.0))
    qtbot.wait(200)
    before = cross_in_quarters(viewer)
    assert None not in before
    turn_wheel(canvas, 120, at=pane_point(viewer, 1, (20.0, 24.0)))
    qtbot.waitUntil(lambda: look.point_mm[0] == 15.0, timeout=TIMEOUT_MS)
    qtbot.wait(200)
    assert cross_in_quarters(viewer) == before
    assert box.isChecked()
    press_key(canvas, "H")
    qtbot.waitUntil(lambda: not box.isChecked(), timeout=TIMEOUT_MS)
    qtbot.wait(200)
    assert cross_in_quarters(viewer) == [None] * 4
    click(box)
    qtbot.waitUntil(lambda: look.cross, timeout=TIMEOUT_MS)
    qtbot.wait(200)
    assert cross_in_quarters(viewer) == before


def test_a_length_is_drawn_and_pulled_in_another_pane_than_the_first(opened, qtbot):
    from plugin.mouse import canvas_of, settle, stroke

    viewer, dock, _ = opened
    bench, canvas = dock.bench, canvas_of(viewer)
    press_key(canvas, "H")  # no line but the caliper's
    viewer.scene.camera.zoom = 6.0
    bench.stage.go_to_slice(4)
    bench.choose("A")
    qtbot.wait(200)
    press_key(canvas, "Q")
    stroke(canvas, *(pane_point(viewer, 1, (26.0, right)) for right in (8.0, 20.0)))
    settle(qtbot, bench)
    press_key(canvas, "Escape")
    (line,) = bench.axes.lines()
    assert line.length_mm == pytest.approx(12.0, abs=0.5)
    stroke(canvas, pane_point(viewer, 3, line.ends[1][1:]), pane_point(viewer, 3, (26.0, 28.0)))
    settle(qtbot, bench)
    (line,) = bench.axes.lines()
    assert line.length_mm == pytest.approx(20.0, abs=0.5)
    qtbot.wait(200)
    row, left = middle_of_pane(viewer, (26.0, 10.0))
    right = middle_of_pane(viewer, (26.0, 26.0))[1]
    for part in quarters(viewer):
        strip = part[row - 3 : row + 4, left:right]
        red = (strip[..., 0] - strip[..., 1] > 60) & (strip[..., 0] - strip[..., 2] > 60)
        assert red.any(axis=0).mean() > 0.9


def test_a_landmark_is_dragged_in_the_second_pane(make_napari_viewer, qtbot):
    from plugin.mouse import canvas_of, settle, stroke

    store = FakeStore(replace(four_phases(), landmarks=POINTS), tiny_exam("2017-03-02_MR"))
    with tiny_window(make_napari_viewer, qtbot, store) as (viewer, dock, _):
        dock.show_page(dock.look_page)
        bench, desk = dock.bench, dock.segments_page.desk
        bench.looking.arrange(4)
        bench.looking.show_cross(False)
        dock.show_page(dock.segments_page)
        settle(qtbot, bench)
        click(dock.segments_page.points)
        desk.go_to("mhv")
        qtbot.wait(300)
        frame = bench.stage.scene.frame
        start = frame.to_shown_mm(np.array(POINTS["mhv"]))
        end = start + np.array((0.0, 4.0, -6.0))
        canvas = canvas_of(viewer)
        spot = pane_point(viewer, 1, start[1:])
        lit = [
            (part[..., 0] - part[..., 1] > 80) & (part[..., 2] - part[..., 1] > 60)
            for part in quarters(viewer)
        ]
        assert all(one.any() for one in lit)  # magenta in every pane
        stroke(canvas, spot, pane_point(viewer, 1, end[1:]))
        qtbot.waitUntil(lambda: desk.landmarks["mhv"] != POINTS["mhv"], timeout=TIMEOUT_MS)
        moved = frame.to_shown_mm(np.array(desk.landmarks["mhv"]))
        np.testing.assert_allclose(moved, end, atol=1.0)
        settle(qtbot, bench)
        others = [layer for layer in viewer.layers if layer.name.startswith("landmarks: ")]
        assert len(others) == 3
        for layer in others:
            np.testing.assert_allclose(layer.data, desk.layers.points.data)


def plane_point(view, canvas, point_mm):
    """Canvas pixel of a point (slice, down, right) in mm, in one of the three planes."""
    from qtpy.QtCore import QPoint

    camera, plane = view.model.scene.camera, view.plane
    signs = np.array([-1.0 if flip else 1.0 for flip in plane.flips[1:]])
    at = np.array([point_mm[axis] for axis in plane.order[1:]])
    down, right = (at - np.array(camera.center)[-2:]) * signs * camera.zoom
    return QPoint(round(canvas.width() / 2 + right), round(canvas.height() / 2 + down))


def canvas_of_plane(planes, number: int):
    from qtpy.QtWidgets import QApplication

    return next(
        widget
        for widget in QApplication.allWidgets()
        if type(widget).__name__ == "CanvasBackendDesktop"
        and planes.panes[number].isAncestorOf(widget)
    )


def open_planes(viewer, dock, qtbot):
    from plugin.mouse import canvas_of

    press_key(canvas_of(viewer), "F9")
    qtbot.waitUntil(lambda: dock.look_page.planes is not None, timeout=TIMEOUT_MS)
    qtbot.wait(500)
    return dock.look_page.planes


def test_a_stroke_in_the_coronal_plane_is_stored_seen_everywhere_and_undone(opened, qtbot):
    from plugin.mouse import settle, stroke
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    viewer, dock, store = opened
    bench = dock.bench
    bench.choose("A")
    before = store.mask("A").copy()
    planes = open_planes(viewer, dock, qtbot)
    bench.looking.go_to((12.0, 22.0, 30.0))
    qtbot.wait(200)
    view, canvas = planes.mpr.views[1], canvas_of_plane(planes, 1)
    QTest.mouseMove(canvas, canvas.rect().center())
    press_key(canvas, "2")
    assert str(bench.stage.lesions.mode) == "paint"
    bench.stage.lesions.brush_size = 1
    start, end = ((slice_, 22.0, 30.0) for slice_ in (9.0, 24.0))
    stroke(canvas, plane_point(view, canvas, start), plane_point(view, canvas, end))
    qtbot.waitUntil(lambda: bool(store.writes), timeout=TIMEOUT_MS)
    settle(qtbot, bench)
    added = np.argwhere(store.mask("A") & ~before)
    assert {tuple(place[1:]) for place in added.tolist()} == {(22, 30)}
    assert added[:, 0].tolist() == list(range(3, 9))
    assert bench.looking.point_mm == (12.0, 22.0, 30.0)  # drawing does not move the cross-hair
    shown = bench.stage.scene.frame.shown_index(added)
    for layer in (bench.stage.lesions, *(one.lesions.layer for one in planes.mpr.views)):
        assert all(layer.data[tuple(place)] == 1 for place in shown)
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(store.undone), timeout=TIMEOUT_MS)
    settle(qtbot, bench)
    np.testing.assert_array_equal(store.mask("A"), before)
    assert bench.last_message[0] == "undone: edit lesion A"


def test_the_planes_show_the_phase_that_is_chosen(opened, qtbot):
    from plugin.mouse import canvas_of

    viewer, dock, _ = opened
    page, canvas = dock.look_page, canvas_of(viewer)
    assert not page.planes_phase.isEnabled()
    planes = open_planes(viewer, dock, qtbot)
    chooser, mpr = page.planes_phase, planes.mpr
    assert chooser.isEnabled()
    assert chooser.currentText() == "as in the picture"
    first = mpr.key
    press_key(canvas_of_plane(planes, 0), "F7")
    assert mpr.key != first
    assert chooser.currentData() == mpr.key
    chooser.setCurrentIndex(chooser.findData(ARTERIAL))
    chooser.activated.emit(chooser.currentIndex())
    assert mpr.key == ARTERIAL
    for view in mpr.views:
        assert view.model.canvas.overlays.text.text.startswith("late arterial")
    chooser.setCurrentIndex(0)
    chooser.activated.emit(0)
    press_key(canvas, "F9")
    qtbot.waitUntil(lambda: page.planes is None, timeout=TIMEOUT_MS)
    assert not chooser.isEnabled()
    assert dock.bench.looking.planes is None
    assert PORTAL in dock.bench.looking.keys
