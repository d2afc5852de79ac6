"""`Measurement`: one number with everything needed to trust or doubt it."""

from __future__ import annotations

from dataclasses import dataclass

from liverseg.geometry import Point
from liverseg.records.doubt import Doubt


@dataclass(frozen=True)
class Measurement:
    """One row of the measurement table.

    Attributes
    ----------
    metric, value, unit
        What, how much. Lengths in mm, volumes in ml, CT in HU, MR in au, shares 0 to 1.
    method
        The convention in words ("RECIST 1.1, axial slice, voxel centres").
    lesion, date, modality, phase, series_uid
        What was measured on what. "" until the workflow stamps the row. The liver
        itself is lesion "liver".
    slice
        Index of the acquired slice (0 = first along the grid's slice axis), or None.
    segment
        Couinaud segment of a `couinaud_share` row ("1".."8", "4a", "4b", "outside").
    lower, upper
        Interval, same unit, or None. From published reader limits where there are
        some, widened to the geometric bound (corner to corner) of the mask.
    endpoints_lps_mm
        Ends of a length, to draw it.
    """

    metric: str
    value: float
    unit: str
    method: str
    lesion: str = ""
    date: str = ""
    modality: str = ""
    phase: str = ""
    series_uid: str = ""
    slice: int | None = None
    segment: str = ""
    lower: float | None = None
    upper: float | None = None
    endpoints_lps_mm: tuple[Point, ...] = ()
    doubts: tuple[Doubt, ...] = ()
