"""The display frame: every voxel at its place in millimetres, masks mapped back exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plugin.plugin_stand_ins import SHIFT_MM, axial_grid

from liverseg.geometry import Grid, PackedLabelMap, Volume
from napari_liverseg.layers import AxisTurn, DisplayFrame, LateLabels

AXIAL = np.array([[0, 0, 1.0], [0, 1.0, 0], [1.0, 0, 0]])
SHAPE = (4, 5, 6)


def grid_of(columns: np.ndarray, *, origin: tuple[float, ...] = (10, 20, 30), frame="1.2") -> Grid:
    """Grid whose index steps (slice, row, column) are these LPS vectors in mm."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(columns).T
    matrix[:3, 3] = origin
    return Grid(SHAPE, matrix, frame)


def directions(frame: DisplayFrame) -> np.ndarray:
    """(3, 3): row k is the LPS direction that displayed axis k grows towards."""
    lps_from_display = np.linalg.inv(frame.display_from_lps)
    return lps_from_display[:3, :3].T


def test_a_standard_axial_grid_is_shown_as_it_is():
    frame = DisplayFrame.of(axial_grid())
    assert frame.turn == AxisTurn()
    assert frame.spacing_mm == pytest.approx((3.0, 1.0, 1.0))
    np.testing.assert_allclose(directions(frame), [[0, 0, 1], [0, 1, 0], [1, 0, 0]], atol=1e-12)


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        # Slices listed from head to feet, rows from the back, columns from the left.
        ([[0, 0, -3], [0, -1, 0], [-1, 0, 0]], [[0, 0, 1], [0, 1, 0], [1, 0, 0]]),
        # Rows and columns exchanged, as some converters store them.
        ([[0, 0, 3], [1, 0, 0], [0, 2, 0]], [[0, 0, 1], [0, 1, 0], [1, 0, 0]]),
        # Coronal, slices from back to front, rows upwards.
        ([[0, -4, 0], [0, 0, 1], [1, 0, 0]], [[0, 1, 0], [0, 0, -1], [1, 0, 0]]),
        # Sagittal, slices to the right, columns to the front.
        ([[-4, 0, 0], [0, 0, -1], [0, -1, 0]], [[1, 0, 0], [0, 0, -1], [0, 1, 0]]),
    ],
)
def test_other_grids_are_turned_to_the_convention_of_their_plane(steps, wanted):
    frame = DisplayFrame.of(grid_of(np.array(steps, dtype=float)))
    np.testing.assert_allclose(directions(frame), wanted, atol=1e-12)
    letters = {(0, 1, 0): "AP", (0, 0, -1): "HF", (1, 0, 0): "RL"}
    edges = "".join(letters[tuple(row)] for row in wanted[1:])
    assert "".join(frame.edge_letters()) == edges


def test_an_oblique_grid_keeps_its_own_slices():
    turn = np.deg2rad(20)
    along = np.array([0, -np.sin(turn), np.cos(turn)]) * 3
    down = np.array([0, np.cos(turn), np.sin(turn)])
    grid = grid_of(np.array([along, down, [0.8, 0, 0]]))
    frame = DisplayFrame.of(grid)
    assert frame.turn == AxisTurn()
    index = np.array([2.0, 3.0, 4.0])
    shown = frame.display_from_lps @ [*grid.to_lps_mm(index), 1]
    np.testing.assert_allclose(shown[:3], index * (3, 1, 0.8), atol=1e-9)


orders = st.permutations([0, 1, 2])
flips = st.tuples(st.booleans(), st.booleans(), st.booleans())


@settings(max_examples=50)
@given(order=orders, flips=flips)
def test_turning_there_and_back_is_exact(order, flips):
    turn = AxisTurn(tuple(order), flips)
    array = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    shown = turn.shown(array)
    assert np.shares_memory(shown, array)
    np.testing.assert_array_equal(turn.stored(shown), array)
    matrix = turn.index_from_shown(SHAPE)
    for index in ((0, 0, 0), (1, 2, 3)):
        at = (matrix @ [*index, 1])[:3].astype(int)
        assert shown[index] == array[tuple(at)]


@settings(max_examples=50)
@given(order=orders, flips=flips)
def test_each_shown_voxel_lies_where_its_grid_says(order, flips):
    signs = np.where(flips, -1.0, 1.0)
    steps = (AXIAL[list(order)].T * signs).T * 2.5
    grid = grid_of(steps)
    frame = DisplayFrame.of(axial_grid())
    array = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    placed = frame.place(Volume(array, grid, "HU"))
    assert not placed.resampled
    assert min(placed.scale) > 0
    for index in ((0, 0, 0), (3, 4, 5), (1, 2, 3)):
        lps = grid.to_lps_mm(index)
        display = (frame.display_from_lps @ [*lps, 1])[:3]
        shown = np.rint((display - placed.translate) / placed.scale).astype(int)
        assert placed.array[tuple(shown)] == array[index]


def test_a_phase_is_moved_back_by_its_shift():
    grid = axial_grid()
    frame = DisplayFrame.of(grid)
    array = np.zeros(grid.shape, dtype=np.int16)
    moved = Volume(array, grid.shifted(SHIFT_MM), "HU")
    # Tissue at p in the reference lies at p + shift in the phase; shown it is at p again.
    assert frame.place(moved, shift_lps_mm=SHIFT_MM).translate == pytest.approx((0, 0, 0))
    same_table = Volume(array, grid, "HU")
    placed = frame.place(same_table, shift_lps_mm=SHIFT_MM)
    assert placed.translate == pytest.approx((-SHIFT_MM[2], -SHIFT_MM[1], -SHIFT_MM[0]))


def test_a_tilted_series_is_resampled_for_display_onto_the_reference():
    frame = DisplayFrame.of(axial_grid())
    turn = np.deg2rad(15)
    steps = np.array(
        [
            [0, -np.sin(turn) * 2, np.cos(turn) * 2],
            [0, np.cos(turn) * 2, np.sin(turn) * 2],
            [2, 0, 0],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = steps.T
    matrix[:3, 3] = (-30, -40, 85)
    grid = Grid((40, 45, 40), matrix, "1.2.3")
    z = grid.to_lps_mm(np.moveaxis(np.indices(grid.shape), 0, -1))[..., 2]
    placed = frame.place(Volume(z.astype(np.float32), grid, "au"))
    assert placed.resampled
    assert placed.array.shape == frame.shape
    # A linear ramp along z comes out as the z of each reference slice.
    inside = placed.array[4:9, 15:25, 15:30]
    expected = 100 + 3.0 * np.arange(4, 9)
    np.testing.assert_allclose(inside, expected[:, None, None] * np.ones_like(inside), atol=0.01)


def test_slices_count_from_the_feet_whatever_the_file_order():
    head_first = grid_of(np.array([[0, 0, -3.0], [0, 1, 0], [1, 0, 0]]))
    frame = DisplayFrame.of(head_first)
    assert frame.shown_slice(0) == SHAPE[0] - 1
    assert frame.stored_slice(frame.shown_slice(2)) == 2


@settings(max_examples=40)
@given(st.permutations(range(3)), st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_late_labels_are_the_map_as_displayed_and_unpacked_only_where_looked_at(order, flips):
    turn = AxisTurn((order[0], order[1], order[2]), flips)
    part = np.random.default_rng(5).integers(1, 4, (2, 3, 2)).astype(np.uint8)
    whole = np.zeros(SHAPE, dtype=np.uint8)
    whole[1:3, 1:4, 3:5] = part
    made: list[int] = []

    def unpack() -> np.ndarray:
        made.append(1)
        return part

    box = (slice(1, 3), slice(1, 4), slice(3, 5))
    packed = PackedLabelMap(unpack, grid_of(AXIAL), box=box, dtype=part.dtype)
    late, wanted = LateLabels(packed, turn), turn.shown(whole)
    assert (late.shape, late.ndim, late.dtype) == (wanted.shape, 3, wanted.dtype)
    assert not made
    for plane in (0, -1, wanted.shape[0] // 2):
        np.testing.assert_array_equal(late[plane], wanted[plane])
    np.testing.assert_array_equal(late[:, 1, 1:], wanted[:, 1, 1:])
    np.testing.assert_array_equal(late, wanted)
    made.clear()
    shown = late[0, :, :]  # as a layer holds its slice
    steps = [np.array(late[number, :, :]) for number in range(wanted.shape[0])]
    np.testing.assert_array_equal(np.array(steps), wanted)
    assert len(made) == 1
    del shown
