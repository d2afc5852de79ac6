"""Grid, Volume, LabelMap: places, refusals, read-only arrays."""

import pickle

import numpy as np
import pytest

from liverseg.errors import EmptyLabelError, GeometryError
from liverseg.geometry import (
    Code,
    Grid,
    Label,
    LabelMap,
    SliceSource,
    Translation,
    Volume,
    bounding_box,
    require_same_frame,
)


def oblique(shape=(4, 5, 6), frame="1.2.3"):
    """A coronal-oblique left-handed lattice, spacing 5 x 0.8 x 1.1 mm."""
    matrix = np.array(
        [
            [0.0, 0.48, 0.88, -20.0],
            [5.0, 0.0, 0.0, 30.0],
            [0.0, 0.64, -0.66, 70.0],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )
    return Grid(shape, matrix, frame)


def test_axial_grid_puts_columns_left_rows_back_slices_up():
    grid = Grid.axial((10, 20, 30), (2.5, 0.7, 0.8), origin_lps_mm=(-100.0, -90.0, 40.0))
    np.testing.assert_allclose(grid.to_lps_mm((1, 2, 3)), (-100 + 2.4, -90 + 1.4, 40 + 2.5))
    assert grid.spacing_mm == pytest.approx((2.5, 0.7, 0.8))
    assert grid.voxel_volume_mm3 == pytest.approx(2.5 * 0.7 * 0.8)
    assert grid.is_orthogonal


def test_oblique_left_handed_grid_goes_there_and_back():
    grid = oblique()
    assert np.linalg.det(grid.lps_from_index[:3, :3]) > 0  # for (slice, row, column) order
    np.testing.assert_allclose(grid.spacing_mm, (5.0, 0.8, 1.1))
    index = np.random.default_rng(0).uniform(-3, 9, (50, 3))
    np.testing.assert_allclose(grid.to_index(grid.to_lps_mm(index)), index, atol=1e-9)


def test_sheared_grid_is_not_orthogonal_and_keeps_its_volume():
    matrix = np.eye(4)
    matrix[0, 2] = 0.5
    grid = Grid((2, 2, 2), matrix)
    assert not grid.is_orthogonal
    assert grid.voxel_volume_mm3 == pytest.approx(1.0)


@pytest.mark.parametrize("shape", [(0, 3, 3), (3, 3), (1, 2, -1)])
def test_refuses_impossible_shapes(shape):
    with pytest.raises(GeometryError, match="three positive sizes"):
        Grid(shape, np.eye(4))


@pytest.mark.parametrize(
    "matrix",
    [
        np.eye(3),
        np.full((4, 4), np.nan),
        np.zeros((4, 4)),
        np.diag([1.0, 1.0, 0.0, 1.0]),
        np.vstack([np.eye(4)[:3], [0, 0, 1, 1]]),
    ],
)
def test_refuses_matrices_that_are_no_place(matrix):
    with pytest.raises(GeometryError):
        Grid((2, 2, 2), matrix)


def test_same_lattice_is_judged_in_mm_at_the_corners():
    grid = Grid.axial((100, 512, 512), (1.0, 0.7, 0.7), frame_of_reference="1")
    turn = np.eye(4)
    turn[:3, :3] = [[1, -1e-5, 0], [1e-5, 1, 0], [0, 0, 1]]
    turned = Grid(grid.shape, turn @ grid.lps_from_index, "1")
    assert grid.is_same_lattice(turned)  # 0.005 mm at the far corner
    assert not grid.is_same_lattice(grid.shifted((0.06, 0.0, 0.0)))
    assert grid.is_same_lattice(grid.shifted((0.04, 0.0, 0.0)))
    assert grid.distance_to_mm(grid.cropped((0, 0, 0), (99, 512, 512))) == np.inf


def test_same_place_needs_a_known_and_equal_frame():
    grid = oblique()
    assert grid.is_same_place(oblique())
    assert not grid.is_same_place(grid.with_frame("9.9"))
    assert not grid.with_frame(None).is_same_place(grid.with_frame(None))


def test_two_known_frames_are_refused_and_both_named():
    with pytest.raises(GeometryError) as caught:
        require_same_frame(oblique(), oblique(frame="4.5.6"), where="lesion L2")
    assert "1.2.3" in str(caught.value)
    assert "4.5.6" in str(caught.value)
    assert "lesion L2" in str(caught.value)


@pytest.mark.parametrize("frame", [None, "1.2.3"])
def test_an_unknown_or_equal_frame_passes(frame):
    require_same_frame(oblique(), oblique(frame=frame), where="x")


def test_crop_keeps_every_voxel_where_it_was():
    grid = oblique()
    part = grid.cropped((-1, 2, 3), (2, 2, 2))
    np.testing.assert_allclose(part.to_lps_mm((0, 0, 0)), grid.to_lps_mm((-1, 2, 3)))
    np.testing.assert_allclose(part.to_lps_mm((1, 1, 1)), grid.to_lps_mm((0, 3, 4)))
    assert part.frame_of_reference == "1.2.3"


def test_repr_says_shape_spacing_and_frame():
    assert repr(oblique(frame=None)) == (
        "Grid(shape=(4, 5, 6), spacing=5 x 0.8 x 1.1 mm, frame=unknown)"
    )


def test_grid_arrays_cannot_be_written():
    grid = oblique()
    with pytest.raises(ValueError, match="read-only"):
        grid.lps_from_index[0, 0] = 9
    with pytest.raises(ValueError, match="read-only"):
        grid.index_from_lps[0, 0] = 9


def test_grid_survives_pickling():
    grid = pickle.loads(pickle.dumps(oblique()))
    assert grid.is_same_place(oblique())


def test_translation_moves_forth_and_back():
    shift = Translation((1.0, -2.0, 2.0))
    assert shift.length_mm == pytest.approx(3.0)
    np.testing.assert_allclose(shift.apply([[0, 0, 0], [1, 1, 1]]), [[1, -2, 2], [2, -1, 3]])
    np.testing.assert_allclose(shift.inverse.apply(shift.apply((4, 5, 6))), (4, 5, 6))


def test_volume_is_a_read_only_view_of_the_array_it_was_given():
    array = np.zeros((4, 5, 6), np.int16)
    volume = Volume(array, oblique(), "HU")
    with pytest.raises(ValueError, match="read-only"):
        volume.array[0, 0, 0] = 1
    assert np.shares_memory(array, volume.array)
    array[0, 0, 0] = 1  # the caller's own handle stays as it was


def test_volume_refuses_other_shapes_and_wrong_slice_lists():
    with pytest.raises(GeometryError, match=r"\(4, 5, 5\).*\(4, 5, 6\)"):
        Volume(np.zeros((4, 5, 5)), oblique(), "HU")
    with pytest.raises(GeometryError, match="1 slice sources for a volume of 4 slices"):
        Volume(np.zeros((4, 5, 6)), oblique(), "HU", (SliceSource("a", "1"),))


def test_label_map_takes_whole_numbers_only_and_is_read_only():
    labels = LabelMap(np.ones((4, 5, 6), bool), oblique())
    assert labels.array.dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        labels.array[0, 0, 0] = 0
    with pytest.raises(GeometryError, match="float64"):
        LabelMap(np.ones((4, 5, 6)), oblique())
    with pytest.raises(GeometryError, match="int16"):
        LabelMap(np.ones((4, 5, 6), np.int16), oblique())
    with pytest.raises(GeometryError, match="label array is"):
        LabelMap(np.ones((4, 5, 5), bool), oblique())


def test_label_map_knows_names_values_and_masks():
    array = np.zeros((4, 5, 6), np.uint8)
    array[1, 2, 3] = 7
    array[2, 2, 3] = 3
    code = Code("10200004", "SCT", "Liver")
    labels = LabelMap(array, oblique(), (Label(7, "liver", code),))
    assert labels.values == (3, 7)
    assert (labels.name_of(7), labels.name_of(3)) == ("liver", "3")
    assert (labels.value_of("liver"), labels.value_of("x")) == (7, None)
    assert labels.mask().sum() == 2
    assert labels.mask(7).sum() == 1


def test_box_and_crop_follow_the_labels_and_stop_at_the_edge():
    array = np.zeros((4, 5, 6), np.uint8)
    array[1:3, 2, 3:6] = 1
    labels = LabelMap(array, oblique())
    assert labels.box() == (slice(1, 3), slice(2, 3), slice(3, 6))
    assert labels.box(margin=2) == (slice(0, 4), slice(0, 5), slice(1, 6))
    part = labels.cropped(margin=1)
    assert part.array.sum() == labels.array.sum()
    np.testing.assert_allclose(
        part.grid.to_lps_mm(np.argwhere(part.array)), labels.grid.to_lps_mm(np.argwhere(array))
    )


def test_nothing_drawn_has_no_box():
    with pytest.raises(EmptyLabelError, match="no voxels"):
        bounding_box(np.zeros((2, 2, 2), bool))
