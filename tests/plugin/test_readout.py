"""The value of every phase under the mouse: the acquired voxel, whatever is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from plugin.given import Given
from plugin.phases import ARTERIAL, DELAYED, NATIVE, PORTAL, acquired, four_phase_store

POINTS = [(12.0, 20.0, 20.0), (15.0, 11.3, 28.6), (24.0, 25.2, 9.1)]


@pytest.fixture
def given():
    return Given(four_phase_store())


@pytest.mark.parametrize("point", POINTS)
def test_values_are_those_of_the_acquired_voxels(given, point):
    bench = given.bench
    bench.looking.hover(point)
    found = bench.looking.read_out()
    position = bench.stage.scene.frame.to_lps_mm(point)
    assert found.position == "{:.1f}, {:.1f}, {:.1f} mm".format(*position)
    assert [row.key for row in found.rows] == [NATIVE, ARTERIAL, PORTAL, DELAYED]
    for row in found.rows:
        value = acquired(bench.loaded.exam, row.key, position)
        assert row.value == f"{value:.0f} HU".replace("-", "−")


def test_a_series_resampled_for_display_is_not_read_from_the_display(given):
    bench = given.bench
    shown = np.asarray(bench.stage.phases[NATIVE].data)
    differs = 0
    for index in [(z, y, x) for z in (3, 5, 7) for y in (12, 20) for x in (14, 24)]:
        bench.looking.hover(tuple(np.multiply(index, (3.0, 1.0, 1.0))))
        row = bench.looking.read_out().rows[0]
        differs += row.value != f"{shown[index]:.0f} HU".replace("-", "−")
    assert "resampled for display" in bench.looking.names[NATIVE]
    assert differs > 6


def test_outside_a_series_there_is_no_value(given):
    given.bench.looking.hover((12.0, -200.0, 20.0))
    assert {row.value for row in given.bench.looking.read_out().rows} == {"–"}


def test_rows_tell_how_the_series_is_linked(given):
    rows = {row.key: row for row in given.bench.looking.read_out().rows}
    links = [rows[key].link for key in (NATIVE, ARTERIAL, PORTAL, DELAYED)]
    assert links == ["±0.4 mm", "±0.1 mm", "", "not aligned"]
    assert "scanner's coordinates only" in rows[DELAYED].hint


def test_a_series_that_is_not_linked_has_no_value():
    given = Given(four_phase_store(delayed_frame="9.9", delayed_shift=False))
    given.bench.looking.hover(POINTS[0])
    row = given.bench.looking.read_out().rows[-1]
    assert (row.key, row.value, row.link) == (DELAYED, "–", "not linked")
