"""What a zip archive holds, and what of it may be opened. Nothing is unpacked here."""

from __future__ import annotations

import posixpath
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from liverseg.errors import InputError
from liverseg.tables import load_table

STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class Member:
    """One file in an archive.

    `name` is unique in its archive; `head` is the offset of its local head, `packed` and
    `size` are bytes as stored and unpacked, both as the archive states them; `obstacle`
    says why it is not opened, "" if it is.
    """

    name: str
    head: int
    packed: int
    size: int
    method: int
    checksum: int
    obstacle: str = ""


def looks_like_zip(start: bytes) -> bool:
    """Whether a file that begins so is a zip archive, whatever its name."""
    return start[:4] in _MAGIC


def list_members(archive: Path) -> tuple[Member, ...]:
    """All files of an archive in their order, each once.

    Raises `InputError` for an archive that is damaged or that as a whole breaks a
    limit (a zip bomb): then none of its members is opened.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            infos = [info for info in opened.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, IndexError) as error:
        raise InputError(f"is a damaged zip archive ({error})", where=str(archive)) from error
    _refuse_bombs(infos, archive)
    return _told_apart([_member(info) for info in infos])


def _refuse_bombs(infos: Sequence[zipfile.ZipInfo], archive: Path) -> None:
    limits = load_table("ingest_limits")
    packed, size = sum(i.compress_size for i in infos), sum(i.file_size for i in infos)
    on_disk = archive.stat().st_size
    if len(infos) > limits.number("most_members"):
        why = f"it holds {len(infos)} members"
    elif packed > on_disk:
        why = f"its members claim {packed} bytes of the {on_disk} that it has: they overlap"
    elif _is_bomb(packed, size, limits.number("least_total")):
        why = f"its {packed} bytes would become {size}"
    else:
        return
    raise InputError(f"is refused as a zip bomb: {why}", where=str(archive))


def _is_bomb(packed: int, size: int, least: float) -> bool:
    share = load_table("ingest_limits").number("most_expansion")
    return size > least and size > share * max(packed, 1)


def _member(info: zipfile.ZipInfo) -> Member:
    return Member(
        name=posixpath.normpath(info.filename),
        head=info.header_offset,
        packed=info.compress_size,
        size=info.file_size,
        method=info.compress_type,
        checksum=info.CRC,
        obstacle=_obstacle(info),
    )


def _obstacle(info: zipfile.ZipInfo) -> str:
    limits = load_table("ingest_limits")
    if leads_out(info.filename):
        return "has a name that leads out of its archive (path traversal)"
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted: unpack the archive with its password first"
    if info.compress_type not in (STORED, DEFLATED):
        name = zipfile.compressor_names.get(info.compress_type, str(info.compress_type))  # type: ignore[attr-defined]
        return f"is packed by a method that is not read ({name}): unpack the archive first"
    if _is_bomb(info.compress_size, info.file_size, limits.number("least_member")):
        return (
            f"is refused as a zip bomb: its {info.compress_size} bytes would become "
            f"{info.file_size}"
        )
    if info.file_size > limits.number("largest_member"):
        return f"is too large to be unpacked into memory ({info.file_size} bytes)"
    return ""


def leads_out(name: str) -> bool:
    r"""Whether a relative name points outside the folder that it is relative to.

    >>> [leads_out(name) for name in ("a/b", "../a", "/etc/passwd", "C:\\x", "a/../../b")]
    [False, True, True, True, True]
    """
    plain = name.replace("\\", "/")
    inside = posixpath.normpath(plain)
    return plain.startswith("/") or inside.split("/")[0] == ".." or plain[1:2] == ":"


def _told_apart(members: Sequence[Member]) -> tuple[Member, ...]:
    """Names made unique; of equal names only the last is a file, which is said of the others."""
    left = Counter(member.name for member in members)
    out = []
    for member in members:
        left[member.name] -= 1
        if left[member.name]:
            name = f"{member.name} (earlier {left[member.name]})"
            why = "is an earlier member of the same name: the archive replaced it"
            out.append(replace(member, name=name, obstacle=why))
        else:
            out.append(member)
    return tuple(out)
