"""Names, numbers and units as a reader sees them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liverseg.records import Measurement, Phase, SourceKind, Verdict
from liverseg.report.words import (
    PHASES,
    SOURCES,
    VERDICTS,
    counted,
    interval,
    listed,
    number,
    percent,
    phase_order,
    phase_word,
    quantity,
    unit_word,
)


def test_every_verdict_source_and_phase_has_its_own_words():
    assert set(VERDICTS) == set(Verdict)
    assert set(SOURCES) == set(SourceKind)
    assert set(PHASES) == set(Phase)
    for words in (SOURCES, PHASES):
        assert len(set(words.values())) == len(words)
    assert len({sign for sign, _ in VERDICTS.values()}) == len(VERDICTS)


def test_phases_as_people_write_them():
    assert phase_word("late_arterial") == "late arterial"
    assert phase_word("t2") == "T2"
    assert phase_word("some_other") == "some other"


def test_phases_stand_in_the_course_of_an_exam():
    names = ["unknown", "t2", "delayed", "non_contrast", "late_arterial", "early_arterial"]
    assert sorted(names, key=phase_order) == [
        "non_contrast", "early_arterial", "late_arterial", "delayed", "t2", "unknown",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (35.04, "mm", "35.0"), (-8.6, "HU", "−9"), (-0.4, "HU", "0"), (0.00112, "mm2/s", "1.12"),
        (1234.5, "mm2", "1234"), (66.6, "%", "67"), (0.797, "1", "0.80"), (17.63, "ml", "17.6"),
        (4.614, "ml", "4.61"), (1790.7, "ml", "1791"), (245.7, "au", "246"), (None, "mm", "–"),
        (math.nan, "mm", "–"), (math.inf, "HU", "–"),
    ],
)  # fmt: skip
def test_a_number_is_as_precise_as_its_unit_deserves(value, unit, text):
    assert number(value, unit) == text


@given(st.floats(-1e5, 1e5), st.sampled_from(["mm", "mm2", "HU", "%", "1", "ml", "au"]))
def test_a_number_reads_back_within_its_rounding(value, unit):
    text = number(value, unit)
    assert "-" not in text
    decimals = len(text.partition(".")[2])
    read = float(text.replace("−", "-"))
    assert read == pytest.approx(value, abs=0.5001 * 10**-decimals)
    assert not (read == 0 and "−" in text)


def test_quantities_keep_number_and_unit_on_one_line():
    assert quantity(17.63, "ml") == "17.6\u00a0ml"
    assert quantity(1200, "mm2") == "1200\u00a0mm²"
    assert quantity(0.5, "1") == "0.50"
    assert quantity(None, "ml") == "–"
    assert (unit_word("au"), unit_word("1"), unit_word("HU")) == ("a.u.", "", "HU")


def test_an_interval_needs_both_ends():
    def row(lower, upper):
        return Measurement("long_axis", 35, "mm", "m", lower=lower, upper=upper)

    assert interval(row(27.3, 43.75)) == "27.3 to 43.8"
    assert interval(row(None, 43.8)) == interval(row(27.3, None)) == ""


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0"), (0.004, "<1"), (0.005, "<1"), (0.0051, "1"), (0.834, "83"), (0.9949, "99"),
     (0.995, ">99"), (1, "100")],
)  # fmt: skip
def test_a_trace_is_not_nothing_and_nearly_all_is_not_all(share, text):
    assert percent(share) == f"{text}\u00a0%"


def test_counts_and_lists():
    assert counted(1, "file") == "1 file"
    assert counted(0, "file") == "0 files"
    assert counted(2, "series", "series") == "2 series"
    assert listed([]) == ""
    assert listed(["3"]) == "3"
    assert listed(["3", "4", "8"]) == "3, 4 and 8"
