"""Find every file below the given paths, each exactly once, with its name in the ledger."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from liverseg.errors import InputError


@dataclass(frozen=True)
class FoundFile:
    """A file, its name in the ledger, and why it cannot be opened ("" if it can be tried).

    A member of an archive is named ``archive.zip!/member`` in both; see `sources`.
    `refused` tells an obstacle that may hide an image from one that does not.
    """

    path: Path
    name: str
    obstacle: str = ""
    refused: bool = False


def find_files(roots: Sequence[Path]) -> tuple[FoundFile, ...]:
    """All files below `roots`, in order of their names.

    A root may be a file. Links to folders are not followed but named. Raises
    `InputError` for a path that does not exist or where there is no file at all.
    """
    if not roots:
        raise InputError("no folder was given", remedy="name a folder of DICOM files")
    prefixes = _prefixes(roots)
    found: dict[str, FoundFile] = {}
    for root, prefix in zip(roots, prefixes, strict=True):
        before = len(found)
        for path, obstacle in _below(root):
            inner = path.name if path == root else path.relative_to(root).as_posix()
            # A folder given twice, or one inside the other, must not count a file twice.
            # Links are kept apart: each name is one entry of the ledger.
            place = os.path.normpath(path.absolute())
            found.setdefault(place, FoundFile(path, printable(prefix + inner), obstacle))
        if len(found) == before and not any(_below(root)):
            raise InputError(
                "the folder holds no files",
                where=str(root),
                remedy="name a folder of DICOM files",
            )
    twice = {name for name, n in Counter(f.name for f in found.values()).items() if n > 1}
    files = [
        replace(file, name=printable(file.path.absolute().as_posix()))
        if file.name in twice
        else file
        for file in found.values()
    ]
    return tuple(sorted(files, key=lambda file: file.name))


def printable(name: str) -> str:
    """A name that can be written as UTF-8, whatever bytes the disk holds."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _prefixes(roots: Sequence[Path]) -> list[str]:
    """What stands before the relative path: nothing for one root, else something unique."""
    for root in roots:
        if not root.exists():
            raise InputError(
                "there is no such file or folder",
                where=str(root),
                remedy="check the path; it must be a folder of DICOM files or one file",
            )
    if len(roots) == 1:
        return [""]
    names = [root.resolve().name or root.resolve().as_posix() for root in roots]
    twice = {name for name, count in Counter(names).items() if count > 1}
    prefixes = []
    for root, name in zip(roots, names, strict=True):
        if root.is_file():
            prefixes.append("")
        else:
            prefixes.append((root.resolve().as_posix() if name in twice else name) + "/")
    return prefixes


def _below(root: Path) -> Iterator[tuple[Path, str]]:
    if not root.is_dir():
        yield root, _obstacle(root)
        return
    blocked: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=blocked.append):
        folders.sort()
        for name in folders:
            if (Path(folder) / name).is_symlink():
                yield Path(folder) / name, "is a link to a folder; links are not followed"
        for name in files:
            yield Path(folder) / name, _obstacle(Path(folder) / name)
    for error in blocked:
        yield Path(error.filename), f"the folder cannot be opened ({error.strerror})"


def _obstacle(path: Path) -> str:
    if path.is_file():
        return ""
    return "is a broken link" if path.is_symlink() else "is not a regular file"
