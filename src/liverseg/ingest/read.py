"""`read_volume`: the pixels of a scanned series into one array."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from liverseg.errors import InputError
from liverseg.geometry import SliceSource, Volume
from liverseg.ingest.pixels import PixelFile, Stored, open_pixels
from liverseg.ingest.scale import Scale
from liverseg.records import Progress, SeriesRecord

_INT16 = np.iinfo(np.int16)


def read_volume(record: SeriesRecord, *, progress: Progress | None = None) -> Volume:
    """Voxel values of a series: (slice, row, column) in `record.unit` on `record.grid`.

    Each slice is rescaled by its own slope and intercept. The array is int16 where all
    are whole and every value fits, else float32. Padding values are kept as they are
    stored. Raises `InputError` naming the file when one is gone, changed or cannot be
    decoded.
    """
    files: dict[str, PixelFile] = {}
    for source in record.slices:
        if source.path not in files:
            files[source.path] = open_pixels(source.path)
    scales = [_checked_scale(files[s.path], s, record) for s in record.slices]
    whole = all(scale.is_whole for scale in scales)
    array = _room_for(record, np.dtype(np.int16 if whole else np.float32))
    for index, (source, scale) in enumerate(zip(record.slices, scales, strict=True)):
        if progress is not None:
            progress(f"reading {record.title}", index / len(record.slices))
        stored = files[source.path].stored(source.frame)
        if array.dtype == np.int16 and not _write_whole(array[index], stored, scale):
            # A value that does not fit: rare (16 used bits and an offset), so what was
            # read so far is converted instead of every series being read twice.
            array = array.astype(np.float32)
        if array.dtype == np.float32:
            _write_float(array[index], stored, scale)
    if progress is not None:
        progress(f"reading {record.title}", 1.0)
    return Volume(array, record.grid, record.unit, record.slices)


def _room_for(record: SeriesRecord, dtype: np.dtype[np.generic]) -> NDArray[np.generic]:
    try:
        return np.empty(record.grid.shape, dtype)
    except MemoryError as error:
        raise InputError(
            f"{record.title} of {record.grid.shape} voxels does not fit into memory",
            where=record.slices[0].path,
            remedy="close other programs, or leave this series out",
        ) from error


def _checked_scale(file: PixelFile, source: SliceSource, record: SeriesRecord) -> Scale:
    if file.shape != record.grid.shape[1:]:
        raise InputError(
            f"the image is {file.shape} now but was {record.grid.shape[1:]} when scanned",
            where=source.path,
            remedy="scan the folder again",
        )
    scale = file.scale(source.frame)
    if scale.unit != record.unit:
        raise InputError(
            f"a slice is in {scale.unit} but its series in {record.unit}",
            where=source.path,
            remedy="leave this series out, or split it at its source",
        )
    return scale


def _write_whole(target: NDArray[np.generic], stored: Stored, scale: Scale) -> bool:
    """Write whole values into an int16 slice; False when one does not fit."""
    slope, intercept = int(scale.slope), int(scale.intercept)
    ends = (int(stored.min()) * slope + intercept, int(stored.max()) * slope + intercept)
    if min(ends) < _INT16.min or max(ends) > _INT16.max:
        return False
    values = stored if slope == 1 else stored.astype(np.int64) * slope
    if intercept == 0:
        target[...] = values
    else:
        target[...] = values.astype(np.int32) + intercept
    return True


def _write_float(target: NDArray[np.generic], stored: Stored, scale: Scale) -> None:
    target[...] = stored * scale.slope + scale.intercept
