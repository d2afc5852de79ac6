"""Labels onto another grid: exactly on a common lattice, nearest elsewhere."""

import numpy as np
import pytest

from liverseg.errors import GeometryError
from liverseg.geometry import (
    Grid,
    Label,
    LabelMap,
    Translation,
    fits_lattice,
    place_labels,
    resample_labels,
)
from liverseg.testing.strategies import SIGNED_PERMUTATIONS, rearranged

TURN = np.array([[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]])


def target_grid(frame="1.2.3"):
    matrix = np.eye(4)
    matrix[:3, :3] = TURN * (2.5, 0.7, 0.9)
    matrix[:3, 3] = (-30.0, 12.0, 5.0)
    return Grid((5, 6, 7), matrix, frame)


def drawn(grid, seed=0):
    array = np.random.default_rng(seed).integers(0, 4, grid.shape).astype(np.uint8)
    return LabelMap(array, grid, (Label(1, "one"), Label(2, "two"), Label(3, "three")))


@pytest.mark.parametrize(("order", "signs"), SIGNED_PERMUTATIONS)
def test_every_axis_order_and_direction_is_undone(order, signs):
    truth = drawn(target_grid())
    array, grid = rearranged(truth.array, truth.grid, order, signs)
    placed = place_labels(LabelMap(array, grid, truth.labels), truth.grid, where="mask")
    np.testing.assert_array_equal(placed.array, truth.array)
    assert placed.labels == truth.labels
    assert placed.grid is truth.grid


@pytest.mark.parametrize(("order", "signs"), SIGNED_PERMUTATIONS[::5])
def test_a_crop_of_a_turned_lattice_is_undone(order, signs):
    truth = drawn(target_grid())
    part = truth.array[1:4, 2:6, 3:5]
    array, grid = rearranged(part, truth.grid.cropped((1, 2, 3), part.shape), order, signs)
    placed = place_labels(LabelMap(array, grid), truth.grid, where="mask").array
    np.testing.assert_array_equal(placed[1:4, 2:6, 3:5], part)
    assert placed.sum() == part.sum()


def test_one_slice_of_a_lattice_fits():
    truth = drawn(target_grid())
    part = truth.array[2:3]
    one = LabelMap(part, truth.grid.cropped((2, 0, 0), part.shape))
    np.testing.assert_array_equal(place_labels(one, truth.grid, where="m").array[2], part[0])


def test_header_rounding_is_tolerated_and_more_is_not():
    truth = drawn(target_grid())
    near = LabelMap(truth.array, truth.grid.shifted((0.03, 0.0, 0.0)))
    np.testing.assert_array_equal(place_labels(near, truth.grid, where="m").array, truth.array)
    far = LabelMap(truth.array, truth.grid.shifted((0.2, 0.0, 0.0)))
    with pytest.raises(GeometryError, match="voxels do not coincide"):
        place_labels(far, truth.grid, where="m")


def test_other_spacing_turn_or_reach_does_not_fit():
    target = target_grid()
    finer = target.lps_from_index.copy()
    finer[:3, :3] *= 0.5
    assert not fits_lattice(Grid((2, 2, 2), finer), target)
    turned = target.lps_from_index.copy()
    turned[:3, :3] = turned[:3, :3] @ TURN
    assert not fits_lattice(Grid((2, 2, 2), turned), target)
    assert not fits_lattice(target.cropped((0, 0, -1), (2, 2, 2)), target)
    assert not fits_lattice(target.cropped((0, 0, 6), (2, 2, 2)), target)
    assert fits_lattice(target.cropped((0, 0, 5), (2, 2, 2)), target)


def test_two_known_frames_are_refused_by_name_and_an_unknown_one_passes():
    target = target_grid()
    with pytest.raises(GeometryError) as caught:
        place_labels(drawn(target_grid("9.8")), target, where="lesion L1")
    for text in ("9.8", "1.2.3", "lesion L1"):
        assert text in str(caught.value)
    placed = place_labels(drawn(target_grid(None)), target, where="x")
    assert placed.grid.frame_of_reference == "1.2.3"


def test_resampling_onto_the_same_grid_changes_nothing():
    truth = drawn(target_grid())
    np.testing.assert_array_equal(resample_labels(truth, truth.grid).array, truth.array)


def test_resampling_onto_a_finer_grid_keeps_the_volume_of_a_box():
    grid = Grid.axial((10, 12, 14), (3.0, 2.0, 2.0), frame_of_reference="1")
    array = np.zeros(grid.shape, np.uint8)
    array[3:7, 4:8, 5:10] = 2
    fine = Grid.axial((30, 48, 56), (1.0, 0.5, 0.5), origin_lps_mm=(-0.75, -0.75, -1.0))
    result = resample_labels(LabelMap(array, grid), fine)
    assert result.values == (2,)
    volume = np.count_nonzero(result.array) * fine.voxel_volume_mm3
    assert volume == pytest.approx(np.count_nonzero(array) * grid.voxel_volume_mm3)


def test_a_translation_moves_labels_to_where_the_tissue_went():
    grid = Grid.axial((9, 9, 9), (2.0, 1.0, 1.0), frame_of_reference="1")
    array = np.zeros(grid.shape, np.uint8)
    array[4, 4, 4] = 1
    shift = Translation((1.0, -2.0, 4.0))  # left, front, up
    moved = resample_labels(LabelMap(array, grid), grid, target_from_source=shift)
    np.testing.assert_array_equal(np.argwhere(moved.array), [[6, 2, 5]])


def test_a_translation_speaks_for_the_frames_and_nothing_else_does():
    truth = drawn(target_grid())
    other = target_grid("7.7")
    with pytest.raises(GeometryError, match=r"7\.7"):
        resample_labels(truth, other)
    moved = resample_labels(truth, other, target_from_source=Translation())
    np.testing.assert_array_equal(moved.array, truth.array)


def test_labels_out_of_reach_and_empty_maps_give_nothing():
    truth = drawn(target_grid())
    gone = resample_labels(truth, truth.grid, target_from_source=Translation((500.0, 0.0, 0.0)))
    assert not gone.array.any()
    empty = LabelMap(np.zeros(truth.grid.shape, np.uint8), truth.grid)
    assert not resample_labels(empty, truth.grid).array.any()
