"""The size that a compressed image gives itself, read before a decoder believes it.

A decoder makes room for what its stream announces, not for what the DICOM header says: a
file of a kilobyte can ask for gigabytes, or for hours.
"""

from __future__ import annotations

import struct

from liverseg.errors import InputError

_JPEG, _JPEG_2000, _BOX = b"\xff\xd8", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  "
#: Start of frame markers (ITU-T T.81 table B.1) and that of JPEG-LS (T.87 C.2.2).
_FRAME = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), 0xF7))
_BARE = frozenset((0x01, *range(0xD0, 0xD9)))


def stream_shape(data: bytes) -> tuple[int, int] | None:
    """(rows, columns) that a JPEG, JPEG-LS or JPEG 2000 stream announces; None if it has none."""
    if data[:12].startswith(_BOX):
        data = data[max(data.find(_JPEG_2000), 0) :]
    if data[:4] == _JPEG_2000 and len(data) >= 24:
        # SIZ, ISO 15444-1 A.5.1: the reference grid and where the image starts on it.
        width, height, left, top = struct.unpack_from(">4I", data, 8)
        return height - top, width - left
    return _jpeg_shape(data) if data[:2] == _JPEG else None


def check_stream(data: bytes, shape: tuple[int, int], *, where: str = "") -> None:
    """Raise `InputError` when a compressed frame is of another size than its header says."""
    found = stream_shape(data)
    if found is not None and found != shape:
        raise InputError(
            f"its compressed image is {found[0]} x {found[1]} pixels, but its header says "
            f"{shape[0]} x {shape[1]}",
            where=where or None,
            remedy="copy the file again from its source, or leave it out",
        )


def _jpeg_shape(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
        elif marker in _FRAME:
            rows, columns = struct.unpack_from(">HH", data, at + 5)
            return rows, columns
        else:
            at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    return None
