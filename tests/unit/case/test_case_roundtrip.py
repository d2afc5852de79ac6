"""What goes into a case file comes out bit by bit."""

from __future__ import annotations

import dataclasses
import math
import shutil
import sqlite3

import numpy as np
import pytest

from liverseg.case import CaseFile
from liverseg.errors import CaseError
from liverseg.records import FileState

EXAM = "2015-06-01_CT"


def same_grid(one, other):
    assert one.shape == other.shape
    assert one.lps_from_index.tobytes() == other.lps_from_index.tobytes()
    assert one.frame_of_reference == other.frame_of_reference


def same_labels(one, other):
    assert one.array.dtype == other.array.dtype
    assert np.array_equal(one.array, other.array)
    assert one.labels == other.labels
    same_grid(one.grid, other.grid)


def same_record(one, other):
    same_grid(one.grid, other.grid)
    plain = [f.name for f in dataclasses.fields(one) if f.name != "grid"]
    assert [getattr(one, n) for n in plain] == [getattr(other, n) for n in plain]


def same_exam(stored, exam):
    for name in ("exam_id", "date", "modality", "reference", "shifts", "doubts"):
        assert getattr(stored, name) == getattr(exam, name)
    for found, item in zip(stored.records, exam.series, strict=True):
        same_record(found, item.record)
        assert stored.calls[found.key] == item.call
    for name in ("liver", "couinaud", "structures"):
        same_labels(getattr(stored, name), getattr(exam, name))
    for found, lesion in zip(stored.lesions, exam.lesions, strict=True):
        same_labels(found.mask, lesion.mask)
        assert dataclasses.replace(found, mask=lesion.mask).__dict__ == lesion.__dict__


@pytest.mark.parametrize("read_only", [False, True])
def test_an_exam_comes_back_whole_after_reopening(case, make, tmp_path, read_only):
    exam = make.exam(tmp_path / "dicom")
    case.put_exam(exam)
    case.close()
    with CaseFile.open(case.path, read_only=read_only) as again:
        assert (again.case, again.read_only) == ("patient 1", read_only)
        assert again.exam_ids() == (EXAM,)
        same_exam(again.stored_exam(EXAM), exam)


def test_couinaud_and_structures_may_be_absent_and_may_go(filled, make, tmp_path):
    exam = make.exam(tmp_path / "dicom", lesions=())
    filled.put_exam(dataclasses.replace(exam, couinaud=None, structures=None))
    stored = filled.stored_exam(EXAM)
    assert (stored.couinaud, stored.structures, stored.lesions) == (None, None, ())


def test_exams_and_lesions_keep_the_order_of_writing(case, make, tmp_path):
    exam = make.exam(tmp_path / "dicom")
    for name in ("b", "a", "c"):
        case.put_exam(dataclasses.replace(exam, exam_id=name))
    assert case.exam_ids() == ("b", "a", "c")
    for name in ("Z", "A", "L1"):
        case.put_lesion("a", make.lesion(exam.liver.grid, name, seed=7))
    assert case.lesion_names("a") == ("L1", "Z", "A")
    assert case.tracking_uid("Z") == "2.25.77"
    assert case.tracking_uid("none") is None


def test_the_ledger_comes_back_with_its_series(case, make, tmp_path):
    assert case.ledger_summary().entries == ()
    ledger = make.ledger(tmp_path / "dicom")
    case.put_ledger(ledger)
    found = case.ledger_summary()
    assert (found.roots, found.entries) == (ledger.roots, ledger.entries)
    assert found.count(FileState.REFUSED) == 1
    for one, other in zip(found.series, ledger.series, strict=True):
        same_record(one, other)


def test_findings_and_comparison_come_back(case, make):
    assert case.findings() is None
    assert case.comparison() is None
    case.put_findings(make.findings())
    case.put_comparison(make.comparison())
    assert case.findings() == make.findings()
    assert case.comparison() == make.comparison()
    assert isinstance(case.comparison().judgements[0].claim.expects["pair"], tuple)


def test_measurements_come_back_in_order_and_are_replaced_in_place(filled, make):
    one = [make.measurement(), make.measurement(metric="mean", value=math.inf, slice=None)]
    two = [make.measurement(lesion="liver", upper=5)]
    filled.put_measurements(EXAM, "L1", one)
    filled.put_measurements(EXAM, "liver", two)
    assert filled.measurements() == (*one, *two)
    filled.put_measurements(EXAM, "L1", one[1:])
    assert filled.measurements() == (one[1], *two)
    assert filled.measurements(lesion="liver") == tuple(two)
    assert filled.measurements(exam_id="other") == ()


def test_not_a_number_stays_one(filled, make):
    filled.put_measurements(EXAM, "L1", [make.measurement(value=math.nan, lower=math.nan)])
    (row,) = filled.measurements()
    assert math.isnan(row.value)
    assert math.isnan(row.lower)
    assert row.upper is None


@pytest.mark.parametrize("dtype", ["<f4", "<i2", "|u1", ">i2", "<f8"])
def test_pictures_come_back_bit_by_bit(filled, make, dtype):
    wanted = [make.view(dtype=dtype), make.view(seed=4, dtype=dtype)]
    filled.put_views(EXAM, "L1", wanted)
    filled.put_views(EXAM, "", [make.view("")])
    found = filled.views(exam_id=EXAM, lesion="L1")
    for one, other in zip(found, wanted, strict=True):
        assert one.pixels.dtype == other.pixels.dtype
        assert one.pixels.tobytes() == other.pixels.tobytes()
        assert np.array_equal(one.labels, other.labels)
        plain = [f.name for f in dataclasses.fields(one) if f.name not in ("pixels", "labels")]
        assert [getattr(one, n) for n in plain] == [getattr(other, n) for n in plain]
    assert [view.kind for view in filled.views()] == ["lesion", "lesion", "segments"]
    filled.put_views(EXAM, "L1", [])
    assert len(filled.views()) == 1


def test_tables_come_back_and_are_replaced(case):
    case.put_tables({"b": "22", "a": "11"})
    assert case.tables() == {"a": "11", "b": "22"}
    case.put_tables({"c": "33"})
    assert case.tables() == {"c": "33"}


def test_unknown_exams_and_lesions_are_named(filled, make):
    for call in (
        lambda: filled.stored_exam("x"),
        lambda: filled.put_lesion("x", make.lesion(make.grid())),
        lambda: filled.put_measurements("x", "L1", []),
        lambda: filled.put_views("x", "L1", []),
        lambda: filled.lesion_names("x"),
        lambda: filled.check_images("x"),
    ):
        with pytest.raises(CaseError, match=rf"no exam x .*{EXAM}"):
            call()
    with pytest.raises(CaseError, match=r"no lesion L9 .*L1"):
        filled.remove_lesion(EXAM, "L9")


def test_case_and_images_may_move_together(filled, make, tmp_path):
    filled.close()
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    shutil.move(tmp_path / "dicom", moved / "dicom")
    shutil.move(filled.path, moved / "case.liverseg")
    with CaseFile.open(moved / "case.liverseg", read_only=True) as again:
        path = again.stored_exam(EXAM).records[0].slices[2].path
        assert path == str(moved / "dicom" / "S1" / "I002")
        assert again.check_images(EXAM) == ()


def test_the_case_alone_may_move(filled, tmp_path):
    filled.close()
    moved = tmp_path / "far" / "away"
    moved.mkdir(parents=True)
    shutil.move(filled.path, moved / "case.liverseg")
    with CaseFile.open(moved / "case.liverseg") as again:
        path = again.stored_exam(EXAM).records[0].slices[2].path
    assert path == str(tmp_path / "dicom" / "S1" / "I002")


def test_a_case_written_in_a_stage_finds_its_images_from_its_home(make, tmp_path):
    stage = tmp_path / "old" / "out" / ".partial"
    stage.mkdir(parents=True)
    home = stage.parent
    with CaseFile.create(stage / "c.liverseg", case="x", home=home) as case:
        case.put_exam(make.exam(tmp_path / "old" / "dicom"))
    shutil.move(stage / "c.liverseg", home / "c.liverseg")
    shutil.move(tmp_path / "old", tmp_path / "new")
    with CaseFile.open(tmp_path / "new" / "out" / "c.liverseg") as again:
        path = again.stored_exam(EXAM).records[0].slices[0].path
    assert path == str(tmp_path / "new" / "dicom" / "S1" / "I000")


def test_the_right_files_win_over_others_of_the_same_name(filled, tmp_path):
    filled.close()
    moved = tmp_path / "far"
    (moved / "dicom" / "S1").mkdir(parents=True)
    (moved / "dicom" / "S1" / "I002").write_bytes(b"another patient's image")
    shutil.move(filled.path, moved / "case.liverseg")
    with CaseFile.open(moved / "case.liverseg") as again:
        path = again.stored_exam(EXAM).records[0].slices[2].path
    assert path == str(tmp_path / "dicom" / "S1" / "I002")


def test_missing_and_changed_images_are_doubts(filled, tmp_path):
    assert filled.check_images(EXAM) == ()
    (tmp_path / "dicom" / "S2" / "I001").write_bytes(b"cut")
    (tmp_path / "dicom" / "S1" / "I001").unlink()
    missing, changed = filled.check_images(EXAM)
    assert missing.where == "1.2.3.1"
    assert "1 of 6 image files are missing" in missing.reason
    assert "1 of 6" in changed.reason
    assert "another size" in changed.reason
    shutil.rmtree(tmp_path / "dicom")
    assert filled.stored_exam(EXAM).records[0].slices[0].path.endswith("dicom/S1/I000")


def test_identifiers_of_the_patient_have_no_place_in_the_file(filled):
    """Every table's columns, so that a new one is looked at before it is added."""
    db = sqlite3.connect(filled.path)
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    columns = {row[1] for name in tables for row in db.execute(f"PRAGMA table_info({name})")}
    body = db.execute("SELECT body FROM series").fetchone()[0]
    db.close()
    assert not {c for c in columns if "patient" in c or "birth" in c}
    assert '"patient":"ab12"' in body
