"""Curves and profiles as lines of a chart."""

from __future__ import annotations

from napari_liverseg.charts import CURVE_STYLES, PROFILE_STYLES, curve_chart, profile_chart
from napari_liverseg.state import Curve, CurveLine
from napari_liverseg.words_state import Profile, ProfileLine

CURVE = Curve(
    "HU",
    ("non contrast", "late arterial", "delayed"),
    (
        CurveLine("R7", (("non contrast", 40.0), ("delayed", 90.5))),
        CurveLine("rim", (("late arterial", 120.0),), "rim"),
        CurveLine("liver", (("late arterial", 80.0), ("delayed", 110.0)), "liver"),
    ),
)


def test_values_of_a_curve_stand_above_the_names_of_their_phases():
    chart = curve_chart(CURVE, colour="#ff0000")
    assert (chart.unit, chart.x_names) == ("HU", CURVE.phases)
    assert [line.name for line in chart.lines] == ["R7", "rim", "liver"]
    assert chart.lines[0].points == ((0.0, 40.0), (2.0, 90.5))
    assert chart.lines[2].points == ((1.0, 80.0), (2.0, 110.0))


def test_only_what_is_of_the_lesion_has_its_colour():
    chart = curve_chart(CURVE, colour="#ff0000")
    assert [line.colour for line in chart.lines] == ["#ff0000", "#ff0000", ""]


def test_a_profile_puts_means_of_shells_in_the_middle_of_their_depths():
    lines = (
        ProfileLine("non contrast", ((0.0, 2.0, 40.0), (2.0, 6.0, 50.0))),
        ProfileLine("delayed", ((0.0, 2.0, 90.0),)),
    )
    chart = profile_chart(Profile("HU", lines), colour="#00ff00")
    assert [line.points for line in chart.lines] == [((1.0, 40.0), (4.0, 50.0)), ((1.0, 90.0),)]
    assert [line.colour for line in chart.lines] == ["", "#00ff00"]
    assert chart.x_label.startswith("mm")


def test_without_lines_a_chart_says_why():
    assert "no known contrast phase" in curve_chart(Curve("", (), ()), colour="#ff0000").note
    assert "too small" in profile_chart(Profile("", (), "too small"), colour="#ff0000").note
    assert profile_chart(Profile("", ()), colour="#ff0000").note


def test_no_two_lines_of_a_chart_look_the_same_but_for_their_colour():
    assert len({(mark, dashes) for mark, dashes, _ in CURVE_STYLES.values()}) == len(CURVE_STYLES)
    assert len(set(PROFILE_STYLES)) == len(PROFILE_STYLES)
