"""What is not written: pictures that may show a name, and content no rule can clean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import UID_dictionary

from liverseg.tables import Row, load_table

_COLOURS = 3


@dataclass(frozen=True)
class Risk:
    """Why an object is not written; `passable` with the option that lets pixels through."""

    reason: str
    passable: bool


def risk_of(dataset: Dataset, sop_class: str) -> Risk | None:
    """The first reason not to write this object, None if there is none.

    Content before pixels: what cannot be passed is said first.
    """
    rows = [row for row in load_table("burned_in_risks") if _fits(row, dataset, sop_class)]
    content = [row for row in rows if row.more["risk"] == "content"]
    if content:
        return Risk(str(content[0].more["reason"]), passable=False)
    if not _is_standard_class(sop_class):
        return Risk("is of a private or unknown kind: nobody else knows what it holds", False)
    reason = _stated(dataset) or (str(rows[0].more["reason"]) if rows else "") or _drawn(dataset)
    return Risk(reason, passable=True) if reason else None


def _fits(row: Row, dataset: Dataset, sop_class: str) -> bool:
    kind = row.more["kind"]
    if kind == "sop_class":
        return any(
            sop_class.startswith(value) if value.endswith(".") else sop_class == value
            for value in row.value
        )
    if kind == "modality":
        return _words(dataset, "Modality")[:1] in [[value] for value in row.value]
    return any(word in row.value for word in _words(dataset, "ImageType"))


def _stated(dataset: Dataset) -> str:
    if _words(dataset, "BurnedInAnnotation") == ["YES"]:
        return "says that text is burned into its pixels (BurnedInAnnotation YES)"
    if _words(dataset, "RecognizableVisualFeatures") == ["YES"]:
        return "says that the patient can be recognised in it (RecognizableVisualFeatures YES)"
    return ""


def _drawn(dataset: Dataset) -> str:
    if any(_is_embedded(dataset, tag) for tag in dataset.keys()):  # noqa: SIM118 - see below
        return "has an overlay inside its pixels: what it draws cannot be taken out"
    colours = _first_number(dataset, 0x00280002)
    if colours == _COLOURS and _words(dataset, "Modality")[:1] in (["CT"], ["MR"], ["PT"]):
        return "is a colour picture of a scanner: such pictures often show text"
    return ""


def _is_embedded(dataset: Dataset, tag: Any) -> bool:
    """Whether this tag says that an overlay lies in unused bits of the pixels.

    Tags are listed by `keys`: iterating a data set would parse every element.
    """
    if tag.is_private or tag.group & 0xFF00 != 0x6000 or tag.element != 0x0102:
        return False
    return bool(_first_number(dataset, tag)) and (tag.group << 16 | 0x3000) not in dataset


def _first_number(dataset: Dataset, tag: int) -> int:
    try:
        return int(dataset[tag].value or 0)
    except Exception:  # noqa: BLE001 - a damaged element states nothing
        return 0


def _words(dataset: Dataset, keyword: str) -> list[str]:
    try:
        value = dataset.get(keyword)
    except Exception:  # noqa: BLE001 - a damaged element states nothing
        return []
    if value is None or value == "":
        return []
    parts = [value] if isinstance(value, str) else list(value)
    return [str(part).strip().upper() for part in parts]


def _is_standard_class(sop_class: str) -> bool:
    # The own table knows classes that are younger than pydicom's dictionary.
    known = {row.value for row in load_table("dicom_objects")}
    return sop_class in known or sop_class in UID_dictionary
