"""A quick look whether there is DICOM somewhere, for a program that asks "is this for you?"."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from liverseg.errors import InputError
from liverseg.ingest.archives import list_members, looks_like_zip
from liverseg.ingest.sources import MARK, open_source

#: Files that are looked at before a folder or archive counts as none of ours.
LOOKED_AT = 200
_PREAMBLE = 132


def holds_dicom(path: Path) -> bool:
    """Whether a file is DICOM, or one of the first files of a folder or zip archive is.

    Only files with the mark of PS3.10 count, so that a folder of other pictures is never
    claimed. Opens at most `LOOKED_AT` files; never raises.
    """
    try:
        if path.is_dir():
            return any(_is_marked(file) for file in islice(_files_below(path), LOOKED_AT))
        with path.open("rb") as file:
            start = file.read(_PREAMBLE)
        if not looks_like_zip(start):
            return start[128:] == b"DICM"
        members = list_members(path)[:LOOKED_AT]
        return any(
            _is_marked(f"{path}{MARK}{member.name}") for member in members if not member.obstacle
        )
    except (OSError, InputError):
        return False


def _files_below(folder: Path) -> Iterator[str]:
    """As they come: a folder may hold a million files, and a person waits."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(root, name)
            if file.is_file():  # a pipe would be waited for
                yield str(file)


def _is_marked(source: str) -> bool:
    try:
        with open_source(source) as file:
            return file.read(_PREAMBLE)[128:] == b"DICM"
    except (OSError, InputError):
        return False
