"""Dates of claims: a year, a month, a day, or a span of them."""

from __future__ import annotations

_DATE = "[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
DATE_PATTERN = f"^{_DATE}(/{_DATE})?$"


def covers(claimed: str, date: str) -> bool:
    """Whether a claimed date ("2015", "2015-06", "2015/2019") covers an exam's ISO date.

    A claim without a date covers every exam; an exam without a date is covered by no
    other claim.

    >>> covers("2015", "2015-06-01"), covers("2015/2019", "2017-03-02"), covers("2015", "")
    (True, True, False)
    """
    if not claimed:
        return True
    first, last = ends(claimed)
    # ISO dates sort as text, so a cut one compares with the same part of a whole one.
    return first <= date[: len(first)] and date[: len(last)] <= last


def ends(claimed: str) -> tuple[str, str]:
    """First and last date of a span; twice the same for a single date."""
    first, _, last = claimed.partition("/")
    return first, last or first


def runs_forward(claimed: str) -> bool:
    """Whether a span ends no earlier than it begins.

    >>> runs_forward("2015-06/2015"), runs_forward("2016/2015-06")
    (True, False)
    """
    first, last = ends(claimed)
    return first[: len(last)] <= last


def is_span(claimed: str) -> bool:
    """Whether a claim speaks of a time rather than of one date."""
    return "/" in claimed
