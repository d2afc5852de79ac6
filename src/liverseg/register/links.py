"""How a series is linked to the reference series of its exam: by what, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from liverseg.records import Exam, PhaseShift

#: `PhaseShift.method` where no shift was found and none was applied.
NO_SHIFT = "none"


class LinkKind(StrEnum):
    """What carries a position from the reference series to another one."""

    REFERENCE = "reference"
    TRANSFORM = "transform"
    #: The scanner's coordinates alone: same frame of reference, no shift was found.
    FRAME = "frame"
    #: Nothing: another frame of reference, or an unknown one, and no transform.
    NONE = "none"


@dataclass(frozen=True)
class Link:
    """How one series is linked to the reference.

    `error_mm` is the residual of the stored transform in mm, None where it is not known;
    `method` is how the transform was found, or why there is none.
    """

    series_key: str
    kind: LinkKind
    error_mm: float | None = None
    method: str = ""


def link_of(exam: Exam, key: str) -> Link:
    """How the series of this key is linked to the reference; KeyError if the exam has none.

    A stored transform stands before the frame of reference: it also holds what breathing
    did between two series of one frame.
    """
    item = exam.by_key(key)
    if key == exam.reference:
        return Link(key, LinkKind.REFERENCE, method="reference")
    shift = _shift(exam, key)
    if shift is not None and shift.method != NO_SHIFT:
        return Link(key, LinkKind.TRANSFORM, shift.residual_mm, shift.method)
    frame = exam.by_key(exam.reference).volume.grid.frame_of_reference
    same = frame is not None and frame == item.volume.grid.frame_of_reference
    reasons = () if shift is None else tuple(doubt.reason for doubt in shift.doubts)
    method = "; ".join(reasons) or "it was not aligned with the reference series"
    return Link(key, LinkKind.FRAME if same else LinkKind.NONE, method=method)


def _shift(exam: Exam, key: str) -> PhaseShift | None:
    return next((shift for shift in exam.shifts if shift.series_key == key), None)
