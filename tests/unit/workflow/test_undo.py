"""Undo and redo through the case file: everything follows, whoever did it and whenever."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from liverseg.case import CaseFile
from liverseg.errors import CaseError, InputError
from liverseg.geometry import Mask
from liverseg.records import Exam
from liverseg.workflow import (
    add_lesion,
    lesions_before,
    load_exam,
    redo,
    remove_lesion,
    renew_exam,
    turn_work,
    undo,
    update_lesion,
)

CT, MR = "2015-06-01_CT", "2015-06-03_MR"


def mask_of(exam: Exam, name: str) -> Mask:
    return next(one.mask for one in exam.lesions if one.name == name).mask()


def smaller(exam: Exam, name: str) -> Mask:
    """A lesion without its last slice."""
    mask = mask_of(exam, name).copy()
    mask[np.flatnonzero(mask.any(axis=(1, 2)))[-1]] = False
    return mask


def state(case: CaseFile) -> list[object]:
    """All that a person sees of a case: masks, rows, pictures, verdicts, to the last bit."""
    lesions = [
        (exam_id, one.name, one.tracking_uid, one.mask.array.tobytes())
        for exam_id in case.exam_ids()
        for one in case.stored_exam(exam_id).lesions
    ]
    views = [
        (view.lesion, view.series_uid, view.slice, view.labels.tobytes(), view.lines)
        for view in case.views()
    ]
    return [lesions, case.measurements(), views, case.comparison(), case.findings()]


def names(steps) -> list[str]:
    return [step.name for step in steps]


def test_what_the_run_wrote_is_where_undo_ends(case):
    assert case.steps().undo == case.steps().redo == ()
    with pytest.raises(InputError, match="nothing to undo"):
        undo(case)
    with pytest.raises(InputError, match="nothing to redo"):
        redo(case)


def test_edit_add_and_remove_go_back_step_by_step_and_forth_again(case, exam):
    states = [state(case)]
    exam = update_lesion(case, exam, "T4", smaller(exam, "T4"))
    states.append(state(case))
    free = np.roll(mask_of(exam, "T5"), 3, axis=0) & exam.liver.mask()
    exam = add_lesion(case, exam, "new", free)
    states.append(state(case))
    exam = remove_lesion(case, exam, "T5")
    states.append(state(case))
    done = ["remove lesion T5", "add lesion new", "edit lesion T4"]
    assert names(case.steps().undo) == done
    for back, name in enumerate(done, start=1):
        undone = undo(case)
        assert undone.step.name == name
        assert case.events()[-1].action == f"undo: {name}"
        assert state(case) == states[-1 - back]
        assert [one.name for one in undone.exams[CT].lesions] == list(case.lesion_names(CT))
    assert names(case.steps().redo) == done[::-1]
    for forth, name in enumerate(done[::-1], start=1):
        assert redo(case).step.name == name
        assert state(case) == states[forth]
    assert names(case.steps().undo) == done
    assert case.outdated() == ()


def test_a_new_edit_leaves_nothing_to_redo_but_keeps_the_rest_to_undo(case, exam):
    exam = update_lesion(case, exam, "T4", smaller(exam, "T4"))
    exam = update_lesion(case, exam, "T4", smaller(exam, "T4"))
    exam = undo(case, exams={CT: exam}).exams[CT]
    update_lesion(case, exam, "T5", smaller(exam, "T5"))
    assert case.steps().redo == ()
    assert names(case.steps().undo) == ["edit lesion T5", "edit lesion T4"]
    with pytest.raises(InputError):
        redo(case)


def test_undo_reaches_over_a_restart_and_into_another_exam(coarse_case_file):
    with CaseFile.open(coarse_case_file) as case:
        before = state(case)
        mr = load_exam(case, MR)
        update_lesion(case, mr, "T4", smaller(mr, "T4"))
        after = state(case)
    with CaseFile.open(coarse_case_file) as case:
        ct = load_exam(case, CT)
        undone = undo(case, exams={CT: ct})
        assert set(undone.exams) == {MR}
        assert undone.step.lesions == ((MR, "T4"),)
        assert state(case) == before
    with CaseFile.open(coarse_case_file) as case:
        redo(case)
        assert state(case) == after
    with sqlite3.connect(coarse_case_file) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_masks_to_come_are_known_before_anything_is_computed(case, exam):
    original = mask_of(exam, "T4")
    cut = smaller(exam, "T4")
    exam = update_lesion(case, exam, "T4", cut)
    coming = lesions_before(case, case.steps().undo[0])
    assert set(coming) == {(CT, "T4")}
    np.testing.assert_array_equal(coming[CT, "T4"].mask.mask(), original)
    undo(case, exams={CT: exam})
    np.testing.assert_array_equal(
        lesions_before(case, case.steps().redo[0])[CT, "T4"].mask.mask(), cut
    )
    add_lesion(case, load_exam(case, CT), "new", mask_of(exam, "T5"))
    assert lesions_before(case, case.steps().undo[0]) == {(CT, "new"): None}


def test_another_window_is_never_undone_unseen(coarse_case_file, case, exam):
    exam = update_lesion(case, exam, "T4", smaller(exam, "T4"))
    seen = case.steps().undo[0].event
    with CaseFile.open(coarse_case_file, who="dr_y") as other:
        theirs = load_exam(other, CT)
        update_lesion(other, theirs, "T5", smaller(theirs, "T5"))
    before = state(case)
    with pytest.raises(CaseError, match="'edit lesion T5' by dr_y"):
        undo(case, exams={CT: exam}, expected=seen)
    assert state(case) == before
    undone = undo(case, exams={CT: exam})
    assert undone.step.name == "edit lesion T5"
    # The exam that was given knew nothing of the other window's masks; the answer does.
    np.testing.assert_array_equal(mask_of(undone.exams[CT], "T4"), mask_of(exam, "T4"))


def test_findings_are_a_step_too_and_verdicts_follow(case):
    reported, compared = case.findings(), case.comparison()
    assert reported is not None
    with case.transaction("edit findings"):
        case.put_findings(type(reported)(reported.title, reported.source, reported.claims[:1]))
    undone = undo(case)
    assert (undone.step.name, undone.exams) == ("edit findings", {})
    assert case.findings() == reported
    assert case.comparison() == compared


def test_a_case_whose_images_are_gone_is_left_as_it_was(case, exam, monkeypatch):
    update_lesion(case, exam, "T4", smaller(exam, "T4"))
    before, revision = state(case), case.revision
    monkeypatch.setattr("liverseg.workflow.edit.facts_of", lambda _: None)
    with pytest.raises(CaseError, match="not where they were"):
        undo(case)
    assert (state(case), case.revision) == (before, revision)


def test_a_fault_half_way_leaves_nothing_half_undone(case, exam, monkeypatch):
    exam = update_lesion(case, exam, "T4", smaller(exam, "T4"))
    before, revision = state(case), case.revision

    def broken(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("liverseg.workflow.edit.cut_views", broken)
    with pytest.raises(MemoryError):
        undo(case, exams={CT: exam})
    assert (state(case), case.revision) == (before, revision)


def test_the_work_alone_is_back_at_once_and_its_numbers_follow(case, exam):
    before = state(case)
    exam = update_lesion(case, exam, "T4", smaller(exam, "T4"))
    done = turn_work(case, "undo", exams={CT: exam}, expected=case.steps().undo[0].event)
    assert done.step.name == "edit lesion T4"
    assert state(case)[0] == before[0]  # the masks
    assert {exam_id for exam_id, _ in case.outdated()} == {CT}
    back = done.exams[CT]
    kept = {one.name: one.mask for one in exam.lesions}
    assert [one.name for one in back.lesions] == list(case.lesion_names(CT))
    assert all((one.mask is kept[one.name]) == (one.name != "T4") for one in back.lesions)
    renew_exam(case, back, lesions=["T4"])
    assert state(case) == before
    assert names(case.steps().redo) == ["edit lesion T4"]


def test_the_work_alone_needs_no_images(case, exam, monkeypatch):
    before = mask_of(exam, "T4")
    update_lesion(case, exam, "T4", smaller(exam, "T4"))
    monkeypatch.setattr("liverseg.workflow.edit.facts_of", lambda _: None)
    assert turn_work(case, "undo", exams={}).exams == {}
    stored = next(one for one in case.stored_exam(CT).lesions if one.name == "T4")
    np.testing.assert_array_equal(stored.mask.mask(), before)


def test_a_script_that_reverts_an_older_event_makes_a_step_of_its_own(case, exam):
    exam = update_lesion(case, exam, "T4", smaller(exam, "T4"))
    older = case.steps().undo[0].event
    update_lesion(case, exam, "T5", smaller(exam, "T5"))
    case.revert(older)
    assert names(case.steps().undo)[0] == f"take back event {older}"
    assert len(case.steps().undo) == 3
    undo(case)
    assert names(case.steps().undo) == ["edit lesion T5", "edit lesion T4"]
