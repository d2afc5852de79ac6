"""One SOP instance in several files: copies are skipped, contradictions refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from liverseg.errors import InputError
from liverseg.ingest.headers import Fate
from liverseg.ingest.pixels import decode_frame
from liverseg.ingest.plane import Plane
from liverseg.ingest.plausible import announces_too_much
from liverseg.ingest.sources import open_source
from liverseg.records import FileState

_CHUNK = 1 << 20
Read = dict[str, tuple[Plane, ...]]


def set_aside_duplicates(read: Read) -> tuple[Read, dict[str, Fate]]:
    """The files to go on with, and the fate of those that repeat an instance.

    `read` maps ledger names to planes. Of files with one SOP instance UID the first
    name is kept and its copies are skipped; where their place or pixels differ, all are
    refused, because nothing says which is right. Pixels are decoded for this only, and
    only of files that are not equal byte for byte. Files without a UID are copies only
    where they are equal byte for byte.
    """
    by_uid: dict[str, list[str]] = {}
    nameless: dict[tuple[object, ...], list[str]] = {}
    for name, planes in read.items():
        uid = planes[0].file.sop_instance_uid
        if uid:
            by_uid.setdefault(uid, []).append(name)
        else:
            # Without a series UID either, a folder is what holds files together.
            folder = "" if planes[0].file.series_uid else str(PurePosixPath(name).parent)
            key = (folder, *_identity(planes[0]), planes[0].position)
            nameless.setdefault(key, []).append(name)
    fates: dict[str, Fate] = {}
    for names in by_uid.values():
        if len(names) > 1:
            fates.update(_judge(names, read))
    for names in nameless.values():
        fates.update(_copies(sorted(names), read))
    return {name: planes for name, planes in read.items() if name not in fates}, fates


def _copies(names: Sequence[str], read: Read) -> dict[str, Fate]:
    """Of files without a UID at one place, those that are equal to an earlier one."""
    kept: list[str] = []
    fates = {}
    for name in names:
        path = read[name][0].file.path
        twin = next((one for one in kept if _same_bytes(read[one][0].file.path, path)), None)
        if twin is None:
            kept.append(name)
        else:
            uid = read[name][0].file.series_uid
            fates[name] = Fate(FileState.SKIPPED, f"is a copy of {twin}", uid)
    return fates


def _judge(names: Sequence[str], read: Read) -> dict[str, Fate]:
    first, *others = sorted(names)
    differing = [name for name in others if not _same(read[first], read[name])]
    fates = {}
    for name in sorted(names):
        uid = read[name][0].file.series_uid
        if differing:
            other = next(one for one in (first, *differing) if one != name)
            reason = f"has the same SOP instance UID as {other} but another content"
            fates[name] = Fate(FileState.REFUSED, reason, uid)
        elif name != first:
            fates[name] = Fate(FileState.SKIPPED, f"is a copy of {first}", uid)
    return fates


def _same(one: tuple[Plane, ...], other: tuple[Plane, ...]) -> bool:
    if _same_bytes(one[0].file.path, other[0].file.path):
        return True
    if len(one) != len(other) or _identity(one[0]) != _identity(other[0]):
        return False
    return all(
        a.position == b.position and a.orientation == b.orientation and _same_pixels(a, b)
        for a, b in zip(one, other, strict=True)
    )


def _same_bytes(one: str, other: str) -> bool:
    """Whether two files, on disk or in an archive, are equal byte for byte."""
    try:
        with open_source(one) as a, open_source(other) as b:
            while True:
                left, right = a.read(_CHUNK), b.read(_CHUNK)
                if left != right:
                    return False
                if not left:
                    return True
    except (OSError, InputError):
        return False  # What cannot be read cannot be shown to be equal.


def _identity(plane: Plane) -> tuple[object, ...]:
    file = plane.file
    return file.series_uid, file.study_uid, file.shape, file.scale, file.frame_of_reference


def _same_pixels(one: Plane, other: Plane) -> bool:
    rows, columns = one.file.shape
    if any(announces_too_much(rows, columns, 1, p.file.path) for p in (one, other)):
        return False
    try:
        return np.array_equal(
            decode_frame(one.file.path, one.frame), decode_frame(other.file.path, other.frame)
        )
    except Exception:  # noqa: BLE001 - what cannot be decoded cannot be shown to be equal
        return False
