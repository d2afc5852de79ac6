"""Tools that change a whole mask: in mm, on any lattice, never into another lesion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from liverseg.errors import EmptyLabelError, InputError
from liverseg.geometry import Grid, LabelMap
from liverseg.lesions import fill_holes, grow, keep_largest, least_step_mm, shrink, smooth
from liverseg.testing.strategies import SIGNED_PERMUTATIONS, grids, rearranged


@st.composite
def drawings(draw: st.DrawFn, *, sheared: bool = True) -> LabelMap:
    """A lesion 1, another lesion 2, on an oblique and perhaps sheared grid of up to 9 voxels."""
    grid = draw(grids(max_size=9))
    if sheared and draw(st.booleans()):
        matrix = grid.lps_from_index.copy()
        matrix[:3, 0] += draw(st.floats(-0.4, 0.4)) * matrix[:3, 1]
        grid = Grid(grid.shape, matrix, grid.frame_of_reference)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    array = rng.choice([0, 1, 2], p=[0.55, 0.3, 0.15], size=grid.shape).astype(np.uint8)
    assume((array == 1).any())
    return LabelMap(array, grid)


CHANGES = {
    "grow": lambda drawn: grow(drawn, 1.5 * min(drawn.grid.spacing_mm)),
    "shrink": lambda drawn: shrink(drawn, min(drawn.grid.spacing_mm)),
    "fill": fill_holes,
    "smooth": smooth,
    "largest": keep_largest,
}


@pytest.mark.parametrize("name", CHANGES)
@given(drawn=drawings())
def test_other_lesions_keep_their_voxels_and_something_is_left(name, drawn):
    try:
        found = CHANGES[name](drawn)
    except EmptyLabelError:
        assert name == "shrink"
        return
    np.testing.assert_array_equal(found.array == 2, drawn.array == 2)
    assert (found.array == 1).any()
    assert found.grid is drawn.grid


@given(drawn=drawings(), share=st.floats(1.0, 3.0))
def test_growing_takes_exactly_the_free_voxels_within_the_distance(drawn, share):
    # Half-way between two distances that occur, so that rounding decides nothing.
    away_mm = share * min(drawn.grid.spacing_mm)
    index = np.argwhere(np.ones(drawn.grid.shape, dtype=bool))
    at_mm = drawn.grid.to_lps_mm(index)
    near_mm = cdist(at_mm, at_mm[drawn.array.ravel() == 1]).min(axis=1).reshape(drawn.grid.shape)
    assume(np.abs(near_mm - away_mm).min() > 1e-6)
    wanted = (near_mm <= away_mm) & (drawn.array != 2)
    np.testing.assert_array_equal(grow(drawn, away_mm).array == 1, wanted)


@given(drawn=drawings(), share=st.floats(1.0, 3.0))
def test_shrinking_leaves_exactly_what_lies_deeper(drawn, share):
    away_mm = share * min(drawn.grid.spacing_mm)
    index = np.argwhere(np.ones(drawn.grid.shape, dtype=bool))
    at_mm = drawn.grid.to_lps_mm(index)
    outside = drawn.array.ravel() != 1
    assume(outside.any())
    depth_mm = cdist(at_mm, at_mm[outside]).min(axis=1).reshape(drawn.grid.shape)
    assume(np.abs(depth_mm - away_mm).min() > 1e-6)
    wanted = depth_mm > away_mm
    if wanted.any():
        np.testing.assert_array_equal(shrink(drawn, away_mm).array == 1, wanted)
    else:
        with pytest.raises(EmptyLabelError, match="nothing would be left"):
            shrink(drawn, away_mm)


@pytest.mark.parametrize("name", sorted(set(CHANGES) - {"fill", "largest"}))
@given(drawn=drawings(sheared=False), turn=st.sampled_from(SIGNED_PERMUTATIONS))
def test_the_way_an_array_is_stored_changes_nothing(name, drawn, turn):
    order, signs = turn
    moved, grid = rearranged(drawn.array, drawn.grid, order, signs)
    try:
        here = CHANGES[name](drawn)
    except EmptyLabelError:
        return
    there = CHANGES[name](LabelMap(moved, grid))
    expected, _ = rearranged(here.array, here.grid, order, signs)
    np.testing.assert_array_equal(there.array, expected)


@given(drawn=drawings())
def test_filling_twice_and_keeping_the_largest_twice_is_once(drawn):
    for change in (fill_holes, keep_largest):
        once = change(drawn)
        np.testing.assert_array_equal(change(once).array, once.array)
    assert ((fill_holes(drawn).array == 1) | (drawn.array != 1)).all()


def ball(radius_mm: float, spacing_mm=(2.5, 0.8, 0.8)) -> LabelMap:
    shape = tuple(int(2 * (radius_mm + 6) / step) for step in spacing_mm)
    grid = Grid.axial(shape, spacing_mm, frame_of_reference="1.2")
    at = grid.to_lps_mm(np.moveaxis(np.indices(shape), 0, -1))
    middle = grid.to_lps_mm((np.array(shape) - 1) / 2)
    return LabelMap(np.linalg.norm(at - middle, axis=-1) <= radius_mm, grid)


def test_smoothing_takes_off_jags_and_keeps_volume_and_ball():
    clean = ball(12.0)
    rng = np.random.default_rng(4)
    jagged = clean.array.copy()
    edge = grow(clean, 0.9).array ^ shrink(clean, 0.9).array
    jagged[(edge != 0) & (rng.random(jagged.shape) < 0.5)] ^= 1
    rough = LabelMap(jagged, clean.grid)
    found = smooth(rough)
    count = np.count_nonzero
    assert count(found.array) == pytest.approx(count(jagged), rel=0.002)
    wrong_before = count(rough.array != clean.array)
    assert count(found.array != clean.array) < 0.4 * wrong_before
    ties = count(smooth(clean).array != clean.array) / count(clean.array)
    assert ties < 0.02


def test_a_ring_in_each_slice_is_filled_but_not_the_lesion_inside():
    outer = ball(10.0)
    inner = shrink(outer, 3.0).array
    ring = outer.array & ~inner
    drawn = ring.astype(np.uint8)
    middle = tuple(n // 2 for n in drawn.shape)
    drawn[middle] = 2
    found = fill_holes(LabelMap(drawn, outer.grid))
    assert found.array[middle] == 2
    np.testing.assert_array_equal(found.array != 0, outer.array != 0)


def test_a_tunnel_through_all_slices_is_filled_slice_by_slice():
    drawn = np.zeros((4, 9, 9), dtype=np.uint8)
    drawn[:, 2:7, 2:7] = 1
    drawn[:, 4, 4] = 0
    found = fill_holes(LabelMap(drawn, Grid.axial(drawn.shape, (5.0, 1.0, 1.0))))
    assert found.array[:, 4, 4].all()


def test_the_largest_piece_is_kept():
    drawn = np.zeros((4, 9, 9), dtype=np.uint8)
    drawn[0, 0, 0:2] = 1
    drawn[2:4, 4:7, 4:7] = 1
    found = keep_largest(LabelMap(drawn, Grid.axial(drawn.shape, (5.0, 1.0, 1.0))))
    assert found.array.sum() == 18


def test_what_makes_no_sense_is_refused_in_a_sentence():
    coarse = ball(10.0, (5.0, 1.5, 1.5))
    assert least_step_mm(coarse.grid) == pytest.approx(1.5)
    assert least_step_mm(ball(10.0).grid) == 1.0
    with pytest.raises(InputError, match=r"grow by 1 mm reaches no neighbour, 1.50 mm away"):
        grow(coarse, 1.0)
    with pytest.raises(InputError, match="makes no sense"):
        smooth(coarse, sigma_mm=0.0)
    with pytest.raises(EmptyLabelError, match="nothing would be left"):
        shrink(coarse, 30.0)
    with pytest.raises(EmptyLabelError, match="no voxel to change"):
        keep_largest(LabelMap(np.zeros(coarse.grid.shape, np.uint8), coarse.grid))
