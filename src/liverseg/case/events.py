"""The event log: who changed what, when, with which program, and what was there before.

A change of work (exam, liver, couinaud, landmarks, structures, lesion, findings) never
overwrites: it writes a new version, points the head at it, and logs the version before
and after.
Undo, audit and provenance read the same rows.
"""

from __future__ import annotations

import getpass
import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version


@dataclass(frozen=True)
class Event:
    """One transaction: its number in the file, who, when (ISO 8601, UTC), program, what.

    `detail` lists what was written inside it, separated by "; ".
    """

    number: int
    who: str
    when: str
    program: str
    action: str
    detail: str


@dataclass(frozen=True)
class Change:
    """One part of the work before and after an event.

    `kind` is exam, liver, couinaud, landmarks, structures, lesion or findings. `before` and `after`
    are version numbers (see `CaseFile.lesion_version`); None = it was not there.
    """

    event: int
    kind: str
    exam_id: str
    name: str
    before: int | None
    after: int | None
    position: int = 0


def program_name() -> str:
    """Name and version of this program, as events keep it."""
    try:
        return f"liverseg {version('liverseg')}"
    except PackageNotFoundError:  # a source tree that was never installed
        return "liverseg 0.0.0"


def user_name() -> str:
    """The login name, or "unknown" where the system has none (some containers)."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def revert_note(event: int) -> str:
    """How the log says that an event was taken back; `taken_back` reads it again."""
    return f"take back event {event}"


def taken_back(event: Event) -> int | None:
    """Number of the event that this one took back; None for any other, or for several."""
    notes = (event.action, *event.detail.split("; "))
    found = [m for note in notes if (m := re.fullmatch(r"take back event (\d+)", note))]
    return int(found[0][1]) if len(found) == 1 else None


def last_event(db: sqlite3.Connection) -> int:
    """Number of the last event, 0 before the first: the revision of the file."""
    return int(db.execute("SELECT coalesce(max(number), 0) FROM event").fetchone()[0])


def write_event(db: sqlite3.Connection, *, number: int, who: str, action: str, detail: str) -> None:
    """Append the row that the other rows of this transaction already refer to."""
    when = datetime.now(UTC).isoformat(timespec="milliseconds")
    db.execute(
        "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)",
        (number, who, when, program_name(), action, detail),
    )


def read_events(db: sqlite3.Connection, *, newest: int = -1) -> tuple[Event, ...]:
    """The newest events (all unless limited), oldest first."""
    rows = db.execute("SELECT * FROM event ORDER BY number DESC LIMIT ?", (newest,)).fetchall()
    return tuple(Event(*row) for row in reversed(rows))


def read_changes(
    db: sqlite3.Connection, *, event: int | None, exam_id: str | None, name: str | None
) -> tuple[Change, ...]:
    """Changes in the order they were made; None = any."""
    rows = db.execute(
        "SELECT event, kind, exam_id, name, before, after, position FROM change"
        " WHERE (?1 IS NULL OR event = ?1) AND (?2 IS NULL OR exam_id = ?2)"
        " AND (?3 IS NULL OR name = ?3) ORDER BY id",
        (event, exam_id, name),
    )
    return tuple(Change(*row) for row in rows)
