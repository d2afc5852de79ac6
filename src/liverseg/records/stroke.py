"""`Stroke`: what a hand draws to say where a lesion is; `PhaseImage`: an image to draw it on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from liverseg.geometry import Point, Translation, Volume


class StrokeKind(StrEnum):
    """`CLICK`, `LINE` and `SCRIBBLE` start a lesion, `ADD` and `REMOVE` correct it."""

    CLICK = "click"
    LINE = "line"
    SCRIBBLE = "scribble"
    ADD = "add"
    REMOVE = "remove"

    @property
    def corrects(self) -> bool:
        """Whether this stroke changes a mask that is there already."""
        return self in (StrokeKind.ADD, StrokeKind.REMOVE)


@dataclass(frozen=True)
class Stroke:
    """Points in LPS mm, in the order drawn.

    A click has one point, inside the lesion. A line has two, both on the lesion's border
    (a RECIST diameter). A scribble's points lie inside. The points of `ADD` belong to the
    lesion though the mask left them out; those of `REMOVE` do not though it held them.
    """

    kind: StrokeKind
    points_lps_mm: tuple[Point, ...]


@dataclass(frozen=True, eq=False)
class PhaseImage:
    """One image of the lesion, and how its tissue lies against the first image's.

    ``image_from_reference`` moves a position of the first image to the same tissue in this
    one (a breathing shift); no move for the first image itself.
    """

    volume: Volume
    image_from_reference: Translation = field(default_factory=Translation)
