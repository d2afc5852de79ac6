"""The working lattice keeps positions; quality turns numbers into doubts."""

import numpy as np
import pytest

from liverseg.geometry import Grid, LabelMap, Volume
from liverseg.register.lattice import sample, sample_mask, working_lattice
from liverseg.register.quality import (
    overlap_doubts,
    overlap_problem,
    residual_doubts,
    residual_of_halves,
    shift_problem,
)

SLOPE = np.array([1.5, -2.0, 0.7])


def oblique():
    turn = np.array([[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]])
    matrix = np.eye(4)
    matrix[:3, :3] = turn * (0.9, 0.5, -2.6)  # left-handed
    matrix[:3, 3] = (20.0, -40.0, 10.0)
    return Grid((40, 70, 16), matrix)


def field(grid):
    """A linear function of position: averaging and linear sampling keep it exactly."""
    index = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1)
    return grid.to_lps_mm(index) @ SLOPE


@pytest.mark.parametrize("step", [1.0, 2.0, 3.5])
def test_sampling_keeps_values_at_their_positions(step):
    grid = oblique()
    middle = grid.to_lps_mm((np.array(grid.shape) - 1) / 2)
    lattice = Grid.axial((4, 4, 4), (step, step, step), origin_lps_mm=tuple(middle - 1.5 * step))
    values = sample(Volume(field(grid), grid, "HU"), lattice)
    np.testing.assert_allclose(values, field(lattice), rtol=1e-4, atol=1e-3)


def test_points_without_data_are_marked():
    grid = Grid.axial((10, 10, 10), (2.0, 2.0, 2.0))
    volume = Volume(np.ones(grid.shape), grid, "HU")
    lattice = Grid.axial((1, 1, 4), (2.0, 2.0, 2.0), origin_lps_mm=(14.0, 4.0, 4.0))
    np.testing.assert_array_equal(sample(volume, lattice), [[[1, 1, 1, np.nan]]])
    away = Grid.axial((2, 2, 2), (2.0, 2.0, 2.0), origin_lps_mm=(500.0, 0.0, 0.0))
    assert np.isnan(sample(volume, away)).all()
    assert (sample(volume, away, outside=7.0) == 7.0).all()


def test_the_lattice_holds_the_liver_and_its_margin():
    grid = oblique()
    array = np.zeros(grid.shape, np.uint8)
    array[5:30, 10:50, 3:12] = 1
    liver = LabelMap(array, grid)
    lattice = working_lattice(liver, step_mm=2.0, margin_mm=10.0)
    index = lattice.to_index(grid.to_lps_mm(np.argwhere(array)))
    assert (index >= 5.0).all()
    assert (index <= np.array(lattice.shape) - 1 - 5.0).all()
    found = sample_mask(liver, lattice).sum() * 8.0
    assert found == pytest.approx(array.sum() * grid.voxel_volume_mm3, rel=0.05)


def test_residual_is_half_the_largest_distance_of_two_halves():
    zero = np.zeros(3)
    pairs = [(zero, np.array([0.0, 3.0, 4.0])), (zero, np.array([1.0, 0.0, 0.0]))]
    assert residual_of_halves(pairs) == pytest.approx(2.5)


def test_doubts_beyond_the_limits_only():
    assert residual_doubts(2.0, where="x") == ()
    (doubt,) = residual_doubts(2.3, where="series 4")
    assert "2.3 mm" in doubt.reason
    assert doubt.where == "series 4"
    assert overlap_doubts(0.95, where="x") == ()
    assert "only 62%" in overlap_doubts(0.62, where="x")[0].reason
    assert overlap_problem(0.5) == ""
    assert "49% of the liver; 50% are needed" in overlap_problem(0.49)
    assert shift_problem(29.9) == ""
    assert "30.0 mm" in shift_problem(30.0)
