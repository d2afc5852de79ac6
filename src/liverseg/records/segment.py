"""`SegmentShares`: where in the liver a lesion lies."""

from __future__ import annotations

from dataclasses import dataclass

from liverseg.records.doubt import Doubt


@dataclass(frozen=True)
class SegmentShare:
    """Part of a lesion inside one Couinaud segment ("1".."8", "4a", "4b"), 0 to 1."""

    segment: str
    share: float
    voxels: int


@dataclass(frozen=True)
class SegmentShares:
    """A lesion's segments.

    `shares` descend; `outside` is the part outside all segments (0 to 1 of the whole
    lesion); `primary` is the main segment; `listed` are those that count (at least
    10 % and 8 voxels), largest first; `written` is how a radiologist writes it ("S7",
    "S7/8"). `centroid_border_mm` and `nearest_border_mm` are distances of the centroid
    and of the nearest lesion voxel to a face between segments (None if there is none).
    `borderline` marks lesions that readers will place differently.
    """

    shares: tuple[SegmentShare, ...]
    outside: float
    primary: str
    listed: tuple[str, ...]
    written: str
    centroid_border_mm: float | None
    nearest_border_mm: float | None
    borderline: bool
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class SegmentVolume:
    """Volume of one segment in ml with the tumour in it, and its share of the liver, 0 to 1.

    `segment` is "1".."8", "4a", "4b", or "outside" for liver that carries no segment.
    """

    segment: str
    volume_ml: float
    tumour_ml: float
    share: float


@dataclass(frozen=True)
class Remnant:
    """What a resection would leave, in ml and as a share (0 to 1) of the liver without tumour.

    `resected_ml` and `remnant_ml` are without tumour; together they are `liver_ml` less
    `tumour_ml`. `tumour_left_ml` lies in segments that stay.
    """

    resected: tuple[str, ...]
    liver_ml: float
    tumour_ml: float
    resected_ml: float
    remnant_ml: float
    share: float
    tumour_left_ml: float
    doubts: tuple[Doubt, ...] = ()
