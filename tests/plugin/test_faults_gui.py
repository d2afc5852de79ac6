"""What goes wrong around a real case: a clear line in the dock, and no work lost or damaged."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pytest
from plugin.whole_cases import (
    TIMEOUT_MS,
    brush,
    drawn_mask,
    open_copy,
    open_window,
    rows_in,
    stored_mask,
)

pytestmark = [pytest.mark.gui, pytest.mark.slow]

ONE, TWO = "livertumor1", "livertumor2"


@pytest.fixture(autouse=True)
def no_unexpected_error(caplog):
    """The plugin logs what it did not foresee; here everything was."""
    with caplog.at_level(logging.ERROR, logger="napari_liverseg"):
        yield
    assert [r.message for r in caplog.records if r.name.startswith("napari_liverseg")] == []


@pytest.fixture(autouse=True)
def lose_what_is_unsaved(monkeypatch):
    """Nobody is there to answer a question."""
    from qtpy.QtWidgets import QMessageBox

    discard = QMessageBox.StandardButton.Discard
    monkeypatch.setattr(QMessageBox, "warning", lambda *a, **k: discard)


@pytest.fixture
def opened(make_napari_viewer, qtbot, tmp_path, ircad_case):
    held = open_copy(ircad_case, tmp_path / "case.liverseg", make_napari_viewer, qtbot)
    yield held
    held.dock.let_go()


def wait(opened, qtbot) -> None:
    """Until a stroke has been noticed, and what follows is done."""
    from plugin.mouse import settle

    settle(qtbot, opened.bench, timeout_ms=TIMEOUT_MS)


def is_whole(path) -> bool:
    """The case file opens, and no number in it is older than its mask."""
    from liverseg.case import CaseFile

    with CaseFile.open(path) as case:
        return case.outdated() == ()


def test_images_that_have_gone_are_named_and_can_be_read_once_they_are_back(
    make_napari_viewer, qtbot, tmp_path, ircad_case, monkeypatch
):
    from plugin.mouse import settle

    from liverseg.case import CaseFile
    from napari_liverseg.window import dock_of, open_case

    with CaseFile.open(ircad_case, read_only=True) as held:
        path = held.copy_to(tmp_path / "case.liverseg")
    real = CaseFile.stored_exam

    def moved(case, exam_id):
        stored = real(case, exam_id)
        record = stored.records[0]
        slices = tuple(replace(item, path=f"/gone/{n}") for n, item in enumerate(record.slices))
        return replace(stored, records=(replace(record, slices=slices),))

    viewer = make_napari_viewer(show=True)
    with monkeypatch.context() as patched:
        patched.setattr(CaseFile, "stored_exam", moved)
        bench = open_case(path, viewer=viewer)
        settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    dock = dock_of(viewer)
    assert "119 image files" in dock.message.text()
    assert "/gone/0" in dock.message.text()
    assert "bring the DICOM folder back" in dock.message.text()
    assert len(viewer.layers) == 0
    assert not dock.lesions_page.new_button.isEnabled()
    assert dock.lesions_page.again.isVisible()
    dock.lesions_page.again.click()
    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    assert [row.name for row in bench.lesions()] == [ONE, TWO]
    assert not dock.lesions_page.again.isVisible()
    dock.let_go()


def test_a_read_only_case_can_be_looked_at_but_not_drawn_on(
    make_napari_viewer, qtbot, tmp_path, ircad_case, monkeypatch
):
    from liverseg.case import door
    from liverseg.case.faults import cannot_write

    def refuse(path):
        raise cannot_write(path)

    monkeypatch.setattr(door, "require_writable_place", refuse)
    held = open_copy(ircad_case, tmp_path / "case.liverseg", make_napari_viewer, qtbot)
    before = (tmp_path / "case.liverseg").read_bytes()
    assert "reading only" in held.dock.message.text()
    assert not held.dock.lesions_page.new_button.isEnabled()
    assert [row.volume for row in held.bench.lesions()] == ["85.64", "78.64"]
    assert not held.bench.stage.lesions.editable
    drawn = drawn_mask(held, ONE)
    brush(held)
    np.testing.assert_array_equal(drawn_mask(held, ONE), drawn)
    assert not held.bench.new_lesion("C")
    assert held.dock.let_go()
    assert (tmp_path / "case.liverseg").read_bytes() == before


def test_closing_the_window_while_it_measures_keeps_the_stroke(opened, qtbot):
    brush(opened)
    qtbot.waitUntil(lambda: opened.bench.is_outdated, timeout=TIMEOUT_MS)
    exam_id, drawn = opened.bench.exam_id, drawn_mask(opened, ONE)
    opened.viewer.close()
    np.testing.assert_array_equal(stored_mask(opened.path, exam_id, ONE).mask(), drawn)
    assert is_whole(opened.path)


def test_closing_the_window_while_it_reads_does_not_wait_for_the_images(
    make_napari_viewer, qtbot, tmp_path, ircad_case
):
    from liverseg.case import CaseFile
    from napari_liverseg.window import open_case

    with CaseFile.open(ircad_case, read_only=True) as held:
        path = held.copy_to(tmp_path / "case.liverseg")
    viewer = make_napari_viewer(show=True)
    bench = open_case(path, viewer=viewer)
    viewer.close()
    assert bench.exam_id == ""
    assert is_whole(path)


def test_a_lesion_erased_whole_stays_in_the_case_until_it_is_removed(opened, qtbot):
    bench, layer = opened.bench, opened.bench.stage.lesions
    before = stored_mask(opened.path, bench.exam_id, ONE).mask()
    layer.data_setitem(np.nonzero(np.asarray(layer.data) == 1), 0)
    wait(opened, qtbot)
    assert "no voxel left" in opened.dock.message.text()
    assert "or remove the lesion" in opened.dock.message.text()
    assert "case unchanged" in opened.dock.lesions_page.table.item(0, 0).text()
    np.testing.assert_array_equal(stored_mask(opened.path, bench.exam_id, ONE).mask(), before)
    layer.undo()
    wait(opened, qtbot)
    assert opened.dock.lesions_page.table.item(0, 0).text().splitlines()[0] == ONE
    assert not opened.dock.message.isVisible()
    np.testing.assert_array_equal(stored_mask(opened.path, bench.exam_id, ONE).mask(), before)
    assert is_whole(opened.path)


def test_undo_by_napari_itself_reaches_the_case(opened, qtbot):
    bench = opened.bench
    before = stored_mask(opened.path, bench.exam_id, ONE).mask()
    numbers = rows_in(opened.path, bench.exam_id, ONE)
    brush(opened)
    wait(opened, qtbot)
    assert rows_in(opened.path, bench.exam_id, ONE) != numbers
    bench.stage.lesions.undo()  # as a menu, a script or a key of one's own would
    wait(opened, qtbot)
    np.testing.assert_array_equal(stored_mask(opened.path, bench.exam_id, ONE).mask(), before)
    assert rows_in(opened.path, bench.exam_id, ONE) == numbers
    assert opened.dock.lesions_page.table.item(0, 3).text() == "85.64"


def test_two_windows_on_one_case_never_undo_each_other(opened, make_napari_viewer, qtbot):
    from plugin.mouse import settle

    other = open_window(opened.path, make_napari_viewer, qtbot)
    exam_id = opened.bench.exam_id
    brush(opened)
    wait(opened, qtbot)
    first = drawn_mask(opened, ONE)

    # The other window draws on the other lesion: both drawings are kept.
    brush(other, lesion=1)
    wait(other, qtbot)
    np.testing.assert_array_equal(stored_mask(other.path, exam_id, ONE).mask(), first)
    second = drawn_mask(other, TWO)
    np.testing.assert_array_equal(stored_mask(other.path, exam_id, TWO).mask(), second)
    assert "another window changed livertumor1" in other.dock.message.text()
    assert is_whole(other.path)

    # On the same lesion: refused, until a person says which one shall stay.
    brush(other)
    wait(other, qtbot)
    assert "another window has changed lesion livertumor1" in other.dock.message.text()
    assert other.bench.unsaved == (ONE,)
    np.testing.assert_array_equal(stored_mask(other.path, exam_id, ONE).mask(), first)
    other.dock.lesions_page.retry.click()
    settle(qtbot, other.bench, timeout_ms=TIMEOUT_MS)
    third = drawn_mask(other, ONE)
    np.testing.assert_array_equal(stored_mask(other.path, exam_id, ONE).mask(), third)
    assert other.bench.unsaved == ()

    # "Read again" shows what the other window did.
    brush(opened, lesion=1)
    wait(opened, qtbot)
    assert opened.dock.lesions_page.again.isVisible()
    opened.dock.lesions_page.again.click()
    settle(qtbot, opened.bench, timeout_ms=TIMEOUT_MS)
    np.testing.assert_array_equal(drawn_mask(opened, ONE), third)
    np.testing.assert_array_equal(drawn_mask(opened, TWO), second)
    assert is_whole(opened.path)
    other.dock.let_go()


def test_the_window_stays_alive_while_it_measures(opened, qtbot):
    from qtpy.QtCore import QTimer

    beats = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(opened.bench.is_idle))
    timer.start(20)
    brush(opened)
    wait(opened, qtbot)
    timer.stop()
    assert beats.count(False) > 3  # it answered while the worker was busy
