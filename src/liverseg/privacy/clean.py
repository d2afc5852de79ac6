"""Carry out the profile on a data set, its sequences included."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from liverseg.privacy.dates import shift_text
from liverseg.privacy.dummies import dummy
from liverseg.privacy.echoes import Echoes, is_standard_uid
from liverseg.privacy.elements import (
    TEXTS,
    file_vr,
    has_value,
    items_of,
    judged_vr,
    name_of,
    outcast,
    raw_bytes,
    tags_of,
    text_of,
)
from liverseg.privacy.keys import KeyRing
from liverseg.privacy.options import Options
from liverseg.privacy.profile import Action, decide, profile
from liverseg.privacy.words import clean_description

#: Attribute and action, with how often.
Actions = Counter[tuple[str, str]]
_TEXT_LIKE = (*TEXTS, "CS", "UI", "DA", "DT", "TM", "AS", "DS", "IS")


@dataclass
class Job:
    """One data set's cleaning: what is derived from whom, and what was done."""

    options: Options
    keys: KeyRing
    patient: str
    shift_days: int
    echoes: Echoes
    done: Actions = field(default_factory=Counter)

    def note(self, name: str, action: str) -> None:
        """Count an action."""
        self.done[name, action] += 1


def clean_dataset(dataset: Dataset, job: Job) -> None:
    """Change a data set in place. What is kept keeps its bytes."""
    for tag in tags_of(dataset):
        if tag.element == 0:  # A group length; it is no longer true.
            del dataset[tag]
            continue
        why = outcast(tag)
        if why:
            del dataset[tag]
            job.note(why, Action.REMOVE)
            continue
        vr, stored = judged_vr(dataset, tag), file_vr(dataset, tag)
        if (vr == "SQ") != (stored == "SQ"):
            _remove(dataset, tag, job, "removed: not what the standard says it is")
            continue
        action = decide(int(tag), vr, name_of(tag), job.options)
        try:
            _apply(dataset, tag, action, job)
        except Exception:  # noqa: BLE001 - a value that cannot be read cannot be judged
            _remove(dataset, tag, job, "removed: its value cannot be read")


def _apply(dataset: Dataset, tag: Any, action: Action, job: Job) -> None:
    if action is Action.KEEP:
        _keep(dataset, tag, job)
    elif action is Action.RECURSE:
        _recurse(dataset, tag, job)
    elif action is Action.REMOVE:
        _remove(dataset, tag, job)
    elif not has_value(dataset, tag):
        return
    elif action is Action.EMPTY:
        _empty(dataset, tag, job)
    elif action is Action.DUMMY:
        _dummy(dataset, tag, job)
    elif action is Action.UID:
        _new_uids(dataset, tag, job)
    elif action is Action.PSEUDONYM:
        _put(dataset, tag, job.keys.pseudonym(job.patient), job, action)
    elif action is Action.SHIFT:
        _shift(dataset, tag, job)
    else:
        _clean(dataset, tag, job)


def _remove(dataset: Dataset, tag: Any, job: Job, words: str = Action.REMOVE) -> None:
    del dataset[tag]
    job.note(name_of(tag), words)


def _put(dataset: Dataset, tag: Any, value: Any, job: Job, words: str) -> None:
    dataset[tag] = DataElement(tag, file_vr(dataset, tag), value)
    job.note(name_of(tag), words)


def _empty(dataset: Dataset, tag: Any, job: Job) -> None:
    vr = file_vr(dataset, tag)
    empty: Any = Sequence([]) if vr == "SQ" else "" if vr in _TEXT_LIKE else None
    _put(dataset, tag, empty, job, Action.EMPTY)


def _dummy(dataset: Dataset, tag: Any, job: Job) -> None:
    if file_vr(dataset, tag) == "SQ":
        for item in items_of(dataset, tag) or ():
            _dummy_all(item, job)
        job.note(name_of(tag), Action.DUMMY)
        return
    _put(dataset, tag, dummy(file_vr(dataset, tag)), job, Action.DUMMY)


def _dummy_all(item: Dataset, job: Job) -> None:
    """Every value of an item becomes a dummy; UIDs are replaced, so that they still fit."""
    for tag in tags_of(item):
        if tag.element == 0 or outcast(tag):
            del item[tag]
        elif judged_vr(item, tag) == "UI":
            _new_uids(item, tag, job)
        elif has_value(item, tag):
            _dummy(item, tag, job)


def _new_uids(dataset: Dataset, tag: Any, job: Job) -> None:
    old = [part.strip(" \0") for part in text_of(dataset, tag).split("\\")]
    new = [one if not one or is_standard_uid(one) else job.keys.uid(one) for one in old]
    if new != old:
        _put(dataset, tag, "\\".join(new), job, Action.UID)


def _shift(dataset: Dataset, tag: Any, job: Job) -> None:
    vr = file_vr(dataset, tag)
    moved = shift_text(text_of(dataset, tag), job.shift_days, vr=vr) if vr in ("DA", "DT") else None
    if moved is None:
        _dummy(dataset, tag, job)
    else:
        _put(dataset, tag, moved, job, Action.SHIFT)


def _clean(dataset: Dataset, tag: Any, job: Job) -> None:
    left = clean_description(text_of(dataset, tag), names=job.echoes.names)
    if left and not job.echoes.in_text(left.encode()):
        _put(dataset, tag, left[: _longest(file_vr(dataset, tag))].strip(), job, Action.CLEAN)
        return
    basic = profile()[int(tag)].basic.rsplit("/", 1)[-1]
    {"X": _remove, "Z": _empty, "D": _dummy}[basic](dataset, tag, job)


def _longest(vr: str) -> int:
    return {"SH": 16, "LO": 64}.get(vr, 1024)


def _recurse(dataset: Dataset, tag: Any, job: Job) -> None:
    items = items_of(dataset, tag)
    if items is None:
        _remove(dataset, tag, job, "removed: its value cannot be read")
        return
    for item in items:
        clean_dataset(item, job)


def _keep(dataset: Dataset, tag: Any, job: Job) -> None:
    vr = judged_vr(dataset, tag)
    if vr == "SQ":
        _recurse(dataset, tag, job)
        return
    if dataset.get_item(tag).VR == "UN":
        dataset[tag]  # Parsed by the dictionary: from now on it says what it is.
        job.note(name_of(tag), "kept: its unknown representation named by the dictionary")
    stored = file_vr(dataset, tag)
    if vr in TEXTS or stored in TEXTS:
        repeats = job.echoes.in_text(raw_bytes(dataset, tag))
    else:
        repeats = stored in ("CS", "IS") and job.echoes.equals(raw_bytes(dataset, tag))
    if repeats:
        _put(dataset, tag, dummy(stored), job, "replaced: it repeated a removed value")
