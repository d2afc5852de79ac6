"""A lesion moved in one phase of a stored case: rows, pictures, report, undo, old files."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import numpy as np
import pytest

from liverseg.case import CaseFile, door
from liverseg.errors import CaseError, InputError
from liverseg.geometry import Translation
from liverseg.lesions import liver_reference, measure_enhancement
from liverseg.records import Exam, PhaseShift
from liverseg.workflow import (
    describe_case,
    exam_images,
    find_lesion,
    find_series,
    load_exam,
    move_lesion,
    put_mask,
    redo,
    report_content,
    undo,
    update_lesion,
    write_outputs,
)

CT, MR = "2015-06-01_CT", "2015-06-03_MR"
ARTERIAL = "late_arterial"
OFFSET = (4.0, -8.0, 5.0)


def key_of(exam: Exam, phase: str = ARTERIAL) -> str:
    return next(one.record.key for one in exam.series if str(one.call.phase) == phase)


def rows_of(case: CaseFile, lesion: str = "T4"):
    return {
        (row.phase, row.metric, row.segment): row
        for row in case.measurements(exam_id=CT, lesion=lesion)
    }


def layout(case: CaseFile) -> int:
    db = sqlite3.connect(case.path)
    try:
        return int(db.execute("PRAGMA user_version").fetchone()[0])
    finally:
        db.close()


def test_the_rows_of_that_phase_are_those_of_the_place_and_sizes_stay(case, exam):
    before = rows_of(case)
    key = key_of(exam)
    moved = move_lesion(case, exam, "T4", key, OFFSET)
    assert find_lesion(moved, "T4").moves == {key: Translation(OFFSET)}
    after = rows_of(case)
    changed = {place for place in before if after[place].value != before[place].value}
    assert {phase for phase, _, _ in changed} == {ARTERIAL}
    assert (ARTERIAL, "mean", "") in changed
    # The very numbers of an exam whose whole series is shifted by as much.
    shifts = tuple(
        PhaseShift(key, one.series_from_reference.then(Translation(OFFSET)))
        if one.series_key == key
        else one
        for one in exam.shifts
    )
    shifted = replace(exam, shifts=shifts)
    reference = liver_reference(exam.liver, [one.mask for one in exam.lesions], exam.structures)
    same = {
        (row.phase, row.metric): row.value
        for row in measure_enhancement(shifted, find_lesion(exam, "T4"), reference)
    }
    for metric in ("mean", "sd", "median"):
        assert after[ARTERIAL, metric, ""].value == same[ARTERIAL, metric]
    assert "lesion moved by hand 10.2 mm (4.0, -8.0, 5.0 LPS) in late arterial" in (
        after[ARTERIAL, "mean", ""].method
    )
    assert case.outdated() == ()


def test_its_picture_in_that_phase_shows_it_there(case, exam):
    def middle(phase: str) -> np.ndarray:
        (view,) = (
            v for v in case.views(exam_id=CT, lesion="T4") if (v.kind, v.phase) == ("lesion", phase)
        )
        return np.array([view.slice, *view.lines[0].start]), view.pixels

    (before, seen), portal = middle(ARTERIAL), middle("portal_venous")
    grid = exam.by_key(key_of(exam)).volume.grid
    along = grid.lps_from_index[:3, 0] * 2  # two slices further
    move_lesion(case, exam, "T4", key_of(exam), tuple(float(part) for part in along))
    after, other = middle(ARTERIAL)
    assert after[0] == before[0] + 2
    assert not np.array_equal(seen, other)
    assert np.array_equal(portal[1], middle("portal_venous")[1])


def test_undo_redo_and_reset_go_by_named_steps(case, exam):
    key, plain = key_of(exam), rows_of(case)
    moved = move_lesion(case, exam, "T4", key, OFFSET)
    there = rows_of(case)
    assert case.steps().undo[0].name == "move lesion T4 in the late arterial phase by 10.2 mm"
    back = undo(case, exams={CT: moved})
    assert rows_of(case) == plain
    assert find_lesion(back.exams[CT], "T4").moves == {}
    again = redo(case, exams=back.exams).exams[CT]
    assert rows_of(case) == there
    reset = move_lesion(case, again, "T4", key, None)
    assert rows_of(case) == plain
    name = "put lesion T4 in the late arterial phase back as registered"
    assert case.steps().undo[0].name == name
    with pytest.raises(InputError, match="T4 lies there already in the late arterial phase"):
        move_lesion(case, reset, "T4", key, None)
    undo(case)
    assert rows_of(case) == there


def test_the_move_comes_back_with_the_file_and_outlives_an_edit_of_the_mask(case, exam):
    key = key_of(exam)
    moved = move_lesion(case, exam, "T4", key, (0.1, 1 / 3, -2.5))
    with CaseFile.open(case.path, read_only=True) as again:
        (lesion,) = (one for one in again.stored_exam(CT).lesions if one.name == "T4")
    assert lesion.moves == {key: Translation((0.1, 1 / 3, -2.5))}
    mask = find_lesion(exam, "T4").mask.mask().copy()
    mask[np.flatnonzero(mask.any(axis=(1, 2)))[-1]] = False
    for write in (update_lesion, put_mask):
        edited = write(case, moved, "T4", mask)
        assert find_lesion(edited, "T4").moves == lesion.moves
        assert find_lesion(load_exam(case, CT), "T4").moves == lesion.moves
    assert find_lesion(edited, "T5").moves == {}


def test_a_file_with_moves_is_newer_than_a_program_that_knows_none(case, exam, monkeypatch):
    assert layout(case) == 1
    put_mask(case, exam, "T4", find_lesion(exam, "T4").mask.mask().copy(), step="nothing")
    assert layout(case) == 1
    move_lesion(case, exam, "T4", key_of(exam), OFFSET)
    assert layout(case) == 2
    undo(case)
    assert layout(case) == 2  # the log still holds it, and redo would bring it back
    monkeypatch.setattr(door, "SCHEMA_VERSION", 1)
    with pytest.raises(CaseError, match=r"layout version 2, .* up to version 1 .*update liverseg"):
        CaseFile.open(case.path)


def test_a_lesion_stored_before_there_were_moves_is_read(case):
    db = sqlite3.connect(case.path)
    db.execute("DROP TRIGGER version_stays")
    for number, body in db.execute("SELECT id, body FROM version WHERE kind = 'lesion'").fetchall():
        fields = json.loads(body)
        del fields["moves"]
        db.execute("UPDATE version SET body = ? WHERE id = ?", (json.dumps(fields), number))
    db.commit()
    db.close()
    with CaseFile.open(case.path) as old:
        assert [one.moves for one in old.stored_exam(CT).lesions] == [{}, {}]


def test_a_failed_move_writes_nothing(case, exam):
    revision = case.revision
    with pytest.raises(InputError, match="reference"):
        move_lesion(case, exam, "T4", exam.reference, OFFSET)
    with pytest.raises(InputError, match="no lesion T9"):
        move_lesion(case, exam, "T9", key_of(exam), OFFSET)
    assert case.revision == revision
    move_lesion(case, exam, "T4", key_of(exam), OFFSET)
    with pytest.raises(CaseError, match="another window has changed"):
        move_lesion(case, exam, "T4", key_of(exam), (0.0, 0.0, 1.0), revision=revision)
    assert find_lesion(load_exam(case, CT), "T4").moves[key_of(exam)].offset_mm == OFFSET


def test_words_intervals_and_report_follow(case, exam, tmp_path):
    def intervals():
        (one,) = describe_case(case, exam_id=CT, lesion="T4")
        return {(row.phase, row.metric): row for row in one.intervals}

    before = intervals()
    move_lesion(case, exam, "T4", key_of(exam), OFFSET)
    after = intervals()
    changed = {place for place in before if before[place].value != after[place].value}
    assert {phase for phase, _ in changed} == {ARTERIAL}
    assert "moved by hand" in after[ARTERIAL, "mean_interval"].method
    (move,) = report_content(case).moves
    assert (move.exam_id, move.lesion, move.phase) == (CT, "T4", ARTERIAL)
    write_outputs(case, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    said = (
        "In late arterial moved by hand 10.2\xa0mm off the registration "
        "(left, back, head: 4.0, −8.0, 5.0 mm)"
    )
    assert page.count(said) == 1
    assert page.index("Lesion T4</h2>") < page.index(said) < page.index("Lesion T5</h2>")


def test_a_lesion_is_delineated_where_it_lies_in_each_phase(case, exam):
    key = key_of(exam)
    moved = find_lesion(move_lesion(case, exam, "T4", key, OFFSET), "T4")
    plain, _ = exam_images(exam, exam.reference)
    images, _ = exam_images(exam, exam.reference, lesion=moved)
    steps = {
        tuple(np.round(np.subtract(b.image_from_reference.offset_mm,
                                   a.image_from_reference.offset_mm), 9).tolist())
        for a, b in zip(plain, images, strict=True)
    }  # fmt: skip
    assert steps == {(0.0, 0.0, 0.0), OFFSET}


def test_a_phase_is_found_by_its_name_or_its_series(case, exam):
    key = key_of(exam)
    assert find_series(case, "T4", "arterial", exam_id=CT) == (CT, key)
    assert find_series(case, "T4", key) == (CT, key)
    with pytest.raises(InputError, match=r"0 series .* there are: .*late_arterial"):
        find_series(case, "T4", "adc", exam_id=CT)
    with pytest.raises(InputError, match="is no phase"):
        find_series(case, "T4", "yesterday", exam_id=CT)
    with pytest.raises(InputError, match=rf"no lesion T9 \| .*{CT}: T4, T5"):
        find_series(case, "T9", "arterial")
    with pytest.raises(InputError, match=f"no lesion T4 in {MR}1"):
        find_series(case, "T4", "arterial", exam_id=f"{MR}1")
