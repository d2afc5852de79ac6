"""`read_volume`: the pixels of a scanned series into one array."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from liverseg.errors import InputError
from liverseg.geometry import SliceSource, Volume
from liverseg.ingest.decode import decode, decodes_in_threads
from liverseg.ingest.pixels import (
    PixelFile,
    is_native,
    locate_pixels,
    stored_pixels,
    undecodable,
)
from liverseg.ingest.resample import read_resampled
from liverseg.ingest.sources import facts_of
from liverseg.ingest.values import write_float, write_whole
from liverseg.records import Progress, SeriesRecord, StoredPixels

Array = NDArray[Any]


def read_volume(record: SeriesRecord, *, progress: Progress | None = None) -> Volume:
    """Voxel values of a series: (slice, row, column) in `record.unit` on `record.grid`.

    Each slice is rescaled by its own slope and intercept. The array is int16 where all
    are whole and every value fits, else float32. Padding values are kept as they are
    stored. Uncompressed pixels go from the file into the array; compressed frames are
    decoded on all cores where imagecodecs is installed. Raises `InputError` naming the
    file when one is gone, changed or cannot be decoded.
    """
    if record.resampling is not None:
        return read_resampled(record, partial(read_volume, progress=progress))
    places = _places(record)
    whole = all(place.is_whole for place in places)
    array = _room_for(record, np.dtype(np.int16 if whole else np.float32))
    slices = list(range(len(places)))
    misfits = _Filling(record, places, array, progress).fill(slices)
    if misfits:
        # A value that does not fit: rare (16 used bits and an offset), so what was read
        # is converted instead of every series being read twice.
        array = array.astype(np.float32)
        _Filling(record, places, array, None).fill(misfits)
    if progress is not None:
        progress(f"reading {record.title}", 1.0)
    return Volume(array, record.grid, record.unit, record.slices)


def _places(record: SeriesRecord) -> list[StoredPixels]:
    """Where each slice lies: as scanned, and by its header anew where the file has changed."""
    known: Sequence[StoredPixels | None] = record.stored or [None] * len(record.slices)
    by_path: dict[str, list[int]] = {}
    for index, source in enumerate(record.slices):
        by_path.setdefault(source.path, []).append(index)
    places: dict[int, StoredPixels] = {}
    for path, indices in by_path.items():
        facts = facts_of(path)
        state = None if facts is None else (facts.size, facts.changed_ns)
        kept = [known[index] for index in indices]
        if all(one is not None and (one.size, one.changed_ns) == state for one in kept):
            places.update(zip(indices, cast(list[StoredPixels], kept), strict=True))
        else:
            frames = [record.slices[index].frame for index in indices]
            places.update(zip(indices, locate_pixels(path, frames), strict=True))
    for index, source in enumerate(record.slices):
        _check(places[index], source, record)
    return [places[index] for index in range(len(record.slices))]


def _check(place: StoredPixels, source: SliceSource, record: SeriesRecord) -> None:
    if place.shape != record.grid.shape[1:]:
        raise InputError(
            f"the image is {place.shape} now but was {record.grid.shape[1:]} when scanned",
            where=source.path,
            remedy="scan the folder again",
        )
    if place.unit != record.unit:
        raise InputError(
            f"a slice is in {place.unit} but its series in {record.unit}",
            where=source.path,
            remedy="leave this series out, or split it at its source",
        )


def _room_for(record: SeriesRecord, dtype: np.dtype[np.generic]) -> Array:
    try:
        return np.empty(record.grid.shape, dtype)
    except MemoryError as error:
        raise InputError(
            f"{record.title} of {record.grid.shape} voxels does not fit into memory",
            where=record.slices[0].path,
            remedy="close other programs, or leave this series out",
        ) from error


class _Filling:
    """Fills an array slice by slice. Files are read in this thread, frames decoded in others."""

    def __init__(
        self,
        record: SeriesRecord,
        places: Sequence[StoredPixels],
        array: Array,
        progress: Progress | None,
    ) -> None:
        self._record, self._places, self._array = record, places, array
        self._progress = progress
        self._file: PixelFile | None = None
        self._waiting: deque[tuple[int, Future[bool]]] = deque()
        self._misfits: list[int] = []

    def fill(self, slices: Sequence[int]) -> list[int]:
        """Read these slices; returns those that hold a value too large for the array."""
        workers = _cores()
        threaded = any(self._in_threads(self._places[index]) for index in slices)
        pool = ThreadPoolExecutor(workers) if threaded and workers > 1 else None
        try:
            for index in slices:
                if self._progress is not None:
                    share = index / len(self._places)
                    self._progress(f"reading {self._record.title}", share)
                self._one(index, pool, 2 * workers)
            self._collect(0)
        finally:
            if pool is not None:
                pool.shutdown(cancel_futures=True)
            if self._file is not None:
                self._file.close()
        return sorted(self._misfits)

    def _one(self, index: int, pool: ThreadPoolExecutor | None, ahead: int) -> None:
        source, place = self._record.slices[index], self._places[index]
        file = self._opened(source.path)
        if pool is not None and self._in_threads(place):
            data = file.compressed(place)
            self._waiting.append((index, pool.submit(self._decode, index, data)))
            self._collect(ahead)
            return
        numbers = stored_pixels(file, place, source.frame, self._room(index))
        if not self._write(index, numbers):
            self._misfits.append(index)

    def _room(self, index: int) -> Array | None:
        """Where 16-bit numbers are read to: the place where their values will stand."""
        return self._array[index] if self._array.dtype == np.int16 else None

    def _collect(self, ahead: int) -> None:
        """Wait until at most `ahead` frames are still to be decoded."""
        while len(self._waiting) > ahead:
            index, decoded = self._waiting.popleft()
            if not decoded.result():
                self._misfits.append(index)

    def _decode(self, index: int, data: bytes) -> bool:
        try:
            numbers = decode(data, self._places[index], self._room(index))
        except Exception as error:
            raise undecodable(self._record.slices[index].path, error) from error
        return self._write(index, numbers)

    def _write(self, index: int, numbers: Array) -> bool:
        target, place = self._array[index], self._places[index]
        if target.dtype == np.int16:
            return write_whole(target, numbers, place)
        write_float(target, numbers, place)
        return True

    def _opened(self, path: str) -> PixelFile:
        """The file of this path; the last one stays open for its other frames."""
        if self._file is None or self._file.path != path:
            if self._file is not None:
                self._file.close()
            self._file = PixelFile.open(path)
        return self._file

    @staticmethod
    def _in_threads(place: StoredPixels) -> bool:
        return bool(place.pieces) and not is_native(place) and decodes_in_threads(place.encoding)


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
