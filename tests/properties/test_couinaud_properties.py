"""What must hold for every division and every lesion."""

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from liverseg.couinaud import assign_segments, divide_liver, parse_landmarks
from liverseg.errors import GeometryError
from liverseg.geometry import Grid, LabelMap
from liverseg.testing.strategies import (
    SIGNED_PERMUTATIONS,
    finite,
    grids,
    points,
    rearranged,
    rotations,
)
from liverseg.testing.worked_liver import WORKED_POINTS, worked_grid, worked_liver

COARSE = worked_grid(step_mm=9.0)
LIVER = worked_liver(COARSE)


@st.composite
def clicks(draw):
    """The worked landmarks, each moved by up to 8 mm along each axis."""
    return parse_landmarks(
        {
            name: tuple(np.add(place, draw(points(reach_mm=8.0))))
            for name, place in WORKED_POINTS.items()
        }
    )


@given(clicks())
@settings(max_examples=40, deadline=None)
def test_every_voxel_gets_one_segment_or_the_points_are_refused(landmarks):
    try:
        segments, _ = divide_liver(LIVER, landmarks)
    except GeometryError as error:
        event("refused: " + str(error)[:20])
        return
    np.testing.assert_array_equal(segments.mask(), LIVER.mask())
    assert set(segments.values) <= set(range(1, 10))


@given(points(), st.sampled_from(SIGNED_PERMUTATIONS))
@settings(max_examples=30, deadline=None)
def test_segments_do_not_depend_on_place_or_axis_order(offset, naming):
    truth, _ = divide_liver(LIVER, parse_landmarks(WORKED_POINTS))
    array, grid = rearranged(LIVER.array, COARSE.shifted(offset), *naming)
    moved = parse_landmarks({k: tuple(np.add(v, offset)) for k, v in WORKED_POINTS.items()})
    segments, _ = divide_liver(LabelMap(array, grid), moved)
    expected, _ = rearranged(truth.array, COARSE, *naming)
    # A voxel within rounding of a plane may change sides; none does on this lattice.
    np.testing.assert_array_equal(segments.array, expected)


@given(rotations())
@settings(max_examples=15, deadline=None)
def test_an_oblique_grid_gets_the_segments_of_its_positions(turn):
    """Each voxel of a turned grid gets what a single voxel at its place would get."""
    matrix = np.eye(4)
    matrix[:3, :3] = turn * 11.0
    centre = np.array([-45.0, -10.0, 5.0])
    matrix[:3, 3] = centre - matrix[:3, :3] @ np.full(3, 10.0)
    grid = Grid((21, 21, 21), matrix)
    landmarks = parse_landmarks(WORKED_POINTS)
    segments, _ = divide_liver(worked_liver(grid), landmarks)
    index = np.argwhere(segments.array)[::97]
    for spot in index:
        around = worked_liver(_through(grid.to_lps_mm(spot)))
        again, _ = divide_liver(around, landmarks)
        at = tuple(np.rint(again.grid.to_index(grid.to_lps_mm(spot))).astype(int))
        assert again.array[at] == segments.array[tuple(spot)]


def _through(position):
    """The coarse axial lattice, moved so that a voxel centre lies at `position`."""
    nearest = COARSE.to_lps_mm(np.rint(COARSE.to_index(position)))
    return COARSE.shifted(np.asarray(position) - nearest)


@given(grids(max_size=9), st.integers(0, 2**32 - 1), finite(0.02, 0.9))
@settings(max_examples=60, deadline=None)
def test_shares_add_up_and_do_not_depend_on_the_grids_turn(grid, seed, density):
    stream = np.random.default_rng(seed)
    lesion = (stream.random(grid.shape) < density).astype(np.uint8)
    lesion[tuple(stream.integers(0, grid.shape))] = 1
    array = stream.integers(0, 9, grid.shape).astype(np.uint8)
    shares = assign_segments(LabelMap(lesion, grid), LabelMap(array, grid))
    if shares.shares:
        assert sum(item.share for item in shares.shares) == pytest.approx(1.0)
    inside = sum(item.voxels for item in shares.shares)
    assert inside == pytest.approx((1.0 - shares.outside) * lesion.sum())
    upright = Grid.axial(grid.shape, grid.spacing_mm)
    again = assign_segments(LabelMap(lesion, upright), LabelMap(array, upright))
    assert again.primary == shares.primary
    assert again.listed == shares.listed
    for one, other in (
        (again.centroid_border_mm, shares.centroid_border_mm),
        (again.nearest_border_mm, shares.nearest_border_mm),
    ):
        assert (one is None) == (other is None)
        if one is not None:
            assert one == pytest.approx(other, abs=1e-6)
