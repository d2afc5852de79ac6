"""Solids of the digital body: sign and size of their depth, their bounds, rounded seams."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liverseg.teach import LANDMARKS
from liverseg.teach.anatomy import GALLBLADDER, HEPATIC_VEINS, IVC, LIVER, PORTAL_VEIN, body
from liverseg.teach.shapes import (
    Common,
    Ellipsoid,
    Grown,
    HalfSpace,
    Lattice,
    Solid,
    Tube,
    Union,
    Without,
    rotation,
)

STEP = 1.0
place = st.tuples(*[st.floats(-10.0, 10.0)] * 3)
radii = st.tuples(*[st.floats(3.0, 15.0)] * 3)
turns = st.tuples(*[st.floats(-180.0, 180.0)] * 3)
ellipsoids = st.builds(Ellipsoid, place, radii, turns)
tubes = st.builds(
    lambda points, wide: Tube(tuple(points), tuple(wide)),
    st.lists(place.map(lambda p: tuple(np.round(p, 1))), min_size=3, max_size=3, unique=True),
    st.lists(st.floats(2.0, 6.0), min_size=3, max_size=3),
)
plain = st.one_of(ellipsoids, tubes)
rounding = st.just(0.0) | st.floats(0.1, 6.0)
solids = st.one_of(
    plain,
    st.builds(lambda a, b, r: Union((a, b), r), plain, plain, rounding),
    st.builds(lambda a, b, r: Common((a, b), r), plain, plain, rounding),
    st.builds(lambda a, b, r: Without(a, (b,), r), plain, plain, rounding),
    st.builds(Grown, plain, st.floats(-2.0, 2.0)),
)


def around(*, half_mm: float = 40.0, step_mm: float = STEP) -> Lattice:
    return Lattice.spanning(((-half_mm,) * 3, (half_mm,) * 3), step_mm)


def at(solid: Solid, *point: float) -> float:
    x, y, z = (np.array([value], dtype=np.float32) for value in point)
    return float(solid.depth(Lattice(x, y, z))[0, 0, 0])


def test_a_lattice_covers_its_bounds_and_answers_in_z_y_x():
    lattice = Lattice.spanning(((0.0, 10.0, -5.0), (1.0, 12.0, 0.5)), 0.5)
    assert lattice.shape == (12, 5, 3)
    assert lattice.z[-1] >= 0.5
    x, y, z = lattice.offsets((1.0, 10.0, 0.0))
    assert (x.shape, y.shape, z.shape) == ((1, 1, 3), (1, 5, 1), (12, 1, 1))
    assert (x[0, 0, 0], y[0, 0, 0], z[0, 0, 0]) == (-1.0, 0.0, -5.0)


@given(solids)
@settings(max_examples=60, deadline=None)
def test_bounds_hold_the_solid(solid):
    lattice = around(step_mm=2.0)
    low, high = solid.bounds
    z, y, x = np.nonzero(solid.depth(lattice) > 0)
    for axis, index, first, last in zip("xyz", (x, y, z), low, high, strict=True):
        positions = getattr(lattice, axis)[index]
        if positions.size:
            assert positions.min() >= first - 1e-3
            assert positions.max() <= last + 1e-3


@given(ellipsoids)
@settings(max_examples=30, deadline=None)
def test_bounds_of_an_ellipsoid_are_tight_and_its_depth_has_the_sign_of_its_formula(ellipsoid):
    low, high = np.asarray(ellipsoid.bounds)
    directions = np.random.default_rng(0).normal(size=(4000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    axes = rotation(ellipsoid.turn_deg)
    surface = directions * ellipsoid.radii @ axes.T + ellipsoid.centre
    assert surface.min(axis=0) == pytest.approx(low, abs=0.5)
    assert surface.max(axis=0) == pytest.approx(high, abs=0.5)
    for share, inside in ((0.9, True), (1.1, False)):
        for point in share * (surface[:20] - ellipsoid.centre) + ellipsoid.centre:
            assert (at(ellipsoid, *point) > 0) == inside


def test_depth_of_an_ellipsoid_near_its_wall_and_at_its_centre():
    ball = Ellipsoid((1.0, 2.0, 3.0), (10.0, 10.0, 10.0))
    assert at(ball, 1.0, 2.0, 12.0) == pytest.approx(1.0, abs=1e-4)
    assert at(ball, -10.0, 2.0, 3.0) == pytest.approx(-1.0, abs=1e-4)
    flat = Ellipsoid((0.0, 0.0, 0.0), (20.0, 10.0, 5.0))
    assert at(flat, 0.0, 0.0, 4.9) == pytest.approx(0.1, abs=2e-3)
    assert at(flat, 19.9, 0.0, 0.0) == pytest.approx(0.1, abs=2e-3)
    assert at(flat, 0.0, 0.0, 0.0) == 5.0


def test_the_turns_are_about_x_then_y_then_z():
    assert rotation((90.0, 0.0, 0.0)) @ (0, 1, 0) == pytest.approx((0, 0, 1))
    assert rotation((0.0, 90.0, 0.0)) @ (0, 0, 1) == pytest.approx((1, 0, 0))
    assert rotation((0.0, 0.0, 90.0)) @ (1, 0, 0) == pytest.approx((0, 1, 0))
    assert rotation((90.0, 0.0, 90.0)) @ (0, 1, 0) == pytest.approx((0, 0, 1))
    assert rotation((90.0, 0.0, 90.0)) @ (0, 0, 1) == pytest.approx((1, 0, 0))


def test_a_half_space_is_behind_its_plane():
    behind = HalfSpace((0.0, 0.0, 5.0), (0.0, 0.0, 2.0))
    assert at(behind, 9.0, 9.0, 2.0) == pytest.approx(3.0)
    assert at(behind, 9.0, 9.0, 9.0) == pytest.approx(-4.0)
    slanted = HalfSpace((0.0, 0.0, 0.0), (1.0, 1.0, 0.0))
    assert at(slanted, -3.0, -3.0, 7.0) == pytest.approx(3.0 * np.sqrt(2.0), rel=1e-6)
    assert np.isinf(np.asarray(behind.bounds)).all()


def test_depth_of_a_tube():
    tube = Tube(((0.0, 0.0, 0.0), (0.0, 0.0, 20.0), (15.0, 0.0, 20.0)), (4.0, 4.0, 4.0))
    assert at(tube, 1.0, 0.0, 10.0) == pytest.approx(3.0)
    assert at(tube, 0.0, 7.0, 10.0) == pytest.approx(-3.0)
    assert at(tube, 10.0, 0.0, 22.0) == pytest.approx(2.0)
    assert at(tube, 18.0, 4.0, 20.0) == pytest.approx(-1.0)  # a round end: 5 from the last point
    cone = Tube(((0.0, 0.0, 0.0), (0.0, 0.0, 10.0)), (2.0, 6.0))
    assert at(cone, 0.0, 0.0, 5.0) == pytest.approx(4.0)


def test_joints_without_rounding_are_the_larger_and_the_smaller_depth():
    one, other = Ellipsoid((0, 0, 0), (9, 9, 9)), Ellipsoid((8, 0, 0), (7, 7, 7))
    lattice = around(half_mm=20.0)
    a, b = one.depth(lattice), other.depth(lattice)
    assert np.array_equal(Union((one, other)).depth(lattice), np.maximum(a, b))
    assert np.array_equal(Common((one, other)).depth(lattice), np.minimum(a, b))
    assert np.array_equal(Without(one, (other,)).depth(lattice), np.minimum(a, -b))
    assert np.allclose(Grown(one, 1.5).depth(lattice), a + 1.5)


@given(st.floats(0.5, 8.0))
@settings(max_examples=20, deadline=None)
def test_rounding_fills_a_seam_by_a_quarter_and_ends_at_its_width(round_mm):
    left, right = HalfSpace((0, 0, 0), (1, 0, 0)), HalfSpace((0, 0, 0), (0, 1, 0))
    union, common = Union((left, right), round_mm), Common((left, right), round_mm)
    without = Without(left, (HalfSpace((0, 0, 0), (0, -1, 0)),), round_mm)
    assert at(union, 3.0, 3.0, 0.0) == pytest.approx(-3.0 + round_mm / 4.0, abs=1e-5)
    assert at(common, 3.0, 3.0, 0.0) == pytest.approx(-3.0 - round_mm / 4.0, abs=1e-5)
    assert at(without, 3.0, 3.0, 0.0) == pytest.approx(at(common, 3.0, 3.0, 0.0), abs=1e-5)
    beyond = round_mm + 0.01
    assert at(union, -beyond, 0.0, 0.0) == pytest.approx(beyond)
    assert at(common, beyond, 0.0, 0.0) == pytest.approx(-beyond)


def test_bounds_of_joints():
    one, other = Ellipsoid((0, 0, 0), (9, 9, 9)), Ellipsoid((8, 0, 0), (7, 7, 7))
    assert Union((one, other), 2.0).bounds == ((-11, -11, -11), (17, 11, 11))
    assert Common((one, other)).bounds == ((1, -7, -7), (9, 7, 7))
    assert Without(one, (other,)).bounds == one.bounds
    assert Grown(one, 1.0).bounds == ((-10, -10, -10), (10, 10, 10))
    assert Grown(one, -1.0).bounds == one.bounds


def test_landmarks_lie_in_the_vessels_that_they_name():
    veins, portal = Union(HEPATIC_VEINS), Union(PORTAL_VEIN)
    homes = {"ivc": IVC, "ivc_low": IVC, "mhv": veins, "rhv": veins}
    homes |= dict.fromkeys(("pvb", "rpv", "lpv", "uf"), portal)
    for name, solid in homes.items():
        assert at(solid, *LANDMARKS[name]) > 1.0, name


def test_the_liver_has_the_size_of_a_liver_and_leaves_its_neighbours_out():
    step = 4.0
    lattice = Lattice.spanning(LIVER.bounds, step)
    inside = LIVER.depth(lattice) > 0
    assert 1200.0 <= inside.sum() * step**3 / 1000.0 <= 2000.0
    for solid in (IVC, GALLBLADDER):
        assert not (inside & (solid.depth(lattice) > 0)).any()


def test_only_what_hangs_below_the_diaphragm_moves_with_the_breath():
    still = {organ.tissue for organ in body(gallbladder=True) if not organ.moves}
    moving = {organ.tissue for organ in body(gallbladder=True) if organ.moves}
    assert still == {"fat", "muscle", "bone", "cortical_bone", "lung"}
    assert moving >= {"liver", "spleen", "kidneys", "gallbladder", "portal_vein"}
    without = [organ.tissue for organ in body(gallbladder=False)]
    assert "gallbladder" not in without
    assert len(without) == len(body(gallbladder=True)) - 1
