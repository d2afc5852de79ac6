"""Compressed frames to stored numbers: imagecodecs where the result is certain, else pydicom.

imagecodecs (the extra ``fast``) lets other threads run while it decodes; pydicom's decoders
do not. It is asked only where both give the same numbers, whatever the versions: lossless
streams of one component whose own precision and sign agree with the header. Lossy streams
always go to pydicom's decoder, because rounding differs between libraries.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liverseg.ingest.codestream import check_stream
from liverseg.records import StoredPixels

Stored = NDArray[Any]

_JPEG_LOSSLESS = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
_JPEG_LS = ("1.2.840.10008.1.2.4.80",)
_JPEG_2000 = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
_HTJ2K = ("1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203")
_RLE = ("1.2.840.10008.1.2.5",)


def decodes_in_threads(encoding: str) -> bool:
    """Whether frames of this transfer syntax can be decoded on several cores at once."""
    return encoding in _FAST and fast_codecs() is not None


def decode(data: bytes, stored: StoredPixels, room: Stored | None = None) -> Stored:
    """(row, column) stored numbers of one compressed frame. Raises what the decoder raises.

    They may lie in `room`, a contiguous array of the frame's shape, where its numbers
    have as many bytes. After an error its content means nothing.
    """
    check_stream(data, stored.shape)
    found = _decode_fast(data, stored, room)
    return _decode_by_pydicom(data, stored) if found is None else found


@cache
def fast_codecs() -> Any:
    """The module imagecodecs, None when it is not installed."""
    try:
        import imagecodecs
    except ImportError:
        return None
    return imagecodecs


def drop_unused_bits(pixels: Stored, stored: StoredPixels) -> Stored:
    """Pixels without what old writers keep in the unused bits (overlays), the sign extended."""
    return _without(pixels, stored.bits)


def _without(pixels: Stored, bits: int) -> Stored:
    """The lowest `bits` of each number, the sign extended; in place where that is possible."""
    unused = pixels.dtype.itemsize * 8 - bits
    if not 0 < unused < pixels.dtype.itemsize * 8:
        return pixels
    if not pixels.flags.writeable:
        return (pixels << unused) >> unused
    np.left_shift(pixels, unused, out=pixels)
    return np.right_shift(pixels, unused, out=pixels)


def _decode_fast(data: bytes, stored: StoredPixels, room: Stored | None) -> Stored | None:
    """The frame by imagecodecs, None where it is not there or not certain to be right."""
    codecs, way = fast_codecs(), _FAST.get(stored.encoding)
    if codecs is None or way is None:
        return None
    if room is not None and room.dtype.itemsize != _itemsize(stored):
        room = None
    try:
        found = way(codecs, data, stored, room)
    except Exception:  # noqa: BLE001 - pydicom tries, and its error is the one to tell
        return None
    if found is None or found.shape != stored.shape or found.dtype.itemsize != _itemsize(stored):
        return None
    return found


def _decode_by_pydicom(data: bytes, stored: StoredPixels) -> Stored:
    from pydicom.encaps import encapsulate
    from pydicom.pixels import get_decoder

    dtype = np.dtype(stored.dtype)
    pixels, _ = get_decoder(stored.encoding).as_array(
        encapsulate([data]),
        index=0,
        raw=True,
        rows=stored.shape[0],
        columns=stored.shape[1],
        number_of_frames=1,
        samples_per_pixel=1,
        photometric_interpretation="MONOCHROME2",
        bits_allocated=dtype.itemsize * 8,
        bits_stored=stored.bits,
        pixel_representation=int(dtype.kind == "i"),
        pixel_keyword="PixelData",
    )
    found: Stored = pixels
    return found.reshape(stored.shape)


def _itemsize(stored: StoredPixels) -> int:
    return int(stored.dtype[2:])


def _is_signed(stored: StoredPixels) -> bool:
    return stored.dtype[1] == "i"


def _typed(room: Stored | None, stored: StoredPixels) -> Stored | None:
    return None if room is None else room.view(stored.dtype)


def _unsigned(room: Stored | None) -> Stored | None:
    return None if room is None else room.view(f"u{room.dtype.itemsize}")


def _jpeg_ls(codecs: Any, data: bytes, stored: StoredPixels, room: Stored | None) -> Stored | None:
    """JPEG-LS knows no sign: a signed image is stored as bit patterns of its precision."""
    precision = _frame_precision(data, b"\xff\xf7")
    if precision is None or (precision > 8) != (_itemsize(stored) == 2):
        return None
    found: Stored = codecs.jpegls_decode(data, out=_unsigned(room))
    return _without(found.view(stored.dtype), precision) if _is_signed(stored) else found


def _jpeg_lossless(
    codecs: Any, data: bytes, stored: StoredPixels, room: Stored | None
) -> Stored | None:
    precision = _frame_precision(data, b"\xff\xc3")
    if precision is None or (precision > 8) != (_itemsize(stored) == 2):
        return None
    found: Stored = codecs.ljpeg_decode(data, out=_unsigned(room))
    return drop_unused_bits(found.view(stored.dtype), stored)


def _jpeg_2000(
    codecs: Any, data: bytes, stored: StoredPixels, room: Stored | None
) -> Stored | None:
    if not _is_plain_codestream(data, stored):
        return None
    found: Stored = codecs.jpeg2k_decode(data, out=_typed(room, stored))
    return found


def _htj2k(codecs: Any, data: bytes, stored: StoredPixels, room: Stored | None) -> Stored | None:
    if not _is_plain_codestream(data, stored):
        return None
    found: Stored = codecs.htj2k_decode(data, out=_typed(room, stored))
    return found


def _run_lengths(codecs: Any, data: bytes, stored: StoredPixels, _: Stored | None) -> Stored | None:
    found = codecs.dicomrle_decode(data, stored.dtype)
    return drop_unused_bits(np.frombuffer(found, stored.dtype).reshape(stored.shape), stored)


def _frame_precision(data: bytes, marker: bytes) -> int | None:
    """Bits a sample of a one-component JPEG frame that starts with `marker`, else None.

    Segments are walked up to the frame header (ITU-T T.81 B.1.1.4).
    """
    at = 2
    while data[at : at + 1] == b"\xff" and at + 10 <= len(data):
        (length,) = struct.unpack_from(">H", data, at + 2)
        if data[at : at + 2] == marker:
            return data[at + 4] if data[at + 9] == 1 else None
        at += 2 + int(length)
    return None


def _is_plain_codestream(data: bytes, stored: StoredPixels) -> bool:
    """Whether a JPEG 2000 codestream is reversible and means what the header says.

    SIZ must be the second marker (ISO 15444-1 A.5.1); COD tells the transformation in
    its last byte but one of the fixed part (A.6.1): 1 is the reversible 5-3.
    """
    if data[:4] != b"\xff\x4f\xff\x51" or len(data) < 60:
        return False
    (components,) = struct.unpack_from(">H", data, 40)
    depth = data[42]
    if components != 1 or (depth & 0x7F) + 1 != stored.bits:
        return False
    if bool(depth & 0x80) != _is_signed(stored) or (stored.bits > 8) != (_itemsize(stored) == 2):
        return False
    at = 4
    (length,) = struct.unpack_from(">H", data, at)
    at += length
    while at + 14 <= len(data) and data[at : at + 2] != b"\xff\x52":
        if data[at] != 0xFF or data[at : at + 2] == b"\xff\x90":
            return False
        (length,) = struct.unpack_from(">H", data, at + 2)
        at += 2 + length
    return data[at + 13 : at + 14] == b"\x01"


_Way = Callable[[Any, bytes, StoredPixels, Stored | None], Stored | None]
_FAST: dict[str, _Way] = {
    **dict.fromkeys(_JPEG_LOSSLESS, _jpeg_lossless),
    **dict.fromkeys(_JPEG_LS, _jpeg_ls),
    **dict.fromkeys(_JPEG_2000, _jpeg_2000),
    **dict.fromkeys(_HTJ2K, _htj2k),
    **dict.fromkeys(_RLE, _run_lengths),
}
