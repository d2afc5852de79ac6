"""Look at single data elements without trusting them, and without changing their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset

#: Value representations that hold text which may name somebody.
TEXTS = ("PN", "LO", "SH", "ST", "LT", "UT", "UC", "AE", "UR")
#: Those that decide by themselves what an attribute is, whatever a file says.
_TELLING = ("PN", "DA", "DT", "TM", "UI", "SQ")
_UNDEFINED = 0xFFFFFFFF
_REPEATING = (0x5000, 0x6000)


def tags_of(dataset: Dataset) -> list[Any]:
    """The tags of a data set in order."""
    return sorted(dataset.keys())


def outcast(tag: Any) -> str:
    """Why an attribute goes whatever it holds, "" if it does not.

    Private attributes and repeating groups (curves, overlays) by table E.1-1; an
    attribute that the standard's dictionary does not know by PS3.15 E.1.1.
    """
    if tag.is_private:
        return "private attribute"
    if tag.group & 0xFF00 in _REPEATING:
        return "curve or overlay"
    if tag.group in (0x0000, 0x0002):
        return "attribute of a message or a file head"
    return "" if dictionary_has_tag(tag) else "unknown attribute"


def file_vr(dataset: Dataset, tag: Any) -> str:
    """The value representation in the file, or the dictionary's where it states none."""
    stated = dataset.get_item(tag).VR
    return str(stated) if stated not in (None, "UN") else dictionary_VR(tag)


def judged_vr(dataset: Dataset, tag: Any) -> str:
    """The value representation to decide by."""
    known = dictionary_VR(tag)
    return known if known in _TELLING else file_vr(dataset, tag)


def name_of(tag: Any) -> str:
    """What the report calls an attribute: its keyword."""
    return keyword_for_tag(tag) or f"({tag.group:04X},{tag.element:04X})"


def has_value(dataset: Dataset, tag: Any) -> bool:
    """Whether there is anything in it, be it white space."""
    value = dataset.get_item(tag).value
    return value is not None and not (hasattr(value, "__len__") and len(value) == 0)


def raw_bytes(dataset: Dataset, tag: Any) -> bytes:
    """The value of a text element as it is stored; b"" for what is no text."""
    value = dataset.get_item(tag).value
    if isinstance(value, bytes):
        return value
    if value is None or isinstance(value, Dataset):
        return b""
    parts = value if isinstance(value, (list, tuple)) or _is_multi(value) else [value]
    return "\\".join(str(part) for part in parts).encode("utf-8", "replace")


def text_of(dataset: Dataset, tag: Any) -> str:
    """The value as text, several values joined by a backslash. Raises what pydicom raises."""
    value = dataset[tag].value
    if value is None:
        return ""
    parts = value if _is_multi(value) else [value]
    return "\\".join(str(part) for part in parts)


def items_of(dataset: Dataset, tag: Any) -> list[Dataset] | None:
    """The items of a sequence; None where it cannot be read as one."""
    try:
        value = dataset[tag].value
    except Exception:  # noqa: BLE001 - a damaged sequence may raise anything
        return None
    if value is None:
        return []
    if not _is_multi(value) or not all(isinstance(item, Dataset) for item in value):
        return None
    return list(value)


def is_cut(dataset: Dataset) -> bool:
    """Whether the file ended inside a value; written again it would look whole.

    What is taken out anyway does not count: bytes behind a data set read like that.
    """
    for tag in tags_of(dataset):
        if outcast(tag):
            continue
        element = dataset.get_item(tag)
        length = getattr(element, "length", None)
        if not isinstance(length, int) or length == _UNDEFINED or element.value is None:
            continue
        if len(element.value) < length:
            return True
    return False


def leaves(dataset: Dataset) -> Iterator[tuple[Dataset, Any]]:
    """Every element that is no sequence, at any depth, private ones left out."""
    for tag in tags_of(dataset):
        if tag.is_private or outcast(tag):
            continue
        if judged_vr(dataset, tag) == "SQ":
            for item in items_of(dataset, tag) or ():
                yield from leaves(item)
        else:
            yield dataset, tag


def _is_multi(value: Any) -> bool:
    return not isinstance(value, (str, bytes)) and hasattr(value, "__iter__")
