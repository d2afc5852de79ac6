"""Dates of claims: parts of dates and spans of them."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liverseg.findings.dates import DATE_PATTERN, covers, ends, is_span, runs_forward

days = st.dates(date(1950, 1, 1), date(2090, 12, 31))
lengths = st.sampled_from([4, 7, 10])  # of a year, a month, a day as text


@pytest.mark.parametrize(
    ("claimed", "exam", "covered"),
    [
        ("", "", True),
        ("", "2015-06-01", True),
        ("2015", "", False),
        ("2015/2019", "", False),
        ("2015", "2015-12-31", True),
        ("2015", "2016-01-01", False),
        ("2015-06", "2015-06-30", True),
        ("2015-06", "2015-07-01", False),
        ("2015-06-01", "2015-06-01", True),
        ("2015-06-01", "2015-06-02", False),
        ("2015/2019", "2014-12-31", False),
        ("2015/2019", "2019-12-31", True),
        ("2015/2019", "2020-01-01", False),
        ("2015-06/2016-02-10", "2015-05-31", False),
        ("2015-06/2016-02-10", "2016-02-10", True),
        ("2015-06/2016-02-10", "2016-02-11", False),
    ],
)
def test_a_claimed_date_covers_an_exam(claimed, exam, covered):
    assert covers(claimed, exam) is covered


@given(days, lengths)
def test_every_day_is_covered_by_its_own_year_and_month_and_day(day, length):
    text = day.isoformat()
    assert covers(text[:length], text)


@given(days, days, days, lengths, lengths)
def test_a_span_covers_what_lies_between_its_ends(one, other, day, cut, last_cut):
    first, last = sorted((one.isoformat(), other.isoformat()))
    first, last = first[:cut], last[:last_cut]
    exam = day.isoformat()
    starts_in_time = exam >= first
    ends_in_time = exam[: len(last)] <= last
    assert covers(f"{first}/{last}", exam) == (starts_in_time and ends_in_time)


@given(days, st.integers(1, 9999), lengths, lengths)
def test_a_span_in_order_runs_forward_at_any_precision(day, gap, cut, last_cut):
    later = min(day + timedelta(days=gap), date(2099, 1, 1))
    first, last = day.isoformat()[:cut], later.isoformat()[:last_cut]
    assert runs_forward(f"{first}/{last}")


@pytest.mark.parametrize(
    "span", ["2016/2015", "2015-07/2015-06", "2015-06-02/2015-06-01", "2016/2015-12"]
)
def test_a_span_backwards_does_not(span):
    assert not runs_forward(span)


def test_a_single_date_is_no_span():
    assert ends("2015-06") == ("2015-06", "2015-06")
    assert not is_span("2015-06")
    assert ends("2015/2019") == ("2015", "2019")
    assert is_span("2015/2019")


@given(days, lengths)
def test_the_pattern_takes_every_date(day, length):
    text = day.isoformat()[:length]
    assert re.fullmatch(DATE_PATTERN, text)
    assert re.fullmatch(DATE_PATTERN, f"{text}/{text}")


@pytest.mark.parametrize(
    "text",
    ["", "15", "2015-6", "2015-13", "2015-00", "2015-06-32", "2015-06-00", "2015/", "/2015",
     "01.06.2015", "2015/2016/2017", "2015-06-01T10:00"],
)  # fmt: skip
def test_the_pattern_refuses_what_is_no_date(text):
    assert not re.fullmatch(DATE_PATTERN, text)
