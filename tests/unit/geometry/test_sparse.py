"""Zeros that take memory only where something is written."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

from liverseg.geometry import sparse_zeros
from liverseg.geometry.sparse import LEAST_BYTES

SHAPE = (64, 512, 512)


@pytest.mark.parametrize("shape", [(3, 4, 5), SHAPE])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, bool])
def test_they_are_zeros_that_can_be_written(shape, dtype):
    array = sparse_zeros(shape, dtype)
    assert (array.shape, array.dtype) == (shape, np.dtype(dtype))
    assert not array.any()
    array[1, 2, 3] = 1
    assert np.argwhere(array).tolist() == [[1, 2, 3]]
    assert not sparse_zeros(shape, dtype).any()
    assert np.array_equal(pickle.loads(pickle.dumps(array)), array)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_voxel_in_each_slice_does_not_make_the_whole_array_resident():
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096

    assert np.prod(SHAPE) > LEAST_BYTES
    before = resident()
    array = sparse_zeros(SHAPE)
    array[:, 200, 200] = 1
    assert array.any(axis=(1, 2)).all()
    assert resident() - before < array.nbytes / 4
