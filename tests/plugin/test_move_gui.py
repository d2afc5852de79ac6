"""A lesion moved in one phase in a real window, by mouse and keys."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from plugin.phases import ARTERIAL, PORTAL, four_phase_store
from plugin.plugin_stand_ins import CT
from plugin.tiny_window import pane_point, tiny_window
from plugin.whole_cases import TIMEOUT_MS, open_copy

pytestmark = pytest.mark.gui


@pytest.fixture
def opened(make_napari_viewer, qtbot):
    """(viewer, dock, store) with four phases loaded, in a shown window of 1366 x 768."""
    with tiny_window(make_napari_viewer, qtbot, four_phase_store()) as held:
        yield held


def alt_drag(canvas, start, end, *, steps: int = 6) -> None:
    """Hold Alt, press, move in small steps, release."""
    from plugin.mouse import BUTTON
    from qtpy.QtCore import QEvent, QPointF, Qt
    from qtpy.QtGui import QMouseEvent
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QApplication

    alt = Qt.KeyboardModifier.AltModifier
    QTest.mouseMove(canvas, start)
    QTest.mousePress(canvas, BUTTON, alt, start)
    for step in range(1, steps + 1):  # QTest moves the mouse without modifiers
        at = QPointF(start + (end - start) * (step / steps))
        where = QPointF(canvas.mapToGlobal(at.toPoint()))
        move = QMouseEvent(QEvent.Type.MouseMove, at, where, Qt.MouseButton.NoButton, BUTTON, alt)
        QApplication.sendEvent(canvas, move)
        QTest.qWait(10)
    QTest.mouseRelease(canvas, BUTTON, alt, end)
    QTest.qWait(20)


def alt_key(widget, name: str) -> None:
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    QTest.keyClick(widget, getattr(Qt.Key, f"Key_{name}"), Qt.KeyboardModifier.AltModifier)
    QTest.qWait(20)


def moves_of(store, name: str = "A"):
    lesion = next(one for one in store.exams[CT].lesions if one.name == name)
    return {key: move.offset_mm for key, move in lesion.moves.items()}


def test_drag_keys_line_and_button_side_by_side(opened, qtbot):
    from plugin.mouse import BUTTON, canvas_of, settle
    from qtpy.QtTest import QTest

    viewer, dock, store = opened
    bench, canvas = dock.bench, canvas_of(viewer)
    bench.choose("A")
    bench.looking.arrange(4)
    bench.stage.go_to_slice(4)
    qtbot.wait(300)  # the panes have their sizes after they were drawn
    pane = bench.looking.keys.index(ARTERIAL)
    centre = np.array(viewer.scene.camera.center)
    alt_drag(canvas, pane_point(viewer, pane, (13, 15)), pane_point(viewer, pane, (17, 21)))
    qtbot.waitUntil(lambda: moves_of(store) == {ARTERIAL: (6.0, 4.0, 0.0)}, timeout=60_000)
    settle(qtbot, bench)
    np.testing.assert_allclose(viewer.scene.camera.center, centre)  # the picture stayed
    # Keys go on from there, in the pane that the mouse is over; stored when they are still.
    QTest.mouseMove(canvas, pane_point(viewer, pane, (20, 20)))
    qtbot.waitUntil(lambda: bench.looking.focus == ARTERIAL, timeout=60_000)
    for name in ("Left", "Left", "Up", "PageDown"):
        alt_key(canvas, name)
    assert moves_of(store) == {ARTERIAL: (6.0, 4.0, 0.0)}
    qtbot.waitUntil(lambda: moves_of(store) == {ARTERIAL: (4.0, 3.0, -3.0)}, timeout=60_000)
    settle(qtbot, bench)
    assert len(store.done) == 2
    ((label, button),) = dock.lesions_page.moves.lines
    assert label.text() == "late arterial: moved 5.8 mm"
    assert label.isVisible()
    # The reference phase says why not, in the dock.
    reference = bench.looking.keys.index(PORTAL)
    alt_drag(
        canvas, pane_point(viewer, reference, (13, 15)), pane_point(viewer, reference, (17, 21))
    )
    assert "the reference: it lies there as drawn" in dock.message.text()
    QTest.mouseClick(button, BUTTON)
    qtbot.waitUntil(lambda: moves_of(store) == {}, timeout=60_000)
    settle(qtbot, bench)
    assert dock.lesions_page.moves.lines == []
    assert not dock.lesions_page.moves.isVisible()
    # The table has the focus: the keys are the same, for the phase that the mouse was over.
    QTest.mouseMove(canvas, pane_point(viewer, pane, (20, 20)))
    qtbot.waitUntil(lambda: bench.looking.focus == ARTERIAL, timeout=60_000)
    table = dock.lesions_page.table
    table.window().activateWindow()
    table.setFocus()
    qtbot.waitUntil(table.hasFocus, timeout=60_000)
    alt_key(table, "Right")
    qtbot.waitUntil(lambda: moves_of(store) == {ARTERIAL: (1.0, 0.0, 0.0)}, timeout=60_000)


def outlined(viewer, colour: str) -> np.ndarray:
    """(n, 2) places of the picture in a lesion's colour."""
    picture = viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)
    wanted = [int(colour[n : n + 2], 16) for n in (1, 3, 5)]
    return np.argwhere(np.abs(picture - wanted).max(axis=2) < 60)


def test_the_outline_is_seen_elsewhere_in_that_phase_only(opened, qtbot):
    from plugin.mouse import canvas_of, settle, world_to_canvas

    from napari_liverseg.scene import colour_of

    viewer, dock, _ = opened
    bench = dock.bench
    bench.axes.toggle()  # lines in the same colour
    bench.choose("A")
    bench.looking.arrange(1, (ARTERIAL,))
    bench.stage.go_to_slice(4)
    qtbot.wait(300)
    before = outlined(viewer, colour_of(1)).mean(axis=0)
    zoom = float(viewer.scene.camera.zoom)
    canvas = canvas_of(viewer)
    alt_drag(canvas, world_to_canvas(viewer, (13, 15)), world_to_canvas(viewer, (18, 26)))
    settle(qtbot, bench)
    after = outlined(viewer, colour_of(1)).mean(axis=0)
    scale = viewer.screenshot(canvas_only=True, flash=False).shape[0] / viewer.canvas.size[0]
    np.testing.assert_allclose((after - before) / zoom / scale, (5.0, 11.0), atol=0.6)
    bench.looking.show_phase(PORTAL)
    qtbot.wait(100)
    np.testing.assert_allclose(outlined(viewer, colour_of(1)).mean(axis=0), before, atol=3)


@pytest.mark.slow
def test_a_move_in_the_window_gives_the_numbers_of_a_script(
    digital_case, make_napari_viewer, qtbot, tmp_path
):
    from plugin.mouse import canvas_of, settle, world_to_canvas
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    from liverseg.case import CaseFile
    from liverseg.workflow import find_lesion, load_exam, move_lesion

    path, script = tmp_path / "case.liverseg", tmp_path / "script.liverseg"
    held = open_copy(digital_case, path, make_napari_viewer, qtbot)
    bench, viewer = held.bench, held.viewer
    shutil.copy(path, script)

    def rows(at: Path):
        with CaseFile.open(at, read_only=True) as case:
            return case.measurements()

    def is_moved() -> bool:
        with CaseFile.open(path, read_only=True) as case:
            return bool(find_lesion(case.stored_exam(bench.exam_id), "R7").moves)

    plain = rows(path)
    key = next(
        one.record.key for one in bench.loaded.exam.series if str(one.call.phase) == "late_arterial"
    )
    bench.choose("R7")
    bench.looking.show_phase(key)
    qtbot.wait(300)
    alt_drag(
        canvas_of(viewer), world_to_canvas(viewer, (90, 90)), world_to_canvas(viewer, (97, 86))
    )
    qtbot.waitUntil(is_moved, timeout=TIMEOUT_MS)
    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    alt_key(canvas_of(viewer), "PageUp")
    qtbot.waitUntil(lambda: len(steps(path)) == 2, timeout=TIMEOUT_MS)
    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    with CaseFile.open(path, read_only=True) as case:
        assert case.outdated() == ()
        lesion = find_lesion(case.stored_exam(bench.exam_id), "R7")
        views = [view.labels.tobytes() for view in case.views(lesion="R7")]
    (offset,) = (move.offset_mm for move in lesion.moves.values())
    assert offset[1] > 6.0
    with CaseFile.open(script) as case:
        exam = move_lesion(case, load_exam(case, bench.exam_id), "R7", key, offset)
        assert find_lesion(exam, "R7").moves == lesion.moves
        assert [view.labels.tobytes() for view in case.views(lesion="R7")] == views
    assert rows(path) == rows(script)
    assert rows(path) != plain
    for _ in range(2):
        QTest.keyClick(canvas_of(viewer), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        qtbot.wait(300)
        settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    assert rows(path) == plain
    assert not is_moved()
    held.dock.let_go()


def steps(path: Path):
    from liverseg.case import CaseFile

    with CaseFile.open(path, read_only=True) as case:
        return case.steps().undo
