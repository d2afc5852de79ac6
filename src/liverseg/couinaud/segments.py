"""The eight segments: numbers on disk, names, codes, neighbours (table `couinaud`)."""

from __future__ import annotations

import re

from liverseg.geometry import Code, Label
from liverseg.tables import load_table

#: Numbers on disk when segment 4 is split.
LABEL_4A, LABEL_4B = 4, 9
HIGHEST_LABEL = LABEL_4B

_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8}
_PREFIX = r"(?:liver|hepatic|couinaud|segment|seg|sg|s)"
_NAME = re.compile(rf"(?:{_PREFIX}[\s_.\-]*)*([1-8]|[IV]+)[\s_]*([AB]?)", re.IGNORECASE)


def segment_table(*, split: bool) -> tuple[Label, ...]:
    """Labels 1 to 8 with their SNOMED CT codes; with `split` 4 is "4a" and 9 is "4b".

    Source: DICOM PS3.16 CID 7170, which has one code for segment 4.
    """
    table = load_table("couinaud")
    labels = []
    for number in range(1, 9):
        row = table[f"segment_{number}"]
        code = Code(str(row.value), row.unit, str(row.more["meaning"]))
        if split and number == LABEL_4A:
            labels += [Label(LABEL_4A, "4a", code), Label(LABEL_4B, "4b", code)]
        else:
            labels.append(Label(number, str(row.more["name"]), code))
    return tuple(sorted(labels, key=lambda label: label.value))


def segment_of_code(code: Code | None) -> str | None:
    """Segment number of a SNOMED CT code ("1" to "8"), or None for any other code."""
    if code is None:
        return None
    table = load_table("couinaud")
    for number in range(1, 9):
        row = table[f"segment_{number}"]
        if (code.value, code.scheme) == (str(row.value), row.unit):
            return str(number)
    return None


def parse_segment_name(text: str) -> str | None:
    """Segment meant by a name as people and programs write it, or None.

    >>> [parse_segment_name(t) for t in ("S7", "liver_segment_8", "IVa", "4B", "spleen")]
    ['7', '8', '4a', '4b', None]
    """
    found = _NAME.fullmatch(text.strip())
    if found is None:
        return None
    number, part = found[1].upper(), found[2].lower()
    number = str(_ROMAN.get(number, number))
    if not number.isdigit() or (part and number != "4"):
        return None
    return number + part


def fold(segment: str) -> str:
    """Name without its half: "4a" and "4b" become "4"; any other name stays."""
    return "4" if segment in {"4a", "4b"} else segment


def segment_order(segment: str) -> tuple[int, str]:
    """Sort key: 1, 2, 3, 4, 4a, 4b, 5 ... 8."""
    return int(segment[0]), segment[1:]


def are_neighbours(a: str, b: str) -> bool:
    """Whether two different segments share a border.

    "4a" and "4b" have the neighbours of 4, and each other. 1 and 6 count as neighbours:
    they touch where the caudate process is large. A segment is not its own neighbour.
    """
    if {a, b} == {"4a", "4b"}:
        return True
    pairs = load_table("couinaud")["neighbours"].value
    return any({fold(a), fold(b)} == set(pair) for pair in pairs)
