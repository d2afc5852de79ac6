"""The desks on the digital case itself: what they store is what the library gives."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

import numpy as np
import pytest
from plugin.given import Given

from liverseg.case import CaseFile
from liverseg.records import Verdict
from liverseg.teach import LANDMARKS
from liverseg.workflow import describe_exam, divide_exam, load_exam, measure_exam
from napari_liverseg.case_store import CaseStore
from napari_liverseg.claiming import ClaimsDesk
from napari_liverseg.segmenting import SegmentDesk
from napari_liverseg.wording import WordsDesk

pytestmark = pytest.mark.slow
MOVED = {**LANDMARKS.points, "rhv": (-85.0, 35.0, 40.0)}


@pytest.fixture
def given(digital_case, tmp_path):
    copy = digital_case.with_name(f"{tmp_path.name}.liverseg")  # beside its images
    shutil.copy(digital_case, copy)
    given = Given(CaseStore(copy))
    yield given
    given.bench.close()
    copy.unlink()


def stored(given) -> Mapping[str, tuple]:
    exam_id = given.bench.exam_id
    with CaseFile.open(given.store.path, read_only=True) as case:
        names = (*case.lesion_names(exam_id), "liver")
        return {name: case.measurements(exam_id=exam_id, lesion=name) for name in names}


def test_landmarks_brush_words_and_claims_store_what_the_library_gives(given):
    exam_id = given.bench.exam_id
    desk = SegmentDesk(given.bench)
    desk.want()
    desk.put_landmarks(MOVED)
    given.settle()
    with CaseFile.open(given.store.path, read_only=True) as case:
        exam = load_exam(case, exam_id)
    labels, _ = divide_exam(exam, MOVED)
    np.testing.assert_array_equal(exam.couinaud.array, labels.array)
    assert exam.landmarks == MOVED
    assert stored(given) == {name: tuple(rows) for name, rows in measure_exam(exam).items()}

    desk.edit(5)
    layer = given.bench.stage.segments
    box = np.argwhere(np.asarray(layer.data) == 8)
    layer.data_setitem(tuple(box[:500].T), 5)
    given.settle()
    with CaseFile.open(given.store.path, read_only=True) as case:
        edited = load_exam(case, exam_id)
    changed = edited.couinaud.array != labels.array
    assert np.count_nonzero(changed) == 500
    assert set(np.unique(edited.couinaud.array[changed])) == {5}
    assert stored(given) == {name: tuple(rows) for name, rows in measure_exam(edited).items()}
    desk.edit(0)

    words = WordsDesk(given.bench)
    words.want()
    given.settle()
    name = given.bench.lesion
    assert words.portrait.words == describe_exam(edited, lesion=name)[0].words

    claims = ClaimsDesk(given.bench)
    number = next(row.id for row in given.bench.claims() if row.verdict is Verdict.AGREES)
    claims.remove(number)
    given.settle()
    assert number not in {row.id for row in given.bench.claims()}
    with CaseFile.open(given.store.path, read_only=True) as case:
        assert [event.action for event in case.events()][-1] == "edit findings"


def test_two_windows_on_one_case_do_not_write_over_each_others_segments(given):
    desk = SegmentDesk(given.bench)
    desk.want()
    given.settle()
    other = CaseStore(given.store.path)
    other.load(given.bench.exam_id)
    other.write_segments(given.bench.exam_id, other.divide(given.bench.exam_id, MOVED))
    theirs = other.segments(given.bench.exam_id).labels.array
    desk.put_landmarks(dict(LANDMARKS.points))
    given.settle()
    assert "another window has changed the segments" in given.bench.last_message[0]
    with CaseFile.open(given.store.path, read_only=True) as case:
        found = case.stored_exam(given.bench.exam_id)
    np.testing.assert_array_equal(found.couinaud.array, theirs)
    shown = given.bench.stage.scene.frame.turn.shown(theirs)
    np.testing.assert_array_equal(given.bench.stage.segments.data, shown)
