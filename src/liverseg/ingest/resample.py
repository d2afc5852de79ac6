"""Carry out a `Resampling`: stored slices onto the regular grid of their record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from liverseg.geometry import Grid, Volume
from liverseg.records import SeriesRecord
from liverseg.tables import load_table

Float = NDArray[np.float32]


def read_resampled(record: SeriesRecord, read: Callable[[SeriesRecord], Volume]) -> Volume:
    """The volume of a record with a `resampling`; `read` reads its slices as they are stored.

    Linear along the slice axis and, for a sheared stack, in the plane: float32. Where
    no slice holds anything the fill value of the unit stands (rows ``fill_hu`` and
    ``fill_other`` of the table ingest_rules). A slice that lies on the grid keeps its
    values. The volume names no source slices: it is computed.
    """
    plan = record.resampling
    assert plan is not None
    # Where the stored slices lie is in the plan; their own grid is never used.
    stored = read(replace(record, resampling=None, grid=Grid(plan.source_shape, np.eye(4))))
    along = np.array([start[0] for start in plan.starts])
    array = np.empty(record.grid.shape, np.float32)
    fill = load_table("ingest_rules").number("fill_hu" if record.unit == "HU" else "fill_other")
    placed: dict[int, Float] = {}

    def on_grid(source: int) -> Float:
        """A stored slice moved in its plane; only the last two are kept."""
        if source not in placed:
            for old in [one for one in placed if one < source - 1]:
                del placed[old]
            _, row, column = plan.starts[source]
            placed[source] = place_slice(stored.array[source], row, column, array.shape[1:])
        return placed[source]

    for index in range(array.shape[0]):
        below, share = neighbours(along, index)
        values = on_grid(below)
        if share:
            values = values * (1 - share) + on_grid(below + 1) * share
        array[index] = np.where(np.isnan(values), fill, values)
    return Volume(array, record.grid, record.unit)


def neighbours(along: NDArray[np.float64], index: int) -> tuple[int, float]:
    """The stored slice at or below a slice of the grid, and the share of the one above it."""
    below = int(np.searchsorted(along, index + 1e-6, side="right")) - 1
    below = min(max(below, 0), len(along) - 1)
    if below == len(along) - 1:
        return below, 0.0
    share = (index - along[below]) / (along[below + 1] - along[below])
    return below, 0.0 if share < 1e-6 else float(share)


def place_slice(
    pixels: NDArray[np.generic], row: float, column: float, shape: tuple[int, ...]
) -> Float:
    """Pixels with their first one at (row, column) of an image of `shape`; NaN elsewhere.

    Linear in between: of a shift by a fraction of a pixel the outermost half pixels,
    which would need a neighbour that is not there, become NaN.
    """
    moved = _shift(np.asarray(pixels, np.float32), row, shape[0])
    return _shift(moved.T, column, shape[1]).T


def _shift(values: Float, start: float, length: int) -> Float:
    """Move along the first axis by `start` (not negative) within `length` places."""
    whole = int(np.floor(start + 1e-6))
    part = max(start - whole, 0.0)
    out = np.full((length, *values.shape[1:]), np.nan, np.float32)
    if part < 1e-6:
        out[whole : whole + len(values)] = values
    else:
        # Place t holds what is stored at t - start, between two stored pixels.
        between = values[1:] * (1 - part) + values[:-1] * part
        out[whole + 1 : whole + len(values)] = between
    return out
