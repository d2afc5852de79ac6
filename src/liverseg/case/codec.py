"""Grids, label maps and pictures to rows and back, bit by bit.

A label map is cropped to the box of its labels and compressed (zstd, level 3): of the
ways measured the fastest both ways, and some 600 times smaller than the array. The whole
grid is stored beside the box, not the grid of the crop, because cutting and uncutting a
matrix of floats would not give the same bits back.
"""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
from functools import partial
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from liverseg.case.pack import to_text, unpack
from liverseg.errors import CaseError, EmptyLabelError
from liverseg.geometry import LEAST_BYTES, Grid, Label, LabelMap, PackedLabelMap, sparse_zeros

ENCODING = "zstd-box"
_LEVEL = 3


def squeeze(raw: bytes) -> bytes:
    """Compress some bytes by zstd, with a checksum: SQLite itself does not guard its blobs."""
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(raw)


def unsqueeze(body: bytes) -> bytes:
    """Back from `squeeze`; raises `zstandard.ZstdError` when a byte has changed."""
    return zstandard.ZstdDecompressor().decompress(body)


def put_array(array: NDArray[np.generic]) -> bytes:
    """Compressed bytes of an array in C order; dtype and shape are kept by the caller."""
    if array.dtype.hasobject:
        raise CaseError(f"an array of {array.dtype} cannot be stored")
    return squeeze(np.ascontiguousarray(array).tobytes())


def get_array(body: bytes, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """The array of `put_array`, read-only. Raises `CaseError` when sizes do not match."""
    raw = unsqueeze(body)
    kind = np.dtype(dtype)
    if len(raw) != math.prod(shape) * kind.itemsize:
        raise CaseError(f"a stored array of {len(raw)} bytes is not {shape} of {dtype}")
    return np.frombuffer(raw, dtype=kind).reshape(shape)


def put_grid(db: sqlite3.Connection, grid: Grid) -> int:
    """Row of this very grid (every bit of its matrix), made when it is not there yet."""
    matrix = grid.lps_from_index.astype("<f8").tobytes()
    frame = grid.frame_of_reference
    digest = _digest(repr((grid.shape, frame)).encode(), matrix)
    values = (digest, *grid.shape, matrix, None if frame is None else str(frame))
    return _put_once(
        db, "grid", "digest, slices, rows, columns, lps_from_index, frame_of_reference", values
    )


def get_grid(db: sqlite3.Connection, number: int) -> Grid:
    """The grid of this row."""
    row = db.execute(
        "SELECT slices, rows, columns, lps_from_index, frame_of_reference FROM grid WHERE id = ?",
        (number,),
    ).fetchone()
    matrix = np.frombuffer(row[3], dtype="<f8").reshape(4, 4)
    return Grid((row[0], row[1], row[2]), matrix, row[4])


def put_label_map(db: sqlite3.Connection, labels: LabelMap) -> int:
    """Row of this label map; one with the same content is used again."""
    try:
        box = labels.box()
        start = tuple(int(span.start) for span in box)
        part = labels.part(box)
    except EmptyLabelError:
        start, part = (0, 0, 0), labels.array[:0, :0, :0]
    grid_id = put_grid(db, labels.grid)
    head = (
        grid_id,
        labels.dtype.str,
        json.dumps(start),
        json.dumps(part.shape),
        to_text(labels.labels),
        ENCODING,
    )
    body = put_array(part)
    digest = _digest(repr(head).encode(), body)
    columns = "digest, grid_id, dtype, start, size, labels, encoding, body"
    return _put_once(db, "label_map", columns, (digest, *head, body))


def get_label_map(db: sqlite3.Connection, number: int) -> LabelMap:
    """The label map of this row, of full shape again; (slice, row, column).

    One that is large stays packed as it is stored, and is unpacked where it is looked at.
    """
    grid_id, dtype, start, size, labels, encoding, body = db.execute(
        "SELECT grid_id, dtype, start, size, labels, encoding, body FROM label_map WHERE id = ?",
        (number,),
    ).fetchone()
    if encoding != ENCODING:
        raise CaseError(f"label maps stored as {encoding} are unknown", remedy="update liverseg")
    grid = get_grid(db, grid_id)
    shape, names = tuple(json.loads(size)), unpack(tuple[Label, ...], json.loads(labels))
    part = get_array(body, dtype, shape)  # in any case now: a damaged one is told here
    if shape == grid.shape:
        return LabelMap(part, grid, names)
    low = json.loads(start)
    first, second, third = (slice(a, a + n) for a, n in zip(low, shape, strict=True))
    if part.size and math.prod(grid.shape) * part.itemsize >= LEAST_BYTES:
        whole_part = partial(get_array, body, dtype, shape)
        box = (first, second, third)
        return PackedLabelMap(whole_part, grid, names, box=box, dtype=part.dtype)
    array = sparse_zeros(grid.shape, np.dtype(dtype))
    array[first, second, third] = part
    return LabelMap(array, grid, names)


def _put_once(db: sqlite3.Connection, table: str, columns: str, values: tuple[Any, ...]) -> int:
    """Insert a row whose first column is a unique digest, or find the one that is there."""
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})", values)
    row = db.execute(f"SELECT id FROM {table} WHERE digest = ?", (values[0],)).fetchone()
    return int(row[0])


def _digest(*parts: bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return found.hexdigest()
