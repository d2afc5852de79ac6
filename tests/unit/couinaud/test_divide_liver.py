"""A divided liver: every voxel once, right numbers and codes, honest warnings."""

import json

import numpy as np
import pytest

from liverseg.couinaud import build_planes, describe_division, divide_liver, parse_landmarks
from liverseg.couinaud.pieces import shape_doubts
from liverseg.errors import EmptyLabelError
from liverseg.geometry import Grid, LabelMap
from liverseg.testing.worked_liver import WORKED_POINTS, worked_grid, worked_liver

POINTS = parse_landmarks(WORKED_POINTS)


@pytest.fixture(scope="module")
def liver():
    return worked_liver(worked_grid())


@pytest.fixture(scope="module")
def divided(liver):
    return divide_liver(liver, POINTS)


def test_labels_fill_the_mask_and_nothing_else(liver, divided):
    segments, _ = divided
    np.testing.assert_array_equal(segments.mask(), liver.mask())
    assert segments.values == (1, 2, 3, 4, 5, 6, 7, 8, 9)
    assert segments.grid is liver.grid


def test_names_and_codes(divided):
    segments, _ = divided
    names = {label.value: label.name for label in segments.labels}
    assert names == {1: "1", 2: "2", 3: "3", 4: "4a", 5: "5", 6: "6", 7: "7", 8: "8", 9: "4b"}
    codes = {label.name: (label.code.value, label.code.scheme) for label in segments.labels}
    assert codes["1"] == ("71133005", "SCT")
    assert codes["4a"] == codes["4b"] == ("277958008", "SCT")
    assert codes["8"] == ("277962002", "SCT")


def test_without_a_split_both_halves_are_four(liver, divided):
    whole, _ = divide_liver(liver, POINTS, split_four=False)
    expected = np.where(divided[0].array == 9, 4, divided[0].array)
    np.testing.assert_array_equal(whole.array, expected)
    assert [label.name for label in whole.labels] == list("12345678")


def test_without_lvf_segment_one_goes_to_its_neighbours_and_a_doubt_says_so(liver, divided):
    points = parse_landmarks({k: v for k, v in WORKED_POINTS.items() if k != "lvf"})
    segments, doubts = divide_liver(liver, points)
    assert 1 not in segments.values
    np.testing.assert_array_equal(segments.mask(), liver.mask())
    assert any("lvf" in doubt.reason for doubt in doubts)
    kept = divided[0].array != 1
    np.testing.assert_array_equal(segments.array[kept], divided[0].array[kept])


def test_the_oblique_border_moves_voxels_between_two_and_three_only(liver, divided):
    points = parse_landmarks({**WORKED_POINTS, "lhv": (25, -20, 50)})
    flat, _ = divide_liver(liver, points)
    np.testing.assert_array_equal(flat.array, divided[0].array)
    oblique, _ = divide_liver(liver, points, oblique_2_3=True)
    changed = oblique.array != flat.array
    assert changed.any()
    assert set(np.unique(flat.array[changed])) <= {2, 3}
    assert set(np.unique(oblique.array[changed])) <= {2, 3}
    inside = np.argwhere(np.isin(oblique.array, (2, 3)))
    lateral = build_planes(points, oblique_2_3=True).lateral
    side = lateral.distance_mm(liver.grid.to_lps_mm(inside)) >= 0
    np.testing.assert_array_equal(side, oblique.array[tuple(inside.T)] == 2)


def test_a_voxel_on_a_plane_goes_to_the_side_of_at_least_zero():
    # Upright axis and symmetric veins: planes run through voxel centres.
    points = parse_landmarks(
        {
            "ivc": (0, 0, 60),
            "ivc_low": (0, 0, -20),
            "mhv": (0, -40, 60),
            "gb": (0, -60, -40),
            "rhv": (-60, 0, 60),
            "uf": (50, -50, 60),
            "falc": (60, -60, 0),
            "pvb": (0, -20, 0),
            "rpv": (-40, 0, 0),
            "lpv": (40, -20, 10),
        }
    )
    grid = Grid.axial((15, 21, 21), (10.0, 10.0, 10.0), origin_lps_mm=(-100, -100, -70))
    segments, _ = divide_liver(LabelMap(np.ones(grid.shape, np.uint8), grid), points)

    def at(x, y, z):
        index = tuple(np.rint(grid.to_index((x, y, z))).astype(int))
        return segments.name_of(int(segments.array[index]))

    assert at(0, -50, 10) == "4a"  # on M: left; on TL: upper
    assert at(0, -50, 0) == "4b"
    assert at(-50, 0, 0) == "7"  # on R: posterior; on TR: upper
    assert at(-50, 0, -10) == "6"
    assert at(-50, -10, 0) == "8"
    assert at(-10, -50, -10) == "5"
    assert at(50, -50, 10) == "2"  # on U: left lateral
    assert at(50, -50, 0) == "3"


def test_a_liver_turned_in_its_array_gets_the_same_segments(divided, liver):
    turned = Grid(
        (liver.grid.shape[2], liver.grid.shape[0], liver.grid.shape[1]),
        liver.grid.lps_from_index[:, [2, 0, 1, 3]],
        liver.grid.frame_of_reference,
    )
    array = np.ascontiguousarray(liver.array.transpose(2, 0, 1))
    segments, _ = divide_liver(LabelMap(array, turned), POINTS)
    np.testing.assert_array_equal(segments.array, divided[0].array.transpose(2, 0, 1))


def test_warns_of_an_empty_segment(liver):
    grid = liver.grid
    index = np.argwhere(liver.array)
    lateral = build_planes(POINTS).umbilical.distance_mm(grid.to_lps_mm(index)) > 20
    cut = np.array(liver.array)
    cut[tuple(index[lateral].T)] = 0
    _, doubts = divide_liver(LabelMap(cut, grid), POINTS)
    reasons = [doubt.reason for doubt in doubts]
    assert any(r.startswith("segment 3 is") for r in reasons)


def test_warns_of_pieces_and_sizes_and_of_nothing_else():
    labels = np.zeros((12, 12, 100), np.uint8)
    start = 0
    for number, share in enumerate((3, 7, 9, 15, 13, 9, 17, 26), start=1):  # usual shares
        labels[:, :, start : start + share] = number
        start += share
    labels[:, :, start:] = 8
    assert shape_doubts(labels, split=False, where="w") == []
    broken = labels.copy()
    broken[:, :, 99] = 7
    (doubt,) = shape_doubts(broken, split=False, where="w")
    assert doubt.reason.startswith("segment 7 has 2 pieces; the second holds 6%")
    assert doubt.where == "w"
    swollen = labels.copy()
    swollen[labels == 2] = 1
    reasons = [d.reason for d in shape_doubts(swollen, split=False, where="w")]
    assert reasons == [
        "segment 2 is empty",
        "segment 1 is 10 % of the liver; an untouched liver has 1 to 7 %",
    ]


def test_corner_contact_is_one_piece():
    labels = np.zeros((4, 4, 4), np.uint8)
    labels[1, 1, 1] = labels[2, 2, 2] = 5
    assert not any("pieces" in d.reason for d in shape_doubts(labels, split=False, where=""))


def test_an_empty_liver_is_refused():
    grid = worked_grid()
    with pytest.raises(EmptyLabelError):
        divide_liver(LabelMap(np.zeros(grid.shape, np.uint8), grid), POINTS)


def test_the_description_is_json_and_holds_points_and_planes():
    text = json.loads(json.dumps(describe_division(POINTS)))
    assert text["landmarks_lps_mm"]["ivc"] == [-15.0, 25.0, 60.0]
    assert [plane["name"] for plane in text["planes"]] == [
        "main",
        "right",
        "umbilical",
        "upper_right",
        "upper_left",
        "caudate",
    ]
    assert text["planes"][0]["normal"][0] == pytest.approx(0.879, abs=1e-3)
    assert len(text["rules"]) == 64
