"""How series are linked to the reference, and what they hold at one place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from unit.report.scenes import SceneOptions, make_exam

from liverseg.geometry import Translation
from liverseg.records import Doubt, PhaseShift
from liverseg.register import LinkKind, link_of, values_at

OPTIONS = SceneOptions(spacing_mm=(6.0, 3.0, 3.0), step_mm=(3.0, -3.0, 6.0))


@pytest.fixture(scope="module")
def exam():
    return make_exam("CT", options=OPTIONS)


def other(exam):
    return next(item for item in exam.series if item.record.key != exam.reference)


def with_shift(exam, key, *shift: PhaseShift):
    kept = tuple(one for one in exam.shifts if one.series_key != key)
    return replace(exam, shifts=(*kept, *shift))


def in_frame(exam, key, frame):
    series = tuple(
        replace(item, volume=replace(item.volume, grid=item.volume.grid.with_frame(frame)))
        if item.record.key == key
        else item
        for item in exam.series
    )
    return replace(exam, series=series)


def test_the_reference_is_its_own(exam):
    assert link_of(exam, exam.reference).kind is LinkKind.REFERENCE


def test_a_stored_transform_tells_its_error_and_method(exam):
    key = other(exam).record.key
    found = link_of(with_shift(exam, key, PhaseShift(key, Translation(), 0.7, "fit")), key)
    assert (found.kind, found.error_mm, found.method) == (LinkKind.TRANSFORM, 0.7, "fit")


def test_without_a_transform_one_frame_of_reference_links_and_says_why(exam):
    key = other(exam).record.key
    why = Doubt("too little of the liver", "series 2")
    none = PhaseShift(key, Translation(), None, "none", (why,))
    framed = in_frame(in_frame(exam, key, "1.2"), exam.reference, "1.2")
    found = link_of(with_shift(framed, key, none), key)
    assert (found.kind, found.method) == (LinkKind.FRAME, "too little of the liver")


@pytest.mark.parametrize("frame", ["9.9", None])
def test_another_or_an_unknown_frame_without_a_transform_links_nothing(exam, frame):
    key = other(exam).record.key
    apart = in_frame(with_shift(exam, key), key, frame)
    assert link_of(apart, key).kind is LinkKind.NONE
    row = next(row for row in values_at(apart, (0.0, 0.0, 0.0)) if row.link.series_key == key)
    assert (row.value, row.index) == (None, None)


def test_values_are_those_of_the_nearest_acquired_voxel_of_the_same_tissue(exam):
    grid = exam.by_key(exam.reference).volume.grid
    place = np.add(grid.to_lps_mm(np.array(grid.shape) // 2), (0.4, -0.6, 1.1))
    for row in values_at(exam, tuple(place)):
        volume = exam.by_key(row.link.series_key).volume
        shift = exam.shift_of(row.link.series_key).series_from_reference
        index = np.moveaxis(np.indices(volume.grid.shape), 0, -1).reshape(-1, 3)
        gaps = np.linalg.norm(volume.grid.to_lps_mm(index) - shift.apply(place), axis=1)
        assert row.index == tuple(index[np.argmin(gaps)])
        assert row.value == float(volume.array[row.index])
        assert row.unit == "HU"


def test_beside_the_volume_there_is_no_value(exam):
    assert {row.value for row in values_at(exam, (5000.0, 0.0, 0.0))} == {None}


def test_a_series_of_another_exam_is_no_series(exam):
    with pytest.raises(KeyError):
        link_of(exam, "somewhere else")
