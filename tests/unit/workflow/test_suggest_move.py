"""Where a lesion lies in a phase, found by the images: suggested, never applied."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liverseg.errors import InputError, MeasurementError
from liverseg.geometry import Translation
from liverseg.records import Exam
from liverseg.teach import pattern_scene
from liverseg.workflow import suggest_move

#: How far the registration is off in every phase but the reference, as if only here.
OFF_MM = (1.5, -2.0, 4.0)


def scene(modality: str, *, diameter_mm: float = 30.0) -> Exam:
    """A lesion whose surroundings lie OFF_MM further than the exam's shifts say."""
    made = pattern_scene(
        "colorectal metastasis",
        modality=modality,
        diameter_mm=diameter_mm,
        breath_mm=6.0,
        seed=3,
    )
    back = Translation(OFF_MM).inverse
    shifts = tuple(
        shift
        if shift.series_key == made.exam.reference
        else replace(shift, series_from_reference=shift.series_from_reference.then(back))
        for shift in made.exam.shifts
    )
    return replace(made.exam, shifts=shifts)


@pytest.mark.parametrize(
    ("modality", "phase"), [("CT", "delayed"), ("CT", "late_arterial"), ("MR", "transitional")]
)
def test_the_planted_offset_is_found(modality, phase):
    exam = scene(modality)
    key = next(one.record.key for one in exam.series if str(one.call.phase) == phase)
    found = suggest_move(exam, "L1", key)
    assert np.linalg.norm(np.subtract(found.offset_mm, OFF_MM)) < 1.0
    assert 0.0 < found.residual_mm < 6.0


def test_too_little_to_see_and_the_reference_are_refused():
    exam = scene("CT", diameter_mm=12.0)
    key = next(one.record.key for one in exam.series if one.record.key != exam.reference)
    with pytest.raises(MeasurementError, match="no move is found for lesion L1: no shift was"):
        suggest_move(exam, "L1", key)
    with pytest.raises(InputError, match="the reference"):
        suggest_move(exam, "L1", exam.reference)
