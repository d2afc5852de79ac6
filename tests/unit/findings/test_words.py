"""Words of reports to stored names, and numbers to words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liverseg.findings.words import (
    did_you_mean,
    join_and,
    name_segments,
    parse_phase_word,
    percent,
    phase_title,
    phase_words,
    serving_phases,
    write_number,
    write_range,
    write_signed,
)
from liverseg.records import Phase


@pytest.mark.parametrize(
    ("word", "phase"),
    [
        ("early", Phase.LATE_ARTERIAL),
        ("arterial phase", Phase.LATE_ARTERIAL),
        ("late", Phase.DELAYED),
        ("Late_Arterial", Phase.LATE_ARTERIAL),
        ("late arterial", Phase.LATE_ARTERIAL),
        ("  Portal-Venous  Phase ", Phase.PORTAL_VENOUS),
        ("hbp", Phase.HEPATOBILIARY),
        ("T1", Phase.NON_CONTRAST),
        ("t2 weighted", Phase.T2),
        ("undetermined", None),
        ("phase", None),
        ("", None),
    ],
)
def test_words_of_reports_name_stored_phases(word, phase):
    assert parse_phase_word(word) is phase


@given(st.sampled_from(phase_words()), st.sampled_from([str.upper, str.lower, str.title]))
def test_every_listed_word_is_known_in_any_case(word, change):
    assert parse_phase_word(change(word)) is parse_phase_word(word) is not None


def test_every_phase_that_a_report_can_name_has_its_stored_name_as_a_word():
    named = {parse_phase_word(phase) for phase in Phase}
    assert named == {*set(Phase) - {Phase.UNDETERMINED}, None}


def test_either_arterial_phase_serves_for_the_other_and_no_other_does():
    served = {str(phase): serving_phases(phase) for phase in Phase}
    assert served.pop("late_arterial") == ("late_arterial", "early_arterial")
    assert served.pop("early_arterial") == ("early_arterial", "late_arterial")
    assert all(phases == (phase,) for phase, phases in served.items())


def test_titles_for_people():
    assert phase_title("late_arterial") == "late arterial phase"
    assert [phase_title(p) for p in ("t2", "dwi", "adc")] == ["T2", "DWI", "ADC"]
    assert phase_title("non_contrast", "MR") == "T1 series before contrast"
    assert phase_title("non_contrast", "CT") == "series before contrast"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(35.16, "mm", "35.2"), (-0.04, "HU", "0.0"), (0.7, "1", "0.70"), (-3, "ml", "-3.00"),
     (12.345, "au", "12.35")],
)  # fmt: skip
def test_numbers_have_the_decimals_of_their_unit(value, unit, text):
    assert write_number(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(26.1, "+26.1 HU"), (-26.1, "-26.1 HU"), (0.01, "0.0 HU"), (-0.01, "0.0 HU")],
)
def test_a_change_has_a_sign_unless_it_is_none(value, text):
    assert write_signed(value, "HU") == text


@given(st.lists(st.floats(-1e4, 1e4), min_size=1))
def test_a_range_goes_from_the_lowest_to_the_highest(values):
    text = write_range(values, "mm")
    ends = [float(part) for part in text.split(" to ")]
    assert ends == pytest.approx(sorted({round(min(values), 1), round(max(values), 1)}))


def test_a_range_of_nothing_is_empty():
    assert write_range([], "mm") == ""
    assert write_range([3.04, 3.01], "mm") == "3.0"


@pytest.mark.parametrize(
    ("share", "text"), [(0.94, "94 %"), (1.0, "100 %"), (0.4961, "49.6 %"), (0.0, "0 %")]
)
def test_percent_has_three_figures(share, text):
    assert percent(share) == text


def test_lists_in_words():
    assert join_and([]) == ""
    assert join_and(["4"]) == "4"
    assert join_and(["4", "5"], last="or") == "4 or 5"
    assert name_segments(["8", "4", "5"]) == "segments 4, 5 and 8"
    assert name_segments(["7"]) == "segment 7"


def test_a_close_word_is_suggested_as_it_is_written():
    known = ("modality", "place", "CT")
    assert did_you_mean("Modalty", known) == "; did you mean 'modality'?"
    assert did_you_mean("ct", known) == "; did you mean 'CT'?"
    assert did_you_mean("zebra", known) == ""
