"""Make a new case file, or open one after looking whether it is whole and readable."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from liverseg.case.events import program_name, user_name, write_event
from liverseg.case.faults import case_errors, damaged, not_a_case
from liverseg.case.link import WAIT_S, is_writable_place, require_writable_place
from liverseg.errors import CaseError

#: Layout of the file, PRAGMA user_version: the newest one that is read here. A file begins
#: as 1. The first lesion with moves of its own makes it `MOVES_VERSION`: a program that
#: knows no moves would read it, measure in the wrong place and drop them with the next edit.
MOVES_VERSION = 2
SCHEMA_VERSION = MOVES_VERSION
APPLICATION_ID = 0x4C565347  # "LVSG"
#: How the names of case files end.
ENDING = ".liverseg"
_MAGIC = b"SQLite format 3\x00"
_SIDE_FILES = ("-journal", "-wal", "-shm")


def make_file(path: Path, *, case: str, who: str | None, overwrite: bool) -> None:
    """Write an empty case file, whole or not at all.

    It is built under a temporary name and moved to `path`. What an older file of that
    name left beside it is removed: SQLite would roll an old journal into the new file.
    """
    if path.exists() and not overwrite:
        raise CaseError(
            "there is already a file of this name",
            where=str(path),
            remedy="choose another name, or open it with CaseFile.open",
        )
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder, not a file" if path.is_dir() else "is in a folder that does not exist"
        raise CaseError(f"the case file {what}", where=str(path), remedy="choose another path")
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with case_errors(path):
            db = connect(draft, mode="rwc")
            try:
                _fill(db, case=case, who=who or user_name())
            finally:
                db.close()
        for end in _SIDE_FILES:
            path.with_name(path.name + end).unlink(missing_ok=True)
        draft.replace(path)
    except OSError as error:
        raise CaseError(
            f"the case file cannot be made: {error.strerror}",
            where=str(path),
            remedy="choose a folder that can be written to",
        ) from error
    finally:
        for end in ("", *_SIDE_FILES):
            draft.with_name(draft.name + end).unlink(missing_ok=True)


def looks_like_case(path: Path) -> bool:
    """Whether a path means a case file: by its ending, or by what the file begins with."""
    if path.suffix == ENDING:
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def open_file(
    path: Path, *, read_only: bool, wait_s: float = WAIT_S, check: bool = True
) -> sqlite3.Connection:
    """A connection to a case file that was looked over. Raises `CaseError` otherwise.

    Looked at: the file's header, the schema's version, and with `check` SQLite's integrity
    check.
    """
    _look_at_header(path)
    if not read_only:
        require_writable_place(path)
    # Reading, too, must first roll back what a killed program left half-written.
    left_over = path.with_name(path.name + "-journal").exists() and is_writable_place(path)
    with case_errors(path):
        db = connect(path, mode="ro" if read_only and not left_over else "rw", wait_s=wait_s)
        try:
            _look_inside(db, path, check=check)
            if read_only:
                db.execute("PRAGMA query_only = ON")
        except BaseException:
            db.close()
            raise
    return db


def copy_file(db: sqlite3.Connection, path: Path) -> Path:
    """Copy an open case file to a new one, whole or not at all."""
    if path.exists():
        raise CaseError(
            "there is already a file of this name", where=str(path), remedy="choose another name"
        )
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with case_errors(path):
            copy = connect(draft, mode="rwc")
            try:
                db.backup(copy)
            finally:
                copy.close()
        draft.replace(path)
    finally:
        for end in ("", *_SIDE_FILES):
            draft.with_name(draft.name + end).unlink(missing_ok=True)
    return path


def connect(path: Path, *, mode: str, wait_s: float = WAIT_S) -> sqlite3.Connection:
    """A bare connection with this room's settings; `mode` is "ro", "rw" or "rwc"."""
    # One thread at a time holds Link's lock, so the connection may change threads.
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=wait_s,
        isolation_level=None,
        check_same_thread=False,
    )
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA synchronous = EXTRA")
    return db


def _fill(db: sqlite3.Connection, *, case: str, who: str) -> None:
    schema = resources.files("liverseg.case").joinpath("schema.sql").read_text(encoding="utf-8")
    db.execute("PRAGMA journal_mode = DELETE")
    db.executescript(f"BEGIN IMMEDIATE; {schema}")
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    db.executemany(
        "INSERT INTO meta VALUES (?, ?)",
        [("case", case), ("created", now), ("program", program_name())],
    )
    write_event(db, number=1, who=who, action="create the case file", detail=case)
    db.execute("COMMIT")


def _look_at_header(path: Path) -> None:
    if path.is_dir():
        raise not_a_case(path, "it is a folder")
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except FileNotFoundError:
        raise CaseError(
            "there is no case file of this name",
            where=str(path),
            remedy="check the path; `liverseg run ... -o DIR` writes DIR/case.liverseg",
        ) from None
    except OSError as error:
        raise CaseError(
            f"the case file cannot be read: {error.strerror}",
            where=str(path),
            remedy="check the drive and your rights on the file",
        ) from error
    if not head:
        raise not_a_case(path, "it is empty")
    if head != _MAGIC:
        raise not_a_case(path, "its header is not that of an SQLite file")


def _look_inside(db: sqlite3.Connection, path: Path, *, check: bool) -> None:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise not_a_case(path, "it is an SQLite file of another program")
    if version > SCHEMA_VERSION:
        raise CaseError(
            f"the case file has layout version {version}{_writer(db)}; "
            f"this liverseg reads up to version {SCHEMA_VERSION}",
            where=str(path),
            remedy="update liverseg",
        )
    if version < 1:
        raise damaged(path, f"layout version {version}")
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    (page_bytes,) = db.execute("PRAGMA page_size").fetchone()
    if path.stat().st_size < pages * page_bytes:
        # SQLite itself reads a cut last page as if zeros stood there.
        raise damaged(path, f"it was cut off, {pages * page_bytes} bytes were written")
    if not check:
        return
    (said,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise damaged(path, str(said).splitlines()[-1])


def _writer(db: sqlite3.Connection) -> str:
    """Who wrote a newer file, if its log can still be read."""
    try:
        row = db.execute("SELECT program FROM event ORDER BY number DESC LIMIT 1").fetchone()
    except sqlite3.Error:
        return ""
    return f", written by {row[0]}" if row else ""
