"""Look inside what is no image itself: zip archives and DICOMDIRs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from liverseg.errors import InputError
from liverseg.ingest.archives import list_members, looks_like_zip
from liverseg.ingest.dicomdir import follow_dicomdir
from liverseg.ingest.headers import Fate
from liverseg.ingest.sources import MARK, open_source
from liverseg.ingest.walk import FoundFile, printable
from liverseg.records import FileState
from liverseg.tables import load_table

#: Other packings by their first bytes: named, not opened.
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstandard",
}
#: Zip archives in truth, but never of images.
_DOCUMENTS = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".npz", ".jar", ".whl", ".epub")


def look_inside(
    files: Sequence[FoundFile], fates: Mapping[str, Fate], known: Mapping[str, FoundFile]
) -> tuple[list[FoundFile], dict[str, Fate]]:
    """Files that are inside or listed by some of `files`, and what becomes of those.

    `fates` says which of `files` are no images; `known` are all files so far by their
    name. A zip archive is known by its first bytes, whatever its name.
    """
    more: list[FoundFile] = []
    told: dict[str, Fate] = {}
    directory = str(load_table("dicom_objects")["directory"].more["reason"])
    for file in files:
        fate = fates.get(file.name)
        if fate is None or file.obstacle or fate.state is not FileState.SKIPPED:
            continue
        if fate.reason == directory:
            listed, reason = follow_dicomdir(file, known)
            more += listed
            told[file.name] = Fate(FileState.SKIPPED, reason, fate.series_uid)
        elif "not a DICOM file" in fate.reason:
            members, changed = _unpacked(file)
            more += members
            told.update({file.name: changed} if changed else {})
    taken = set(known)
    return [_named_apart(file, taken) for file in more], told


def _unpacked(file: FoundFile) -> tuple[list[FoundFile], Fate | None]:
    start = _first_bytes(file)
    name = file.path.name.lower()
    packing = next((kind for mark, kind in _PACKED.items() if start.startswith(mark)), "")
    if packing and not name.endswith((".nii.gz", ".nii")):
        reason = f"is packed ({packing}) and is not opened: unpack it first"
        return [], Fate(FileState.REFUSED, reason)
    if not looks_like_zip(start) or name.endswith(_DOCUMENTS):
        return [], None
    if MARK in str(file.name):
        reason = "is an archive inside an archive: unpack the outer one first"
        return [], Fate(FileState.REFUSED, reason)
    try:
        members = list_members(file.path)
    except (InputError, OSError) as error:
        reason = error.what if isinstance(error, InputError) else f"cannot be read ({error})"
        return [], Fate(FileState.REFUSED, reason)
    found = [
        FoundFile(
            Path(f"{file.path}{MARK}{member.name}"),
            printable(f"{file.name}{MARK}{member.name}"),
            member.obstacle,
            refused=bool(member.obstacle),
        )
        for member in members
    ]
    count = f"{len(found)} members, each listed by itself" if found else "no members"
    return found, Fate(FileState.SKIPPED, f"is a zip archive of {count}")


def _first_bytes(file: FoundFile) -> bytes:
    try:
        with open_source(str(file.path)) as stream:
            return stream.read(8)
    except (OSError, InputError):
        return b""


def _named_apart(file: FoundFile, taken: set[str]) -> FoundFile:
    """The file under a name that no other one has: every file has its own line."""
    name = file.name
    while name in taken:
        name += " (again)"
    taken.add(name)
    return FoundFile(file.path, name, file.obstacle, file.refused)
