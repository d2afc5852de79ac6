"""Segments, landmarks and findings of a stored case changed; what rests on them follows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liverseg.case import CaseFile
from liverseg.couinaud import segment_table
from liverseg.errors import CaseError, GeometryError, InputError
from liverseg.findings import put_claim
from liverseg.geometry import LabelMap
from liverseg.lesions import measure_size
from liverseg.records import Verdict
from liverseg.teach import LANDMARKS
from liverseg.workflow import (
    case_volumes,
    correct_couinaud,
    describe_exam,
    divide_exam,
    exam_volumes,
    findings_of,
    load_exam,
    measure_exam,
    portray,
    reread_masks,
    update_couinaud,
    update_findings,
    update_landmarks,
)

CT = "2015-06-01_CT"
POINTS = dict(LANDMARKS.points)
MOVED = {**POINTS, "rhv": (-85.0, 35.0, 40.0)}


def stored(case: CaseFile, exam_id: str = CT) -> dict[str, tuple]:
    names = (*case.lesion_names(exam_id), "liver")
    return {name: case.measurements(exam_id=exam_id, lesion=name) for name in names}


def test_a_moved_landmark_gives_the_rows_of_measuring_anew(case, exam):
    before = stored(case)
    labels, doubts = divide_exam(exam, MOVED)
    edited = update_couinaud(case, exam, labels, landmarks=MOVED, doubts=doubts)
    after = stored(case)
    assert after == {name: tuple(rows) for name, rows in measure_exam(edited).items()}
    assert after != before
    assert case.outdated() == ()
    again = case.stored_exam(CT)
    assert again.landmarks == MOVED
    np.testing.assert_array_equal(again.couinaud.array, labels.array)
    assert set(doubts) <= set(again.doubts)
    assert {change.kind for change in case.changes(event=case.revision)} >= {
        "couinaud",
        "landmarks",
    }


def test_pictures_of_the_segments_follow(case, exam):
    labels, _ = divide_exam(exam, MOVED)
    update_couinaud(case, exam, labels)
    for view in case.views(exam_id=CT, lesion=""):
        np.testing.assert_array_equal(np.unique(view.labels), np.unique(labels.array[view.slice]))


def test_a_change_of_segments_is_one_event_that_can_be_taken_back(case, exam):
    old = case.stored_exam(CT)
    labels, doubts = divide_exam(exam, MOVED)
    revision = case.revision
    update_couinaud(case, exam, labels, landmarks=MOVED, doubts=doubts)
    assert case.revision == revision + 1
    case.revert(case.revision)
    again = case.stored_exam(CT)
    np.testing.assert_array_equal(again.couinaud.array, old.couinaud.array)
    assert again.landmarks == old.landmarks
    assert again.doubts == old.doubts


def test_doubts_about_the_old_map_go_with_it(case, exam):
    bad, doubts = divide_exam(exam, {**POINTS, "rhv": (-85.0, 45.0, 40.0)})
    assert doubts
    edited = update_couinaud(case, exam, bad, doubts=doubts)
    good, none = divide_exam(edited, POINTS)
    edited = update_couinaud(case, edited, good, doubts=none)
    assert not set(doubts) & set(edited.doubts)


def test_a_stroke_on_the_border_moves_volume_from_one_segment_to_the_other(case, exam):
    before = {row.segment: row.volume_ml for row in exam_volumes(exam)}
    drawn = exam.couinaud.array.copy()
    at = int(np.count_nonzero(drawn == 5, axis=(1, 2)).argmax())
    five = drawn[at] == 5
    drawn[at][five] = 8
    edited, refused = correct_couinaud(case, exam, drawn)
    after = {row.segment: row.volume_ml for row in exam_volumes(edited)}
    moved = np.count_nonzero(five) * exam.liver.grid.voxel_volume_mm3 / 1000
    assert moved > 0
    assert refused == 0
    assert after["5"] == pytest.approx(before["5"] - moved)
    assert after["8"] == pytest.approx(before["8"] + moved)
    shares = {r.segment: r.value for r in stored(case)["liver"] if r.metric == "couinaud_share"}
    assert shares["5"] == pytest.approx({r.segment: r.share for r in exam_volumes(edited)}["5"])
    np.testing.assert_array_equal(reread_masks(case, exam).couinaud.array, edited.couinaud.array)


@given(st.data())
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_strokes_never_leave_the_liver(case, exam, data):
    low = [data.draw(st.integers(0, n - 1)) for n in exam.liver.grid.shape]
    drawn = exam.couinaud.array.copy()
    drawn[tuple(slice(n, n + 8) for n in low)] = data.draw(st.integers(0, 9))
    edited, _ = correct_couinaud(case, exam, drawn)
    np.testing.assert_array_equal(edited.couinaud.mask(), exam.couinaud.mask())


def test_nothing_drawn_is_no_event(case, exam):
    revision = case.revision
    edited, refused = correct_couinaud(case, exam, exam.couinaud.array.copy())
    assert (edited, refused, case.revision) == (exam, 0, revision)


def test_some_landmarks_are_kept_before_there_is_a_map(case, exam):
    some = {name: POINTS[name] for name in ("ivc", "mhv")}
    edited = update_landmarks(case, exam, some)
    assert edited.landmarks == some
    assert load_exam(case, CT).landmarks == some
    np.testing.assert_array_equal(case.stored_exam(CT).couinaud.array, exam.couinaud.array)
    with pytest.raises(InputError, match="no landmark 'nose'"):
        update_landmarks(case, exam, {"nose": (0.0, 0.0, 0.0)})
    with pytest.raises(InputError, match="landmarks are missing"):
        divide_exam(exam, some)


def test_swapped_landmarks_change_nothing(case, exam):
    with pytest.raises(GeometryError, match="swapped"):
        divide_exam(exam, {**POINTS, "rpv": POINTS["lpv"], "lpv": POINTS["rpv"]})


def test_a_map_without_split_keeps_its_four_whole(exam):
    whole = exam.couinaud.array.copy()
    whole[whole == 9] = 4
    flat = replace(exam, couinaud=LabelMap(whole, exam.liver.grid, segment_table(split=False)))
    labels, _ = divide_exam(flat, POINTS)
    assert 9 not in labels.values
    assert 9 in divide_exam(replace(exam, couinaud=None), POINTS)[0].values


def test_what_another_program_wrote_in_between_stops_a_change(case, exam):
    revision = case.revision
    update_landmarks(case, exam, POINTS)
    labels, _ = divide_exam(exam, MOVED)
    with pytest.raises(CaseError):
        update_couinaud(case, exam, labels, revision=revision)
    np.testing.assert_array_equal(case.stored_exam(CT).couinaud.array, exam.couinaud.array)


def test_volumes_of_a_case_need_no_images(case, exam):
    (found,) = case_volumes(case, exam_id=CT, resected=["6", "7"]).values()
    assert found[0] == exam_volumes(exam)
    assert found[1].resected == ("6", "7")
    with pytest.raises(InputError, match="no exam 1999"):
        case_volumes(case, exam_id="1999")
    with pytest.raises(InputError, match="has no segments"):
        exam_volumes(replace(exam, couinaud=None))


def test_an_edited_finding_gets_its_verdict_and_the_old_one_can_be_had_back(case):
    reported = findings_of(case)
    entry = {
        "id": "new",
        "statement": "a lesion",
        "source": "text",
        "place": "p. 1",
        "date": "2015",
        "modality": "CT",
        "test": {"rule": "count", "at_least": 1},
    }
    more = put_claim(reported, entry)
    update_findings(case, more)
    assert judged(case)["new"] is Verdict.AGREES
    revision, before = case.revision, judged(case)
    entry["test"] = {"rule": "count", "at_least": 99}
    update_findings(case, put_claim(more, entry, instead_of="new"))
    assert judged(case) == {**before, "new": Verdict.CONFLICTS}
    assert case.revision == revision + 1
    case.revert(case.revision)
    assert findings_of(case) == more


def judged(case: CaseFile) -> dict[str, Verdict]:
    comparison = case.comparison()
    assert comparison is not None
    return {one.claim.id: one.verdict for one in comparison.judgements}


def test_a_lesion_at_a_glance_is_what_is_said_of_it_at_length(exam):
    name = exam.lesions[0].name
    long = describe_exam(exam, lesion=name)[0]
    short = portray(exam, name)
    assert short.words == long.words
    shells = tuple(row for row in long.details if row.metric.startswith("shell_"))
    assert short.profile == shells
    size = measure_size(exam.lesions[0].mask)
    assert portray(exam, name, shape=size) == short
    with pytest.raises(InputError, match="no lesion X"):
        portray(exam, "X")
