"""Separate pieces of a mask, counted from runs of voxels instead of voxels."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from liverseg.geometry import Mask
from liverseg.lesions.hull import Index

#: Steps of (slice, row) to the rows after a row that touch it.
LATER_ROWS = ((0, 1), (1, -1), (1, 0), (1, 1))


def count_pieces(drawn: Mask) -> int:
    """Number of connected pieces of a (slice, row, column) mask; corners connect."""
    # One empty row and column to each side, so that no run touches the next row's.
    slices, rows, columns = (n + 2 * (axis > 0) for axis, n in enumerate(drawn.shape))
    flat = np.zeros((slices, rows, columns), dtype=np.int8)
    flat[:, 1:-1, 1:-1] = drawn
    change = np.diff(flat.reshape(-1))
    starts = np.flatnonzero(change == 1) + 1
    stops = np.flatnonzero(change == -1)
    edges = [_touching(starts, stops, (i * rows + j) * columns) for i, j in LATER_ROWS]
    one, two = np.concatenate(edges, axis=1)
    links = coo_array((np.ones(len(one), dtype=bool), (one, two)), shape=(len(starts),) * 2)
    return int(connected_components(links, directed=False)[0])


def _touching(starts: Index, stops: Index, offset: int) -> Index:
    """(2, m) numbers of runs and of those that they touch in the row `offset` further on."""
    first = np.searchsorted(stops, starts + offset - 1)
    last = np.searchsorted(starts, stops + offset + 1, side="right")
    count = np.maximum(last - first, 0)
    one = np.repeat(np.arange(len(starts)), count)
    within = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
    return np.stack([one, np.repeat(first, count) + within])
