"""Large arrays of zeros that take memory only where something is written."""

from __future__ import annotations

import math
import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: From this size on it pays; smaller arrays come from numpy, bytes.
LEAST_BYTES = 1 << 22


def sparse_zeros(shape: tuple[int, ...], dtype: Any = np.uint8) -> NDArray[Any]:
    """As `np.zeros`, for a mask that covers little of its grid.

    numpy asks for huge pages (2 MB), so that one voxel in each slice of a CT makes the
    whole array resident. Here a page is the system's smallest, and pages that were only
    read cost nothing. Where the system has no private anonymous maps it is `np.zeros`.

    >>> sparse_zeros((240, 512, 512)).any()
    np.False_
    """
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    if size < LEAST_BYTES or not hasattr(mmap, "MAP_PRIVATE"):
        return np.zeros(shape, dtype=kind)
    held = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return np.frombuffer(held, dtype=kind).reshape(shape)
