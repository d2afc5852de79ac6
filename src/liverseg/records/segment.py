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
