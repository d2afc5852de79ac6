"""`Link`: the connection to one case file, its lock, its transactions.

Why a rollback journal (journal_mode DELETE) and not WAL: a case is one file that people
copy, mail and keep on shared drives. WAL leaves -wal and -shm beside it while it is open
and after a crash, does not work over network file systems, and needs a writable folder
even for reading. With DELETE there is one file whenever nobody is in the middle of a
write; after a crash a -journal stays, and the next opening rolls it back. Such a pair
must be copied together.
Why synchronous EXTRA: FULL, and the folder is flushed too when the journal goes, without
which a power cut can take back the last commit. A stroke costs a few milliseconds more.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from liverseg.case.events import last_event, user_name, write_event
from liverseg.case.faults import cannot_write, case_errors, reading_errors
from liverseg.errors import CaseError

#: How long a write waits for another program's write before it gives up, in seconds.
WAIT_S = 10.0


@dataclass
class Draft:
    """A transaction under way: the number its event will have, and what was written."""

    number: int
    notes: list[str] = field(default_factory=list)


class Link:
    """A held SQLite connection. One thread at a time; nested writes join the outer one."""

    def __init__(
        self, db: sqlite3.Connection, path: Path, *, who: str | None, read_only: bool
    ) -> None:
        self.path = path
        self.db = db
        self.who = who or user_name()
        self.read_only = read_only
        self._lock = threading.RLock()
        self._draft: Draft | None = None
        self._identity = _identity(path)

    def close(self) -> None:
        """Close the connection; a transaction under way is rolled back. Twice is fine."""
        with self._lock:
            self.db.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Statements inside see one state of the file, whatever other programs write."""
        with self._lock, reading_errors(self.path):
            if self.db.in_transaction:
                yield self.db
                return
            self.db.execute("BEGIN")
            try:
                yield self.db
            finally:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")

    @contextmanager
    def writing(self, action: str, *, revision: int | None = None) -> Iterator[Draft]:
        """One transaction with one event row; inside another one, a part of that.

        A part that fails is taken back alone and the error goes on to the caller; when
        the outer block fails, nothing of it was written. `revision`: refuse when another
        program has written since the file had this revision.
        """
        with self._lock, case_errors(self.path):
            if self._draft is not None:
                with self._part(self._draft, action):
                    yield self._draft
                return
            self._require_writable()
            self.db.execute("BEGIN IMMEDIATE")
            try:
                draft = self._draft = Draft(self._next_number(revision))
                yield draft
                self._require_open_transaction()
                write_event(
                    self.db,
                    number=draft.number,
                    who=self.who,
                    action=action,
                    detail="; ".join(draft.notes),
                )
                self.db.execute("COMMIT")
            finally:
                self._draft = None
                if self.db.in_transaction:  # anything but a finished commit
                    self.db.execute("ROLLBACK")

    @contextmanager
    def _part(self, draft: Draft, note: str) -> Iterator[None]:
        self._require_open_transaction()
        mark = len(draft.notes)
        draft.notes.append(note)
        self.db.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            del draft.notes[mark:]
            if self.db.in_transaction:  # a full disk ends the whole transaction by itself
                self.db.execute("ROLLBACK TO part")
                self.db.execute("RELEASE part")
            raise
        self.db.execute("RELEASE part")

    def _next_number(self, revision: int | None) -> int:
        found = last_event(self.db)
        if revision is not None and found != revision:
            raise CaseError(
                f"another window has changed the case file since it was read "
                f"(revision {found}, not {revision})",
                where=str(self.path),
                remedy="read the case again, then repeat the change",
            )
        return found + 1

    def _require_writable(self) -> None:
        if self.read_only:
            raise CaseError(
                "the case file was opened for reading only",
                where=str(self.path),
                remedy="open it with CaseFile.open(path)",
            )
        # SQLite would go on writing into a file that has no name any more.
        if _identity(self.path) != self._identity:
            raise CaseError(
                "the case file was moved, deleted or replaced while it was open; "
                "the change was not written",
                where=str(self.path),
                remedy="keep this window's state with CaseFile.copy_to, or open the case again",
            )

    def _require_open_transaction(self) -> None:
        if not self.db.in_transaction:
            raise CaseError(
                "the transaction was ended by an earlier error; nothing of it was written",
                where=str(self.path),
                remedy="repeat the whole change",
            )


def require_writable_place(path: Path) -> None:
    """Raise `CaseError` unless the file and its folder (for the journal) can be written."""
    if not is_writable_place(path):
        raise cannot_write(path)


def is_writable_place(path: Path) -> bool:
    """Whether this user may write the file and make files beside it."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
