"""All masks of a request, sorted by exam, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.workflow.patient import (
    ARTERIAL,
    LATER,
    PORTAL,
    block,
    exams_of,
    named_seg,
    nifti,
    record_of,
    request,
    seg,
    write_first_exam,
    write_second_exam,
)

from liverseg.errors import GeometryError, InputError
from liverseg.geometry import Label, LabelMap
from liverseg.workflow.gather import as_binary, gather_masks, tracking_uid
from liverseg.workflow.place import ExamFiles

LANDMARKS = "ivc: [-8, -16, 35]\nrhv: [-9, -17, 36]\n"


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> tuple[ExamFiles, ...]:
    folder = tmp_path_factory.mktemp("two_exams")
    write_first_exam(folder)
    write_second_exam(folder)
    return exams_of(folder)


@pytest.fixture(scope="module")
def grid(both):
    return both[0].series[0].grid


@pytest.fixture
def liver(grid, tmp_path) -> Path:
    return nifti(block(grid, value=7), tmp_path / "liver.nii.gz")


@pytest.fixture
def lesion(grid, tmp_path) -> Path:
    return nifti(block(grid), tmp_path / "first" / "L1.nii.gz")


@pytest.fixture
def landmarks(tmp_path) -> Path:
    path = tmp_path / "points.yaml"
    path.write_text(LANDMARKS)
    return path


def test_masks_of_two_exams_in_order_of_date(both, grid, liver, lesion, tmp_path):
    other = nifti(block(grid), tmp_path / "second" / "L1.nii.gz")
    one, two = gather_masks(
        request([(liver, LATER), (liver, PORTAL)], lesions=[(lesion, PORTAL), (other, LATER)]), both
    )
    assert [one.files.exam_id, two.files.exam_id] == ["2015-06-01_CT", "2017-05-15_CT"]
    assert [one.reference.key, two.reference.key] == [PORTAL, LATER]
    for masks in (one, two):
        assert masks.liver.grid.is_same_place(masks.reference.grid)
        assert masks.liver.labels == (Label(1, "liver"),)
        assert int(masks.liver.array.sum()) == 60
        (found,) = masks.lesions
        assert (found.name, found.drawn_on, found.source) == (
            "L1",
            masks.reference.key,
            "L1.nii.gz",
        )
        assert found.mask.values == (1,)
    assert one.lesions[0].tracking_uid == two.lesions[0].tracking_uid


def test_another_stem_is_another_lesion(both, grid, liver, lesion, tmp_path):
    other = nifti(block(grid, low=(0, 0, 0)), tmp_path / "L2.nii")
    (masks,) = gather_masks(request([liver], lesions=[lesion, other]), both[:1])
    assert [found.name for found in masks.lesions] == ["L1", "L2"]
    assert masks.lesions[0].tracking_uid != masks.lesions[1].tracking_uid
    assert masks.lesions[1].mask.mask()[0, 0, 0]


def test_a_mask_of_two_exams_says_how_to_choose(both, liver):
    with pytest.raises(InputError, match="MASK@SERIES"):
        gather_masks(request([liver]), both)


def test_a_liver_that_fits_two_phases_is_doubted(both, liver):
    (masks,) = gather_masks(request([liver]), both[:1])
    told = [doubt.reason for doubt in masks.doubts]
    assert any("several series share the liver mask's grid" in text for text in told)
    assert any('series 4 "Leber 4" (portal_venous)' in text for text in told)
    (masks,) = gather_masks(request([(liver, PORTAL)]), both[:1])
    assert not any("several series" in doubt.reason for doubt in masks.doubts)


def test_two_livers_for_one_exam(both, grid, liver, tmp_path):
    other = nifti(block(grid), tmp_path / "liver2.nii")
    with pytest.raises(InputError, match="two liver masks were given for the CT of 2015-06-01"):
        gather_masks(request([liver, other]), both[:1])


def test_no_liver_at_all(both, lesion):
    with pytest.raises(InputError, match="no liver mask was given"):
        gather_masks(request([], lesions=[lesion]), both)


@pytest.mark.parametrize("kind", ["lesions", "couinaud", "structures"])
def test_a_mask_of_an_exam_without_a_liver(both, grid, liver, lesion, kind):
    with pytest.raises(InputError, match="CT of 2017-05-15, which has no liver mask") as caught:
        gather_masks(request([(liver, PORTAL)], **{kind: [(lesion, LATER)]}), both)
    assert str(lesion) in str(caught.value)


def test_a_name_is_taken_once_in_an_exam(both, grid, liver, lesion, tmp_path):
    again = nifti(block(grid, low=(0, 0, 0)), tmp_path / "again" / "L1.nii.gz")
    with pytest.raises(InputError, match="a lesion called L1 is already there"):
        gather_masks(request([liver], lesions=[lesion, again]), both[:1])
    with pytest.raises(InputError, match="a lesion called liver"):
        gather_masks(request([liver], lesions=[liver]), both[:1])


def test_a_lesion_drawn_on_another_phase_than_the_liver(both, tmp_path):
    arterial, portal = (record_of(both, key) for key in (ARTERIAL, PORTAL))
    liver = seg(block(portal.grid), portal, tmp_path / "liver.dcm")
    lesion = seg(block(portal.grid), arterial, tmp_path / "L1.dcm")
    with pytest.raises(InputError, match="is drawn on series 3") as caught:
        gather_masks(request([liver], lesions=[lesion]), both[:1])
    assert f"{lesion}@{PORTAL}" in str(caught.value)
    (masks,) = gather_masks(request([liver], lesions=[(lesion, PORTAL)]), both[:1])
    assert masks.lesions[0].drawn_on == PORTAL


def test_a_seg_of_several_items_gives_a_lesion_for_each(both, liver, tmp_path):
    record = record_of(both, PORTAL)
    drawn = named_seg({1: "R7", 2: "R8"}, record, tmp_path / "all.dcm")
    (masks,) = gather_masks(request([liver], lesions=[drawn]), both[:1])
    assert [(one.name, int(one.mask.array.sum())) for one in masks.lesions] == [
        ("R7", 1),
        ("R8", 1),
    ]


def test_an_empty_mask_is_named(both, grid, liver, tmp_path):
    nothing = nifti(LabelMap(np.zeros(grid.shape, np.uint8), grid), tmp_path / "L9.nii")
    with pytest.raises(InputError, match="mask L9 is empty"):
        gather_masks(request([liver], lesions=[nothing]), both[:1])


def test_landmarks_stand_in_for_a_map_of_segments(both, liver, landmarks):
    (masks,) = gather_masks(request([liver], landmarks=[landmarks]), both[:1])
    assert masks.couinaud is None
    assert masks.landmarks is not None
    assert masks.landmarks["ivc"].tolist() == [-8.0, -16.0, 35.0]


def test_landmarks_of_two_exams_need_a_word(both, liver, landmarks):
    livers = [(liver, PORTAL), (liver, LATER)]
    with pytest.raises(InputError, match="one exam, 2 are possible") as caught:
        gather_masks(request(livers, landmarks=[landmarks]), both)
    assert "FILE@SERIES" in str(caught.value)
    one, two = gather_masks(request(livers, landmarks=[(landmarks, LATER)]), both)
    assert one.landmarks is None
    assert two.landmarks is not None
    with pytest.raises(InputError, match="0 are possible"):
        gather_masks(request(livers, landmarks=[(landmarks, "nine")]), both)


def test_two_sets_of_segments(both, grid, liver, landmarks, tmp_path):
    segments = nifti(block(grid, value=5), tmp_path / "couinaud.nii")
    for more in (
        {"couinaud": [segments], "landmarks": [landmarks]},
        {"couinaud": [segments, segments]},
        {"landmarks": [landmarks, landmarks]},
    ):
        with pytest.raises(InputError, match="two sets of segments for the CT of 2015-06-01"):
            gather_masks(request([liver], **more), both[:1])


def test_a_map_of_segments_is_checked_and_its_doubts_stay(both, grid, liver, tmp_path):
    segments = nifti(block(grid, value=5), tmp_path / "couinaud.nii")
    (masks,) = gather_masks(request([liver], couinaud=[segments]), both[:1])
    assert masks.couinaud is not None
    assert masks.couinaud.values == (5,)
    assert masks.couinaud.name_of(5) == "5"
    assert any("segment 1 is empty" in doubt.reason for doubt in masks.doubts)


def test_structures_get_the_numbers_used_here(both, grid, liver, tmp_path):
    record = record_of(both, PORTAL)
    drawn = named_seg({1: "Portal vein", 2: "aorta"}, record, tmp_path / "structures.dcm")
    (masks,) = gather_masks(request([liver], structures=[drawn]), both[:1])
    assert masks.structures is not None
    assert [masks.structures.name_of(v) for v in masks.structures.values] == [
        "aorta",
        "portal_vein",
    ]
    assert masks.structures.name_of(int(masks.structures.array[2, 3, 2])) == "portal_vein"
    with pytest.raises(InputError, match="two structure maps"):
        gather_masks(request([liver], structures=[drawn, drawn]), both[:1])


def test_a_map_with_one_structure_keeps_its_number(both, grid, liver, tmp_path):
    portal_vein = nifti(block(grid, value=3), tmp_path / "vessels.nii")
    (masks,) = gather_masks(request([liver], structures=[portal_vein]), both[:1])
    assert masks.structures is not None
    assert [masks.structures.name_of(v) for v in masks.structures.values] == ["portal_vein"]


def test_a_mask_of_another_grid(both, grid, tmp_path):
    moved = nifti(block(grid.shifted((0.0, 0.0, 1.0))), tmp_path / "liver.nii")
    with pytest.raises(GeometryError, match="grid of no series"):
        gather_masks(request([moved]), both)


def test_any_label_of_a_lone_mask_counts(grid):
    drawn = block(grid, value=7)
    array = drawn.array.copy()
    array[0, 0, 0] = 3
    found = as_binary(LabelMap(array, grid), "L1")
    assert found.values == (1,)
    assert int(found.array.sum()) == 61
    assert found.name_of(1) == "L1"


@given(st.lists(st.from_regex(r"1\.[1-9]{1,5}", fullmatch=True), min_size=1, max_size=4))
def test_a_tracking_uid_depends_on_the_studies_not_on_their_order(studies):
    uid = tracking_uid(studies, "L1")
    assert tracking_uid([*reversed(studies), *studies], "L1") == uid
    assert tracking_uid(studies, "L2") != uid
    assert tracking_uid([*studies, "2.7"], "L1") != uid
