"""Progress of a part of the work as progress of the whole."""

from __future__ import annotations

from liverseg.records import Progress


def part_of(progress: Progress | None, start: float, end: float) -> Progress | None:
    """What a step may call that fills the line from `start` to `end` (0 to 1); None stays None."""
    if progress is None:
        return None

    def within(message: str, share: float) -> None:
        progress(message, start + (end - start) * share)

    return within
