"""Rows of the tables: picked from the measurements, nothing computed."""

from __future__ import annotations

import pytest
from plugin.plugin_stand_ins import comparison_of, rows_of, tiny_exam

from liverseg.records import Measurement, Verdict
from napari_liverseg.state import claim_rows, count_verdicts, curve_of, lesion_rows


def test_lesion_rows_carry_segment_axes_volume_and_slice():
    rows = lesion_rows({1: "A", 2: "B", 3: "new"}, rows_of(tiny_exam()))
    assert [row.name for row in rows] == ["A", "B", "new"]
    assert rows[0].segment == "3 (75 %), 4 (25 %)"
    assert rows[0].axes == "24.0 × 12.0"
    assert rows[0].volume == "0.24"
    assert rows[0].slice == 3
    assert rows[2].axes == rows[2].volume == rows[2].segment == ""
    assert rows[2].slice is None


def test_a_share_that_rounds_to_nothing_is_not_written():
    rows = [
        Measurement("couinaud_share", value, "1", "test", lesion="A", segment=segment)
        for segment, value in (("8", 0.998), ("outside", 0.002))
    ]
    assert lesion_rows({1: "A"}, rows)[0].segment == "8 (100 %)"


def test_the_curve_runs_in_time_order_over_lesion_liver_and_aorta():
    curve = curve_of(rows_of(tiny_exam())[::-1], "A")
    assert curve.phases == ("late arterial", "portal venous")
    assert curve.unit == "HU"
    assert [line.name for line in curve.lines] == ["A", "liver", "aorta"]
    assert curve.lines[0].points == (("late arterial", 90.0), ("portal venous", 100.0))


def test_a_lesion_without_phases_gives_an_empty_curve_for_it():
    assert [line.name for line in curve_of(rows_of(tiny_exam()), "nobody").lines] == [
        "liver",
        "aorta",
    ]
    assert curve_of((), "A").lines == ()


def test_claims_show_verdict_value_and_reason():
    rows = claim_rows(comparison_of(tiny_exam()))
    assert [row.verdict for row in rows] == [Verdict.AGREES, Verdict.NOT_ASSESSABLE]
    assert rows[0].value == "240"
    assert rows[1].word == "not assessable"
    assert count_verdicts(rows) == "1 agree, 1 not assessable"
    assert claim_rows(None) == ()
    assert count_verdicts(()) == "no findings in this case"


@pytest.mark.parametrize("name", ["napari", "qtpy", "PyQt6"])
def test_importing_the_plugin_loads_no_window_system(name):
    import subprocess
    import sys

    code = f"import sys, napari_liverseg; print({name!r} in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
