"""Published agreement of readers as an interval round a value."""

from __future__ import annotations

from liverseg.tables import load_table


def reader_interval(row: str, value: float) -> tuple[float, float]:
    """(lower, upper) within which another reader's number lies, same unit as `value`.

    `row` is a row of table `reader_limits`, in percent of the value.
    """
    low, high = load_table("reader_limits")[row].value
    return value * (1.0 + low / 100.0), value * (1.0 + high / 100.0)
