"""Lesion to segments: shares, main segment, written form, distances to borders."""

import math

import numpy as np
import pytest

from liverseg.couinaud import (
    are_neighbours,
    assign_segments,
    parse_segment_name,
    segment_table,
    share_measurements,
    write_segments,
)
from liverseg.errors import EmptyLabelError, GeometryError, InputError
from liverseg.geometry import Grid, Label, LabelMap
from liverseg.testing.strategies import SIGNED_PERMUTATIONS, rearranged

# 20 slices of 3 mm, 40 rows of 1 mm, 60 columns of 2 mm.
GRID = Grid.axial((20, 40, 60), (3.0, 1.0, 2.0), frame_of_reference="1.2.3")


def halves(left=7, right=8, at=30, split=False):
    """Segments as two slabs: columns below `at` are `left`, the others `right`."""
    array = np.full(GRID.shape, right, np.uint8)
    array[:, :, :at] = left
    return LabelMap(array, GRID, segment_table(split=split))


def box(slices, rows, columns):
    array = np.zeros(GRID.shape, np.uint8)
    array[slice(*slices), slice(*rows), slice(*columns)] = 1
    return LabelMap(array, GRID)


def test_shares_of_a_box_across_a_border():
    shares = assign_segments(box((5, 9), (10, 20), (24, 32)), halves())
    assert [(s.segment, s.share, s.voxels) for s in shares.shares] == [
        ("7", 0.75, 240),
        ("8", 0.25, 80),
    ]
    assert (shares.primary, shares.listed, shares.written) == ("7", ("7", "8"), "S7/8")
    assert shares.outside == 0.0
    # Centroid at column 27.5, border at 29.5, 2 mm a column.
    assert shares.centroid_border_mm == pytest.approx(4.0)
    assert shares.nearest_border_mm == 0.0
    assert shares.borderline
    assert shares.doubts == ()


def test_a_lesion_deep_inside_one_segment():
    shares = assign_segments(box((5, 9), (10, 20), (2, 6)), halves())
    assert shares.written == "S7"
    assert [s.segment for s in shares.shares] == ["7"]
    assert shares.centroid_border_mm == pytest.approx((29.5 - 3.5) * 2.0)
    assert shares.nearest_border_mm == pytest.approx((29.5 - 5.0) * 2.0)
    assert not shares.borderline


@pytest.mark.parametrize(("columns", "expected"), [((22, 25), True), ((22, 24), True)])
def test_borderline_within_ten_millimetres(columns, expected):
    shares = assign_segments(box((5, 9), (10, 20), columns), halves(at=28))
    assert shares.borderline is expected


def test_not_borderline_beyond_ten_millimetres():
    shares = assign_segments(box((5, 9), (10, 20), (20, 23)), halves(at=27))
    assert shares.centroid_border_mm == pytest.approx(11.0)
    assert not shares.borderline


def test_a_small_second_share_is_neither_listed_nor_borderline_far_from_the_border():
    lesion = np.array(box((5, 9), (10, 20), (2, 22)).array)
    lesion[5, 10, 31:60] = 1  # 29 of 829 voxels
    shares = assign_segments(LabelMap(lesion, GRID), halves())
    assert shares.listed == ("7",)
    assert len(shares.shares) == 2
    assert shares.shares[1].share == pytest.approx(29 / 829)


def test_ten_percent_of_few_voxels_is_not_listed():
    lesion = np.array(box((5, 6), (10, 20), (25, 30)).array)
    lesion[5, 10:17, 30] = 1  # 7 of 57 voxels, 12 %
    assert assign_segments(LabelMap(lesion, GRID), halves()).listed == ("7",)
    lesion[5, 17, 30] = 1  # the eighth
    assert assign_segments(LabelMap(lesion, GRID), halves()).listed == ("7", "8")


def test_a_tie_goes_to_the_segment_that_holds_the_centroid():
    # 500 and 496 voxels: a tie within one percent; the further half pulls the centroid over.
    lesion = np.zeros(GRID.shape, np.uint8)
    lesion[5:10, 10:20, 20:30] = 1
    lesion[5:10, 10:20, 40:50] = 1
    lesion[5, 10, 40:44] = 0
    shares = assign_segments(LabelMap(lesion, GRID), halves())
    assert shares.shares[0].segment == "7"
    assert shares.primary == "8"
    assert shares.written == "S7/8"
    assert shares.centroid_border_mm > 0


def test_a_tie_with_the_centroid_elsewhere_goes_to_the_lower_number():
    array = np.full(GRID.shape, 8, np.uint8)
    array[:, :, :25], array[:, :, 25:35] = 5, 4
    segments = LabelMap(array, GRID, segment_table(split=False))
    lesion = np.zeros(GRID.shape, np.uint8)
    lesion[5:9, 10:20, 15:20] = 1
    lesion[5:9, 10:20, 40:45] = 1
    shares = assign_segments(LabelMap(lesion, GRID), segments)
    assert shares.primary == "5"
    assert shares.written == "S5/8"
    assert shares.centroid_border_mm < 0  # the centroid lies in 4
    assert shares.borderline


def test_the_part_outside_the_segments():
    segments = np.array(halves().array)
    segments[:, :15] = 0
    shares = assign_segments(box((5, 9), (10, 20), (2, 6)), LabelMap(segments, GRID))
    assert shares.outside == pytest.approx(0.5)
    assert shares.shares[0].share == 1.0
    assert "50%" in shares.doubts[0].reason
    rows = share_measurements(shares, source="by hand")
    assert [(r.metric, r.segment, r.value) for r in rows[:2]] == [
        ("couinaud_share", "7", 1.0),
        ("couinaud_share", "outside", 0.5),
    ]


def test_a_lesion_wholly_outside_says_so():
    nothing = LabelMap(np.zeros(GRID.shape, np.uint8), GRID)
    shares = assign_segments(box((5, 9), (10, 20), (2, 6)), nothing)
    assert (shares.shares, shares.outside, shares.primary) == ((), 1.0, "")
    assert shares.centroid_border_mm is None
    assert "outside" in shares.doubts[0].reason
    (row,) = share_measurements(shares)
    assert (row.segment, row.value) == ("outside", 1.0)


def test_a_lesion_of_a_few_voxels_is_placed_with_a_doubt():
    shares = assign_segments(box((5, 6), (10, 11), (2, 5)), halves())
    assert shares.written == "S7"
    assert "only 3 voxels" in shares.doubts[0].reason


def test_one_segment_alone_has_no_border():
    shares = assign_segments(box((5, 9), (10, 20), (2, 6)), halves(left=6, right=6))
    assert shares.centroid_border_mm is None
    assert shares.nearest_border_mm is None
    assert not shares.borderline
    assert [r.metric for r in share_measurements(shares)] == ["couinaud_share"]


def test_halves_of_four_count_as_four_unless_asked():
    segments = halves(left=4, right=9, split=True)
    lesion = box((5, 9), (10, 20), (24, 32))
    folded = assign_segments(lesion, segments)
    assert (folded.written, folded.centroid_border_mm) == ("S4", None)
    split = assign_segments(lesion, segments, split_four=True)
    assert split.written == "S4a/4b"
    assert split.centroid_border_mm == pytest.approx(4.0)


@pytest.mark.parametrize(("axis", "step"), [(0, 3.0), (1, 1.0), (2, 2.0)])
def test_distance_along_each_axis_is_in_mm(axis, step):
    array = np.full(GRID.shape, 6, np.uint8)
    cut = [slice(None)] * 3
    cut[axis] = slice(0, 8)
    array[tuple(cut)] = 5
    lesion = np.zeros(GRID.shape, np.uint8)
    lesion[15, 15, 15] = 1
    shares = assign_segments(LabelMap(lesion, GRID), LabelMap(array, GRID))
    assert shares.centroid_border_mm == pytest.approx((15 - 7.5) * step)
    assert shares.nearest_border_mm == pytest.approx((15 - 7.5) * step)


def test_distance_past_the_end_of_a_face_is_to_its_edge():
    # Segments meet in one face only, between columns 9 and 10 of one voxel row.
    array = np.zeros(GRID.shape, np.uint8)
    array[4, 20, 9], array[4, 20, 10] = 5, 6
    array[12, 26, 13] = 5
    lesion = np.zeros(GRID.shape, np.uint8)
    lesion[12, 26, 13] = 1
    shares = assign_segments(LabelMap(lesion, GRID), LabelMap(array, GRID))
    expected = math.hypot((12 - 4.5) * 3.0, (26 - 20.5) * 1.0, (13 - 9.5) * 2.0)
    assert shares.centroid_border_mm == pytest.approx(expected)
    assert shares.nearest_border_mm == pytest.approx(expected)


def test_a_border_further_than_the_first_search_is_found():
    array = np.full(GRID.shape, 6, np.uint8)
    array[:, :, 55:] = 7
    shares = assign_segments(box((5, 9), (10, 20), (2, 4)), LabelMap(array, GRID))
    assert shares.centroid_border_mm == pytest.approx((54.5 - 2.5) * 2.0)
    assert shares.nearest_border_mm == pytest.approx((54.5 - 3.0) * 2.0)


def test_the_nearest_distance_agrees_with_all_pairs():
    stream = np.random.default_rng(3)
    grid = Grid.axial((6, 14, 14), (5.0, 0.8, 1.3))
    array = np.zeros(grid.shape, np.uint8)
    array[:, :, 9:] = 5
    array[:, 7:, 9:] = 6
    array[3:, 3:9, 12:] = 8
    lesion = np.zeros(grid.shape, np.uint8)
    lesion[0:2, 0:3, 0:6] = stream.random((2, 3, 6)) < 0.5
    array[lesion > 0] = 5
    shares = assign_segments(LabelMap(lesion, grid), LabelMap(array, grid))
    best = math.inf
    for axis in range(3):
        for spot in np.ndindex(*grid.shape):
            other = list(spot)
            other[axis] += 1
            if other[axis] == grid.shape[axis]:
                continue
            a, b = array[spot], array[tuple(other)]
            if a == b or a == 0 or b == 0:
                continue
            half = [0.5, 0.5, 0.5]
            half[axis] = 0.0
            centre = np.array(spot, float)
            centre[axis] += 0.5
            gap = np.maximum(np.abs(np.argwhere(lesion) - centre) - half, 0) * (5.0, 0.8, 1.3)
            best = min(best, float(np.linalg.norm(gap, axis=1).min()))
    assert shares.nearest_border_mm == pytest.approx(best)


@pytest.mark.parametrize(("order", "signs"), SIGNED_PERMUTATIONS[::7])
def test_a_lesion_cropped_and_turned_on_the_same_lattice_gives_the_same(order, signs):
    lesion, segments = box((5, 9), (10, 20), (24, 32)), halves()
    part = lesion.cropped(margin=2)
    array, grid = rearranged(part.array, part.grid, order, signs)
    turned = assign_segments(LabelMap(array, grid), segments)
    assert turned == assign_segments(lesion, segments)


def test_cropped_segments_under_a_whole_lesion_grid():
    lesion, segments = box((5, 9), (10, 20), (24, 32)), halves()
    start, shape = (2, 5, 10), (15, 30, 40)
    cut = tuple(slice(a, a + n) for a, n in zip(start, shape, strict=True))
    small = LabelMap(segments.array[cut], GRID.cropped(start, shape), segments.labels)
    assert assign_segments(lesion, small) == assign_segments(lesion, segments)
    spill = box((0, 5), (10, 20), (24, 32))  # two of five slices beyond the crop
    assert assign_segments(spill, small).outside == pytest.approx(0.4)


def test_another_lattice_or_frame_is_refused():
    lesion, segments = box((5, 9), (10, 20), (24, 32)), halves()
    moved = LabelMap(lesion.array, GRID.shifted((0.7, 0.0, 0.0)))
    with pytest.raises(GeometryError, match="voxels do not coincide"):
        assign_segments(moved, segments)
    with pytest.raises(GeometryError, match=r"9\.9"):
        assign_segments(LabelMap(lesion.array, GRID.with_frame("9.9")), segments)


def test_an_empty_lesion_and_a_strange_label_are_refused():
    with pytest.raises(EmptyLabelError):
        assign_segments(LabelMap(np.zeros(GRID.shape, np.uint8), GRID), halves())
    strange = LabelMap(halves().array, GRID, (Label(7, "7"), Label(8, "spleen")))
    with pytest.raises(InputError, match="label 8 of the segment map is 'spleen'"):
        assign_segments(box((5, 9), (10, 20), (24, 32)), strange)


def test_rows_name_segment_unit_and_source():
    shares = assign_segments(box((5, 9), (10, 20), (24, 32)), halves())
    rows = share_measurements(shares, source="planes through landmarks")
    assert [(r.metric, r.segment, r.unit) for r in rows] == [
        ("couinaud_share", "7", "1"),
        ("couinaud_share", "8", "1"),
        ("border_distance", "", "mm"),
    ]
    assert sum(r.value for r in rows[:2]) == pytest.approx(1.0)
    assert all("planes through landmarks" in r.method for r in rows)


@pytest.mark.parametrize(
    ("listed", "written"),
    [
        (("7",), "S7"),
        (("8", "7"), "S8/7"),
        (("3", "8"), "segments 3 and 8"),
        (("8", "6", "5", "4"), "segments 4, 5, 6 and 8"),
        (("4b", "4a", "3"), "segments 3, 4a and 4b"),
    ],
)
def test_written_as_radiologists_write(listed, written):
    assert write_segments(listed) == written


def test_neighbours():
    pairs = ["12", "14", "17", "18", "23", "24", "34", "45", "48", "56", "58", "67", "78", "16"]
    for a in "12345678":
        for b in "12345678":
            expected = a + b in pairs or b + a in pairs
            assert are_neighbours(a, b) is expected, (a, b)
    assert are_neighbours("4a", "8")
    assert are_neighbours("4b", "4a")
    assert not are_neighbours("4a", "4a")
    assert not are_neighbours("4a", "4")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("7", "7"),
        ("S7", "7"),
        ("seg. VII", "7"),
        ("Sg7", "7"),
        ("SVII", "7"),
        ("Segment 4", "4"),
        ("IVa", "4a"),
        ("4B", "4b"),
        ("liver_segment_3", "3"),
        ("Couinaud hepatic segment VIII", "8"),
        ("7a", None),
        ("9", None),
        ("0", None),
        ("IX", None),
        ("IIII", None),
        ("liver", None),
        ("", None),
    ],
)
def test_segment_names_as_people_and_programs_write_them(text, name):
    assert parse_segment_name(text) == name


def test_shares_are_the_same_without_looking_for_borders():
    whole = assign_segments(box((5, 9), (10, 20), (24, 32)), halves())
    quick = assign_segments(box((5, 9), (10, 20), (24, 32)), halves(), borders=False)
    assert (quick.shares, quick.primary, quick.written) == (whole.shares, "7", "S7/8")
    assert quick.centroid_border_mm is quick.nearest_border_mm is None


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_border_of_a_ragged_lesion_is_that_of_all_its_voxels(seed):
    from liverseg.couinaud.borders import distance_to_faces_mm, faces_between

    rng = np.random.default_rng(seed)
    array = np.zeros(GRID.shape, np.uint8)
    array[2:18, 4:36, 1:20] = rng.random((16, 32, 19)) < 0.02
    segments = halves(at=int(rng.integers(22, 50)))
    faces = faces_between(segments.array)
    drawn = np.argwhere(array).astype(float)
    found = assign_segments(LabelMap(array, GRID), segments).nearest_border_mm
    nearest = min(distance_to_faces_mm(index, faces, GRID).min() for index in drawn)
    assert found == pytest.approx(nearest)
