"""What was made from images and work: measurements, pictures, ledger, comparison, tables.

A result set (the measurements, or the pictures, of one lesion in one exam) stands in the
order of exams and lesions, and names the event that made it.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from liverseg.case.codec import get_array, put_array
from liverseg.case.pack import from_text, to_text, unpack
from liverseg.records import Doubt, FileState, LedgerEntry, Measurement, View

_Point = tuple[float, float, float]

MEASUREMENTS = "measurements"
VIEWS = "views"
_ARRAYS = ("pixels", "labels")
#: In the order of the fields of `Measurement`.
_COLUMNS = (
    "metric, value, unit, method, measurement.lesion, date, modality, phase, series_uid, slice,"
    " segment, lower, upper, endpoints, doubts"
)
#: In the order of the exams and of their lesions, so that a lesion taken out and brought
#: back has its old place; what belongs to no lesion (liver, segment maps) comes last.
_OF_SET = (
    " JOIN result ON result.id = result_id"
    " LEFT JOIN head AS exam ON exam.kind = 'exam' AND exam.exam_id = result.exam_id"
    " LEFT JOIN head AS own ON own.kind = 'lesion' AND own.exam_id = result.exam_id"
    "  AND own.name = result.lesion"
    " WHERE (?1 IS NULL OR result.exam_id = ?1) AND (?2 IS NULL OR result.lesion = ?2)"
    " ORDER BY exam.position, own.position IS NULL, own.position, result.id, {set}.position"
)


def put_measurements(
    db: sqlite3.Connection, event: int, exam_id: str, lesion: str, rows: Sequence[Measurement]
) -> None:
    """Replace the measurement rows of a lesion in an exam."""
    number = _new_set(db, event, MEASUREMENTS, exam_id, lesion)
    db.execute("DELETE FROM measurement WHERE result_id = ?", (number,))
    marks = ", ".join("?" * 17)
    db.executemany(
        f"INSERT INTO measurement VALUES ({marks})",
        [(number, position, *_measurement_row(row)) for position, row in enumerate(rows)],
    )


def get_measurements(
    db: sqlite3.Connection, *, exam_id: str | None, lesion: str | None
) -> tuple[Measurement, ...]:
    """Measurements in the order of exams and lesions."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM measurement" + _OF_SET.format(set="measurement"),
        (exam_id, lesion),
    )
    return tuple(_measurement(row) for row in rows)


def put_views(
    db: sqlite3.Connection, event: int, exam_id: str, lesion: str, views: Sequence[View]
) -> None:
    """Replace the pictures of a lesion in an exam."""
    number = _new_set(db, event, VIEWS, exam_id, lesion)
    db.execute("DELETE FROM view WHERE result_id = ?", (number,))
    db.executemany(
        "INSERT INTO view VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(number, position, *_view_row(view)) for position, view in enumerate(views)],
    )


def get_views(
    db: sqlite3.Connection, *, exam_id: str | None, lesion: str | None
) -> tuple[View, ...]:
    """Pictures in the order of exams and lesions."""
    rows = db.execute(
        "SELECT view.body, shape, dtype, pixels, labels FROM view" + _OF_SET.format(set="view"),
        (exam_id, lesion),
    )
    return tuple(_view(row) for row in rows)


def drop_results(db: sqlite3.Connection, exam_id: str, lesion: str) -> None:
    """Forget measurements and pictures of a lesion that is no longer in the exam."""
    db.execute("DELETE FROM result WHERE exam_id = ? AND lesion = ?", (exam_id, lesion))


def put_document(db: sqlite3.Connection, event: int, name: str, body: str) -> None:
    """Write a JSON document of the case (ledger, comparison)."""
    db.execute("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", (name, body, event))


def drop_document(db: sqlite3.Connection, name: str) -> None:
    """Forget a document; one that is not there is no error."""
    db.execute("DELETE FROM document WHERE name = ?", (name,))


def get_document(db: sqlite3.Connection, name: str) -> str | None:
    """A JSON document of the case, or None."""
    row = db.execute("SELECT body FROM document WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def put_entries(db: sqlite3.Connection, entries: Sequence[LedgerEntry]) -> None:
    """Replace the ledger's entries."""
    db.execute("DELETE FROM ledger_entry")
    db.executemany(
        "INSERT INTO ledger_entry VALUES (?, ?, ?, ?, ?)",
        [(n, e.path, e.state.value, e.reason, e.series_uid) for n, e in enumerate(entries)],
    )


def get_entries(db: sqlite3.Connection) -> tuple[LedgerEntry, ...]:
    """The ledger's entries in their order."""
    rows = db.execute("SELECT path, state, reason, series_uid FROM ledger_entry ORDER BY position")
    return tuple(LedgerEntry(row[0], FileState(row[1]), row[2], row[3]) for row in rows)


def put_tables(db: sqlite3.Connection, event: int, digests: Mapping[str, str]) -> None:
    """Replace the names and hashes of the threshold tables."""
    db.execute("DELETE FROM threshold_table")
    rows = [(name, digest, event) for name, digest in digests.items()]
    db.executemany("INSERT INTO threshold_table VALUES (?, ?, ?)", rows)


def get_tables(db: sqlite3.Connection) -> dict[str, str]:
    """Hash of each threshold table by name, sorted."""
    return dict(db.execute("SELECT name, digest FROM threshold_table ORDER BY name").fetchall())


def outdated_results(db: sqlite3.Connection) -> tuple[tuple[str, str], ...]:
    """(exam, lesion) whose measurements are missing or older than the work they rest on.

    They rest on all masks of the exam, for every lesion is left out of the liver that the
    others are compared with. Such are left when a program stops between a stroke and its
    numbers.
    """
    rows = db.execute(
        "WITH owner AS ("
        "  SELECT exam_id, name AS lesion, position FROM head WHERE kind = 'lesion'"
        "  UNION ALL SELECT exam_id, 'liver', -1 FROM head WHERE kind = 'liver'),"
        " work AS (SELECT exam_id, max(event) AS event FROM change"
        "  WHERE kind IN ('exam', 'liver', 'couinaud', 'structures', 'lesion') GROUP BY exam_id)"
        " SELECT owner.exam_id, owner.lesion FROM owner"
        "  JOIN work ON work.exam_id = owner.exam_id"
        "  LEFT JOIN result ON result.kind = 'measurements'"
        "  AND result.exam_id = owner.exam_id AND result.lesion = owner.lesion"
        " WHERE result.event IS NULL OR result.event < work.event"
        " ORDER BY owner.exam_id, owner.position"
    )
    return tuple((row[0], row[1]) for row in rows)


def _new_set(db: sqlite3.Connection, event: int, kind: str, exam_id: str, lesion: str) -> int:
    db.execute(
        "INSERT INTO result (kind, exam_id, lesion, event) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (kind, exam_id, lesion) DO UPDATE SET event = excluded.event",
        (kind, exam_id, lesion, event),
    )
    row = db.execute(
        "SELECT id FROM result WHERE kind = ? AND exam_id = ? AND lesion = ?",
        (kind, exam_id, lesion),
    ).fetchone()
    return int(row[0])


def _measurement_row(row: Measurement) -> tuple[Any, ...]:
    return (
        row.metric,
        _put_number(row.value),
        row.unit,
        row.method,
        row.lesion,
        row.date,
        row.modality,
        str(row.phase),
        row.series_uid,
        None if row.slice is None else int(row.slice),
        row.segment,
        None if row.lower is None else _put_number(row.lower),
        None if row.upper is None else _put_number(row.upper),
        to_text(row.endpoints_lps_mm),
        to_text(row.doubts),
    )


def _measurement(row: tuple[Any, ...]) -> Measurement:
    names = [part.name for part in fields(Measurement)]
    parts: dict[str, Any] = dict(zip(names, row, strict=True))
    for name in ("value", "lower", "upper"):
        parts[name] = None if parts[name] is None else float(parts[name])
    parts["endpoints_lps_mm"] = unpack(tuple[_Point, ...], json.loads(row[13]))
    parts["doubts"] = unpack(tuple[Doubt, ...], json.loads(row[14]))
    return Measurement(**parts)


def _put_number(value: float) -> float | str:
    """A number for a REAL column: NaN as text, which SQLite would else turn into NULL."""
    return "nan" if math.isnan(value) else float(value)


def _view_row(view: View) -> tuple[Any, ...]:
    return (
        to_text(view, skip=_ARRAYS),
        json.dumps(view.pixels.shape),
        view.pixels.dtype.str,
        put_array(view.pixels),
        put_array(np.asarray(view.labels, dtype=np.uint8)),
    )


def _view(row: tuple[Any, ...]) -> View:
    body, shape, dtype, pixels, labels = row
    size = tuple(json.loads(shape))
    return from_text(
        View, body, pixels=get_array(pixels, dtype, size), labels=get_array(labels, "|u1", size)
    )
