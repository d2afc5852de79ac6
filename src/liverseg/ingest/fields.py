"""Read single values out of a DICOM dataset without trusting any of them.

A header element may be absent, empty, of the wrong kind or unreadable. For the
optional ones that all means "not stated" (None or ""), never an exception.
"""

from __future__ import annotations

import math
from collections.abc import MutableSequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from liverseg.ingest.header_values import Unsure

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

Numbers = tuple[float, ...] | None


def value(dataset: Dataset, keyword: str) -> Any:
    """The element's value, or None where it is absent, empty or cannot be parsed."""
    try:
        found = dataset.get(keyword)
    except Unsure:
        raise  # The own reading of the header is given up; pydicom reads the file.
    except Exception:  # noqa: BLE001 - pydicom parses lazily; any fault means "not stated"
        return None
    return None if found is None or found == "" else found


def text(dataset: Dataset, keyword: str) -> str:
    """The element as one line of text, several values joined by a backslash; "" if none."""
    found = value(dataset, keyword)
    if found is None:
        return ""
    if type(found) is str:  # nearly always, and by far the fastest
        return " ".join(found.replace("\0", " ").split())
    parts = list(found) if _is_list(found) else [found]
    if any(hasattr(part, "get") for part in parts):
        # A sequence where a text belongs states none; pydicom writing out a damaged one
        # may take gigabytes, because its messages of nested errors repeat each other.
        return ""
    return " ".join("\\".join(str(part) for part in parts).replace("\0", " ").split())


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """All values of the element as texts."""
    found = text(dataset, keyword)
    return tuple(part.strip() for part in found.split("\\")) if found else ()


def numbers(dataset: Dataset, keyword: str, count: int | None = None) -> tuple[float, ...] | None:
    """All values as finite floats, or None; with `count`, None unless there are that many."""
    found = value(dataset, keyword)
    if found is None:
        return None
    try:
        parts = tuple(map(float, found if _is_list(found) else [found]))
    except (TypeError, ValueError, OverflowError):
        return None
    if not parts or (count is not None and len(parts) != count):
        return None
    return parts if all(map(math.isfinite, parts)) else None


def number(dataset: Dataset, keyword: str) -> float | None:
    """The first value as a finite float, or None."""
    parts = numbers(dataset, keyword)
    return parts[0] if parts else None


def whole(dataset: Dataset, keyword: str) -> int | None:
    """The first value as an int, or None."""
    found = number(dataset, keyword)
    return None if found is None else int(found)


def item(dataset: Dataset, keyword: str) -> Dataset | None:
    """The first item of a sequence, or None."""
    found = value(dataset, keyword)
    return found[0] if _is_list(found) and len(found) else None


def items(dataset: Dataset, keyword: str) -> list[Any]:
    """The items of a sequence; empty where there is none."""
    found = value(dataset, keyword)
    return list(found) if _is_list(found) else []


@lru_cache(maxsize=4096)
def time_of_day_s(stamp: str) -> float | None:
    """A DICOM time (HHMMSS.FFFFFF) or date-time (YYYYMMDDHHMMSS.FF) as seconds since midnight.

    >>> time_of_day_s("085803.5")
    32283.5
    """
    digits, _, fraction = stamp.replace(":", "").strip().partition(".")
    fraction = fraction.split("+")[0].split("-")[0]
    if len(digits) > 8:
        digits = digits[8:]
    if not digits.isdecimal() or not digits.isascii() or len(digits) % 2 or len(digits) > 6:
        return None
    hours, minutes, seconds = (int(digits[i : i + 2] or 0) for i in (0, 2, 4))
    if hours > 23 or minutes > 59 or seconds > 60:
        return None
    part = float(f"0.{fraction}") if fraction.isdecimal() and fraction.isascii() else 0.0
    return hours * 3600.0 + minutes * 60.0 + seconds + part


def iso_date(stamp: str) -> str:
    """A DICOM date (YYYYMMDD, or the old YYYY.MM.DD) as ISO, "" when it is none.

    >>> iso_date("20150601")
    '2015-06-01'
    """
    digits = stamp.replace(".", "").strip()
    if len(digits) != 8 or not (digits.isdecimal() and digits.isascii()):
        return ""
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def _is_list(found: object) -> bool:
    # A PersonName has a length and can be walked too, but it is one value.
    return isinstance(found, list | tuple) or (
        not isinstance(found, str | int | float) and isinstance(found, MutableSequence)
    )
