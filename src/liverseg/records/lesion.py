"""`Lesion`: a thing in the images of one exam."""

from __future__ import annotations

from dataclasses import dataclass

from liverseg.geometry import LabelMap
from liverseg.records.doubt import Doubt


@dataclass(frozen=True, eq=False)
class Lesion:
    """A lesion drawn on one series of an exam.

    `mask` holds label 1 on the acquired grid it was drawn on; `drawn_on` is the key of
    that series. The same `name` at two dates or modalities is the same lesion and
    carries the same `tracking_uid`.
    """

    name: str
    tracking_uid: str
    mask: LabelMap
    drawn_on: str
    source: str = ""
    doubts: tuple[Doubt, ...] = ()
