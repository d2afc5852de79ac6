"""Judged headers as plain JSON values and back.

No path, no name of a patient and no identifier but the digest and the UIDs of the ledger
are in it. What depends on where a scan started (ledger names) is left out and filled in
again when an entry is read.
"""

from __future__ import annotations

from dataclasses import fields
from operator import itemgetter
from typing import Any

from liverseg.ingest.headers import Fate
from liverseg.ingest.plane import ImageFile, Plane
from liverseg.ingest.quick import made
from liverseg.ingest.walk import FoundFile
from liverseg.records import Doubt, FileState, SeriesFacts, StoredPixels


def _names(kind: type, *apart: str) -> tuple[str, ...]:
    return tuple(part.name for part in fields(kind) if part.name not in apart)


_FILE = _names(ImageFile, "path", "name", "facts", "doubts")
_PLANE = _names(Plane, "file", "stored", "marks")
_FACTS = _names(SeriesFacts)
_STORED = _names(StoredPixels)
_file_values, _plane_values = itemgetter(*_FILE), itemgetter(*_PLANE)
_facts_values, _stored_values = itemgetter(*_FACTS), itemgetter(*_STORED)

Result = tuple[Plane, ...] | Fate


class Packer:
    """Turns results into JSON values; what many files share is written once."""

    def __init__(self) -> None:
        self.facts: list[Any] = []
        self.marks: list[tuple[str, ...]] = []
        self._numbers: dict[Any, int] = {}

    def pack(self, result: Result) -> Any:
        """One result as JSON values."""
        if isinstance(result, Fate):
            return [result.state.value, result.reason, result.series_uid]
        file = result[0].file
        return [
            _file_values(file.__dict__),
            self._number(self.facts, _facts_values(file.facts.__dict__)),
            [doubt.reason for doubt in file.doubts],
            [self._plane(plane) for plane in result],
        ]

    def _plane(self, plane: Plane) -> Any:
        return [
            _plane_values(plane.__dict__),
            self._number(self.marks, tuple(plane.marks)),
            tuple(plane.marks.values()),
            None if plane.stored is None else _stored_values(plane.stored.__dict__),
        ]

    def _number(self, table: list[Any], value: Any) -> int:
        key = id(table), value
        if key not in self._numbers:
            self._numbers[key] = len(table)
            table.append(value)
        return self._numbers[key]


class Unpacker:
    """Turns JSON values back into results. Raises anything for values that are none."""

    def __init__(self, facts: list[Any], marks: list[Any]) -> None:
        self._facts = [made(SeriesFacts, _FACTS, map(_frozen, values)) for values in facts]
        self._marks = marks

    def unpack(self, data: Any, found: FoundFile) -> Result:
        """The result for a file under the name that it has now."""
        if len(data) == 3:
            return Fate(FileState(data[0]), data[1], data[2])
        values, facts, reasons, planes = data
        file = made(ImageFile, _FILE, map(_frozen, values))
        file.__dict__.update(
            path=str(found.path.absolute()),
            name=found.name,
            facts=self._facts[facts],
            doubts=tuple(Doubt(reason, found.name) for reason in reasons),
        )
        return tuple(self._plane(file, plane) for plane in planes)

    def _plane(self, file: ImageFile, data: Any) -> Plane:
        values, names, marks, stored = data
        plane = made(Plane, _PLANE, map(_frozen, values))
        plane.__dict__.update(
            file=file,
            marks=dict(zip(self._marks[names], map(_frozen, marks), strict=True)),
            stored=None if stored is None else made(StoredPixels, _STORED, map(_frozen, stored)),
        )
        return plane


def _frozen(value: Any) -> Any:
    """JSON knows lists only; these were tuples."""
    return tuple(map(_frozen, value)) if type(value) is list else value
