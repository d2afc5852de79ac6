"""What SQLite says, told as `CaseError`: one sentence, the file, what to do."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zstandard

from liverseg.errors import CaseError

#: First match of the error name wins: what is wrong, what to try.
_TOLD = (
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED"),
        "another program is writing to the case file and did not finish in time",
        "close the other window or wait for it, then try again",
    ),
    (
        ("SQLITE_FULL",),
        "the disk is full; nothing of this change was written and the case file is intact",
        "free some space, then try again",
    ),
    (
        ("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN"),
        "the case file or its folder cannot be written to",
        "copy the case file to a folder of yours, or open it for reading only",
    ),
    (
        ("SQLITE_CORRUPT", "SQLITE_NOTADB"),
        "the case file is damaged",
        "restore it from a copy, or run `liverseg run` again",
    ),
    (
        ("SQLITE_IOERR",),
        "the drive of the case file does not answer or has gone; the change was not written",
        "bring the drive back, then try again",
    ),
)


@contextmanager
def case_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors inside the block into `CaseError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise _told(error, path) from error


@contextmanager
def reading_errors(path: Path) -> Iterator[None]:
    """Like `case_errors`, and rows that cannot be decoded are damage."""
    try:
        with case_errors(path):
            yield
    except (json.JSONDecodeError, zstandard.ZstdError) as error:
        raise damaged(path, str(error)) from error


def damaged(path: Path, detail: str) -> CaseError:
    """The error for a case file whose content is not what was written."""
    return CaseError(
        f"the case file is damaged ({detail})",
        where=str(path),
        remedy="restore it from a copy, or run `liverseg run` again",
    )


def not_a_case(path: Path, detail: str) -> CaseError:
    """The error for a file that never was a case file."""
    return CaseError(
        f"this is not a liverseg case file ({detail})",
        where=str(path),
        remedy="pass the case.liverseg that `liverseg run` wrote",
    )


def cannot_write(path: Path) -> CaseError:
    """The error for a case file that was to be written and cannot."""
    _, what, remedy = _TOLD[2]
    return CaseError(what, where=str(path), remedy=remedy)


def _told(error: sqlite3.Error, path: Path) -> CaseError:
    name = getattr(error, "sqlite_errorname", "")
    for starts, what, remedy in _TOLD:
        if name.startswith(starts):
            return CaseError(what, where=str(path), remedy=remedy)
    if "closed database" in str(error):
        return CaseError(
            "the case file was closed", where=str(path), remedy="open it again with CaseFile.open"
        )
    return CaseError(f"the case file cannot be used: {error}", where=str(path))
