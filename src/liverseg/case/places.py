"""Find files again whose paths are stored without a patient's name.

A part of a path that would name the patient is stored as `HIDDEN`. Whoever has the images
finds it by what stands around it and by the size of the file; where that fits several, or
lies inside an archive, it is not found and the series is said to be missing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

#: As `liverseg.ingest` writes it; a case is opened without loading that room.
HIDDEN = "[hidden]"
_MOST_PLACES = 64


def expand_folder(path: Path) -> list[Path]:
    """The folders that a path with hidden parts may mean; the path itself if it has none."""
    if HIDDEN not in str(path):
        return [path]
    places = [Path(path.anchor)] if path.anchor else [Path()]
    for part in path.parts[1:] if path.anchor else path.parts:
        if HIDDEN not in part:
            places = [place / part for place in places]
            continue
        form = _form(part)
        found = [place / name for place in places for name in _names(place) if form.fullmatch(name)]
        places = [place for place in found if place.is_dir()][:_MOST_PLACES]
    return places or [path]


def file_names(place: Path, wanted: Sequence[tuple[str, int | None]]) -> list[str]:
    """The relative names of files in `place`; `wanted` are stored names and sizes in bytes.

    A name without hidden parts is itself. One that fits no file, or several, stays hidden.
    """
    return [
        name if HIDDEN not in name else _only_fit(place, name, size) or name
        for name, size in wanted
    ]


def _only_fit(place: Path, name: str, size: int | None) -> str | None:
    folder, _, last = name.rpartition("/")
    form = _form(last)
    fitting = [
        found / one
        for found in expand_folder(place / folder)
        for one in _names(found)
        if form.fullmatch(one) and _size(found / one) == size
    ]
    return os.path.relpath(fitting[0], place) if len(fitting) == 1 else None


def _form(part: str) -> re.Pattern[str]:
    # A name that was taken twice got a number behind it in the ledger, not here.
    return re.compile(".+".join(re.escape(piece) for piece in part.split(HIDDEN)))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


@lru_cache(maxsize=256)
def _listed(folder: str, changed_ns: int) -> tuple[str, ...]:
    del changed_ns
    return tuple(entry.name for entry in Path(folder).iterdir())


def _names(folder: Path) -> tuple[str, ...]:
    try:
        return _listed(str(folder), folder.stat().st_mtime_ns)
    except OSError:
        return ()
