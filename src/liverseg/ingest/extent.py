"""Is all of the pixel data there, and where? Answered without reading pixels.

Needed are only lengths and positions: of native data one length, of compressed data the
heads of its fragments.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import BinaryIO, NamedTuple

Piece = tuple[int, int]

_PIXEL_GROUP = 0x7FE0
_UNDEFINED = 0xFFFFFFFF
_ITEM = (0xFFFE, 0xE000)
_END_OF_ITEMS = (0xFFFE, 0xE0DD)
_LONG_FORM = {b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"UN"}


class PixelElement(NamedTuple):
    """Where the pixel bytes start, how many there are, and whether they are in fragments."""

    offset: int
    length: int
    encapsulated: bool


class Extent(NamedTuple):
    """What is missing of the pixel data ("" if nothing), and the pieces of each frame.

    `frames` is empty where lengths alone do not say which bytes belong to which frame.
    """

    missing: str
    frames: tuple[tuple[Piece, ...], ...] = ()


def find_pixels(head: bytes, *, at: int, implicit: bool, little: bool) -> PixelElement | None:
    """The pixel data element whose first 12 bytes, at byte `at`, are `head`; None if none is."""
    order = "<" if little else ">"
    if len(head) < 8 or struct.unpack(order + "H", head[:2])[0] != _PIXEL_GROUP:
        return None
    if implicit:
        size, start = struct.unpack(order + "I", head[4:8])[0], at + 8
    elif head[4:6] in _LONG_FORM and len(head) >= 12:
        size, start = struct.unpack(order + "I", head[8:12])[0], at + 12
    else:
        return None
    return PixelElement(start, size, size == _UNDEFINED)


def measure_pixels(
    stream: BinaryIO, pixels: PixelElement, *, frame_bytes: int, frames: int, size: int
) -> Extent:
    """Whether a file of `size` bytes holds all its pixels, and where each frame lies.

    `frame_bytes` is what rows, columns and bits ask for. Compressed data is walked
    fragment by fragment.
    """
    if pixels.encapsulated:
        return _measure_fragments(stream, pixels.offset, size, frames)
    need = frame_bytes * frames
    there = min(pixels.length, size - pixels.offset)
    missing = ""
    if there < need:
        missing = f"truncated: its header asks for {need} bytes of pixels, the file holds {there}"
    starts = range(pixels.offset, pixels.offset + need, frame_bytes) if frame_bytes else ()
    return Extent(missing, tuple(((start, frame_bytes),) for start in starts))


def _measure_fragments(stream: BinaryIO, offset: int, size: int, frames: int) -> Extent:
    items = _walk_items(stream, offset, size, frames)
    if isinstance(items, str):
        return Extent(items)
    fragments = items[1:]  # The first item is the offset table, no fragment.
    if len(fragments) < frames:
        return Extent(f"damaged: {frames} frames are announced, {len(fragments)} are there")
    if len(fragments) == frames:
        return Extent("", tuple((piece,) for piece in fragments))
    if frames == 1:
        return Extent("", (tuple(fragments),))
    return Extent("", _by_offset_table(stream, items, frames))


def _walk_items(stream: BinaryIO, offset: int, size: int, frames: int) -> list[Piece] | str:
    """The items of compressed pixel data, or what is wrong with them."""
    items: list[Piece] = []
    while offset + 8 <= size:
        stream.seek(offset)
        group, element, length = struct.unpack("<HHI", stream.read(8))
        if (group, element) == _END_OF_ITEMS:
            return items
        if (group, element) != _ITEM:
            return "damaged: its compressed pixel data has a fragment without a head"
        items.append((offset + 8, length))
        offset += 8 + length
        if offset > size:
            return f"truncated: a compressed fragment ends {offset - size} bytes after the file"
    # Some writers leave the closing item out; that alone loses no pixel.
    if offset != size or len(items) - 1 < frames:
        return "truncated: the end of its compressed pixel data is missing"
    return items


def _by_offset_table(
    stream: BinaryIO, items: list[Piece], frames: int
) -> tuple[tuple[Piece, ...], ...]:
    """Several fragments a frame by the basic offset table (PS3.5 A.4), () if it does not fit.

    Then pydicom has to find the frames.
    """
    if not items or frames < 1 or items[0][1] != 4 * frames:
        return ()
    table, fragments = items[0], items[1:]
    stream.seek(table[0])
    starts = struct.unpack(f"<{frames}I", stream.read(table[1]))
    first = fragments[0][0]
    begins = {piece[0] - first: index for index, piece in enumerate(fragments)}
    cuts = [begins.get(start, -1) for start in starts]
    if cuts[0] != 0 or any(low >= high for low, high in pairwise(cuts)):
        return ()
    return tuple(tuple(fragments[low:high]) for low, high in pairwise([*cuts, len(fragments)]))
