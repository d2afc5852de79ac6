"""Open the file behind a name: a file on disk, or a member of a zip archive.

A member is named ``archive.zip!/folder/member``. Nothing is unpacked to disk. What is
packed is unpacked into memory as far as it is read, never beyond the size that the
archive states, and that size has been held against the limits of `archives`.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast

from liverseg.errors import InputError
from liverseg.ingest.archives import STORED, Member, list_members

#: Between the path of an archive and the name of its member.
MARK = "!/"
_CHUNK = 1 << 16
_LOCAL_HEAD = struct.Struct("<4s22xHH")


@dataclass(frozen=True)
class SourceFacts:
    """Size in bytes and time of change (ns) of what is behind a name."""

    size: int
    changed_ns: int


def open_source(path: str) -> BinaryIO:
    """A seekable stream of the bytes behind `path`; the caller closes it.

    Raises `OSError` when it is gone and `InputError` when it may not be opened.
    """
    archive, member = split_path(path)
    if not member:
        return Path(path).open("rb")
    found = _member(archive, member)
    if found.obstacle:
        raise InputError(f"the member {found.obstacle}", where=path)
    stream = Path(archive).open("rb")  # noqa: SIM115 - what is returned closes it
    try:
        start = _data_offset(stream, found)
        raw = (
            _Window(stream, start, found.size)
            if found.method == STORED
            else _Inflated(stream, start, found)
        )
    except BaseException:
        stream.close()
        raise
    return cast(BinaryIO, io.BufferedReader(raw, _CHUNK))


def split_path(path: str) -> tuple[str, str]:
    """The archive and the member in it; the path and "" for a file on disk.

    ``/cd/images.zip!/series/1`` is ``series/1`` in ``/cd/images.zip``, if that is a file.
    """
    at = path.find(MARK)
    while at >= 0:
        # A folder on disk may end in "!" too.
        if Path(path[:at]).is_file():
            return path[:at], path[at + len(MARK) :]
        at = path.find(MARK, at + 1)
    return path, ""


def facts_of(path: str) -> SourceFacts | None:
    """Size and time of change of what is behind `path`, None when it is gone."""
    archive, member = split_path(path)
    try:
        stat = Path(archive).stat()
        size = _member(archive, member).size if member else stat.st_size
    except (OSError, InputError):
        return None
    return SourceFacts(size, stat.st_mtime_ns)


def _member(archive: str, member: str) -> Member:
    stat = Path(archive).stat()
    found = _index(archive, stat.st_mtime_ns, stat.st_size).get(member)
    if found is None:
        raise FileNotFoundError(2, "the archive has no such member", f"{archive}{MARK}{member}")
    return found


@lru_cache(maxsize=8)
def _index(archive: str, changed_ns: int, size: int) -> dict[str, Member]:
    """Members by name, read once as long as the archive does not change."""
    del changed_ns, size
    return {member.name: member for member in list_members(Path(archive))}


def _data_offset(stream: BinaryIO, member: Member) -> int:
    """Where the bytes of a member start: behind its local head, whose length varies."""
    stream.seek(member.head)
    head = stream.read(_LOCAL_HEAD.size)
    if len(head) < _LOCAL_HEAD.size or head[:4] != b"PK\x03\x04":
        raise OSError("the archive is damaged: a member is not where it should be")
    _, name, extra = _LOCAL_HEAD.unpack(head)
    return int(member.head + _LOCAL_HEAD.size + name + extra)


class _Window(io.RawIOBase):
    """A part of an open file, read as a file of its own; closes the file."""

    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        self.name = stream.name  # pydicom asks every stream for its name.
        self._stream, self._start, self._size, self._at = stream, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer)).cast("B")
        found = self._bytes(self._at, min(len(view), max(self._size - self._at, 0)))
        view[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _bytes(self, at: int, count: int) -> bytes | memoryview:
        self._stream.seek(self._start + at)
        return self._stream.read(count)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Inflated(_Window):
    """A packed member, unpacked into memory as far as it is read.

    A header needs the first few kilobytes only. At the end the checksum is compared.
    """

    def __init__(self, stream: BinaryIO, start: int, member: Member) -> None:
        super().__init__(stream, start, member.size)
        self._packed_left, self._wanted = member.packed, member.checksum
        self._next, self._sum = start, 0
        self._unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        self._there = bytearray()

    def _bytes(self, at: int, count: int) -> bytes | memoryview:
        if len(self._there) < at + count:
            self._unpack_to(at + count)
        return memoryview(bytes(self._there[at : at + count]))

    def _unpack_to(self, end: int) -> None:
        self._stream.seek(self._next)
        while len(self._there) < end:
            packed = self._unpacker.unconsumed_tail
            if not packed:
                packed = self._stream.read(min(_CHUNK, self._packed_left))
                self._packed_left -= len(packed)
            try:
                found = self._unpacker.decompress(packed, self._size - len(self._there))
            except zlib.error as error:
                raise OSError(f"the archive is damaged ({error})") from error
            self._sum = zlib.crc32(found, self._sum)
            self._there += found
            if not found and not packed:
                raise OSError("the archive is damaged: a member ends before its stated size")
        self._next = self._stream.tell()
        if len(self._there) == self._size and self._sum != self._wanted:
            raise OSError("the archive is damaged: the checksum of a member is wrong")
