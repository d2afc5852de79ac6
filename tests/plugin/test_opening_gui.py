"""From a folder of DICOM to a drawn lesion and its exported mask, in a real window."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
from coarse_case import plan_coarse_case
from plugin.plugin_stand_ins import CT
from plugin.whole_cases import TIMEOUT_MS, Opened, brush, drawn_mask, rows_in

from liverseg.workflow import Variant, demo, run_demo

pytestmark = [pytest.mark.gui, pytest.mark.slow]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    out = tmp_path_factory.mktemp("study") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "plan_case", plan_coarse_case)
        run_demo(out, variant=Variant.TEXT, seed=7)
    return out / "dicom"


def test_a_folder_dropped_on_the_window_is_set_up_drawn_on_and_handed_on(
    make_napari_viewer, qtbot, study, tmp_path, monkeypatch
):
    from plugin.mouse import settle
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest
    from qtpy.QtWidgets import QFileDialog, QInputDialog

    from liverseg.case import CaseFile
    from liverseg.interop import write_nifti
    from napari_liverseg.study import PHASE_COLUMN, USE_COLUMN
    from napari_liverseg.window import dock_of

    viewer = make_napari_viewer(show=True)
    viewer.window.set_geometry(0, 0, 1366, 768)
    viewer.open(str(study), plugin="napari-liverseg")  # what a drop does
    dock = dock_of(viewer)
    qtbot.waitUntil(lambda: dock.opening.dialog is not None, timeout=TIMEOUT_MS)
    dialog = dock.opening.dialog
    assert "3 volumes" in dialog.choice.title
    uses = {
        dialog.boxes[row.key].currentText(): dialog.table.item(line, USE_COLUMN).text()
        for line, row in enumerate(dialog.choice.rows())
        if row.exam_id == CT
    }
    assert uses == {"late arterial": "yes", "portal venous": "reference"}
    box = dialog.table.cellWidget(0, PHASE_COLUMN)
    assert box.toolTip() == dialog.choice.rows()[0].reason
    assert "acquired" in box.toolTip()
    path = tmp_path / "new.liverseg"
    dialog.path.setText(str(path))
    QTest.mouseClick(dialog.set_up, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.bench is not None and dock.bench.is_idle, timeout=TIMEOUT_MS)
    bench = dock.bench
    assert bench.exam_id == CT
    names = [layer.name for layer in viewer.layers]
    assert names == ["late arterial", "portal venous", "lesions", "lines", "lengths"]
    assert "no liver mask" in dock.message.text()

    # Draw a lesion that nobody had drawn before.
    monkeypatch.setattr(QInputDialog, "getText", lambda *_a, **_k: ("first", True))
    QTest.mouseClick(dock.lesions_page.new_button, Qt.MouseButton.LeftButton)
    layer = bench.stage.lesions
    layer.data[tuple(n // 2 for n in layer.data.shape)] = 1  # for `brush` to look at
    brush(Opened(viewer, bench, dock, path), size=10)
    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    assert bench.unsaved == (), bench.last_message
    opened = Opened(viewer, bench, dock, path)
    mask = drawn_mask(opened, "first")
    assert mask.sum() > 1
    with CaseFile.open(path, read_only=True) as case:
        assert np.array_equal(case.stored_exam(CT).lesions[0].mask.mask(), mask)
        assert case.outdated() == ()
    rows = rows_in(path, CT, "first")
    assert dock.lesions_page.table.item(0, 3).text() == f"{rows['voxel_volume']:.2f}"

    # Hand its mask on, and a liver in.
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "out"))
    action = next(a for a in dock.hand_on_button.menu().actions() if "NIfTI" in a.text())
    action.trigger()
    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    file = tmp_path / "out" / f"{CT}_first.nii.gz"
    assert dock.message.text() == f"written: {file}"
    assert np.array_equal(np.asarray(nib.load(file).dataobj).T != 0, mask)
    with CaseFile.open(study.parent / "case.liverseg", read_only=True) as case:
        liver = write_nifti(case.stored_exam(CT).liver, tmp_path / "liver.nii.gz")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(liver), ""))
    action = next(a for a in dock.open_button.menu().actions() if "Liver mask" in a.text())
    action.trigger()
    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    assert "no liver mask" not in dock.message.text()
    with CaseFile.open(path, read_only=True) as case:
        metrics = {row.metric for row in case.measurements(exam_id=CT, lesion="first")}
    assert "liver_mean" in metrics
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(tmp_path / "panes.png"), "")
    )
    dock.hand_on.ask_for_picture()
    assert (tmp_path / "panes.png").stat().st_size > 1000
    dock.let_go()


def test_what_holds_no_image_and_cancelling_leave_the_window_as_it_was(
    make_napari_viewer, qtbot, study, tmp_path
):
    from napari_liverseg.window import dock_of

    viewer = make_napari_viewer(show=True)
    dock = dock_of(viewer)
    (tmp_path / "note.txt").write_text("nothing", encoding="utf-8")
    dock.opening.open_path(tmp_path)
    qtbot.waitUntil(lambda: dock.opening.waiting is None, timeout=TIMEOUT_MS)
    assert "no image series can be used" in dock.message.text()
    dock.opening.open_path(tmp_path / "gone")
    assert "there is no file or folder" in dock.message.text()
    dock.opening.open_path(study)
    qtbot.waitUntil(lambda: dock.opening.dialog is not None, timeout=TIMEOUT_MS)
    dock.opening.dialog.reject()
    assert dock.opening.dialog is None
    assert dock.bench is None
    assert len(viewer.layers) == 0
    dock.opening.close()
