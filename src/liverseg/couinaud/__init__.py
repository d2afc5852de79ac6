"""Couinaud segments: divide a liver, check an imported map, place a lesion."""

from liverseg.couinaud.assign import assign_segments, share_measurements, write_segments
from liverseg.couinaud.check import check_segments
from liverseg.couinaud.correct import correct_segments
from liverseg.couinaud.divide import describe_division, divide_liver, is_segment_doubt
from liverseg.couinaud.landmarks import (
    LandmarkPlace,
    Landmarks,
    known_landmarks,
    landmark_places,
    landmarks_as_dict,
    missing_landmarks,
    parse_landmarks,
    read_landmarks,
)
from liverseg.couinaud.numerals import Numerals, place_numerals
from liverseg.couinaud.planes import Plane, Planes, azimuth_deg, build_planes
from liverseg.couinaud.remnant import plan_remnant, segment_volumes
from liverseg.couinaud.segments import are_neighbours, parse_segment_name, segment_table

__all__ = [
    "LandmarkPlace",
    "Landmarks",
    "Numerals",
    "Plane",
    "Planes",
    "are_neighbours",
    "assign_segments",
    "azimuth_deg",
    "build_planes",
    "check_segments",
    "correct_segments",
    "describe_division",
    "divide_liver",
    "is_segment_doubt",
    "known_landmarks",
    "landmark_places",
    "landmarks_as_dict",
    "missing_landmarks",
    "parse_landmarks",
    "parse_segment_name",
    "place_numerals",
    "plan_remnant",
    "read_landmarks",
    "segment_table",
    "segment_volumes",
    "share_measurements",
    "write_segments",
]
