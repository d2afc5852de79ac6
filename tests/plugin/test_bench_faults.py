"""The bench without a window when something goes wrong: nothing drawn is lost."""

from __future__ import annotations

import numpy as np
import pytest
from plugin.given import Given
from plugin.plugin_stand_ins import CT, LOCKED, MR, FakeStore, tiny_exam


@pytest.fixture
def given() -> Given:
    return Given()


def test_an_emptied_lesion_leaves_the_case_as_it_was(given):
    before = given.store.mask("A").copy()
    drawn = np.nonzero(given.layer.data == 1)
    given.layer.data_setitem(drawn, 0)
    given.settle()
    np.testing.assert_array_equal(given.store.mask("A"), before)
    assert given.told[-1] == (
        "lesion A would have no voxel left | try: draw at least one voxel",
        "error",
    )
    assert given.bench.note_of("A") == "nothing drawn, case unchanged"
    assert given.bench.unsaved == ()
    given.layer.data_setitem((np.array([4]), np.array([4]), np.array([4])), 1)
    given.settle()
    assert given.store.mask("A").sum() == 1
    assert given.bench.note_of("A") == ""
    assert given.bench.last_message == ("", "info")


def test_a_locked_case_keeps_the_stroke_until_it_can_be_written(given):
    given.store.broken = LOCKED
    given.stroke((4, 20, 15), 1)
    given.settle()
    assert given.bench.unsaved == ("A",)
    assert given.bench.note_of("A") == "not saved"
    assert "close the other window" in given.told[-1][0]
    assert not given.bench.flush()
    given.store.broken = None
    given.bench.save_again()
    given.settle()
    np.testing.assert_array_equal(given.store.mask("A"), given.layer.data == 1)
    assert given.bench.unsaved == ()
    assert given.bench.last_message == ("", "info")


def test_what_failed_goes_along_with_the_next_stroke(given):
    given.store.broken = LOCKED
    given.stroke((4, 20, 15), 1)
    given.settle()
    given.store.broken = None
    given.stroke((8, 30, 30), 2)
    given.settle()
    assert set(given.store.writes[-1][1]) == {"A", "B"}
    assert given.bench.flush()


def test_a_removal_that_fails_leaves_picture_and_case_alone(given):
    given.store.broken = LOCKED
    given.bench.remove_lesion("B")
    given.settle()
    assert (given.layer.data == 2).any()
    assert [row.name for row in given.bench.lesions()] == ["A", "B"]
    assert given.told[-1][1] == "error"


def test_an_exam_that_cannot_be_read_leaves_the_present_one(given):
    given.store.broken = LOCKED
    given.bench.load(MR)
    given.settle()
    assert given.bench.exam_id == CT
    assert given.layer.editable
    assert given.told[-1][1] == "error"
    given.bench.load("1999")
    assert "there is no exam 1999" in given.told[-1][0]


def test_closing_writes_what_is_left_and_lets_go(given):
    given.stroke((4, 20, 15), 1)
    given.bench.close()
    np.testing.assert_array_equal(given.store.mask("A"), given.layer.data == 1)
    assert given.runner.closed
    callbacks = list(given.viewer.mouse_wheel_callbacks)
    assert given.bench.stage._on_wheel not in callbacks
    given.stroke((4, 30, 15), 1)
    given.bench.close()


def test_overlapping_lesions_are_told(given):
    other = Given(FakeStore(tiny_exam(overlap=True)))
    assert any("overlap" in text for text, level in other.told if level == "warning")


def test_what_is_not_saved_keeps_the_exam_in_view(given):
    given.store.broken = LOCKED
    given.stroke((4, 20, 15), 1)
    given.settle()
    drawn = np.asarray(given.layer.data) == 1
    given.bench.load(MR)
    given.settle()
    assert given.bench.exam_id == CT
    assert given.layer.editable
    assert "A: save it first" in given.told[-1][0]
    np.testing.assert_array_equal(given.layer.data == 1, drawn)
    given.store.broken = None
    given.bench.load(CT, may_lose=True)
    given.settle()
    assert given.bench.unsaved == ()
    np.testing.assert_array_equal(given.layer.data == 1, given.store.mask("A"))


def test_a_case_for_reading_only_cannot_be_drawn_on():
    store = FakeStore()
    store.read_only = "for reading only: the folder cannot be written to"
    given = Given(store)
    assert not given.layer.editable
    assert given.bench.last_message == (store.read_only, "warning")
    assert not given.bench.new_lesion("C")
    given.bench.remove_lesion("A")
    given.settle()
    assert [row.name for row in given.bench.lesions()] == ["A", "B"]


def test_another_windows_drawing_is_replaced_only_when_a_person_says_so(given):
    given.store.elsewhere = ("A",)
    before = given.store.mask("A").copy()
    given.stroke((4, 20, 15), 1)
    given.settle()
    assert given.bench.unsaved == ("A",)
    assert given.bench.elsewhere == ("A",)
    given.stroke((4, 30, 15), 1)
    given.settle()
    assert not given.bench.flush()
    np.testing.assert_array_equal(given.store.mask("A"), before)
    given.bench.save_again()
    given.settle()
    np.testing.assert_array_equal(given.store.mask("A"), given.layer.data == 1)


def test_reading_is_not_waited_for_when_the_case_is_closed(given):
    given.bench.load(MR)
    given.bench.close()
    assert given.runner.stopped
    assert given.runner.closed


def test_an_unfinished_stroke_is_not_stored(given):
    given.bench.stage.in_stroke = True
    given.stroke((4, 20, 15), 1)
    given.settle()
    assert given.store.writes == []
    assert given.bench.flush()
    assert len(given.store.writes) == 1
