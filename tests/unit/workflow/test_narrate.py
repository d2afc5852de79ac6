"""Words made again after each edit: those of `describe_exam`, and nothing made twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liverseg.case import CaseFile
from liverseg.errors import InputError, MeasurementError
from liverseg.geometry import LabelMap
from liverseg.records import Caliper, Exam
from liverseg.workflow import Narrator, Ruler, describe_exam, load_exam, narrate

CT = "2015-06-01_CT"


@pytest.fixture
def exam(coarse_case_file) -> Exam:
    with CaseFile.open(coarse_case_file, read_only=True) as case:
        return load_exam(case, CT)


def smaller(exam: Exam, name: str) -> Exam:
    """The exam with a lesion that lost its last slice."""
    lesion = next(one for one in exam.lesions if one.name == name)
    array = lesion.mask.array.copy()
    array[np.flatnonzero(array.any(axis=(1, 2)))[-1]] = 0
    return with_lesion(exam, replace(lesion, mask=LabelMap(array, lesion.mask.grid)))


def with_lesion(exam: Exam, lesion) -> Exam:
    kept = tuple(lesion if one.name == lesion.name else one for one in exam.lesions)
    return replace(exam, lesions=kept)


def test_words_after_edits_are_those_of_describing_the_exam_from_nothing(exam):
    ruler = Ruler()
    ruler.measure(exam)
    narrator = Narrator(ruler)
    for state in (exam, smaller(exam, "T4"), smaller(smaller(exam, "T4"), "T5"), exam):
        ruler.measure_now(state, "T4")
        for long in describe_exam(state):
            short = narrator.portray(state, long.lesion)
            assert short.words == long.words  # every number, bit by bit
            shells = [row for row in long.details if row.metric.startswith("shell_")]
            assert list(short.profile) == shells


def test_a_version_changes_with_what_words_rest_on_and_with_nothing_else(exam):
    narrator = Narrator()
    names = [lesion.name for lesion in exam.lesions]
    before = {name: narrator.version(exam, name) for name in names}
    assert {name: narrator.version(exam, name) for name in names} == before
    measured = replace(
        exam.lesions[0], calipers=(Caliper("length", ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))),)
    )
    for same in (with_lesion(exam, measured), replace(exam, couinaud=None)):
        assert {name: narrator.version(same, name) for name in names} == before
    edited = smaller(exam, "T4")
    after = {name: narrator.version(edited, name) for name in names}
    assert all(after[name] != before[name] for name in names)  # T4 is left out of the liver
    assert narrator.version(exam, "T4") not in (before["T4"], after["T4"])
    with pytest.raises(InputError, match="no lesion X"):
        narrator.version(exam, "X")


def test_the_same_version_is_looked_at_once_and_the_liver_once_for_all(exam, monkeypatch):
    livers, lesions = [], []
    sample, portray = narrate.sample_reference, narrate.portray_lesion

    def sampled(exam, *args, **options):
        livers.append(exam)
        return sample(exam, *args, **options)

    def portrayed(exam, lesion, *args, **options):
        lesions.append(lesion.name)
        return portray(exam, lesion, *args, **options)

    monkeypatch.setattr(narrate, "sample_reference", sampled)
    monkeypatch.setattr(narrate, "portray_lesion", portrayed)
    narrator = Narrator()
    first = narrator.portray(exam, "T4")
    narrator.portray(exam, "T5")
    assert narrator.portray(exam, "T4") is first
    assert (len(livers), lesions) == (1, ["T4", "T5"])
    edited = smaller(exam, "T5")
    narrator.portray(edited, "T4")
    assert (len(livers), lesions) == (2, ["T4", "T5", "T4"])


def test_it_gives_way_between_steps_and_is_none_the_worse(exam):
    class UrgentError(Exception):
        pass

    told: list[str] = []
    whole = Narrator().portray(exam, "T4", progress=lambda text, _: told.append(text))
    assert len(told) > 2 * len(exam.series)
    narrator = Narrator()
    for most in range(len(told)):
        left = [most]

        def stop(_text: str, _share: float, left=left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise UrgentError

        # What was made before is kept, so a later attempt may get through.
        try:
            narrator.portray(exam, "T4", progress=stop)
        except UrgentError:
            continue
        break
    assert most > 0
    assert narrator.portray(exam, "T4").words == whole.words


def test_without_a_liver_there_is_no_word(exam):
    liver = LabelMap(np.zeros(exam.liver.grid.shape, np.uint8), exam.liver.grid)
    with pytest.raises(MeasurementError, match="no liver mask"):
        Narrator().portray(replace(exam, liver=liver), "T4")
