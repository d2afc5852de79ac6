"""Stored numbers to values: slope and intercept, within the array where that is possible."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from liverseg.ingest.pixels import is_native
from liverseg.records import StoredPixels

_INT16 = np.iinfo(np.int16)
_WORDS = 1 << 16

Numbers = NDArray[Any]


def write_whole(target: NDArray[np.int16], numbers: Numbers, stored: StoredPixels) -> bool:
    """Write whole values into an int16 slice; False when one does not fit.

    `numbers` may lie in the memory of `target`; after False its content means nothing.
    """
    slope, intercept = int(stored.slope), int(stored.intercept)
    low, high = _range(numbers, stored)
    ends = (low * slope + intercept, high * slope + intercept)
    if min(ends) < _INT16.min or max(ends) > _INT16.max:
        return False
    if slope == 1 and numbers.dtype.itemsize == 2 and numbers.dtype.isnative:
        # Both ends fit, so sums that wrap around 2**16 come out right, signed or not.
        step = np.int16((intercept - _INT16.min) % _WORDS + _INT16.min)
        np.add(numbers.view(np.int16), step, out=target)
    else:
        target[...] = numbers.astype(np.int64) * slope + intercept
    return True


def write_float(target: NDArray[np.float32], numbers: Numbers, stored: StoredPixels) -> None:
    """Write values into a float32 slice; they are computed as float64."""
    values = np.multiply(numbers, stored.slope, dtype=np.float64)
    np.add(values, stored.intercept, out=target, casting="unsafe")


def _range(numbers: Numbers, stored: StoredPixels) -> tuple[int, int]:
    """Bounds of the numbers; those that few stored bits allow need no look at the pixels."""
    if is_native(stored) and 0 < stored.bits < numbers.dtype.itemsize * 8:
        if numbers.dtype.kind == "i":
            half = 1 << (stored.bits - 1)
            bounds = -half, half - 1
        else:
            bounds = 0, (1 << stored.bits) - 1
        slope, intercept = int(stored.slope), int(stored.intercept)
        ends = [bound * slope + intercept for bound in bounds]
        if _INT16.min <= min(ends) and max(ends) <= _INT16.max:
            return bounds
    return int(numbers.min()), int(numbers.max())
