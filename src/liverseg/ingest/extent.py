"""Is all of the pixel data there? Answered from lengths and positions, without reading pixels."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

_PIXEL_GROUP = 0x7FE0
_UNDEFINED = 0xFFFFFFFF
_ITEM = (0xFFFE, 0xE000)
_END_OF_ITEMS = (0xFFFE, 0xE0DD)
_LONG_FORM = {b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"UN"}


@dataclass(frozen=True)
class PixelElement:
    """Where the pixel bytes start, how many there are, and whether they are in fragments."""

    offset: int
    length: int
    encapsulated: bool


def find_pixels(stream: BinaryIO, *, at: int, implicit: bool, little: bool) -> PixelElement | None:
    """Parse the head of the pixel data element that starts at byte `at`, None if none does."""
    order = "<" if little else ">"
    stream.seek(at)
    head = stream.read(12)
    if len(head) < 8 or struct.unpack(order + "H", head[:2])[0] != _PIXEL_GROUP:
        return None
    if implicit:
        size, start = struct.unpack(order + "I", head[4:8])[0], at + 8
    elif head[4:6] in _LONG_FORM and len(head) == 12:
        size, start = struct.unpack(order + "I", head[8:12])[0], at + 12
    else:
        return None
    return PixelElement(start, size, size == _UNDEFINED)


def what_is_missing(stream: BinaryIO, pixels: PixelElement, *, need: int, frames: int) -> str:
    """Say what the file lacks of its pixel data; "" when it is whole.

    `need` is the number of bytes that rows, columns, bits and frames ask for.
    Compressed data is walked fragment by fragment.
    """
    stream.seek(0, 2)
    size = stream.tell()
    if not pixels.encapsulated:
        there = min(pixels.length, size - pixels.offset)
        if there < need:
            return f"truncated: its header asks for {need} bytes of pixels, the file holds {there}"
        return ""
    return _missing_fragments(stream, pixels.offset, size, frames)


def _missing_fragments(stream: BinaryIO, offset: int, size: int, frames: int) -> str:
    fragments = -1  # The first item is the offset table, no fragment.
    while offset + 8 <= size:
        stream.seek(offset)
        group, element, length = struct.unpack("<HHI", stream.read(8))
        if (group, element) == _END_OF_ITEMS:
            break
        if (group, element) != _ITEM:
            return "damaged: its compressed pixel data has a fragment without a head"
        offset += 8 + length
        if offset > size:
            return f"truncated: a compressed fragment ends {offset - size} bytes after the file"
        fragments += 1
    else:
        # Some writers leave the closing item out; that alone loses no pixel.
        if offset != size or fragments < frames:
            return "truncated: the end of its compressed pixel data is missing"
    if fragments < frames:
        return f"damaged: {frames} frames are announced, {max(fragments, 0)} are there"
    return ""
