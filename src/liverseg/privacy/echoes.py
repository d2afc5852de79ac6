"""Removed values must not come back elsewhere: what to look for, and where it is found.

A name may stand in a comment, an identifier in a protocol's name, an old UID in a text.
`gather` collects what identifies before anything is changed; `Echoes.in_text` finds it in
a text that would be kept, `Echoes.in_bytes` in the finished file, its pixels included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import UID_dictionary

from liverseg.phases import fold
from liverseg.privacy.elements import TEXTS, judged_vr, leaves, name_of, raw_bytes, text_of
from liverseg.privacy.options import Options
from liverseg.privacy.profile import Action, decide, is_descriptor
from liverseg.privacy.words import is_known
from liverseg.tables import load_table

_GOING = (Action.REMOVE, Action.EMPTY, Action.DUMMY, Action.UID, Action.PSEUDONYM, Action.SHIFT)
_NAME_PARTS = re.compile(rb"[\^=\\ ,;]+")
_DIGITS = re.compile(rb"[0-9. ]+")
#: A digit, or a digit and a point, beside a number: then it is a part of a longer one.
_NUMBER_BEFORE, _NUMBER_AFTER = re.compile(rb"[0-9]\.?$"), re.compile(rb"\.?[0-9]")
_ALNUM = re.compile(rb"[0-9A-Za-z\x80-\xff]")
_LEAST_DIGITS = 5


@dataclass
class Echoes:
    """What identifies in one file. `names` are folded parts of names of persons."""

    names: set[str] = field(default_factory=set)
    values: set[bytes] = field(default_factory=set)

    def in_text(self, stored: bytes) -> bool:
        """Whether a text (as stored) holds one of the values, however it is capitalised."""
        least = int(load_table("deidentify_rules").number("search_least"))
        lower = stored.lower()
        return any(
            _holds(lower, value.lower(), bounded=len(value) < least) for value in self.values
        )

    def equals(self, stored: bytes) -> bool:
        """Whether one of several values of an element is one of the values that go."""
        return any(part.strip(b" \0") in self.values for part in stored.split(b"\\"))

    def in_bytes(self, data: bytes) -> bool:
        """Whether finished bytes hold one of the values that are long enough to be told."""
        least = int(load_table("deidentify_rules").number("search_least"))
        return any(_holds(data, value) for value in self.values if len(value) >= least)


def gather(dataset: Dataset, options: Options) -> Echoes:
    """The identifying values of a data set that will not be kept, at any depth."""
    found = Echoes()
    maker = _maker(dataset)
    for holder, tag in leaves(dataset):
        vr, keyword = judged_vr(holder, tag), name_of(tag)
        if decide(int(tag), vr, keyword, options) not in _GOING or is_descriptor(int(tag)):
            continue
        if vr == "PN":
            _add_name(found, holder, tag)
        elif vr in (*TEXTS, "UI", "DA"):
            for value in raw_bytes(holder, tag).split(b"\\"):
                # A station that is called like its maker identifies nobody.
                if value.strip(b" \0").lower() not in maker:
                    _add_value(found, value.strip(b" \0"))
    return found


def forget_kept_dates(echoes: Echoes, dataset: Dataset) -> None:
    """Take out dates that the cleaned data set holds in their own right."""
    kept = b" ".join(
        raw_bytes(holder, tag)
        for holder, tag in leaves(dataset)
        if judged_vr(holder, tag) in ("DA", "DT")
    )
    echoes.values = {value for value in echoes.values if not (value.isdigit() and value in kept)}


def is_standard_uid(text: str) -> bool:
    """Whether the standard itself has given out this UID; such a one names no instance."""
    return text in UID_dictionary


def _maker(dataset: Dataset) -> bytes:
    keywords = ("Manufacturer", "ManufacturerModelName")
    tags = [tag for tag in leaves(dataset) if name_of(tag[1]) in keywords]
    return b"\n".join(raw_bytes(holder, tag).lower() for holder, tag in tags)


def _add_name(found: Echoes, holder: Dataset, tag: Any) -> None:
    least = int(load_table("deidentify_rules").number("word_least"))
    for part in _NAME_PARTS.split(raw_bytes(holder, tag).strip(b" \0")):
        if len(part) >= least:
            _add_value(found, part)
    try:
        text = text_of(holder, tag)
    except Exception:  # noqa: BLE001 - a name in a wrong character set: its bytes are known
        return
    placeholders = load_table("deidentify_rules")["placeholders"].value
    parts = [part for part in re.split(r"[\W_]+", text) if len(part) >= least]
    for part in parts:
        # Elsewhere it may be stored in another character set.
        _add_value(found, part.encode("utf-8"))
        _add_value(found, part.encode("latin-1", "ignore"))
    words = {fold(part) for part in parts}
    found.names |= words - set(placeholders)


def _add_value(found: Echoes, value: bytes) -> None:
    rules = load_table("deidentify_rules")
    text = fold(value.decode("utf-8", "replace"))
    if len(value) < int(rules.number("word_least")) or text in rules["placeholders"].value:
        return
    if _DIGITS.fullmatch(value) and len(value) < _LEAST_DIGITS:
        return
    if is_known(text) or is_standard_uid(value.decode("ascii", "replace")):
        return
    found.values.add(value)


def _holds(data: bytes, value: bytes, *, bounded: bool = False) -> bool:
    """Whether `value` is in `data`; numbers and short words not as a part of a longer one."""
    numeric = bool(_DIGITS.fullmatch(value))
    at = data.find(value)
    while at >= 0:
        before, after = data[max(at - 2, 0) : at], data[at + len(value) : at + len(value) + 2]
        if numeric:
            if not (_NUMBER_BEFORE.search(before) or _NUMBER_AFTER.match(after)):
                return True
        elif not bounded or not (_ALNUM.match(before[-1:]) or _ALNUM.match(after)):
            return True
        at = data.find(value, at + 1)
    return False
