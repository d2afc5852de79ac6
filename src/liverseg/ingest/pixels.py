"""Stored pixel values of one frame: straight from the file where possible, else decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.pixels import pixel_array

from liverseg.errors import InputError
from liverseg.ingest import fields
from liverseg.ingest.extent import PixelElement, find_pixels
from liverseg.ingest.frames import Frames
from liverseg.ingest.headers import open_dataset, transfer_syntax
from liverseg.ingest.scale import Scale, scale_of

Stored = NDArray[Any]


@dataclass(frozen=True, eq=False)
class PixelFile:
    """An image file opened for its pixels: header, size, and where native pixels lie."""

    path: str
    frames: Frames
    shape: tuple[int, int]
    native: PixelElement | None

    def scale(self, frame: int | None) -> Scale:
        """Slope, intercept and unit of a frame."""
        return scale_of(self.frames, frame)

    def stored(self, frame: int | None) -> Stored:
        """(row, column) stored numbers of a frame. Raises `InputError` naming the file."""
        try:
            if self.native is not None:
                return self._from_file(frame or 0)
            return self._decoded(frame)
        except InputError:
            raise
        except Exception as error:
            raise InputError(
                f"its pixels cannot be decoded ({type(error).__name__}: {error})".replace(
                    "\n", " "
                ),
                where=self.path,
                remedy="copy the file again from its source, or leave it out",
            ) from error

    def _from_file(self, frame: int) -> Stored:
        assert self.native is not None
        dataset = self.frames.dataset
        signed = bool(fields.whole(dataset, "PixelRepresentation"))
        order = "<" if transfer_syntax(dataset).is_little_endian else ">"
        size = dataset.BitsAllocated // 8
        dtype = np.dtype(f"{order}{'i' if signed else 'u'}{size}")
        count = self.shape[0] * self.shape[1]
        offset = self.native.offset + frame * count * size
        pixels = np.fromfile(self.path, dtype=dtype, count=count, offset=offset)
        if pixels.size < count:
            raise InputError(
                "the file ends before its pixels do",
                where=self.path,
                remedy="copy the file again from its source",
            )
        unused = dataset.BitsAllocated - (fields.whole(dataset, "BitsStored") or 0)
        if 0 < unused < dataset.BitsAllocated:
            # Old writers keep overlays in the unused bits; shifting out and back drops
            # them and extends the sign.
            pixels = (pixels << unused) >> unused
        return pixels.reshape(self.shape)

    def _decoded(self, frame: int | None) -> Stored:
        source: Any = self.path
        syntax = transfer_syntax(self.frames.dataset)
        if syntax.is_deflated or not getattr(
            self.frames.dataset.file_meta, "TransferSyntaxUID", None
        ):
            # pydicom finds the pixels of such files only after reading them whole.
            source = dcmread(self.path, force=True)
            source.file_meta.TransferSyntaxUID = syntax
        pixels: Stored = pixel_array(source, index=frame or 0, raw=True)
        return pixels.reshape(self.shape)


def open_pixels(path: str) -> PixelFile:
    """Read the header of an image file. Raises `InputError` when it is gone or damaged."""
    try:
        with Path(path).open("rb") as stream:
            dataset = open_dataset(stream)
            syntax = transfer_syntax(dataset)
            native = None
            if not (syntax.is_compressed or syntax.is_deflated):
                native = find_pixels(
                    stream,
                    at=stream.tell(),
                    implicit=syntax.is_implicit_VR,
                    little=syntax.is_little_endian,
                )
            return PixelFile(path, Frames(dataset), (dataset.Rows, dataset.Columns), native)
    except Exception as error:
        raise InputError(
            f"the image cannot be read any more ({type(error).__name__}: {error})".replace(
                "\n", " "
            ),
            where=path,
            remedy="scan the folder again",
        ) from error


def decode_frame(path: str, frame: int | None) -> Stored:
    """(row, column) stored numbers of one frame of a file."""
    return open_pixels(path).stored(frame)
