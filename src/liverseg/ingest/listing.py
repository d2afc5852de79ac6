"""`list_dicom`: every file below some paths, and which of them are DICOM at all."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from liverseg.ingest.headers import Fate
from liverseg.ingest.scan import read_all
from liverseg.ingest.walk import FoundFile, find_files
from liverseg.records import FileState, Progress

#: How reasons begin that mean: nothing in this file can be read as DICOM.
_UNREADABLE = ("is not a DICOM file", "is a zip archive", "is a DICOMDIR", "is packed")
_DAMAGED = ("damaged:", "cannot be read", "is an empty file", "is refused as", "is an archive")


def list_dicom(
    paths: Sequence[Path | str], *, progress: Progress | None = None
) -> tuple[FoundFile, ...]:
    """Every file below `paths` in the order of names, each once, as `scan_folder` finds them.

    Members of zip archives and files that a DICOMDIR lists are there too. `obstacle`
    says why a file is not DICOM or cannot be read, "" for all others, whatever kind of
    object they hold. Raises `InputError` as `scan_folder` does.
    """
    found = find_files([Path(path) for path in paths])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        files, _, fates = read_all(found, progress, cache=False)
    return tuple(_judged(file, fates.get(file.name)) for file in files)


def _judged(file: FoundFile, fate: Fate | None) -> FoundFile:
    if file.obstacle or fate is None:
        return file
    if fate.reason.startswith(_UNREADABLE + _DAMAGED):
        return replace(file, obstacle=fate.reason, refused=fate.state is FileState.REFUSED)
    return file
