"""Move dates by whole days."""

from __future__ import annotations

import re
from datetime import date, timedelta

_DATE = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
_DATE_TIME = re.compile(r"(\d{8})(\d{0,6}(?:\.\d{0,6})?(?:[+-]\d{4})?)")


def shift_text(text: str, days: int, *, vr: str) -> str | None:
    r"""The values of a DA or DT element moved by `days`; None where one cannot be moved.

    Times of day and offsets stay. Forms: PS3.5 section 6.2, also the old YYYY.MM.DD.
    A year or a month without a day cannot be moved by days.

    >>> shift_text("20150301", -1, vr="DA"), shift_text("20150301101500.5+0100", 1, vr="DT")
    ('20150228', '20150302101500.5+0100')
    >>> shift_text("201503", 1, vr="DT") is None
    True
    """
    moved = [_shift_one(part.strip(" \0"), days, vr) for part in text.split("\\")]
    return None if any(part is None for part in moved) else "\\".join(map(str, moved))


def _shift_one(text: str, days: int, vr: str) -> str | None:
    if not text:
        return ""
    if vr == "DA":
        found = _DATE.fullmatch(text)
        return None if found is None else _moved("".join(found.groups()), days)
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        return None
    day = _moved(found[1], days)
    return None if day is None else day + found[2]


def _moved(digits: str, days: int) -> str | None:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:])) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"
