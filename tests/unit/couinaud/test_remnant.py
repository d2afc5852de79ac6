"""Volumes of segments and the future liver remnant, on boxes whose answers are arithmetic."""

import numpy as np
import pytest

from liverseg.couinaud import plan_remnant, segment_table, segment_volumes
from liverseg.errors import GeometryError, InputError
from liverseg.geometry import Grid, Label, LabelMap

GRID = Grid.axial((4, 10, 10), (5.0, 10.0, 20.0), frame_of_reference="1.2")  # 1 ml a voxel


def labels(array, *, split=True):
    return LabelMap(array.astype(np.uint8), GRID, segment_table(split=split))


@pytest.fixture
def liver():
    array = np.zeros(GRID.shape)
    array[:, :, :9] = 1
    return LabelMap(array.astype(np.uint8), GRID)


@pytest.fixture
def segments():
    """Columns 0 to 8: segment 1 to 9 (4a is 4, 4b is 9), column 9 outside the liver."""
    columns = np.indices(GRID.shape)[2]
    return labels(np.where(columns < 9, columns + 1, 5))


def tumour(*box):
    array = np.zeros(GRID.shape, dtype=np.uint8)
    array[box] = 1
    return LabelMap(array, GRID, (Label(1, "L"),))


def test_volumes_are_those_of_the_voxels_inside_the_liver(liver, segments):
    rows = segment_volumes(liver, segments)
    assert [row.segment for row in rows] == ["1", "2", "3", "4a", "4b", "5", "6", "7", "8"]
    assert [row.volume_ml for row in rows] == pytest.approx([40.0] * 9)
    assert [row.share for row in rows] == pytest.approx([1 / 9] * 9)
    assert {row.tumour_ml for row in rows} == {0.0}


def test_a_segment_without_a_voxel_has_a_row_of_zeros(liver, segments):
    array = segments.array.copy()
    array[array == 3] = 2
    rows = {row.segment: row for row in segment_volumes(liver, labels(array))}
    assert (rows["3"].volume_ml, rows["3"].share) == (0.0, 0.0)
    assert rows["2"].volume_ml == pytest.approx(80.0)


def test_tumour_counts_once_where_lesions_overlap_and_may_lie_on_a_crop(liver, segments):
    one = tumour(slice(0, 2), slice(0, 5), slice(4, 5))  # 10 ml in segment 5
    other = tumour(slice(0, 2), slice(0, 6), slice(4, 5)).cropped()
    rows = {row.segment: row for row in segment_volumes(liver, segments, [one, other])}
    assert rows["5"].tumour_ml == pytest.approx(12.0)
    assert sum(row.tumour_ml for row in rows.values()) == pytest.approx(12.0)


def test_the_remnant_is_a_share_of_the_liver_without_tumour(liver, segments):
    kept = tumour(slice(0, 2), slice(0, 5), slice(1, 2))  # 10 ml in segment 2
    gone = tumour(slice(0, 4), slice(0, 5), slice(4, 5))  # 20 ml in segment 5
    found = plan_remnant(segment_volumes(liver, segments, [kept, gone]), ["5", "6", "7", "8"])
    assert found.liver_ml == pytest.approx(360.0)
    assert found.tumour_ml == pytest.approx(30.0)
    assert found.remnant_ml == pytest.approx(5 * 40 - 10)
    assert found.resected_ml == pytest.approx(4 * 40 - 20)
    assert found.share == pytest.approx(190 / 330)
    assert found.tumour_left_ml == pytest.approx(10.0)
    assert found.resected == ("5", "6", "7", "8")


def test_four_means_both_its_halves(liver, segments):
    found = plan_remnant(segment_volumes(liver, segments), ["4"])
    assert found.resected == ("4a", "4b")
    assert found.share == pytest.approx(7 / 9)


def test_liver_without_a_segment_stays_with_a_doubt(liver, segments):
    array = segments.array.copy()
    array[0, :, 0] = 0  # 10 ml
    rows = segment_volumes(liver, labels(array))
    assert rows[-1].segment == "outside"
    assert rows[-1].volume_ml == pytest.approx(10.0)
    assert rows[0].share == pytest.approx(30 / 350)
    found = plan_remnant(rows, ["1"])
    assert found.remnant_ml == pytest.approx(330.0)
    assert found.resected_ml == pytest.approx(30.0)
    assert "3% of the liver carry no segment" in found.doubts[0].reason


def test_a_segment_that_is_not_there_is_refused_by_name(liver, segments):
    with pytest.raises(InputError, match=r"no segment '9'.*use 1, 2, 3, 4a, 4b, 5, 6, 7, 8"):
        plan_remnant(segment_volumes(liver, segments), ["9"])


def test_another_frame_of_reference_is_refused(liver, segments):
    other = Grid.axial(GRID.shape, GRID.spacing_mm, frame_of_reference="9.9")
    with pytest.raises(GeometryError):
        segment_volumes(liver, LabelMap(segments.array, other, segments.labels))
