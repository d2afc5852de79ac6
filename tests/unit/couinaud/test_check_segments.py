"""Imported maps: names and codes, mirrored maps, maps of another liver."""

import numpy as np
import pytest

from liverseg.couinaud import check_segments, divide_liver, parse_landmarks, segment_table
from liverseg.errors import EmptyLabelError, GeometryError, InputError
from liverseg.geometry import Code, Grid, Label, LabelMap
from liverseg.testing.strategies import rearranged
from liverseg.testing.worked_liver import WORKED_POINTS, worked_grid, worked_liver

GRID = worked_grid()


@pytest.fixture(scope="module")
def liver():
    return worked_liver(GRID)


@pytest.fixture(scope="module")
def truth(liver):
    return divide_liver(liver, parse_landmarks(WORKED_POINTS))[0]


def bare(array, grid=GRID):
    return LabelMap(np.ascontiguousarray(array), grid)


def mirrored(array, axis):
    return bare(np.flip(array, axis))


def test_numbers_get_names_and_codes(truth, liver):
    named, doubts = check_segments(bare(truth.array), liver=liver)
    assert named.labels == segment_table(split=True)
    assert not any("place" in d.reason or "Dice" in d.reason for d in doubts)
    folded = np.where(truth.array == 9, 4, truth.array)
    named, _ = check_segments(bare(folded))
    assert named.name_of(4) == "4"
    assert len(named.labels) == 8


@pytest.mark.parametrize(("axis", "says"), [(2, "right-left"), (1, "front-back"), (0, "feet-head")])
def test_a_mirrored_map_is_stopped_and_the_direction_named(truth, axis, says):
    with pytest.raises(GeometryError, match=f"mirrored {says} it passes better"):
        check_segments(mirrored(truth.array, axis))


def test_one_odd_place_is_a_doubt_and_no_error(truth):
    swapped = np.array(truth.array)
    swapped[truth.array == 2], swapped[truth.array == 3] = 3, 2
    _, doubts = check_segments(bare(swapped))
    reasons = [d.reason for d in doubts if "unusual place" in d.reason]
    assert reasons == ["unusual place: segment 2 is not further to the head than segment 3"]


def test_too_few_segments_to_tell_sides_is_a_doubt(truth):
    only = np.where(truth.array == 8, 8, 0).astype(np.uint8)
    _, doubts = check_segments(bare(only))
    assert sum("too few segments" in d.reason for d in doubts) == 3


def test_other_numbers_are_named(truth):
    array = np.array(truth.array)
    array[truth.array == 4], array[truth.array == 9] = 41, 42
    with pytest.raises(InputError, match=r"also 41, 42 .*4 = 4a and 9 = 4b"):
        check_segments(bare(array))


def test_names_of_another_program_decide_over_its_numbers(truth):
    array = np.where(truth.array == 9, 4, truth.array).astype(np.uint16)
    array[array > 0] += 23  # 24 to 31
    labels = tuple(Label(n + 23, f"liver_segment_{n}") for n in range(1, 9))
    named, doubts = check_segments(LabelMap(array, GRID, labels))
    np.testing.assert_array_equal(named.array, np.where(truth.array == 9, 4, truth.array))
    assert any("24 is 1" in d.reason for d in doubts)


def test_codes_decide_over_numbers(truth):
    whole = np.where(truth.array == 9, 4, truth.array)
    codes = {label.value: label.code for label in segment_table(split=False)}
    array = np.where(whole > 0, 9 - whole.astype(int), 0).astype(np.uint8)  # numbered backwards
    labels = tuple(Label(9 - n, f"item {9 - n}", codes[n]) for n in range(1, 9))
    named, _ = check_segments(LabelMap(array, GRID, labels))
    np.testing.assert_array_equal(named.array, whole)


def test_halves_of_four_by_name(truth):
    labels = tuple(Label(v.value, f"Segment {v.name.upper()}", v.code) for v in truth.labels)
    named, doubts = check_segments(LabelMap(truth.array, GRID, labels))
    np.testing.assert_array_equal(named.array, truth.array)
    assert not any("numbered" in d.reason for d in doubts)


def test_a_name_against_its_code_is_refused(truth):
    labels = tuple(
        Label(v.value, v.name, Code("277962002", "SCT", "VIII") if v.value == 7 else v.code)
        for v in truth.labels
    )
    with pytest.raises(InputError, match="label 7 is named '7' but its code means segment 8"):
        check_segments(LabelMap(truth.array, GRID, labels))


def test_two_labels_of_one_segment_are_refused(truth):
    labels = tuple(Label(v.value, "S7" if v.value == 8 else v.name) for v in truth.labels)
    with pytest.raises(InputError, match="several labels of the map mean the same segment"):
        check_segments(LabelMap(truth.array, GRID, labels))


def test_an_empty_map_is_refused():
    with pytest.raises(EmptyLabelError):
        check_segments(bare(np.zeros(GRID.shape, np.uint8)))


def test_a_map_of_less_than_the_liver_is_doubted_with_its_dice(truth, liver):
    array = np.array(truth.array)
    array[truth.array == 8] = 0
    _, doubts = check_segments(bare(array), liver=liver)
    dice = 2 * np.count_nonzero(array) / (np.count_nonzero(array) + np.count_nonzero(liver.array))
    assert any(f"Dice {dice:.3f}" in d.reason for d in doubts)


def test_a_map_beside_the_liver_is_refused(truth):
    other = np.zeros(GRID.shape, np.uint8)
    other[0, 0, 0] = 1
    with pytest.raises(GeometryError, match="no voxel in common"):
        check_segments(bare(truth.array), liver=bare(other))


def test_a_map_stored_in_another_axis_order_lands_on_the_liver(truth, liver):
    array, grid = rearranged(truth.array, GRID.with_frame(None), (2, 1, 0), (-1, 1, -1))
    named, _ = check_segments(LabelMap(array, grid), liver=liver)
    np.testing.assert_array_equal(named.array, truth.array)
    assert named.grid is liver.grid


def test_a_map_of_another_lattice_or_frame_is_refused(truth, liver):
    with pytest.raises(GeometryError, match="voxels do not coincide"):
        check_segments(bare(truth.array, GRID.shifted((1.0, 0.0, 0.0))), liver=liver)
    with pytest.raises(GeometryError, match=r"9\.9"):
        check_segments(bare(truth.array, GRID.with_frame("9.9")), liver=liver)


def test_a_map_in_the_patients_axes_does_not_depend_on_the_array(truth):
    array, grid = rearranged(truth.array, GRID, (0, 1, 2), (1, 1, -1))
    assert isinstance(grid, Grid)
    check_segments(LabelMap(array, grid))  # flipped with its grid: the same places, no error
