"""Outlines of planted lesions: their formulas against ellipsoids and against fine voxels."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist

from liverseg.teach import planted_lesions
from liverseg.teach.outlines import Bump, Outline

half_axis = st.floats(4.0, 20.0)
angle = st.floats(-180.0, 180.0)


def irregular() -> Outline:
    return next(one.outline for one in planted_lesions("figures") if one.name == "F7")


def lattice(half_mm: float, step_mm: float) -> np.ndarray:
    """(z, y, x, 3) points x, y, z in a cube round the origin."""
    axis = np.arange(-half_mm, half_mm + step_mm, step_mm)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    return np.stack([x, y, z], axis=-1)


@cache
def voxels_of_the_irregular(step_mm: float = 0.4) -> np.ndarray:
    shape = irregular()
    return shape.level(lattice(shape.reach_mm + 1.0, step_mm)) < 1.0


def longest_within_a_region(cut: np.ndarray, step_mm: float) -> float:
    pieces, count = ndimage.label(cut)
    best = 0.0
    for number in range(1, count + 1):
        points = np.argwhere(pieces == number) * step_mm
        if np.ptp(points, axis=0).min() > 0:
            best = max(best, float(pdist(points[ConvexHull(points).vertices]).max()))
    return best


@given(half_axis, half_axis, half_axis, angle)
@settings(deadline=None)
def test_an_ellipsoid_has_the_volume_and_lengths_of_its_formula(a, b, c, turn):
    ellipsoid = Outline((a, b, c), turn_deg=turn)
    assert ellipsoid.volume_ml == pytest.approx(4.0 / 3.0 * np.pi * a * b * c / 1000.0, rel=1e-9)
    assert ellipsoid.long_axis_mm == 2.0 * max(a, b)


@pytest.mark.parametrize("half_axes", [(11.0, 10.0, 9.0), (9.0, 15.0, 6.0), (8.0, 8.0, 17.0)])
def test_surface_points_of_an_ellipsoid(half_axes):
    ellipsoid = Outline(half_axes, turn_deg=30.0)
    assert ellipsoid.max_3d_diameter_mm == 2.0 * max(half_axes)
    assert ellipsoid.reach_mm == pytest.approx(max(half_axes), abs=0.01)
    assert 0.998 < 1.0 / ellipsoid.solidity <= 1.0
    assert ellipsoid.level(ellipsoid.surface_mm) == pytest.approx(1.0, abs=1e-9)


def test_an_ellipsoid_is_turned_about_z_from_x_to_y():
    turned = Outline((20.0, 10.0, 5.0), turn_deg=90.0)
    assert turned.level([[0.0, 20.0, 0.0], [10.0, 0.0, 0.0], [0.0, 0.0, 5.0]]) == pytest.approx(1.0)
    quarter = Outline((20.0, 10.0, 5.0), turn_deg=45.0)
    along = 20.0 / np.sqrt(2.0)
    assert quarter.level([along, along, 0.0]) == pytest.approx(1.0)
    assert quarter.level([along, -along, 0.0]) == pytest.approx(2.0)


def test_a_bump_has_its_height_in_its_direction_and_half_at_its_angle():
    ball = Outline((10.0, 10.0, 10.0), (Bump((0.0, 0.0, 2.0), 0.4, 8.0),))
    assert ball.level([0.0, 0.0, 14.0]) == pytest.approx(1.0)
    cos = 1.0 - np.log(2.0) / 8.0
    beside = np.array([np.sqrt(1.0 - cos**2), 0.0, cos])
    assert ball.level(12.0 * beside) == pytest.approx(1.0)
    assert ball.level([0.0, 0.0, -10.0]) == pytest.approx(1.0, abs=1e-6)
    assert ball.volume_ml > Outline((10.0, 10.0, 10.0)).volume_ml


def test_volume_of_the_irregular_one_is_that_of_its_fine_voxels():
    counted_ml = voxels_of_the_irregular().sum() * 0.4**3 / 1000.0
    assert irregular().volume_ml == pytest.approx(counted_ml, rel=0.002)


def test_long_axis_of_the_irregular_one_is_that_of_its_fine_voxels():
    """Between voxel centres, so up to a voxel shorter than between walls."""
    found = max(longest_within_a_region(cut, 0.4) for cut in voxels_of_the_irregular())
    assert found - 0.1 <= irregular().long_axis_mm <= found + 0.8


def test_largest_diameter_of_the_irregular_one_is_that_of_its_fine_voxels():
    points = np.argwhere(voxels_of_the_irregular()) * 0.4
    found = float(pdist(points[ConvexHull(points).vertices]).max())
    assert found - 0.1 <= irregular().max_3d_diameter_mm <= found + 0.8
    assert irregular().long_axis_mm < irregular().max_3d_diameter_mm


def test_the_irregular_one_is_large_and_jagged():
    shape = irregular()
    assert shape.volume_ml >= 14.5
    assert shape.solidity <= 0.82
    hull_ml = ConvexHull(np.argwhere(voxels_of_the_irregular()) * 0.4).volume / 1000.0
    assert shape.volume_ml / hull_ml == pytest.approx(shape.solidity, abs=0.03)
    assert np.ptp(shape.surface_mm, axis=0) == pytest.approx((35.8, 33.0, 31.9), abs=0.1)


@given(angle, st.tuples(*[st.floats(-25.0, 25.0)] * 3))
@settings(deadline=None)
def test_turning_moves_the_surface_and_keeps_its_size(turn, point):
    shape = irregular()
    turned = replace(shape, turn_deg=turn)
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    x, y, z = point
    there = (cos * x - sin * y, sin * x + cos * y, z)
    assert turned.level(there) == pytest.approx(float(shape.level(point)), rel=1e-6, abs=1e-9)
    assert turned.volume_ml == pytest.approx(shape.volume_ml, rel=1e-9)


@given(angle)
@settings(max_examples=5, deadline=None)
def test_voxels_of_a_turned_outline_fill_the_same_volume(turn):
    turned = replace(irregular(), turn_deg=turn)
    counted_ml = (turned.level(lattice(24.0, 1.0)) < 1.0).sum() / 1000.0
    assert counted_ml == pytest.approx(turned.volume_ml, rel=0.015)


def test_the_long_axis_does_not_depend_on_the_turn():
    shape = irregular()
    turned = replace(shape, turn_deg=33.0)
    assert turned.long_axis_mm == pytest.approx(shape.long_axis_mm, abs=0.1)


@pytest.mark.parametrize("radius", [5.0, 8.0, 17.0])
def test_depth_in_a_ball_is_exact(radius):
    points = np.random.default_rng(1).uniform(-radius - 2.0, radius + 2.0, (20_000, 3))
    depth = radius - np.linalg.norm(points, axis=1)
    # At the centre the depth has a tip, which a lattice rounds off.
    seen = (depth > -2.0) & (depth < min(radius - 2.0, 7.0))
    found = Outline((radius,) * 3).depth().at(points[seen])
    assert np.abs(found - depth[seen]).max() <= 0.05


def test_depth_deep_inside_is_deep_and_far_outside_is_not_inside():
    field = Outline((12.0, 12.0, 12.0)).depth()
    inside, outside = field.at([[0.0, 0.0, 1.0], [0.0, 0.0, 200.0]])
    assert inside >= 7.0
    assert outside < -10.0


@given(st.tuples(*[st.floats(-22.0, 22.0)] * 3))
@settings(max_examples=300, deadline=None)  # the first call makes the field of depths
def test_level_and_depth_agree_on_what_is_inside(point):
    level = float(irregular().level(point))
    depth = float(irregular().depth().at([point])[0])
    if abs(depth) > 0.1:  # between the points of the lattice the wall is a little uncertain
        assert (depth > 0.0) == (level < 1.0)
    else:
        assert level == pytest.approx(1.0, abs=0.05)
