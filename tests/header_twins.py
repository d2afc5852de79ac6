"""The own header walk and pydicom side by side: every value that ingest can ask for."""

from __future__ import annotations

import io
import warnings
from dataclasses import asdict
from pathlib import Path

from pydicom import dcmread

from liverseg.ingest import fields, headers
from liverseg.ingest.header_tags import TAGS
from liverseg.ingest.header_values import Unsure
from liverseg.ingest.header_walk import TooShortError, WalkedHeader, walk_header
from liverseg.ingest.headers import Fate, HeaderReader
from liverseg.ingest.walk import FoundFile

KEYWORDS = sorted(TAGS)
SEQUENCES = [keyword for keyword in KEYWORDS if keyword.endswith("Sequence")]


def walked(data):
    """The header by the own walk and where it ends; None where the walk is not sure."""
    try:
        return walk_header(data, whole=True)
    except (Unsure, TooShortError):
        return None


def parsed(data):
    """The header by pydicom and where it ends."""
    stream = io.BytesIO(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = dcmread(stream, stop_before_pixels=True)
    return dataset, stream.tell()


def values_of(dataset, depth=0):
    """Everything that `fields` gives for a dataset, by keyword; "unsure" where it will not."""
    found = {}
    tags = set(dataset.elements if isinstance(dataset, WalkedHeader) else dataset.keys())
    for keyword in KEYWORDS:
        if TAGS[keyword] not in tags:
            continue  # Absent from one and present in the other is a difference, too.
        for ask in (fields.text, fields.texts, fields.numbers, fields.whole, fields.items):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    value = ask(dataset, keyword)
            except Unsure:
                found[keyword, ask.__name__] = "unsure"
                continue
            if ask is fields.items:
                value = [
                    values_of(item, depth + 1)
                    if hasattr(item, "get") and depth < 3
                    else hasattr(item, "get") or str(item)
                    for item in value
                ]
            found[keyword, ask.__name__] = value
    return found


def differences(own, other, path=""):
    """Where the walk is sure of a value that pydicom gives differently."""
    told = [(path, own.keys() ^ other.keys())] if own.keys() != other.keys() else []
    for key, value in own.items():
        if value == "unsure" or value == other.get(key):
            continue
        twin = other.get(key)
        if isinstance(value, list) and isinstance(twin, list) and len(value) == len(twin):
            for index, (a, b) in enumerate(zip(value, twin, strict=True)):
                if isinstance(a, dict) and isinstance(b, dict):
                    told += differences(a, b, f"{path}{key[0]}[{index}].")
                elif a != b:
                    told.append((path + str(key), a, b))
            continue
        told.append((path + str(key), value, twin))
    return told


def assert_twins(data):
    """The walk either gives the file up or reads what pydicom reads. Returns whether it read."""
    own = walked(data)
    if own is None:
        return False
    dataset, end = parsed(data)
    assert own[1] == end
    own_values, other_values = values_of(own[0]), values_of(dataset)
    assert differences(own_values, other_values) == []
    return True


def judged(path, reader=None):
    """What becomes of a file, as plain values."""
    found = (reader or HeaderReader()).read(FoundFile(Path(path), "name"))
    if isinstance(found, Fate):
        return found
    return [asdict(plane) for plane in found]


def judged_by_pydicom(path, monkeypatch):
    """As `judged`, with the own walk switched off."""

    def never(*_):
        raise Unsure("switched off")

    with monkeypatch.context() as patch:
        patch.setattr(headers, "open_walked", never)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return judged(path)
