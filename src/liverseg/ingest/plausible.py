"""Refuse files that announce far more than their bytes can hold: nothing is unpacked to see."""

from __future__ import annotations

from collections import Counter

from liverseg.ingest.sources import facts_of
from liverseg.ingest.split import Leftover, Part, Resolution
from liverseg.tables import load_table


def refuse_implausible(found: Resolution) -> Resolution:
    """The resolution with such volumes refused: reading one would only fill the memory.

    Native pixels are counted when the header is read; this is about compressed ones,
    where a short stream may announce gigabytes.
    """
    reasons = {index: _why_implausible(part) for index, part in enumerate(found.parts)}
    if not any(reasons.values()):
        return found
    kept = tuple(part for index, part in enumerate(found.parts) if not reasons[index])
    refused = tuple(
        Leftover(part.stack.planes, reasons[index])
        for index, part in enumerate(found.parts)
        if reasons[index]
    )
    return Resolution(kept, (*found.leftovers, *refused))


def _why_implausible(part: Part) -> str:
    """Judged file by file: a series of a thousand blank masks is small and still right."""
    frames = Counter(plane.file.path for plane in part.stack.planes)
    rows, columns = part.stack.planes[0].file.shape
    # Of single-frame files all are alike, so nearly always nothing is looked at.
    why = (announces_too_much(rows, columns, count, path) for path, count in frames.items())
    return next((one for one in why if one), "")


def announces_too_much(rows: int, columns: int, frames: int, path: str) -> str:
    """Why a file cannot hold that many pixels of two bytes, "" if it can."""
    limits = load_table("ingest_limits")
    frame, whole = rows * columns * 2, rows * columns * 2 * frames
    if frame <= limits.number("least_frame") and whole <= limits.number("least_volume"):
        return ""
    facts = facts_of(path)
    size = 0 if facts is None else facts.size
    if frame > limits.number("least_frame"):
        most = limits.number("most_expansion") * size
    else:
        most = limits.number("most_pixel_expansion") * size
    if whole <= most:
        return ""
    return (
        f"implausible: a file of {size} bytes cannot hold {frames} x {rows} x {columns} pixels "
        "(damaged, or made to fill the memory)"
    )
