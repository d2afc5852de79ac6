"""Hold a deflated DICOM file against a limit before pydicom unpacks it whole."""

from __future__ import annotations

import zlib
from typing import BinaryIO

from liverseg.errors import InputError
from liverseg.tables import load_table

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_CHUNK = 1 << 16


def check_deflated(stream: BinaryIO) -> None:
    """Raise `InputError` for a deflated DICOM file that unpacks to far too much.

    pydicom unpacks such a file whole, whatever comes of it. The stream is left anywhere.
    """
    stream.seek(0)
    if _DEFLATED not in stream.read(1024):
        return
    from pydicom.filereader import _read_file_meta_info, read_preamble

    stream.seek(0)
    read_preamble(stream, True)
    _read_file_meta_info(stream)
    limits = load_table("ingest_limits")
    unpacker, packed, size = zlib.decompressobj(-zlib.MAX_WBITS), 0, 0
    while (piece := stream.read(_CHUNK)) and not unpacker.eof:
        packed += len(piece)
        while piece:
            size += len(unpacker.decompress(piece, 16 * _CHUNK))
            piece = unpacker.unconsumed_tail
            if size > max(
                limits.number("least_inflated"), limits.number("most_expansion") * packed
            ):
                raise InputError(
                    f"is refused as a bomb: {packed} of its bytes unpack to more than {size}"
                )
