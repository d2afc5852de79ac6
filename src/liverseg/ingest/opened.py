"""An opened image file: its header, read by the own walk or by pydicom, and its pixel element."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from liverseg.ingest import fields
from liverseg.ingest.encoding import Encoding, encoding_of
from liverseg.ingest.extent import Extent, find_pixels, measure_pixels
from liverseg.ingest.frames import Frames
from liverseg.ingest.header_values import Unsure
from liverseg.ingest.header_walk import TooShortError, walk_header
from liverseg.ingest.realworld import is_parametric_map
from liverseg.ingest.scale import scale_of
from liverseg.ingest.sources import SourceFacts, facts_of
from liverseg.ingest.unpacked import check_deflated
from liverseg.records import StoredPixels

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: Element numbers of FloatPixelData and DoubleFloatPixelData, in both byte orders.
_FLOATS = (b"\x08\x00", b"\x00\x08", b"\x09\x00", b"\x00\x09")
#: Bytes read of each file at first: more than the header of nearly every CT or MR image.
_FIRST = 1 << 14
#: A header longer than this is left to pydicom.
_MOST = 1 << 26


class OpenedFile(NamedTuple):
    """A file whose header has been read.

    `end_of_header` is where the pixel data element starts and `pixel_head` its first 12
    bytes; `facts` tell this state of the file from a later one.
    """

    stream: BinaryIO
    dataset: Any
    encoding: Encoding
    end_of_header: int
    pixel_head: bytes
    facts: SourceFacts

    def extent(self, frames: Frames) -> Extent:
        """What is there of the pixel data, and where."""
        return self.extent_of(frames.frame_bytes, frames.count)

    def extent_of(self, frame_bytes: int, frames: int) -> Extent:
        """What is there of that many frames, and where."""
        if self.encoding.deflated:
            return Extent("")  # Offsets mean nothing in a deflated file; reading will tell.
        pixels = find_pixels(
            self.pixel_head,
            at=self.end_of_header,
            implicit=self.encoding.implicit,
            little=self.encoding.little,
        )
        if pixels is None:
            return Extent("has no pixel data")
        return measure_pixels(
            self.stream, pixels, frame_bytes=frame_bytes, frames=frames, size=self.facts.size
        )

    def stored(self, frames: Frames, frame: int | None, extent: Extent) -> StoredPixels:
        """Where the numbers of a frame lie and how they become values."""
        dataset = self.dataset
        scale = scale_of(frames, frame)
        allocated = fields.whole(dataset, "BitsAllocated") or 0
        kind = "i" if fields.whole(dataset, "PixelRepresentation") else "u"
        if self.pixel_head[2:4] in _FLOATS and is_parametric_map(dataset):
            kind = "f"
        pieces = extent.frames[frame or 0] if (frame or 0) < len(extent.frames) else ()
        return StoredPixels(
            size=self.facts.size,
            changed_ns=self.facts.changed_ns,
            pieces=pieces if self.encoding.stated else (),
            encoding=self.encoding.uid,
            shape=frames.shape,
            dtype=f"{'<' if self.encoding.little else '>'}{kind}{allocated // 8}",
            bits=fields.whole(dataset, "BitsStored") or 0,
            slope=scale.slope,
            intercept=scale.intercept,
            unit=scale.unit,
        )


def open_walked(stream: BinaryIO, path: str) -> OpenedFile:
    """An open file by the own walk. Raises `Unsure` where pydicom must read it."""
    facts = facts_of_stream(stream, path)
    length = _FIRST
    while True:
        stream.seek(0)
        data = stream.read(length)
        try:
            header, at = walk_header(data, whole=len(data) >= facts.size)
        except TooShortError as error:
            if len(data) < length or length >= _MOST:
                raise Unsure("a very long header") from error
            length *= 8
            continue
        return OpenedFile(stream, header, encoding_of(header), at, data[at : at + 12], facts)


def open_parsed(stream: BinaryIO, path: str) -> OpenedFile:
    """An open file by pydicom; also without a file head. Raises whatever pydicom raises."""
    dataset = _parse(stream)
    at = stream.tell()
    return OpenedFile(
        stream, dataset, encoding_of(dataset), at, stream.read(12), facts_of_stream(stream, path)
    )


def open_image(stream: BinaryIO, path: str) -> OpenedFile:
    """An open file, by the own walk where that is certain, else by pydicom."""
    try:
        return open_walked(stream, path)
    except Unsure:
        return open_parsed(stream, path)


def _parse(stream: BinaryIO) -> Dataset:
    from pydicom import dcmread

    check_deflated(stream)
    stream.seek(0)
    return dcmread(stream, stop_before_pixels=True, force=_starts_like_a_dataset(stream))


def _starts_like_a_dataset(stream: BinaryIO) -> bool:
    """Whether a file without the DICM mark begins with a group 2 or 8 element.

    Old archives write such files. Anything else is not parsed on suspicion.
    """
    head = stream.read(132)
    stream.seek(0)
    if head[128:132] == b"DICM" or len(head) < 16:
        return False
    return head[:2] in (b"\x02\x00", b"\x08\x00") and head[3] == 0


def facts_of_stream(stream: BinaryIO, path: str) -> SourceFacts:
    """Size and time of change of what an open stream reads."""
    try:
        stat = os.fstat(stream.fileno())
        return SourceFacts(stat.st_size, stat.st_mtime_ns)
    except OSError:  # a member of an archive has no file of its own
        found = facts_of(path)
        if found is None:
            raise
        return found
