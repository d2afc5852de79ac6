"""Drawing in the coronal plane of the digital case, in a real window, as a script would."""

from __future__ import annotations

import numpy as np
import pytest
from plugin.whole_cases import TIMEOUT_MS, open_copy, rows_in, stored_mask

pytestmark = [pytest.mark.gui, pytest.mark.slow]


@pytest.fixture
def opened(digital_case, make_napari_viewer, qtbot, tmp_path):
    held = open_copy(digital_case, tmp_path / "case.liverseg", make_napari_viewer, qtbot)
    yield held
    held.dock.let_go()


def test_a_coronal_stroke_changes_the_stored_mask_and_its_numbers_are_a_scripts(
    opened, digital_case, qtbot, tmp_path
):
    from plugin.mouse import canvas_of, settle, stroke
    from plugin.test_look_gui import press_key
    from plugin.test_panes_gui import canvas_of_plane, plane_point
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    from liverseg.case import CaseFile
    from liverseg.workflow import load_exam, update_lesion

    bench, viewer, path = opened.bench, opened.viewer, opened.path
    exam_id, name = bench.exam_id, "R7"
    bench.choose(name)
    before = stored_mask(path, exam_id, name).mask()
    frame = bench.stage.scene.frame
    at = np.argwhere(frame.turn.shown(before))
    low, high = at.min(axis=0), at.max(axis=0)
    middle = (low + high) // 2
    bench.looking.go_to(tuple(middle * frame.spacing_mm))
    press_key(canvas_of(viewer), "F9")
    qtbot.waitUntil(lambda: bench.looking.planes is not None, timeout=TIMEOUT_MS)
    qtbot.wait(1000)
    planes = opened.dock.look_page.planes
    view, canvas = planes.mpr.views[1], canvas_of_plane(planes, 1)
    view.model.scene.camera.zoom = 2.0
    view.model.scene.camera.center = (0.0, *np.array(bench.looking.point_mm)[[0, 2]])
    press_key(canvas, "2")
    bench.stage.lesions.brush_size = 12
    # Across the upper border of the lesion, so that it grows towards the head.
    edge = np.array((high[0], middle[1], middle[2])) * frame.spacing_mm
    along = np.array((0.0, 0.0, 6.0))
    start, end = edge - along, edge + along
    stroke(canvas, plane_point(view, canvas, start), plane_point(view, canvas, end))
    qtbot.wait(300)
    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    after = stored_mask(path, exam_id, name).mask()
    changed = np.argwhere(frame.turn.shown(after != before))
    assert len(changed) > 0
    assert set(changed[:, 1].tolist()) == {int(middle[1])}  # one coronal plane, no voxel beside it
    assert np.ptp(changed[:, 0]) >= 1
    # A script that writes the same mask into the case as it was gets the same numbers.
    script = tmp_path / "script.liverseg"
    with CaseFile.open(digital_case, read_only=True) as case:
        case.copy_to(script)
    with CaseFile.open(script) as case:
        exam = load_exam(case, exam_id)
        update_lesion(case, exam, name, after)
    drawn, scripted = rows_in(path, exam_id, name), rows_in(script, exam_id, name)
    assert drawn == scripted
    assert drawn["voxel_volume"] > rows_in(digital_case, exam_id, name)["voxel_volume"]
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.wait(300)
    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    np.testing.assert_array_equal(stored_mask(path, exam_id, name).mask(), before)
    assert bench.last_message[0] == f"undone: edit lesion {name}"
