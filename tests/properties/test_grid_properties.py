"""What must hold for every grid, however it lies."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liverseg.geometry import LabelMap, fits_lattice, place_labels, resample_labels
from liverseg.testing.strategies import (
    SIGNED_PERMUTATIONS,
    grids,
    points,
    rearranged,
    translations,
)


@given(grids(), points())
def test_positions_go_to_indices_and_back(grid, point):
    np.testing.assert_allclose(grid.to_lps_mm(grid.to_index(point)), point, atol=1e-6)


@given(grids())
def test_spacing_and_volume_do_not_depend_on_the_turn(grid):
    np.testing.assert_allclose(np.prod(grid.spacing_mm), grid.voxel_volume_mm3, rtol=1e-9)
    assert grid.is_orthogonal


@given(grids(max_size=6), st.sampled_from(SIGNED_PERMUTATIONS), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_placing_undoes_any_naming_of_the_axes(grid, naming, seed):
    array = np.random.default_rng(seed).integers(0, 3, grid.shape).astype(np.uint8)
    moved, moved_grid = rearranged(array, grid, *naming)
    assert fits_lattice(moved_grid, grid)
    placed = place_labels(LabelMap(moved, moved_grid), grid, where="test")
    np.testing.assert_array_equal(placed.array, array)


@given(grids(max_size=8), translations(), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_moving_labels_and_grid_together_changes_nothing(grid, shift, seed):
    array = np.random.default_rng(seed).integers(0, 3, grid.shape).astype(np.uint8)
    target = grid.shifted(shift.offset_mm)
    moved = resample_labels(LabelMap(array, grid), target, target_from_source=shift)
    np.testing.assert_array_equal(moved.array, array)


@given(grids(max_size=8), st.integers(0, 2**32 - 1))
def test_a_crop_holds_all_labels_at_their_places(grid, seed):
    stream = np.random.default_rng(seed)
    array = (stream.random(grid.shape) < 0.1).astype(np.uint8)
    array[tuple(stream.integers(0, grid.shape))] = 1
    labels = LabelMap(array, grid)
    part = labels.cropped()
    np.testing.assert_allclose(
        part.grid.to_lps_mm(np.argwhere(part.array)),
        grid.to_lps_mm(np.argwhere(array)),
        atol=1e-6,
    )
