"""Exams from series, and the series that a mask was drawn on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from unit.workflow.patient import (
    ARTERIAL,
    LATER,
    PORTAL,
    block,
    exams_of,
    nifti,
    read_one,
    record_of,
    seg,
    write_first_exam,
    write_second_exam,
)

from liverseg.errors import GeometryError, InputError
from liverseg.geometry import LabelMap
from liverseg.records import Phase, PhaseCall
from liverseg.workflow.assemble import choose_series
from liverseg.workflow.place import ExamFiles, find_home, group_exams, is_named


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> tuple[ExamFiles, ...]:
    folder = tmp_path_factory.mktemp("two_exams")
    write_first_exam(folder)
    write_second_exam(folder)
    return exams_of(folder)


@pytest.fixture(scope="module")
def first(both) -> tuple[ExamFiles, ...]:
    return both[:1]


@pytest.fixture(scope="module")
def mask(both, tmp_path_factory):
    """A mask of the common grid that names no frame."""
    grid = both[0].series[0].grid
    return read_one(nifti(block(grid), tmp_path_factory.mktemp("masks") / "liver.nii.gz"))


def test_an_exam_is_one_date_and_modality(both):
    assert [exam.exam_id for exam in both] == ["2015-06-01_CT", "2017-05-15_CT"]
    assert [len(exam.series) for exam in both] == [2, 1]
    assert both[0].title == "CT of 2015-06-01"
    assert {key: call.phase for key, call in both[0].calls.items()} == {
        ARTERIAL: Phase.LATE_ARTERIAL,
        PORTAL: Phase.PORTAL_VENOUS,
    }


def test_exams_stand_in_order_of_date_and_an_undated_one_is_called_so(both):
    records = [
        replace(both[1].series[0], key="b", modality="MR", date="2018-01-01"),
        replace(both[1].series[0], key="a", date=""),
        both[1].series[0],
    ]
    calls = {record.key: PhaseCall(Phase.T2, "said", "override") for record in records}
    exams = group_exams(records, calls)
    assert [exam.exam_id for exam in exams] == ["undated_CT", "2017-05-15_CT", "2018-01-01_MR"]
    assert exams[0].title == "CT of an unknown date"


def test_a_mask_that_fits_two_exams_needs_a_word(both, mask):
    with pytest.raises(InputError, match="fits the grids of 2 exams") as caught:
        find_home(mask, both, series=None)
    for told in ("2015-06-01_CT", "2017-05-15_CT", "MASK@SERIES", "liver.nii.gz"):
        assert told in str(caught.value)
    with pytest.raises(InputError, match="fits the grids of 2 exams"):
        find_home(mask, both, series="3")  # both exams have a series 3


@pytest.mark.parametrize("word", [LATER, "Leber spät", "LEBER SPÄT"])
def test_a_word_for_the_series_places_the_mask(both, mask, word):
    home = find_home(mask, both, series=word)
    assert (home.exam.exam_id, home.series.key, home.stated) == ("2017-05-15_CT", LATER, True)
    assert ["names no frame of reference" in doubt.reason for doubt in home.doubts] == [True]


def test_an_unknown_word_lists_the_series(both, mask):
    with pytest.raises(InputError, match="no series is called nine") as caught:
        find_home(mask, both, series="nine")
    assert '"Leber 4"' in str(caught.value)


def test_of_several_series_on_one_grid_the_portal_one_is_taken_unstated(first, mask):
    home = find_home(mask, first, series=None)
    assert (home.series.key, home.stated) == (PORTAL, False)


def test_a_seg_says_itself_where_it_belongs(both, tmp_path):
    for key in (ARTERIAL, LATER):
        record = record_of(both, key)
        drawn = read_one(seg(block(record.grid), record, tmp_path / f"{key}.dcm"))
        home = find_home(drawn, both, series=None)
        assert (home.series.key, home.stated, home.doubts) == (key, True, ())


def test_what_a_person_says_is_stronger_than_the_seg(first, tmp_path):
    record = record_of(first, ARTERIAL)
    drawn = read_one(seg(block(record.grid), record, tmp_path / "m.dcm"))
    assert find_home(drawn, first, series="4").series.key == PORTAL


def test_a_mask_on_another_grid_is_named_with_the_candidates(both, tmp_path):
    grid = both[0].series[0].grid.shifted((0.3, 0.0, 0.0))
    other = read_one(nifti(block(grid), tmp_path / "moved.nii.gz"))
    with pytest.raises(GeometryError, match="grid of no series") as caught:
        find_home(other, both, series=None)
    assert "moved.nii.gz" in str(caught.value)
    assert "CT of 2017-05-15" in str(caught.value)


def test_a_mask_in_another_known_frame_does_not_fit(both, mask):
    lost = replace(mask, labels=LabelMap(mask.labels.array, mask.labels.grid.with_frame("1.9.9")))
    with pytest.raises(GeometryError, match=r"1\.9\.9"):
        find_home(lost, both, series=None)


def test_a_known_frame_tells_two_exams_of_one_grid_apart(both, mask):
    framed = replace(
        mask, labels=LabelMap(mask.labels.array, mask.labels.grid.with_frame("1.2.4.9"))
    )
    home = find_home(framed, both, series=None)
    assert (home.exam.exam_id, home.stated, home.doubts) == ("2017-05-15_CT", True, ())


def test_a_series_without_a_frame_takes_a_mask_by_its_voxels(first, mask):
    record = replace(record_of(first, PORTAL), grid=mask.labels.grid.with_frame(None))
    bare = (replace(first[0], series=(record,)),)
    framed = replace(mask, labels=LabelMap(mask.labels.array, record.grid.with_frame("1.9.9")))
    assert find_home(framed, bare, series=None).series.key == PORTAL


@pytest.mark.parametrize("word", [PORTAL, "4", "leber 4", "Leber 4"])
def test_words_for_a_series(first, word):
    assert is_named(record_of(first, PORTAL), word)
    assert not is_named(record_of(first, ARTERIAL), word)


def test_an_empty_word_names_nothing(first):
    assert not is_named(replace(record_of(first, PORTAL), number=None), "")


def exam_with(first, *records, phases) -> ExamFiles:
    calls = {
        record.key: PhaseCall(phase, "a reason", "none")
        for record, phase in zip(records, phases, strict=True)
    }
    return replace(first[0], series=records, calls=calls)


def test_one_series_of_each_phase_is_measured_the_finer_first(first):
    portal = record_of(first, PORTAL)
    matrix = np.array(portal.grid.lps_from_index)
    matrix[:3, 0] *= 2.0
    thick = replace(portal, key="thick", grid=replace(portal.grid, lps_from_index=matrix))
    thin = replace(portal, key="thin")
    files = exam_with(
        first, portal, thick, thin, phases=(Phase.PORTAL_VENOUS, Phase.DELAYED, Phase.DELAYED)
    )
    chosen, doubts = choose_series(files, portal)
    assert [record.key for record in chosen] == [PORTAL, "thin"]
    assert [doubt.reason for doubt in doubts] == [
        "not measured: another series of this exam is taken as delayed"
    ]


def test_what_is_left_out_says_why(first):
    portal = record_of(first, PORTAL)
    same = replace(portal, key="same phase")
    unsure = replace(portal, key="unsure")
    lost = replace(portal, key="lost", grid=portal.grid.with_frame("1.9.9"))
    bare = replace(portal, key="bare", grid=portal.grid.with_frame(None))
    files = exam_with(
        first, portal, same, unsure, lost, bare,
        phases=(
            Phase.PORTAL_VENOUS, Phase.PORTAL_VENOUS, Phase.UNDETERMINED, Phase.DELAYED,
            Phase.DELAYED,
        ),
    )  # fmt: skip
    chosen, doubts = choose_series(files, portal)
    assert [record.key for record in chosen] == [PORTAL]
    told = sorted(doubt.reason for doubt in doubts)
    assert [text.split(": ")[1] for text in told] == [
        "another series of this exam is taken as portal_venous",
        "no common frame of reference with the liver's series",
        "no common frame of reference with the liver's series",
        "phase undetermined (a reason); name it with --phase",
    ]


def test_series_without_any_frame_belong_together_on_one_lattice_only(first):
    portal = replace(record_of(first, PORTAL), grid=record_of(first, PORTAL).grid.with_frame(None))
    same = replace(portal, key="same")
    moved = replace(portal, key="moved", grid=portal.grid.shifted((1.0, 0.0, 0.0)))
    files = exam_with(
        first, portal, same, moved, phases=(Phase.PORTAL_VENOUS, Phase.DELAYED, Phase.ADC)
    )
    chosen, _ = choose_series(files, portal)
    assert [record.key for record in chosen] == [PORTAL, "same"]
