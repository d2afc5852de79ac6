import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial.distance import cdist
from unit.lesions.shapes import ball, grid_round, oblique_grid

from liverseg.geometry import Grid
from liverseg.lesions.lattice import depth_mm, dilate_mm, erode_mm, peel


@pytest.mark.parametrize("spacing", [(1.6, 0.74, 0.74), (3.0, 1.2, 1.0), (1.0, 1.0, 1.0)])
@pytest.mark.parametrize("radius", [0.5, 2.0, 5.0])
def test_dilation_is_the_euclidean_one(spacing, radius):
    drawn = np.random.default_rng(3).random((14, 22, 25)) > 0.995
    distance = ndimage.distance_transform_edt(~drawn, sampling=spacing)
    grid = Grid.axial(drawn.shape, spacing)
    assert (dilate_mm(drawn, grid, radius) == (distance <= radius + 1e-9)).all()


def test_dilation_on_a_sheared_lattice_is_by_millimetres():
    grid = oblique_grid((9, 11, 12), (2.0, 1.0, 0.8), shear=0.6)
    drawn = np.zeros(grid.shape, dtype=bool)
    drawn[4, 5, 6] = drawn[0, 0, 11] = True
    everywhere = grid.to_lps_mm(np.argwhere(np.ones(grid.shape)))
    near = cdist(everywhere, grid.to_lps_mm(np.argwhere(drawn))).min(axis=1) <= 3.3
    assert (dilate_mm(drawn, grid, 3.3).ravel() == near).all()


def test_erosion_keeps_what_is_deep_and_leaves_the_array_edge():
    drawn = np.ones((9, 9, 9), dtype=bool)
    drawn[:, :, 6:] = False
    kept = erode_mm(drawn, Grid.axial(drawn.shape, (1.0, 1.0, 1.0)), 2.0)
    assert kept[:, :, :4].all()
    assert not kept[:, :, 4:].any()


def test_peel_takes_one_voxel_all_round():
    drawn = np.zeros((7, 7, 7), dtype=bool)
    drawn[1:6, 1:6, 1:6] = True
    assert peel(drawn).sum() == 27


@pytest.mark.parametrize(
    ("spacing", "shear", "bias_mm"),
    [((1.5, 0.8, 0.8), 0.0, 0.12), ((1.0, 1.0, 1.0), 0.0, 0.12), ((1.5, 0.8, 0.8), 0.3, 0.15)],
)
def test_depth_is_the_distance_to_the_surface_of_a_ball(spacing, shear, bias_mm):
    grid = grid_round(24.0, spacing, oblique=True, shear=shear)
    drawn = ball(24.0, grid).mask()
    depth = depth_mm(drawn, grid)
    index = np.argwhere(drawn)
    true = 12.0 - np.linalg.norm(grid.to_lps_mm(index), axis=1)
    found = depth[drawn]
    band = (true > 2.0) & (true < 8.0)
    error = found[band] - true[band]
    assert abs(error.mean()) < bias_mm
    assert error.std() < 0.35
    assert (depth[~drawn] == 0).all()
    assert (found > 0).all()
