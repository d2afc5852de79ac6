"""mRECIST diameter and EASL product on shapes whose viable part is known."""

import time

import numpy as np
import pytest
from unit.lesions.shapes import ball, grid_round, positions, rows_by_metric

from liverseg.errors import EmptyLabelError, GeometryError
from liverseg.geometry import Grid, LabelMap
from liverseg.lesions import measure_size, measure_viable
from liverseg.lesions.caliper import stays_inside
from liverseg.lesions.hull import row_ends
from liverseg.lesions.viable import longest_inside


def viable(mask, enhancement, **more):
    return rows_by_metric(measure_viable(mask, enhancement, **more))


def ring(outer_mm, inner_mm, spacing=(1.0, 1.0, 1.0)):
    """A ball that enhances by 40 HU outside a dead core."""
    grid = grid_round(outer_mm, spacing)
    mask = ball(outer_mm, grid)
    far = np.linalg.norm(positions(grid), axis=-1) * 2.0 > inner_mm
    return mask, np.where(far, 40.0, 3.0)


def test_a_lesion_that_enhances_everywhere_has_its_own_axes():
    mask, enhancement = ring(30.0, 0.0)
    rows, size = viable(mask, enhancement), rows_by_metric(measure_size(mask))
    assert rows["viable_diameter"].value == size["long_axis"].value
    assert rows["viable_diameter"].slice == size["long_axis"].slice
    assert rows["viable_product"].value == pytest.approx(size["who_product"].value)
    assert rows["viable_share"].value == 1.0
    assert rows["viable_volume"].value == pytest.approx(size["voxel_volume"].value)
    ends = np.array(rows["viable_diameter"].endpoints_lps_mm)
    assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(rows["viable_diameter"].value)


@pytest.mark.parametrize(("outer", "inner"), [(40.0, 20.0), (40.0, 30.0), (60.0, 25.0)])
def test_a_ring_is_measured_beside_its_dead_core(outer, inner):
    mask, enhancement = ring(outer, inner)
    rows = viable(mask, enhancement)
    # Tangent to the core in the middle slice; slices beyond the core hold a smaller disc.
    tangent = np.sqrt(outer**2 - inner**2)
    assert rows["viable_diameter"].value == pytest.approx(tangent, abs=1.5)
    assert rows["viable_diameter"].value < outer - 2.0
    assert rows["viable_share"].value == pytest.approx(1 - (inner / outer) ** 3, abs=0.02)
    for end in mask.grid.to_index(rows["viable_diameter"].endpoints_lps_mm):
        place = tuple(np.rint(end).astype(int))
        assert place[0] == rows["viable_diameter"].slice
        assert mask.array[place]


def test_the_chord_of_a_ring_stays_in_the_ring():
    mask, enhancement = ring(40.0, 22.0)
    middle = mask.grid.shape[0] // 2
    region = (mask.mask() & (enhancement >= 20.0))[middle]
    span = longest_inside(region, row_ends(region[None])[:, 1:], np.eye(2), longer_than=-1.0)
    assert stays_inside(region, np.array(span.start), np.array(span.end))
    border = np.argwhere(region)
    far = [
        (float(np.linalg.norm(a - b)), a, b)
        for k, a in enumerate(border[::3])
        for b in border[::3][k + 1 :]
        if np.linalg.norm(a - b) > span.length_mm + 1e-6
    ]
    assert far  # there are longer pairs, all across the core
    assert not any(stays_inside(region, a, b) for _, a, b in far)


def test_a_thin_gap_is_closed_and_a_wide_one_is_not():
    grid = Grid.axial((1, 30, 60), (1.0, 1.0, 1.0))
    array = np.zeros(grid.shape, dtype=np.uint8)
    array[0, 10:20, 5:55] = 1
    mask = LabelMap(array, grid)
    enhancement = np.full(grid.shape, 50.0)
    enhancement[0, :, 30:32] = 0.0
    whole = viable(mask, enhancement)["viable_diameter"].value
    assert whole == pytest.approx(np.hypot(49, 9))
    enhancement[0, :, 30:36] = 0.0
    assert viable(mask, enhancement)["viable_diameter"].value == pytest.approx(np.hypot(24, 9))


def test_nothing_that_enhances_is_a_complete_response_and_said():
    mask, enhancement = ring(20.0, 0.0)
    rows = viable(mask, enhancement * 0.2)
    assert rows["viable_diameter"].value == rows["viable_product"].value == 0.0
    assert rows["viable_volume"].value == rows["viable_share"].value == 0.0
    assert "no voxel enhances by 20" in rows["viable_diameter"].doubts[0].reason
    assert "viable_short_axis" not in rows
    nothing = viable(mask, np.full(mask.grid.shape, np.nan))
    assert nothing["viable_share"].value == 0.0


def test_one_viable_voxel_is_below_one_pixel():
    mask, enhancement = ring(20.0, 0.0)
    only = np.zeros_like(enhancement)
    only[tuple(np.array(mask.grid.shape) // 2)] = 30.0
    rows = viable(mask, only)
    assert rows["viable_diameter"].value == 0.0
    assert rows["viable_diameter"].upper == pytest.approx(np.sqrt(2.0))


def test_the_threshold_can_be_given_for_signal_in_percent():
    mask, enhancement = ring(30.0, 15.0)
    assert viable(mask, enhancement, least=2.0)["viable_share"].value == 1.0
    assert viable(mask, enhancement, least=41.0)["viable_share"].value == 0.0


def test_refusals():
    mask, enhancement = ring(20.0, 0.0)
    with pytest.raises(GeometryError, match="enhancement is"):
        measure_viable(mask, enhancement[1:])
    with pytest.raises(EmptyLabelError):
        measure_viable(LabelMap(np.zeros_like(mask.array), mask.grid), enhancement)


def test_a_large_speckled_lesion_takes_seconds_not_minutes():
    grid = Grid.axial((3, 200, 200), (5.0, 0.7, 0.7))
    row, column = np.mgrid[:200, :200] - 99.5
    disc = np.hypot(row, column) < 85
    mask = LabelMap(np.repeat(disc[None], 3, axis=0), grid)
    random = np.random.default_rng(0)
    enhancement = np.where(np.hypot(row, column) > 50, 35.0, 5.0) + random.normal(0, 12, grid.shape)
    start = time.process_time()
    rows = viable(mask, enhancement)
    assert time.process_time() - start < 20.0
    assert 40.0 < rows["viable_diameter"].value < 119.0
