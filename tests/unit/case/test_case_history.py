"""The event log: who, when, with what, and what was there before."""

from __future__ import annotations

import dataclasses
import sqlite3
from datetime import datetime, timedelta

import numpy as np
import pytest

from liverseg.case import CaseFile
from liverseg.case.events import user_name
from liverseg.errors import CaseError

EXAM = "2015-06-01_CT"


def test_each_transaction_is_one_event_with_who_when_and_program(filled, make):
    with filled.transaction("edit lesion L1"):
        filled.put_lesion(EXAM, make.lesion(make.grid(), seed=2))
        with filled.transaction("compare"):
            filled.put_comparison(make.comparison())
    first, second, third = filled.events()
    assert [e.action for e in (first, second, third)] == [
        "create the case file",
        f"exam {EXAM}",
        "edit lesion L1",
    ]
    assert third.detail == f"lesion L1 of {EXAM}; compare; comparison of 2 claims"
    assert third.who == "reader"
    assert third.program.startswith("liverseg ")
    assert datetime.fromisoformat(third.when).utcoffset() == timedelta(0)
    assert filled.revision == third.number == 3


def test_who_is_the_login_name_unless_given(tmp_path, monkeypatch):
    monkeypatch.setenv("LOGNAME", "dr_x")
    with CaseFile.create(tmp_path / "a.liverseg", case="a") as case:
        assert case.events()[0].who == "dr_x"
    with CaseFile.open(tmp_path / "a.liverseg", who="dr_y") as case:
        case.put_tables({})
        assert case.events()[-1].who == "dr_y"


def test_a_system_without_user_names_is_no_obstacle(monkeypatch):
    def nobody() -> str:
        raise OSError("no user")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert user_name() == "unknown"


def test_every_mask_a_lesion_ever_had_can_be_had_again(filled, make):
    masks = [make.lesion(make.grid(), seed=seed) for seed in (2, 3, 4)]
    for lesion in masks:
        filled.put_lesion(EXAM, lesion)
    changes = filled.changes(exam_id=EXAM, name="L1")
    assert [c.before for c in changes] == [None, *(c.after for c in changes[:-1])]
    for change, lesion in zip(changes[1:], masks, strict=True):
        assert np.array_equal(filled.lesion_version(change.after).mask.array, lesion.mask.array)
    assert filled.stored_exam(EXAM).lesions[0].mask.mask().sum() == masks[-1].mask.mask().sum()
    with pytest.raises(CaseError, match="version 999 is not a lesion"):
        filled.lesion_version(999)


def test_writing_the_same_again_is_no_change(filled, make, tmp_path):
    before = filled.changes()
    filled.put_exam(make.exam(tmp_path / "dicom"))
    filled.put_lesion(EXAM, make.lesion(make.grid()))
    assert filled.changes() == before


def test_an_edit_can_be_taken_back_and_that_too(filled, make):
    old = filled.stored_exam(EXAM).lesions[0].mask.array
    new = make.lesion(make.grid(), seed=9)
    filled.put_lesion(EXAM, new)
    filled.revert(3)
    assert np.array_equal(filled.stored_exam(EXAM).lesions[0].mask.array, old)
    filled.revert(4)
    assert np.array_equal(filled.stored_exam(EXAM).lesions[0].mask.array, new.mask.array)
    assert [e.action for e in filled.events()][-2:] == ["take back event 3", "take back event 4"]


def test_undo_outlives_the_program(filled, make):
    old = filled.stored_exam(EXAM).lesions[0].mask.array
    filled.put_lesion(EXAM, make.lesion(make.grid(), seed=9))
    filled.close()
    with CaseFile.open(filled.path) as again:
        again.revert(again.revision)
        assert np.array_equal(again.stored_exam(EXAM).lesions[0].mask.array, old)


def test_a_removed_lesion_loses_its_rows_and_comes_back_to_its_place(filled, make):
    filled.put_lesion(EXAM, make.lesion(make.grid(), "L2"))
    filled.put_measurements(EXAM, "L1", [make.measurement()])
    filled.put_views(EXAM, "L1", [make.view()])
    filled.remove_lesion(EXAM, "L1")
    assert filled.lesion_names(EXAM) == ("L2",)
    assert filled.measurements() == ()
    assert filled.views() == ()
    filled.revert(filled.revision)
    assert filled.lesion_names(EXAM) == ("L1", "L2")


def test_an_added_lesion_taken_back_leaves_no_rows(filled, make):
    with filled.transaction("add lesion L2"):
        filled.put_lesion(EXAM, make.lesion(make.grid(), "L2"))
        filled.put_measurements(EXAM, "L2", [make.measurement(lesion="L2")])
    filled.revert(filled.revision)
    assert filled.lesion_names(EXAM) == ("L1",)
    assert filled.measurements() == ()


def test_only_the_last_change_of_a_part_can_be_taken_back(filled, make):
    for seed in (2, 3):
        filled.put_lesion(EXAM, make.lesion(make.grid(), seed=seed))
    with pytest.raises(CaseError, match="lesion L1 was changed again after event 3"):
        filled.revert(3)
    with pytest.raises(CaseError, match="event 1 changed no exam"):
        filled.revert(1)
    assert filled.revision == 4


def test_findings_can_be_taken_back(case, make):
    case.put_findings(make.findings())
    case.put_findings(dataclasses.replace(make.findings(), title="edited"))
    case.revert(case.revision)
    assert case.findings() == make.findings()
    case.revert(case.revision)
    assert case.findings().title == "edited"


def test_measurements_older_than_their_mask_are_named(filled, make):
    assert filled.outdated() == ((EXAM, "liver"), (EXAM, "L1"))
    for name in ("liver", "L1"):
        filled.put_measurements(EXAM, name, [])
    assert filled.outdated() == ()
    filled.put_lesion(EXAM, make.lesion(make.grid(), seed=2))
    assert filled.outdated() == ((EXAM, "liver"), (EXAM, "L1"))
    with filled.transaction("measure"):
        filled.put_measurements(EXAM, "liver", [])
        filled.put_measurements(EXAM, "L1", [make.measurement()])
        filled.put_lesion(EXAM, make.lesion(make.grid(), seed=3))
    assert filled.outdated() == ()
    filled.revert(filled.revision)
    assert filled.outdated() == ((EXAM, "liver"), (EXAM, "L1"))


def test_a_lesion_taken_out_makes_the_others_numbers_old(filled, make):
    filled.put_lesion(EXAM, make.lesion(make.grid(), "L2"))
    for name in ("liver", "L1", "L2"):
        filled.put_measurements(EXAM, name, [])
    filled.remove_lesion(EXAM, "L2")
    assert filled.outdated() == ((EXAM, "liver"), (EXAM, "L1"))


def test_the_log_cannot_be_rewritten(filled):
    db = sqlite3.connect(filled.path)
    for table in ("event", "version", "change", "label_map"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(f"DELETE FROM {table}")
        column = "action" if table == "event" else "id"
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(f"UPDATE {table} SET {column} = {column}")
    db.close()


def test_equal_masks_and_grids_are_stored_once(filled, make, tmp_path):
    exam = make.exam(tmp_path / "dicom")
    filled.put_exam(dataclasses.replace(exam, exam_id="again"))
    db = sqlite3.connect(filled.path)
    assert db.execute("SELECT count(*) FROM grid").fetchone() == (1,)
    assert db.execute("SELECT count(*) FROM label_map").fetchone() == (4,)
    db.close()
