"""Versions of the work and the heads that point at them: nothing is overwritten."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from liverseg.case.codec import get_label_map, put_label_map
from liverseg.case.events import Change
from liverseg.case.pack import from_text, to_text
from liverseg.errors import CaseError
from liverseg.geometry import LabelMap
from liverseg.records import Lesion

_MASK = ("mask",)


@dataclass(frozen=True)
class Part:
    """Address of one part of the work: its kind, its exam, its name."""

    kind: str
    exam_id: str = ""
    name: str = ""


def put_part(
    db: sqlite3.Connection,
    event: int,
    part: Part,
    *,
    body: str = "{}",
    labels: LabelMap | None = None,
    position: int | None = None,
) -> None:
    """Make this the state of a part. The same content again is no change.

    `position` orders parts of one kind; None keeps it, or appends a new part.
    """
    label_map_id = None if labels is None else put_label_map(db, labels)
    old = db.execute(
        "SELECT version_id, position, body, label_map_id FROM head"
        " JOIN version ON version.id = version_id"
        " WHERE head.kind = ? AND head.exam_id = ? AND head.name = ?",
        (part.kind, part.exam_id, part.name),
    ).fetchone()
    if position is None:
        position = _next_position(db, part) if old is None else old[1]
    if old is not None and tuple(old[1:]) == (position, body, label_map_id):
        return
    number = db.execute(
        "INSERT INTO version (kind, exam_id, name, body, label_map_id, event)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (part.kind, part.exam_id, part.name, body, label_map_id, event),
    ).lastrowid
    set_head(db, event, part, number, position)


def drop_part(db: sqlite3.Connection, event: int, part: Part) -> None:
    """Take a part out of the state; its versions stay. Nothing happens when it is not there."""
    set_head(db, event, part, None, None)


def set_head(
    db: sqlite3.Connection, event: int, part: Part, number: int | None, position: int | None
) -> None:
    """Point a part at a version (None: take it out) and log what it pointed at before."""
    where = (part.kind, part.exam_id, part.name)
    old = db.execute(
        "SELECT version_id, position FROM head WHERE kind = ? AND exam_id = ? AND name = ?", where
    ).fetchone()
    if old is None and number is None:
        return
    before = None if old is None else old[0]
    if position is None:
        position = 0 if old is None else old[1]
    db.execute(
        "INSERT INTO change (event, kind, exam_id, name, position, before, after)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (event, *where, position if old is None else old[1], before, number),
    )
    if number is None:
        db.execute("DELETE FROM head WHERE kind = ? AND exam_id = ? AND name = ?", where)
    else:
        db.execute(
            "INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?, ?, ?)",
            (*where, position, number, event),
        )


def revert_changes(db: sqlite3.Connection, event: int, changes: tuple[Change, ...]) -> None:
    """Put back what each change found, newest first. Raises `CaseError` when it is not last."""
    for change in reversed(changes):
        part = Part(change.kind, change.exam_id, change.name)
        if head_version(db, part) != change.after:
            raise CaseError(
                f"{change.kind} {change.name or change.exam_id} was changed again after "
                f"event {change.event}",
                remedy="take the later changes back first",
            )
        set_head(db, event, part, change.before, change.position)


def head_version(db: sqlite3.Connection, part: Part) -> int | None:
    """Number of the version that a part points at, or None."""
    row = db.execute(
        "SELECT version_id FROM head WHERE kind = ? AND exam_id = ? AND name = ?",
        (part.kind, part.exam_id, part.name),
    ).fetchone()
    return None if row is None else int(row[0])


def names_of(db: sqlite3.Connection, kind: str, exam_id: str) -> tuple[str, ...]:
    """Names of the parts of a kind in an exam, in order."""
    rows = db.execute(
        "SELECT name FROM head WHERE kind = ? AND exam_id = ? ORDER BY position, name",
        (kind, exam_id),
    )
    return tuple(row[0] for row in rows)


def read_body(db: sqlite3.Connection, part: Part) -> str | None:
    """JSON of a part as it is now, or None."""
    number = head_version(db, part)
    if number is None:
        return None
    return str(db.execute("SELECT body FROM version WHERE id = ?", (number,)).fetchone()[0])


def read_labels(db: sqlite3.Connection, part: Part) -> LabelMap | None:
    """Label map of a part as it is now, or None."""
    number = head_version(db, part)
    if number is None:
        return None
    (found,) = db.execute("SELECT label_map_id FROM version WHERE id = ?", (number,)).fetchone()
    return get_label_map(db, found)


def lesion_body(lesion: Lesion) -> str:
    """JSON of a lesion without its mask."""
    return to_text(lesion, skip=_MASK)


def read_lesion(db: sqlite3.Connection, number: int) -> Lesion:
    """The lesion of a version, whether it still holds or not."""
    row = db.execute(
        "SELECT body, label_map_id FROM version WHERE id = ? AND kind = 'lesion'", (number,)
    ).fetchone()
    if row is None:
        raise CaseError(f"version {number} is not a lesion of this case")
    return from_text(Lesion, row[0], mask=get_label_map(db, row[1]))


def _next_position(db: sqlite3.Connection, part: Part) -> int:
    """Lesions are counted within their exam, exams among themselves."""
    within = part.exam_id if part.kind == "lesion" else None
    row = db.execute(
        "SELECT coalesce(max(position) + 1, 0) FROM head"
        " WHERE kind = ?1 AND (?2 IS NULL OR exam_id = ?2)",
        (part.kind, within),
    )
    return int(row.fetchone()[0])
