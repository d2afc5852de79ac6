"""Which slices are shown, and what is left out."""

from dataclasses import replace

import numpy as np
import pytest
from unit.report.scene_rows import measure
from unit.report.scenes import SceneOptions, make_exam

from liverseg.errors import MeasurementError
from liverseg.geometry import Translation, Volume
from liverseg.records import PhaseShift
from liverseg.report import cut_views


@pytest.fixture(scope="module")
def rows(ct_exam):
    return measure(ct_exam)


def of_reference(views, exam, lesion, kind="lesion"):
    return next(
        v for v in views if (v.lesion, v.kind, v.series_uid) == (lesion, kind, exam.reference)
    )


def with_slice(rows, number, **more):
    return [
        replace(row, slice=number, **more) if row.metric in ("long_axis", "short_axis") else row
        for row in rows
    ]


def largest_slice(exam, name):
    mask = next(item.mask for item in exam.lesions if item.name == name)
    return int(mask.array.sum(axis=(1, 2)).argmax())


def test_the_slice_of_the_long_axis_is_shown(ct_exam, rows):
    for number in (14, 15, 17):
        view = of_reference(cut_views(ct_exam, with_slice(rows, number)), ct_exam, "R7")
        assert view.slice == number
        mask = ct_exam.lesions[0].mask.array
        assert view.labels.sum() == mask[number].sum() > 0
        assert len(view.lines) == 2


@pytest.mark.parametrize("number", [0, 24, None])
def test_an_axis_that_is_not_on_this_mask_is_not_drawn(ct_exam, rows, number):
    view = of_reference(cut_views(ct_exam, with_slice(rows, number)), ct_exam, "R7")
    assert view.slice == largest_slice(ct_exam, "R7")
    assert view.lines == ()


@pytest.mark.parametrize("more", [{"series_uid": "other"}, {"date": "1999"}, {"lesion": "X"}])
def test_an_axis_of_something_else_is_not_drawn(ct_exam, rows, more):
    view = of_reference(cut_views(ct_exam, with_slice(rows, 15, **more)), ct_exam, "R7")
    assert (view.slice, view.lines) == (largest_slice(ct_exam, "R7"), ())


def test_an_axis_without_two_ends_is_not_drawn(ct_exam, rows):
    bare = [
        replace(row, endpoints_lps_mm=()) if row.metric == "short_axis" else row for row in rows
    ]
    view = of_reference(cut_views(ct_exam, bare), ct_exam, "R7")
    assert [line.name for line in view.lines] == ["long_axis"]


def test_without_measurements_the_largest_slice_is_shown(ct_exam):
    for view in cut_views(ct_exam, ()):
        if view.kind == "lesion" and view.series_uid == ct_exam.reference:
            assert view.slice == largest_slice(ct_exam, view.lesion)
        assert view.lines == ()


def shifted(exam, number, offset_mm):
    """The exam with another shift of one series."""
    shifts = list(exam.shifts)
    shifts[number] = PhaseShift(shifts[number].series_key, Translation(offset_mm), 0.1, "made")
    return replace(exam, shifts=tuple(shifts))


@pytest.mark.parametrize("offset", [(0, 0, 200), (0, 0, -200), (0, 400, 0), (-400, 0, 0)])
def test_a_series_that_does_not_reach_the_lesion_gives_no_picture(ct_exam, rows, offset):
    exam = shifted(ct_exam, 1, offset)
    shown = {(v.lesion, v.series_uid) for v in cut_views(exam, rows) if v.kind == "lesion"}
    lost = exam.series[1].record.key
    assert {uid for _, uid in shown} == {i.record.key for i in exam.series} - {lost}


def test_at_the_edge_of_the_image_the_picture_is_cut(ct_exam, rows):
    exam = shifted(ct_exam, 1, (-70.0, 0.0, 0.0))
    view = next(v for v in cut_views(exam, rows) if v.phase == "late_arterial")
    whole = of_reference(cut_views(exam, rows), exam, "R7")
    assert view.pixels.shape[1] < whole.pixels.shape[1]
    assert view.pixels.shape == view.labels.shape


def test_a_series_without_a_shift_is_an_error(ct_exam, rows):
    with pytest.raises(MeasurementError, match="not aligned"):
        cut_views(replace(ct_exam, shifts=ct_exam.shifts[1:]), rows)


def test_each_lesion_is_shown_in_the_liver_with_its_segments(ct_exam, rows):
    view = of_reference(cut_views(ct_exam, rows), ct_exam, "R7", kind="segments")
    on_slice = ct_exam.couinaud.array[view.slice]
    assert view.slice == largest_slice(ct_exam, "R7")
    assert np.array_equal(
        np.bincount(view.labels[view.labels > 0]), np.bincount(on_slice[on_slice > 0])
    )
    assert [line.name for line in view.lines] == ["long_axis", "short_axis"]


def test_the_segment_map_is_shown_at_three_heights_of_the_liver(ct_exam, rows):
    maps = [v for v in cut_views(ct_exam, rows) if v.kind == "segments" and not v.lesion]
    box = ct_exam.liver.box()
    low, high = box[0].start, box[0].stop - 1
    heights = [(view.slice - low) / (high - low) for view in maps]
    assert heights == pytest.approx([0.3, 0.5, 0.7], abs=0.5 / (high - low) + 1e-9)
    for view in maps:
        rows_mm = (box[1].stop - box[1].start) * view.spacing_mm[0]
        assert view.pixels.shape[0] * view.spacing_mm[0] >= rows_mm + 2 * 9
        assert view.lines == ()
        assert set(np.unique(view.labels)) <= set(range(9))


def test_without_a_segment_map_there_is_none_to_show(ct_exam, rows):
    views = cut_views(replace(ct_exam, couinaud=None), rows)
    assert {view.kind for view in views} == {"lesion"}
    assert len(views) == 2 * 4


def test_only_the_lesions_asked_for(ct_exam, rows):
    views = cut_views(ct_exam, rows, lesions=["R4"])
    assert {view.lesion for view in views} == {"R4"}
    assert [view.kind for view in views].count("segments") == 1
    assert cut_views(ct_exam, rows, lesions=[]) == ()


def test_an_exam_without_lesions_has_its_segments(rows):
    exam = make_exam(options=SceneOptions(lesions=()))
    assert [view.lesion for view in cut_views(exam, ())] == ["", "", ""]


def test_a_slice_that_a_thin_liver_shares_is_shown_once(ct_exam):
    thin = np.zeros_like(ct_exam.liver.array)
    thin[12] = ct_exam.liver.array[12]
    exam = replace(ct_exam, liver=replace(ct_exam.liver, array=thin), lesions=())
    assert [view.slice for view in cut_views(exam, ())] == [12]


@pytest.mark.parametrize(
    ("dtype", "top", "kept"),
    [(np.int16, 1200, np.int16), (np.uint16, 1200, np.int16), (np.uint16, 40_000, np.float32),
     (np.int32, -40_000, np.float32), (np.float64, 0.5, np.float32)],
)  # fmt: skip
def test_pixels_are_stored_small_but_whole(ct_exam, dtype, top, kept):
    first = ct_exam.series[0]
    array = np.full(first.volume.array.shape, top, dtype=dtype)
    item = replace(first, volume=Volume(array, first.volume.grid, "HU"))
    exam = replace(ct_exam, series=(item, *ct_exam.series[1:]), couinaud=None)
    view = next(v for v in cut_views(exam, ()) if v.series_uid == item.record.key)
    assert view.pixels.dtype == kept
    assert (view.pixels == top).all()
