"""The simulated reader: clicks deep, marks the largest error, stops when there is none."""

from __future__ import annotations

import numpy as np

from liverseg.geometry import Grid, LabelMap
from liverseg.records import StrokeKind
from liverseg.testing import dice, first_click, next_stroke

GRID = Grid.axial((12, 40, 40), (3.0, 1.0, 1.0), origin_lps_mm=(5.0, -7.0, 11.0))


def boxed(*spans):
    array = np.zeros(GRID.shape, dtype=np.uint8)
    for span in spans:
        array[span] = 1
    return LabelMap(array, GRID)


TRUTH = boxed(np.s_[2:9, 10:31, 10:31])


def index_of(stroke):
    return np.rint(GRID.to_index(stroke.points_lps_mm)).astype(int)


def test_the_first_click_is_the_deepest_voxel():
    stroke = first_click(TRUTH)
    assert stroke.kind is StrokeKind.CLICK
    assert index_of(stroke).tolist() == [[5, 20, 20]]


def test_what_is_missing_is_added_and_what_is_too_much_removed():
    drawn = boxed(np.s_[2:9, 10:31, 10:24], np.s_[2:4, 0:4, 0:4])
    stroke = next_stroke(TRUTH, drawn)
    assert stroke.kind is StrokeKind.ADD
    places = index_of(stroke)
    missing = TRUTH.mask() & ~drawn.mask()
    assert missing[tuple(places.T)].all()
    assert len(set(places[:, 0])) == 1
    assert np.abs(places[:, 2] - 27).max() <= 2
    drawn = boxed(np.s_[2:9, 10:31, 10:31], np.s_[2:9, 10:31, 31:38])
    stroke = next_stroke(TRUTH, drawn)
    assert stroke.kind is StrokeKind.REMOVE
    assert (drawn.mask() & ~TRUTH.mask())[tuple(index_of(stroke).T)].all()


def test_a_perfect_mask_needs_nothing():
    assert next_stroke(TRUTH, TRUTH) is None
    assert dice(TRUTH, TRUTH) == 1.0
    nothing = boxed()
    assert dice(nothing, nothing) == 1.0
    assert dice(TRUTH, nothing) == 0.0


def test_one_voxel_of_error():
    array = TRUTH.array.copy()
    array[5, 20, 30] = 0
    stroke = next_stroke(TRUTH, LabelMap(array, GRID))
    assert index_of(stroke).tolist() == [[5, 20, 30]]
