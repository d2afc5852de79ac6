"""Shares of the Couinaud segments, as a bar and in words."""

from __future__ import annotations

from dataclasses import dataclass

from liverseg.report.figures import SEGMENT_COLOURS
from liverseg.report.rows import Rows
from liverseg.report.words import percent

OUTSIDE = "outside"
#: A part narrower than this share of the bar carries no number of its own.
_ROOM = 0.06


@dataclass(frozen=True)
class SharePart:
    """A part of the bar; `name` is a segment, `inside` what is written in it."""

    name: str
    share: float
    text: str
    inside: str
    colour: str


@dataclass(frozen=True)
class ShareBar:
    """Segments of a lesion, or of the liver, largest share first."""

    parts: tuple[SharePart, ...]
    words: str


def share_bar(rows: Rows) -> ShareBar | None:
    """The shares of a lesion; None when there are no segments.

    What lies outside the segments is a share of the whole lesion, the others are shares
    of the part inside; so the bar shrinks the latter to make a whole.
    """
    found = rows.shares()
    if not found:
        return None
    outside = sum(row.value for row in found if row.segment == OUTSIDE)
    parts = []
    for row in found:
        is_outside = row.segment == OUTSIDE
        width = row.value if is_outside else row.value * (1 - outside)
        name = "outside the segments" if is_outside else f"S{row.segment}"
        parts.append(
            SharePart(
                name=name,
                share=width,
                text=f"{name} {percent(row.value)}",
                inside="" if is_outside or width < _ROOM else name,
                colour=_colour(row.segment),
            )
        )
    return ShareBar(tuple(parts), ", ".join(part.text for part in parts))


def _colour(segment: str) -> str:
    """The colour that the segment has on the map."""
    if segment == "4b":
        return SEGMENT_COLOURS[8]
    digit = segment[:1]
    return SEGMENT_COLOURS[int(digit) - 1] if digit in set("12345678") else "#8a8f98"
