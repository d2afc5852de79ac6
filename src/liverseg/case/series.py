"""Series records to rows and back: what was read, from where, and how to find it again.

No pixels are stored. A series keeps its folder twice: relative to the case file, so that
a case and its images can be moved together, and absolute, so that the case file alone can
be moved. A file keeps its size and time of change; the fingerprint of a series is the
SHA-256 over "SOP instance UID, frame, size in bytes" of every slice, in order. It tells
other or cut files from the right ones without reading them; it does not see a byte that
was changed within the same size.

Where a path holds the patient's name or identifier, that part is stored as "[hidden]", and
found again by its size and by what stands around it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from liverseg.case.codec import get_grid, put_grid, squeeze, unsqueeze
from liverseg.case.pack import from_text, to_text
from liverseg.case.places import HIDDEN, expand_folder, file_names
from liverseg.errors import CaseError
from liverseg.geometry import SliceSource
from liverseg.records import Doubt, SeriesRecord

#: Kept in other columns, found again when they are read (where the pixels lie), or not kept.
_APART = ("slices", "grid", "stored", "hidden")


@dataclass(frozen=True)
class StoredFile:
    """One slice's file: path below the series' folder, UID, frame, bytes, time of change (ns).

    `size` and `changed` are None when the file could not be looked at.
    """

    path: str
    sop_instance_uid: str
    frame: int | None
    size: int | None
    changed: int | None


def put_series(db: sqlite3.Connection, event: int, record: SeriesRecord, *, home: Path) -> None:
    """Write a series, or write it anew; paths also relative to `home`, the case's folder."""
    paths = [os.path.normpath(Path(source.path).absolute()) for source in record.slices]
    root = _common_folder(paths)
    files = [
        StoredFile(
            PurePath(os.path.relpath(path, root)).as_posix(),
            str(source.sop_instance_uid),
            source.frame,
            *_look(path),
        )
        for path, source in zip(paths, record.slices, strict=True)
    ]
    places = _kept_places(db, record.key, fingerprint(files)) or _new_places(
        root, home, files, record
    )
    db.execute(
        "INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.key,
            record.series_uid,
            record.study_uid,
            put_grid(db, record.grid),
            *places[:2],
            fingerprint(files),
            to_text(record, skip=_APART),
            places[2],
            event,
        ),
    )


def get_series(db: sqlite3.Connection, key: str, *, home: Path) -> SeriesRecord:
    """The record of this key, its paths where the files are found now.

    Raises `CaseError` for an unknown key. Where no file is found the paths are those of
    the time of writing.
    """
    body, grid_id, root, files = _row(db, key, home)
    slices = tuple(
        SliceSource(str(root / file.path), file.sop_instance_uid, file.frame) for file in files
    )
    return from_text(SeriesRecord, body, slices=slices, grid=get_grid(db, grid_id))


def series_studies(db: sqlite3.Connection, keys: Sequence[str]) -> tuple[str, ...]:
    """Study UID of each of these series."""
    known = dict(db.execute("SELECT key, study_uid FROM series").fetchall())
    return tuple(known[key] for key in keys)


def check_series(db: sqlite3.Connection, key: str, *, home: Path) -> Doubt | None:
    """A doubt when files of this series are missing or are no longer the ones that were read."""
    _, _, root, files = _row(db, key, home)
    sizes = [_look(str(root / file.path))[0] for file in files]
    missing = sum(size is None for size in sizes)
    if missing:
        return Doubt(f"{missing} of {len(files)} image files are missing in {root}", key)
    changed = sum(size != file.size for size, file in zip(sizes, files, strict=True))
    if changed:
        reason = f"{changed} of {len(files)} image files in {root} have another size than when read"
        return Doubt(reason, key)
    return None


def fingerprint(files: Sequence[StoredFile]) -> str:
    """SHA-256 over UID, frame and size of every file, in slice order."""
    found = hashlib.sha256()
    for file in files:
        found.update(f"{file.sop_instance_uid} {file.frame} {file.size}\n".encode())
    return found.hexdigest()


def _row(
    db: sqlite3.Connection, key: str, home: Path
) -> tuple[str, int, Path, tuple[StoredFile, ...]]:
    row = db.execute(
        "SELECT body, grid_id, root_relative, root_absolute, files FROM series WHERE key = ?",
        (key,),
    ).fetchone()
    if row is None:
        raise CaseError(f"the case has no series {key}")
    body, grid_id, relative, absolute, packed = row
    files = tuple(
        StoredFile(
            item["path"], item["sop_instance_uid"], item["frame"], item["size"], item["changed"]
        )
        for item in json.loads(unsqueeze(packed))
    )
    places = expand_folder(Path(absolute))
    if relative is not None:
        places = [*expand_folder(Path(os.path.normpath(home / relative))), *places]
    root = _best_place(places, files)
    names = file_names(root, [(file.path, file.size) for file in files])
    found = tuple(replace(f, path=name) for f, name in zip(files, names, strict=True))
    return body, grid_id, root, found


def _best_place(places: Sequence[Path], files: Sequence[StoredFile]) -> Path:
    """The folder that holds most of the files in their size; of equals the first.

    When none holds any, the last: the absolute one, which a person can recognise.
    """
    if len(places) == 1 or places[0] == places[-1]:
        return places[-1]
    counts = []
    for place in places:
        names = file_names(place, [(file.path, file.size) for file in files])
        sizes = [_look(str(place / name))[0] for name in names]
        same = sum(
            size is not None and size == f.size for size, f in zip(sizes, files, strict=True)
        )
        counts.append((same, sum(size is not None for size in sizes)))
        if same == len(files):
            return place
    best = max(counts)
    return places[counts.index(best)] if best[1] else places[-1]


def _look(path: str) -> tuple[int | None, int | None]:
    # Also a member of a zip archive. Imported here: a case is opened without pydicom.
    from liverseg.ingest import facts_of

    found = facts_of(path)
    return (None, None) if found is None else (found.size, found.changed_ns)


def _new_places(
    root: str, home: Path, files: Sequence[StoredFile], record: SeriesRecord
) -> tuple[str | None, str, bytes]:
    """Both roots and the files as they are stored, without what names the patient."""
    from liverseg.ingest import hide

    relative = _relative(root, home)
    shown = [replace(file, path=hide(file.path, record.hidden)) for file in files]
    return (
        None if relative is None else hide(relative, record.hidden),
        hide(PurePath(root).as_posix(), record.hidden),
        squeeze(to_text(shown).encode()),
    )


def _kept_places(
    db: sqlite3.Connection, key: str, mark: str
) -> tuple[str | None, str, bytes] | None:
    """What is stored of the same files already, where it hides something.

    A record that was read from a case no longer knows what to hide.
    """
    row = db.execute(
        "SELECT root_relative, root_absolute, files FROM series WHERE key = ? AND fingerprint = ?",
        (key, mark),
    ).fetchone()
    if row is None or not (HIDDEN in row[1] or HIDDEN in unsqueeze(row[2]).decode("utf-8")):
        return None
    return row[0], row[1], row[2]


def _common_folder(paths: Sequence[str]) -> str:
    return os.path.commonpath([Path(path).parent for path in paths]) if paths else os.curdir


def _relative(root: str, home: Path) -> str | None:
    try:
        return PurePath(os.path.relpath(root, home)).as_posix()
    except ValueError:  # on another drive
        return None
