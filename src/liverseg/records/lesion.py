"""`Lesion`: a thing in the images of one exam."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from liverseg.geometry import LabelMap, Point, Translation
from liverseg.records.doubt import Doubt
from liverseg.records.stroke import Stroke


@dataclass(frozen=True)
class Caliper:
    """A length that a reader measured by hand: its two ends in LPS mm.

    `axis` is "long_axis" or "short_axis" where the reader says that it is the lesion's axis,
    else "length". The ends lie in the frame of the exam's reference series, in its acquired
    slice `slice`.
    """

    axis: str
    ends_lps_mm: tuple[Point, Point]
    slice: int | None = None


@dataclass(frozen=True, eq=False)
class Lesion:
    """A lesion drawn on one series of an exam.

    `mask` holds label 1 on the acquired grid it was drawn on; `drawn_on` is the key of
    that series. The same `name` at two dates or modalities is the same lesion and
    carries the same `tracking_uid`. `strokes` are the start and the corrections it was
    delineated from, in the order drawn; empty when it was painted or came from a file.
    `calipers` are lengths measured by hand; they do not follow the mask. `moves` says, by
    the key of a series, how much further than the exam's shift the lesion lies there (LPS
    mm, in addition to that shift): breathing bends a liver, and one translation does not.
    """

    name: str
    tracking_uid: str
    mask: LabelMap
    drawn_on: str
    source: str = ""
    doubts: tuple[Doubt, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    calipers: tuple[Caliper, ...] = ()
    moves: Mapping[str, Translation] = field(default_factory=dict)
