"""Undo and redo in the bench: the mask first, the case behind it, other exams too."""

from __future__ import annotations

import numpy as np
import pytest
from plugin.given import Given
from plugin.plugin_stand_ins import CT, LOCKED, MR, FakeStore, tiny_exam

from napari_liverseg.drawing import Drawing
from napari_liverseg.scene import build_scene


@pytest.fixture
def given() -> Given:
    return Given()


def drawn(given: Given, number: int) -> np.ndarray:
    return np.asarray(given.layer.data) == number


def test_strokes_go_back_one_by_one_and_forth_again(given):
    masks = [given.store.mask("A").copy()]
    for column in (15, 20, 25):
        given.stroke((4, 20, column), 1)
        given.settle()
        masks.append(given.store.mask("A").copy())
    undoing = given.bench.undoing
    assert undoing.label("undo") == "Undo: edit lesion A"
    assert undoing.label("redo") == ""
    for mask in masks[-2::-1]:
        undoing.undo()
        given.settle()
        np.testing.assert_array_equal(given.store.mask("A"), mask)
        np.testing.assert_array_equal(drawn(given, 1), mask)
        assert given.told[-1] == ("undone: edit lesion A", "info")
    undoing.undo()
    given.settle()
    assert given.told[-1] == ("nothing to undo", "info")
    assert undoing.label("redo") == "Redo: edit lesion A"
    for mask in masks[1:]:
        undoing.redo()
        given.settle()
        np.testing.assert_array_equal(drawn(given, 1), mask)
    assert len(given.store.writes) == 3
    assert given.bench.lesions()[0].volume == f"{masks[-1].sum() / 1000:.2f}"


def test_the_mask_is_shown_before_the_case_has_followed(given):
    before = given.store.mask("A").copy()
    given.stroke((4, 20, 15), 1)
    given.settle()
    given.bench.undoing.undo()
    given.runner.work()  # only what the step brings was read
    np.testing.assert_array_equal(drawn(given, 1), before)
    assert given.store.undone == []
    assert given.layer.editable
    given.settle()
    assert len(given.store.undone) == 1


def test_a_step_of_another_window_is_named_before_it_is_undone(given):
    given.stroke((4, 20, 15), 1)
    given.settle()
    mask = given.store.mask("B").copy()
    mask[7] = False
    given.store.write(CT, {"B": mask})  # by the other window
    given.bench.undoing.undo()
    given.settle()
    text, level = given.told[-1]
    assert level == "warning"
    assert "'edit lesion B'; undo once more" in text
    assert given.store.undone == []
    assert given.layer.editable
    given.bench.undoing.undo()
    given.settle()
    assert [row.name for row, _, _ in given.store.undone] == ["edit lesion B"]
    np.testing.assert_array_equal(drawn(given, 2), given.store.mask("B"))


def test_a_stroke_not_yet_written_is_the_last_step(given):
    before = given.store.mask("A").copy()
    given.stroke((4, 20, 15), 1)
    given.bench.undoing.undo()
    given.settle()
    np.testing.assert_array_equal(given.store.mask("A"), before)
    np.testing.assert_array_equal(drawn(given, 1), before)
    assert [row.name for row, _, _ in given.store.undone] == ["edit lesion A"]


def test_the_brush_stays_in_hand_and_nothing_is_drawn_while_a_step_is_asked_for(given):
    given.stroke((4, 20, 15), 1)
    given.settle()
    given.layer.mode = "paint"
    given.bench.undoing.undo()
    given.bench.undoing.undo()
    assert not given.layer.editable
    given.settle()
    assert given.layer.editable
    assert given.layer.mode == "paint"


def test_a_stroke_after_an_undo_leaves_nothing_to_redo(given):
    given.stroke((4, 20, 15), 1)
    given.settle()
    given.bench.undoing.undo()
    given.runner.work()
    given.stroke((5, 20, 25), 1)  # drawn while the case follows
    given.settle()
    assert given.bench.undoing.label("redo") == ""
    np.testing.assert_array_equal(given.store.mask("A"), drawn(given, 1))
    assert len(given.store.done) == 1


def test_a_new_lesion_goes_and_comes_with_its_name(given):
    given.bench.new_lesion("C")
    given.stroke((2, 30, 30), 3)
    given.settle()
    given.bench.undoing.undo()
    given.settle()
    assert [row.name for row in given.bench.lesions()] == ["A", "B"]
    assert given.bench.lesion == "A"
    assert not drawn(given, 3).any()
    given.bench.undoing.redo()
    given.settle()
    assert [row.name for row in given.bench.lesions()] == ["A", "B", "C"]
    assert given.bench.lesion == "C"
    np.testing.assert_array_equal(drawn(given, 3), given.store.mask("C"))


def test_a_step_of_another_exam_brings_that_exam_up(given):
    given.stroke((4, 20, 15), 1)
    given.settle()
    given.bench.load(MR)
    given.settle()
    assert given.bench.undoing.label("undo") == f"Undo: edit lesion A in {CT}"
    given.bench.undoing.undo()
    given.settle()
    assert given.bench.exam_id == CT
    assert given.told[-1] == (f"undone: edit lesion A in {CT}", "info")
    np.testing.assert_array_equal(drawn(given, 1), given.store.mask("A", CT))


def test_a_lesion_erased_whole_comes_back_though_the_case_never_lost_it(given):
    before = given.store.mask("B").copy()
    given.layer.data_setitem(np.nonzero(before), 0)
    given.settle()
    assert given.bench.note_of("B") == "nothing drawn, case unchanged"
    given.bench.undoing.undo()
    given.settle()
    np.testing.assert_array_equal(drawn(given, 2), before)
    assert given.bench.note_of("B") == ""
    assert given.store.undone == []


def test_so_does_one_erased_a_moment_ago(given):
    given.stroke((4, 20, 15), 1)
    given.settle()
    before = given.store.mask("B").copy()
    given.layer.data_setitem(np.nonzero(before), 0)
    given.bench.undoing.undo()  # the case has not refused it yet
    given.settle()
    np.testing.assert_array_equal(drawn(given, 2), before)
    assert given.store.undone == []
    given.bench.undoing.undo()
    given.settle()
    assert len(given.store.undone) == 1


def test_a_new_lesion_erased_before_it_was_stored_does_not_stand_in_the_way(given):
    given.stroke((4, 20, 15), 1)
    given.settle()
    given.bench.new_lesion("C")
    given.stroke((2, 30, 30), 3)
    given.layer.data_setitem(np.nonzero(drawn(given, 3)), 0)
    given.settle()
    given.bench._edits.change("C", 3)  # a touch that left nothing
    given.bench.undoing.undo()
    given.settle()
    assert [row.name for row in given.bench.lesions()] == ["A", "B"]
    given.bench.undoing.undo()
    given.settle()
    assert [row.name for row, _, _ in given.store.undone] == ["edit lesion A"]


def test_a_stroke_that_could_not_be_written_is_not_lost_by_undo(given):
    given.stroke((4, 20, 15), 1)
    given.settle()
    given.stroke((4, 20, 25), 1)
    mask = drawn(given, 1).copy()
    write = given.store.write

    def refuse(*args, **kwargs):
        raise LOCKED

    given.store.write = refuse
    given.bench.undoing.undo()
    given.settle()
    assert given.told[-1] == ("cannot undo now: A is not saved: save it first", "error")
    np.testing.assert_array_equal(drawn(given, 1), mask)
    assert given.layer.editable
    given.store.write = write
    given.bench.save_again()
    given.settle()
    np.testing.assert_array_equal(given.store.mask("A"), mask)


def test_a_fault_leaves_picture_and_case_as_they_were(given):
    given.stroke((4, 20, 15), 1)
    given.settle()
    mask = given.store.mask("A").copy()
    given.bench.undoing.undo()
    given.runner.work()
    _, done, failed, progress = given.runner.jobs[0]

    def broken(_progress):
        raise LOCKED

    given.runner.jobs[0] = (broken, done, failed, progress)
    given.settle()
    assert "locked" in given.told[-1][0]
    np.testing.assert_array_equal(drawn(given, 1), mask)
    given.store.broken = LOCKED
    given.bench.undoing.undo()
    given.settle()
    assert given.layer.editable
    np.testing.assert_array_equal(drawn(given, 1), mask)


def test_unsaved_work_and_read_only_cases_are_not_undone(given):
    given.store.broken = LOCKED
    given.stroke((4, 20, 15), 1)
    given.settle()
    given.bench.undoing.undo()
    assert given.told[-1] == ("cannot undo now: A is not saved: save it first", "error")
    store = FakeStore()
    store.read_only = "for reading only"
    reader = Given(store)
    reader.bench.undoing.undo()
    assert reader.told[-1] == ("cannot undo now: for reading only", "error")


def test_masks_that_overlap_keep_their_voxels_through_put():
    exam = tiny_exam(overlap=True)
    scene = build_scene(exam)
    drawing, data = Drawing(scene.lesions), scene.lesions.array
    masks = [scene.frame.turn.shown(one.mask.mask()) for one in exam.lesions]
    drawing.put(data, 2, None, taken=True)
    np.testing.assert_array_equal(data == 1, masks[0])
    drawing.put(data, 2, masks[1], taken=True)
    np.testing.assert_array_equal(drawing.mask_of(1), masks[0])
    np.testing.assert_array_equal(drawing.mask_of(2), masks[1])
    assert drawing.take_changes(data) == frozenset()
