"""Stored pixel values of one frame: straight from the file where possible, else decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from liverseg.errors import InputError
from liverseg.ingest.decode import decode, drop_unused_bits
from liverseg.ingest.encoding import EXPLICIT_VR_LITTLE
from liverseg.ingest.frames import Frames
from liverseg.ingest.opened import open_image
from liverseg.ingest.sources import open_source
from liverseg.ingest.unpacked import check_deflated
from liverseg.records import StoredPixels

Stored = NDArray[Any]

#: Transfer syntaxes whose pixel bytes stand in the file as they are.
_NATIVE = ("1.2.840.10008.1.2", EXPLICIT_VR_LITTLE, "1.2.840.10008.1.2.2")


def is_native(stored: StoredPixels) -> bool:
    """Whether the pixels need no decoding and it is known where they lie."""
    return stored.encoding in _NATIVE and bool(stored.pieces)


@dataclass(frozen=True, eq=False)
class PixelFile:
    """A file opened for the pixels of its frames; use it as a context manager."""

    path: str
    stream: BinaryIO

    @classmethod
    def open(cls, path: str) -> PixelFile:
        """Open a file. Raises `InputError` when it is gone."""
        try:
            return cls(path, open_source(path))
        except OSError as error:
            raise unreadable(path, error) from error

    def close(self) -> None:
        """Close the file."""
        self.stream.close()

    def native(self, stored: StoredPixels, room: Stored | None = None) -> Stored:
        """(row, column) numbers of a native frame, read into `room` where that fits.

        `room` is any contiguous array of as many bytes.
        """
        dtype = np.dtype(stored.dtype)
        if room is None or room.nbytes != stored.pieces[0][1]:
            pixels: Stored = np.empty(stored.shape, dtype)
        else:
            pixels = room.view(dtype)
        target = memoryview(pixels.view(np.uint8).reshape(-1))  # type: ignore[arg-type]
        self.stream.seek(stored.pieces[0][0])
        done = 0
        while done < len(target):
            count = self.stream.readinto(target[done:])  # type: ignore[attr-defined]
            if not count:
                raise InputError(
                    "the file ends before its pixels do",
                    where=self.path,
                    remedy="copy the file again from its source",
                )
            done += count
        return drop_unused_bits(pixels, stored)

    def compressed(self, stored: StoredPixels) -> bytes:
        """The compressed bytes of a frame."""
        found = []
        for offset, length in stored.pieces:
            self.stream.seek(offset)
            found.append(self.stream.read(length))
        return b"".join(found)

    def by_pydicom(self, stored: StoredPixels, frame: int | None) -> Stored:
        """(row, column) numbers of a frame that only a parser finds in its file."""
        from pydicom import dcmread
        from pydicom.encaps import get_frame
        from pydicom.pixels import pixel_array
        from pydicom.uid import UID

        check_deflated(self.stream)
        self.stream.seek(0)
        source: Any = self.stream
        syntax = UID(stored.encoding)
        if syntax.is_deflated or not stored.pieces:
            source = dcmread(self.stream, force=True)
            source.file_meta.TransferSyntaxUID = syntax
            if syntax.is_encapsulated:
                count = int(source.get("NumberOfFrames") or 1)
                data = get_frame(source.PixelData, frame or 0, number_of_frames=count)
                return decode(data, stored)
        pixels: Stored = pixel_array(source, index=frame or 0, raw=True)
        return pixels.reshape(stored.shape)


def undecodable(path: str, error: Exception) -> InputError:
    """The error of pixels that cannot be decoded, with the name of their file."""
    if isinstance(error, InputError):
        return InputError(error.what, where=path, remedy=error.remedy)
    return InputError(
        f"its pixels cannot be decoded ({type(error).__name__}: {error})".replace("\n", " "),
        where=path,
        remedy="copy the file again from its source, or leave it out",
    )


def unreadable(path: str, error: Exception) -> InputError:
    """The error of a file that is gone or damaged."""
    return InputError(
        f"the image cannot be read any more ({type(error).__name__}: {error})".replace("\n", " "),
        where=path,
        remedy="scan the folder again",
    )


def locate_pixels(path: str, frames: Sequence[int | None]) -> tuple[StoredPixels, ...]:
    """Where the pixels of some frames lie, by the header of the file as it is now.

    Raises `InputError` when the file is gone or damaged.
    """
    try:
        with open_source(path) as stream:
            opened = open_image(stream, path)
            known = Frames(opened.dataset)
            extent = opened.extent(known)
            return tuple(opened.stored(known, frame, extent) for frame in frames)
    except Exception as error:
        raise unreadable(path, error) from error


def stored_pixels(
    file: PixelFile, stored: StoredPixels, frame: int | None, room: Stored | None = None
) -> Stored:
    """(row, column) stored numbers of a frame. Raises `InputError` naming the file."""
    try:
        if is_native(stored):
            return file.native(stored, room)
        if stored.pieces:
            return decode(file.compressed(stored), stored)
        return file.by_pydicom(stored, frame)
    except Exception as error:
        raise undecodable(file.path, error) from error


def decode_frame(path: str, frame: int | None) -> Stored:
    """(row, column) stored numbers of one frame of a file."""
    (stored,) = locate_pixels(path, [frame])
    file = PixelFile.open(path)
    try:
        return stored_pixels(file, stored, frame)
    finally:
        file.close()
