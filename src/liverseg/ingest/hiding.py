"""Keep names, birth dates and identifiers of patients out of texts that are written.

A header says who the patient is. What of that stands elsewhere too, in a description, in
the name of a folder or a file, is replaced by `HIDDEN`. Only marks made with the user's
key are remembered, so a remembered scan holds no name, and still a name is found.

What cannot be told is not hidden: a number of fewer than five digits, a part of a name of
fewer than three letters, and a name all of whose words are words of imaging.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from liverseg.ingest import fields
from liverseg.ingest.owner_key import keyed_mark
from liverseg.records import Doubt, Ledger, SeriesRecord
from liverseg.tables import load_table

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: What stands for a name or an identifier.
HIDDEN = "[hidden]"
_LEAST_LETTERS, _LEAST_DIGITS = 3, 5
#: A name or identifier is looked for in up to so many runs of letters or digits.
_MOST_RUNS = 10
_RUN = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
_IDENTIFIERS = ("PatientID", "OtherPatientIDs", "AccessionNumber")


def identity_marks(dataset: Dataset) -> tuple[str, ...]:
    """Marks of the patient's names, birth date and identifiers in this header."""
    found: set[str] = set()
    for name in re.split(r"[=\\]", fields.text(dataset, "PatientName")):
        found |= _of_name(name)
    for keyword in _IDENTIFIERS:
        for value in fields.texts(dataset, keyword):
            found |= _of_identifier(value)
    birth = fields.text(dataset, "PatientBirthDate")
    if re.fullmatch(r"\d{8}", birth):
        year, month, day = birth[:4], birth[4:6], birth[6:]
        found |= {birth, day + month + year, month + day + year, birth[2:], day + month + year[2:]}
    return tuple(sorted(keyed_mark("identity", word) for word in found))


def hide(text: str, marks: Collection[str]) -> str:
    """The text with `HIDDEN` for every part that has one of these marks."""
    if not marks or not text:
        return text
    runs = [(start, end, _fold(text[start:end])) for start, end in _runs(text)]
    out, at, index = [], 0, 0
    while index < len(runs):
        length = _longest(text, runs[index : index + _MOST_RUNS], marks)
        if length:
            out += [text[at : runs[index][0]], HIDDEN]
            at = runs[index + length - 1][1]
        index += length or 1
    return "".join([*out, text[at:]])


def hide_doubts(doubts: Iterable[Doubt], marks: Collection[str]) -> tuple[Doubt, ...]:
    """Doubts without names; where nothing was hidden, the very same ones."""
    return tuple(
        Doubt(hide(doubt.reason, marks), hide(doubt.where, marks)) if marks else doubt
        for doubt in doubts
    )


def hide_in_ledger(
    ledger: Ledger, names: Mapping[str, str], marks: Collection[str]
) -> tuple[Ledger, dict[str, str]]:
    """A ledger and its names by path, without names of patients.

    Every file still has a name of its own. The sources of the series keep their paths:
    they are needed to read the images, and whoever writes them down hides them.
    """
    if not marks:
        return ledger, dict(names)
    renamed: dict[str, str] = {}
    taken: set[str] = set()
    for entry in ledger.entries:
        renamed[entry.path] = _apart(hide(entry.path, marks), taken)
    entries = tuple(
        replace(entry, path=renamed[entry.path], reason=hide(entry.reason, marks))
        for entry in ledger.entries
    )
    series = tuple(_hide_in_record(record, renamed, marks) for record in ledger.series)
    roots = tuple(hide(root, marks) for root in ledger.roots)
    shown = Ledger(roots=roots, entries=entries, series=series)
    return shown, {path: renamed.get(name, name) for path, name in names.items()}


def _hide_in_record(
    record: SeriesRecord, renamed: Mapping[str, str], marks: Collection[str]
) -> SeriesRecord:
    doubts = tuple(
        Doubt(hide(doubt.reason, marks), renamed.get(doubt.where) or hide(doubt.where, marks))
        for doubt in record.doubts
    )
    # A series without a UID is keyed by its folder; a UID is no text.
    key = hide(record.key, marks) if record.key.startswith("no-uid:") else record.key
    return replace(record, doubts=doubts, key=key)


def _apart(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    taken.add(free)
    return free


def _runs(text: str) -> Iterable[tuple[int, int]]:
    for found in _RUN.finditer(text):
        start = found.start()
        for cut in _CAMEL.finditer(found[0]):
            yield start, found.start() + cut.start()
            start = found.start() + cut.start()
        yield start, found.end()


def _longest(text: str, runs: list[tuple[int, int, str]], marks: Collection[str]) -> int:
    """How many of the first runs, written as one, make an identity; 0 for none."""
    for length in range(len(runs), 0, -1):
        word = "".join(run[2] for run in runs[:length])
        if not _is_telling(word) or keyed_mark("identity", word) not in marks:
            continue
        if length == 1 or not word.isdigit() or not _in_uid(text, runs[0][0], runs[length - 1][1]):
            return length
    return 0


def _in_uid(text: str, start: int, end: int) -> bool:
    """Whether numbers with points between them go on: then they are a part of a UID."""
    before, after = text[max(start - 2, 0) : start], text[end : end + 2]
    return bool(re.fullmatch(r"\d\.", before) or re.fullmatch(r"\.\d", after))


def _of_name(name: str) -> set[str]:
    if any(sign.isdigit() for sign in name):
        return _of_identifier(name)  # A code in the place of a name.
    words = ["".join(_fold(p) for p in _RUN.findall(one)) for one in re.split(r"[\s^,.-]+", name)]
    found = {word for word in words if _is_telling(word)}
    if found <= _ordinary():
        return set()
    return found | {"".join(words)}


def _of_identifier(text: str) -> set[str]:
    runs = [_fold(run) for run in _RUN.findall(text)]
    whole = "".join(runs)
    if not _is_telling(whole) or set(runs) <= _ordinary():
        return set()
    return {whole, *(run for run in runs if run.isdigit() and len(run) > _LEAST_DIGITS)}


def _is_telling(word: str) -> bool:
    return len(word) >= (_LEAST_DIGITS if word.isdigit() else _LEAST_LETTERS)


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


@cache
def _ordinary() -> frozenset[str]:
    """Words that name nobody: placeholders for names, and words of imaging."""
    found = list(load_table("deidentify_rules")["placeholders"].value)
    for name in ("body", "plane", "position", "technique", "languages"):
        found += load_table("description_words")[name].value
    return frozenset("".join(_fold(run) for run in _RUN.findall(word)) for word in found)
