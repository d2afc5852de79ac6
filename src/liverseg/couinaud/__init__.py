"""Couinaud segments: divide a liver, check an imported map, place a lesion."""

from liverseg.couinaud.assign import assign_segments, share_measurements, write_segments
from liverseg.couinaud.check import check_segments
from liverseg.couinaud.divide import describe_division, divide_liver
from liverseg.couinaud.landmarks import (
    Landmarks,
    known_landmarks,
    landmarks_as_dict,
    parse_landmarks,
    read_landmarks,
)
from liverseg.couinaud.planes import Plane, Planes, azimuth_deg, build_planes
from liverseg.couinaud.segments import are_neighbours, parse_segment_name, segment_table

__all__ = [
    "Landmarks",
    "Plane",
    "Planes",
    "are_neighbours",
    "assign_segments",
    "azimuth_deg",
    "build_planes",
    "check_segments",
    "describe_division",
    "divide_liver",
    "known_landmarks",
    "landmarks_as_dict",
    "parse_landmarks",
    "parse_segment_name",
    "read_landmarks",
    "segment_table",
    "share_measurements",
    "write_segments",
]
