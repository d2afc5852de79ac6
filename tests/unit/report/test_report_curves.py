"""Curves and values of a lesion over the phases."""

import math
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.report.pages import Page
from unit.report.scenes import CT

from liverseg.report.curves import draw_profiles, value_table
from liverseg.report.figures import Curve, draw_curves
from liverseg.report.figures.chart import nice_ticks
from liverseg.testing.strategies import finite

PHASES = ("non-contrast", "late arterial", "portal venous", "delayed")


def elements(chart, name):
    return [attrs for tag, attrs in Page(chart).elements if tag == name]


def heights(chart, style):
    """Values that a curve shows, read back from its line with the marks of the axis."""
    ticks = re.findall(r'y="([\d.]+)" text-anchor="end">(−?[\d.e+-]+)</text>', chart)
    (low_y, low), (high_y, high) = (
        (float(y) - 4, float(value.replace("−", "-"))) for y, value in (ticks[0], ticks[-1])
    )
    path = re.search(rf'<g class="{style}"><path class="line" d="([^"]*)"', chart)[1]
    marks = [float(step.split()[1]) for step in re.findall(r"[\d.]+ [\d.]+", path)]
    return [low + (y - low_y) * (high - low) / (high_y - low_y) for y in marks]


def curve(*values, name="lesion"):
    return Curve(name, values, f"c-{name}", "circle")


@given(finite(-1e4, 1e4), finite(-1e4, 1e4))
def test_ticks_are_round_evenly_spaced_and_hold_the_values(one, other):
    low, high = sorted((one, other))
    ticks = nice_ticks(low, high)
    size = max(abs(low), abs(high))
    slack = 2e-6 * size + 1e-300
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 8
    step = ticks[1] - ticks[0]
    assert step > 0
    for first, second in pairwise(ticks):
        assert second - first == pytest.approx(step, rel=1e-3)


@pytest.mark.parametrize("high", [100.0, math.nextafter(100.0, 200.0), 100.0 + 1e-9])
def test_values_that_are_equal_but_for_rounding_make_a_chart(high):
    assert nice_ticks(100.0, high) == [100.0, 120.0]
    shown = heights(draw_curves(["a", "b"], [curve(100.0, high)], unit="HU", title="t"), "c-lesion")
    assert shown == pytest.approx([100.0, 100.0], abs=0.5)


@given(st.lists(st.integers(-50_000, 50_000).map(lambda n: n / 100), min_size=2, max_size=8))
def test_a_curve_shows_its_values_at_evenly_spaced_phases(values):
    chart = draw_curves([str(n) for n in range(len(values))], [curve(*values)], unit="", title="t")
    size = max(map(abs, [*values, 1.0]))
    assert heights(chart, "c-lesion") == pytest.approx(values, abs=0.003 * size)
    marks = [float(attrs["cx"]) for attrs in elements(chart, "circle")][:-1]  # the last: legend
    steps = [second - first for first, second in pairwise(marks)]
    assert steps == pytest.approx([steps[0]] * len(steps), abs=0.21)


def test_a_missing_value_breaks_the_line():
    chart = draw_curves("abcd", [curve(1.0, None, 2.0, 3.0)], unit="HU", title="t")
    assert re.search(r'class="line" d="(M[^ML]*)(M[^ML]*L[^ML]*)"', chart)
    assert len(elements(chart, "circle")) == 3 + 1


def test_curves_without_values_are_left_out():
    chart = draw_curves(
        "ab", [curve(1.0, 2.0), curve(None, None, name="aorta")], unit="", title="t"
    )
    assert "aorta" not in chart
    assert draw_curves("ab", [curve(None, None)], unit="", title="t") == ""


def test_the_chart_names_unit_phases_and_curves_escaped():
    chart = draw_curves(["late arterial", "<b>"], [curve(1, 2, name="x<y")], unit="&", title='"q"')
    page = Page(chart)
    for word in ("late", "arterial", "<b>", "x<y", "&"):
        assert word in page.text
    assert page.elements[0][1]["aria-label"] == '"q"'


def test_the_profiles_of_a_lesion_show_what_was_measured(rich_content):
    exam = rich_content.exams[0]
    enhancement, profile = draw_profiles(rich_content, exam, "R7")
    levels = list(CT.values())
    mean = [0.6 * rim + 0.4 * core for _, _, rim, core, _ in levels]
    assert heights(enhancement, "c-lesion") == pytest.approx(mean, abs=1.5)
    assert heights(enhancement, "c-liver") == pytest.approx([x[1] for x in levels], abs=1.5)
    assert heights(enhancement, "c-aorta") == pytest.approx([x[4] for x in levels], abs=1.5)
    assert heights(profile, "c-lesion") == pytest.approx([x[2] for x in levels], abs=0.5)
    assert heights(profile, "c-core") == pytest.approx([x[3] for x in levels], abs=0.5)
    label = elements(enhancement, "svg")[0]["aria-label"]
    assert label == (
        "Enhancement curve of lesion R7, CT 2015-06-01, over 4 phases, against liver and aorta"
    )


def test_t2_and_adc_are_no_phases_of_a_curve(rich_content):
    charts = draw_profiles(rich_content, rich_content.exams[1], "R7")
    assert all("over 5 phases" in chart for chart in charts)
    assert "T2" not in charts[0]


def test_the_unit_is_that_of_the_curve_whatever_was_measured_first(rich_content):
    turned = replace(rich_content, measurements=rich_content.measurements[::-1])
    for chart in draw_profiles(turned, rich_content.exams[1], "R7"):
        assert '<text class="unit" x="40" y="22" text-anchor="end">a.u.</text>' in chart


def kept(content, keep):
    return replace(content, measurements=tuple(r for r in content.measurements if keep(r)))


def test_one_phase_is_no_curve(rich_content):
    exam = rich_content.exams[0]
    one = kept(rich_content, lambda row: row.phase in ("delayed", "t2"))
    assert draw_profiles(one, exam, "R7") == ()
    assert draw_profiles(rich_content, exam, "nobody") == ()


def test_a_lesion_measured_on_t2_only_has_no_curve(rich_content):
    only = kept(rich_content, lambda row: row.lesion != "R7" or row.phase == "t2")
    assert draw_profiles(only, rich_content.exams[1], "R7") == ()
    assert draw_profiles(only, rich_content.exams[1], "R4") != ()


def test_a_lesion_too_small_for_rim_and_core_has_one_chart(rich_content):
    whole = kept(rich_content, lambda row: not row.metric.startswith(("rim_", "core_")))
    assert len(draw_profiles(whole, rich_content.exams[0], "R7")) == 1


def test_values_by_phase(rich_content):
    table = value_table(rich_content, rich_content.exams[0], "R7")
    assert [line.phase for line in table.lines] == list(PHASES)
    assert table.enhancement_unit == "HU"
    assert table.lines[1].unit == "HU"
    assert table.lines[1].cells == (
        "94", "12", "78", "16", "1.21", "112", "68", "49", "64", "26", "1.00",
    )  # fmt: skip
    assert table.lines[0].cells[-4:] == ("–", "–", "–", "–")


def test_values_keep_the_unit_of_each_series(rich_content):
    table = value_table(rich_content, rich_content.exams[1], "R7")
    units = {line.phase: line.unit for line in table.lines}
    assert (units["T2"], units["ADC"]) == ("a.u.", "10⁻³ mm²/s")
    assert table.lines[-1].cells[0] == "1.34"
    assert table.enhancement_unit == "%"


def test_a_series_without_the_lesion_has_an_empty_line(rich_content):
    part = kept(rich_content, lambda row: (row.lesion, row.phase) != ("R7", "delayed"))
    line = value_table(part, rich_content.exams[0], "R7").lines[-1]
    assert (line.phase, line.unit, set(line.cells)) == ("delayed", "", {"–"})
    assert value_table(part, rich_content.exams[0], "nobody") is None


def test_two_series_of_one_phase_are_numbered(rich_content):
    more = tuple(
        replace(row, series_uid="again")
        for row in rich_content.measurements
        if (row.phase, row.modality) == ("delayed", "CT") and row.metric == "mean"
    )
    twice = replace(rich_content, measurements=(*rich_content.measurements, *more))
    lines = value_table(twice, rich_content.exams[0], "R7").lines
    assert [line.phase for line in lines[-2:]] == ["delayed (1)", "delayed (2)"]
