"""Drawing and undo on the digital case, in a real window, by mouse and keys."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from plugin.whole_cases import TIMEOUT_MS, open_copy, open_window, rows_in, stored_mask

pytestmark = [pytest.mark.gui, pytest.mark.slow]


@pytest.fixture
def opened(digital_case, make_napari_viewer, qtbot, tmp_path):
    held = open_copy(digital_case, tmp_path / "case.liverseg", make_napari_viewer, qtbot)
    yield held
    held.dock.let_go()


def wait(qtbot, bench) -> None:
    from plugin.mouse import settle

    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)


def key(viewer, name, *, ctrl: bool = False, shift: bool = False) -> None:
    from plugin.mouse import canvas_of
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    keys = Qt.KeyboardModifier.NoModifier
    if ctrl:
        keys |= Qt.KeyboardModifier.ControlModifier
    if shift:
        keys |= Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(canvas_of(viewer), getattr(Qt.Key, f"Key_{name}"), keys)


def state(path, exam_id: str) -> dict:
    """Mask and rows of every lesion of an exam, to the last bit."""
    from liverseg.case import CaseFile

    with CaseFile.open(path, read_only=True) as case:
        return {
            name: (
                stored_mask(path, exam_id, name).array.tobytes(),
                case.measurements(exam_id=exam_id, lesion=name),
            )
            for name in case.lesion_names(exam_id)
        }


def test_click_scribble_grow_undo_redo_and_the_numbers_of_a_script(opened, qtbot, tmp_path):
    from plugin.mouse import canvas_of, stroke, world_to_canvas

    from liverseg.case import CaseFile
    from liverseg.workflow import (
        add_lesion,
        correct_lesion,
        draw_lesion,
        load_exam,
        reshape_lesion,
        update_lesion,
    )

    bench, viewer, path = opened.bench, opened.viewer, opened.path
    exam_id, canvas = bench.exam_id, canvas_of(viewer)
    # Where a lesion is that nobody has drawn yet: R7, taken out by a script beforehand.
    bench.choose("R7")
    truth = stored_mask(path, exam_id, "R7").mask()
    bench.remove_lesion("R7")
    wait(qtbot, bench)
    states = [state(path, exam_id)]
    shutil.copy(path, tmp_path / "script.liverseg")
    frame = bench.stage.scene.frame
    position = frame.shown_slice(int(np.flatnonzero(truth.any(axis=(1, 2))).mean()))
    viewer.dims.set_current_step(0, position)
    at = np.argwhere(frame.turn.shown(truth)[position])
    middle = at.mean(axis=0) * frame.spacing_mm[1:]
    viewer.scene.camera.center, viewer.scene.camera.zoom = (0.0, *middle), 4.0
    qtbot.wait(100)

    key(viewer, "N")
    assert bench.tools.tool == "click"
    spot = world_to_canvas(viewer, tuple(middle))
    stroke(canvas, spot, spot)
    wait(qtbot, bench)
    states.append(state(path, exam_id))
    assert set(states[1]) - set(states[0]) == {"L1"}
    assert opened.dock.lesions_page.table.chosen() == "L1"

    key(viewer, "A")
    edge = world_to_canvas(viewer, (middle[0], at.max(axis=0)[1] * frame.spacing_mm[2] + 3.0))
    stroke(canvas, edge, edge + type(edge)(0, 12))
    wait(qtbot, bench)
    states.append(state(path, exam_id))
    key(viewer, "Escape")
    assert bench.tools.tool == ""
    key(viewer, "G", shift=True)
    wait(qtbot, bench)
    states.append(state(path, exam_id))
    sizes = [len(np.frombuffer(one["L1"][0], np.uint8).nonzero()[0]) for one in states[1:]]
    assert sizes[0] < sizes[1] < sizes[2]

    # The same strokes by a script on the same case give the same numbers to the last digit.
    with CaseFile.open(path, read_only=True) as case:
        strokes = next(one for one in case.stored_exam(exam_id).lesions if one.name == "L1").strokes
    with CaseFile.open(tmp_path / "script.liverseg") as case:
        exam = load_exam(case, exam_id)
        made = draw_lesion(exam, "L1", strokes[:1])
        exam = add_lesion(case, exam, "L1", made.mask, strokes=made.strokes)
        made = correct_lesion(exam, "L1", strokes[1])
        exam = update_lesion(case, exam, "L1", made.mask, strokes=made.strokes)
        update_lesion(case, exam, "L1", reshape_lesion(exam, "L1", "grow").mask)
    assert state(tmp_path / "script.liverseg", exam_id) == states[3]

    # Back to where the run had left the case: R7 is there again, and forth to the end.
    assert "grow lesion L1" in opened.dock.steps.undo.toolTip()
    for wanted in states[2::-1]:
        key(viewer, "Z", ctrl=True)
        wait(qtbot, bench)
        assert state(path, exam_id) == wanted
    key(viewer, "Z", ctrl=True)
    wait(qtbot, bench)
    assert "undone: remove lesion R7" in opened.dock.message.text()
    np.testing.assert_array_equal(stored_mask(path, exam_id, "R7").mask(), truth)
    shown = bench.stage.lesions.data == bench.lesions()[-1].number
    np.testing.assert_array_equal(frame.turn.stored(np.asarray(shown)), truth)
    for _ in range(4):
        key(viewer, "Y", ctrl=True)
        wait(qtbot, bench)
    assert state(path, exam_id) == states[3]
    assert viewer.dims.ndisplay == 2  # napari's own Ctrl+Y would have turned it to 3D


def test_undo_after_a_restart_goes_to_the_other_exam(opened, qtbot, make_napari_viewer):
    bench = opened.bench
    first, second = bench.exam_ids[:2]
    bench.tools.reshape("grow")
    wait(qtbot, bench)
    grown = rows_in(opened.path, first, bench.lesion)["voxel_volume"]
    name = bench.lesion
    bench.load(second)
    wait(qtbot, bench)
    opened.dock.let_go()
    again = open_window(opened.path, make_napari_viewer, qtbot)
    again.dock.exams.setCurrentText(second)
    wait(qtbot, again.bench)
    key(again.viewer, "Z", ctrl=True)
    wait(qtbot, again.bench)
    assert again.bench.exam_id == first
    assert again.bench.lesion == name
    assert rows_in(opened.path, first, name)["voxel_volume"] < grown
    again.dock.let_go()


def test_the_end_of_an_axis_is_pulled_and_kept(opened, qtbot):
    from plugin.mouse import canvas_of, stroke, world_to_canvas

    bench, viewer = opened.bench, opened.viewer
    bench.choose("R7")
    long = next(line for line in bench.axes.lines() if line.axis == "long_axis")
    down, right = long.ends[0][1:]
    viewer.scene.camera.center, viewer.scene.camera.zoom = (0.0, down, right), 4.0
    qtbot.wait(200)
    centre = np.array(viewer.scene.camera.center)
    stroke(
        canvas_of(viewer),
        world_to_canvas(viewer, (down, right)),
        world_to_canvas(viewer, (down + 10, right + 10)),
    )
    wait(qtbot, bench)
    np.testing.assert_allclose(viewer.scene.camera.center, centre)  # the picture stayed
    by_hand = rows_in(opened.path, bench.exam_id, "R7")["long_axis_by_hand"]
    wanted = np.linalg.norm(np.subtract(long.ends[1][1:], (down + 10, right + 10)))
    assert by_hand == pytest.approx(wanted, abs=0.4)
    assert rows_in(opened.path, bench.exam_id, "R7")["long_axis"] == pytest.approx(long.length_mm)
    key(viewer, "Z", ctrl=True)
    wait(qtbot, bench)
    assert "long_axis_by_hand" not in rows_in(opened.path, bench.exam_id, "R7")
