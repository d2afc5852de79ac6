"""The tutorial "The first ten minutes in the workbench", step by step, by mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from plugin.whole_cases import TIMEOUT_MS, open_copy, stored_mask

pytestmark = [pytest.mark.gui, pytest.mark.slow]

#: Case, the lesion that is drawn anew, its segment in the table, the phases there are.
CASES = [("digital_case", "R7", "7 (100 %)", 4), ("ircad_case", "livertumor1", "8 (100 %)", 1)]


@pytest.fixture(params=CASES, ids=[case for case, *_ in CASES])
def opened(request, make_napari_viewer, qtbot, tmp_path):
    case, *rest = request.param
    held = open_copy(
        request.getfixturevalue(case), tmp_path / "case.liverseg", make_napari_viewer, qtbot
    )
    yield held, *rest
    held.dock.let_go()


def wait(qtbot, bench) -> None:
    from plugin.mouse import settle

    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)


def press(viewer, name: str, *, ctrl: bool = False) -> None:
    from plugin.mouse import canvas_of
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    keys = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(canvas_of(viewer), getattr(Qt.Key, f"Key_{name}"), keys)
    QTest.qWait(50)


def row_of(bench, name: str):
    return next(row for row in bench.lesions() if row.name == name)


def test_the_first_ten_minutes(opened, qtbot, tmp_path, monkeypatch):
    from plugin.mouse import canvas_of, click_cell, stroke, world_to_canvas
    from qtpy.QtWidgets import QFileDialog, QMessageBox

    from liverseg.case import CaseFile
    from liverseg.workflow import load_exam, measure_exam

    held, lesion, segment, phases = opened
    bench, viewer, dock, exam_id = held.bench, held.viewer, held.dock, held.bench.exam_id
    canvas = canvas_of(viewer)

    # 1. Phases side by side, and back.
    press(viewer, "4", ctrl=True)
    assert len(bench.looking.keys) == phases
    assert viewer.canvas.grid.enabled
    press(viewer, "H")
    assert not dock.look_page.cross.isChecked()
    press(viewer, "H")
    assert dock.look_page.cross.isChecked()
    press(viewer, "1", ctrl=True)
    assert not viewer.canvas.grid.enabled
    press(viewer, "F9")
    press(viewer, "F7")
    shown = bench.looking.planes.key
    assert (shown != bench.looking.keys[0]) is (phases > 1)
    press(viewer, "F9")
    assert bench.looking.planes is None

    # 2. A lesion that nobody has drawn yet, by one click.
    table = dock.lesions_page.table
    line = [row.name for row in bench.lesions()].index(lesion)
    click_cell(table, line, 1)
    assert bench.lesion == lesion
    truth = stored_mask(held.path, exam_id, lesion).mask()
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    dock.lesions_page.remove_button.click()
    wait(qtbot, bench)
    assert lesion not in {row.name for row in bench.lesions()}
    frame = bench.stage.scene.frame
    shown = frame.turn.shown(truth)
    position = int(np.argmax(shown.sum(axis=(1, 2))))
    viewer.dims.set_current_step(0, position)
    at = np.argwhere(shown[position])
    middle = at.mean(axis=0) * frame.spacing_mm[1:]
    viewer.scene.camera.center, viewer.scene.camera.zoom = (0.0, *middle), 4.0
    qtbot.wait(100)
    press(viewer, "N")
    spot = world_to_canvas(viewer, tuple(middle))
    stroke(canvas, spot, spot)
    wait(qtbot, bench)
    drawn = stored_mask(held.path, exam_id, "L1").mask()
    assert 2 * (drawn & truth).sum() / (drawn.sum() + truth.sum()) > 0.8

    # 3. A correction, then back to where it began, and forth.
    press(viewer, "A")
    edge = (middle[0], at.max(axis=0)[1] * frame.spacing_mm[2] + 3.0)
    start = world_to_canvas(viewer, edge)
    stroke(canvas, start, start + type(start)(0, 12))
    wait(qtbot, bench)
    corrected = stored_mask(held.path, exam_id, "L1").mask()
    assert (corrected != drawn).any()
    press(viewer, "Escape")
    for _ in range(3):
        press(viewer, "Z", ctrl=True)
        wait(qtbot, bench)
    np.testing.assert_array_equal(stored_mask(held.path, exam_id, lesion).mask(), truth)
    for _ in range(3):
        press(viewer, "Y", ctrl=True)
        wait(qtbot, bench)
    np.testing.assert_array_equal(stored_mask(held.path, exam_id, "L1").mask(), corrected)

    # 4. Its segment, in the table and as a map.
    assert row_of(bench, "L1").segment.startswith(segment)
    dock.show_page(dock.segments_page)
    wait(qtbot, bench)
    assert bench.stage.segments.visible
    assert len(dock.segments_page.desk.rows()) >= 8

    # 5. Words and curve of the lesion that is chosen.
    dock.show_page(dock.words_page)
    bench.choose("L1")
    wait(qtbot, bench)
    assert dock.words_page.desk.portrait is not None
    named = any(line.name == "L1" for line in dock.words_page.desk.curve().lines)
    assert named == (phases > 1)  # the phase of the real CT stands nowhere in its headers

    # 6. A click on a claim leads to its lesion and slice.
    dock.show_page(dock.claims_page)
    claims = bench.claims()
    found = [line for line, claim in enumerate(claims) if claim.lesion and claim.slice is not None]
    for line in found[:1]:
        click_cell(dock.claims_page.claims.table, line, 1)
        assert bench.lesion in claims[line].lesion

    # 7. Handed on; and all numbers are those of a script, to the last digit.
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "out"))
    (tmp_path / "out").mkdir()
    dock.hand_on.ask_for_folder("table", "Where to?")
    wait(qtbot, bench)
    assert list((tmp_path / "out").iterdir()), bench.last_message
    with CaseFile.open(held.path, read_only=True) as case:
        exam = load_exam(case, exam_id)
        rows = measure_exam(exam)
        for name in case.lesion_names(exam_id):
            stored = case.measurements(exam_id=exam_id, lesion=name)
            assert tuple(stored) == tuple(rows[name])
