"""Slices between those drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest

from liverseg.errors import EmptyLabelError
from liverseg.geometry import Grid, Label, LabelMap
from liverseg.lesions import interpolate_slices
from liverseg.testing import dice

GRID = Grid.axial((31, 60, 80), (2.0, 1.0, 0.7))


def ellipsoid():
    index = np.stack(np.meshgrid(*map(np.arange, GRID.shape), indexing="ij"), axis=-1)
    places = GRID.to_lps_mm(index) - GRID.to_lps_mm((15, 30, 40))
    inside = np.linalg.norm(places / (18.0, 14.0, 26.0), axis=-1) <= 1
    return LabelMap(inside.astype(np.uint8), GRID, (Label(1, "L1"),))


def only(labels, slices):
    array = np.zeros_like(labels.array)
    array[slices] = labels.array[slices]
    return LabelMap(array, labels.grid, labels.labels)


def test_every_third_slice_is_enough_for_an_ellipsoid():
    truth = ellipsoid()
    keys = [3, 6, 9, 12, 15, 18, 21, 24, 27]
    filled = interpolate_slices(only(truth, keys))
    assert dice(filled, truth) > 0.96
    assert (filled.array[keys] == truth.array[keys]).all()
    assert filled.labels == truth.labels


def test_a_moving_disc_moves():
    array = np.zeros(GRID.shape, dtype=np.uint8)
    array[10, 20:40, 20:40] = 1
    array[14, 20:40, 26:46] = 1
    filled = interpolate_slices(LabelMap(array, GRID))
    assert filled.array[12, 30].nonzero()[0].mean() == pytest.approx(32.5, abs=1.0)
    assert not filled.array[15:].any()
    assert not filled.array[:10].any()


def test_named_slices_replace_what_lies_between_and_spare_other_labels():
    truth = ellipsoid()
    array = truth.array.copy()
    array[12] = 0
    array[12, 0:3, 0:3] = 1  # an earlier, wrong guess of the program
    array[12, 30, 40] = 2
    drawn = LabelMap(array, GRID)
    filled = interpolate_slices(drawn, slices=[9, 15])
    assert not filled.array[12, 0:3, 0:3].any()
    assert filled.array[12, 30, 40] == 2
    wanted = np.count_nonzero(truth.array[12])
    assert np.count_nonzero(filled.array[12, 3:] == 1) == pytest.approx(wanted, rel=0.1)


def test_one_slice_stays_as_it_is():
    drawn = only(ellipsoid(), [15])
    assert (interpolate_slices(drawn).array == drawn.array).all()


def test_nothing_drawn():
    with pytest.raises(EmptyLabelError, match="drawn on no slice"):
        interpolate_slices(LabelMap(np.zeros(GRID.shape, np.uint8), GRID))
