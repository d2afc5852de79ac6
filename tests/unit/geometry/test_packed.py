"""Masks packed into bits."""

from __future__ import annotations

import numpy as np
import pytest

from liverseg.geometry import PackedMask


@pytest.mark.parametrize("shape", [(0, 0, 0), (1, 1, 1), (3, 5, 7), (2, 8, 16)])
def test_a_packed_mask_comes_back_voxel_by_voxel(shape):
    mask = np.random.default_rng(1).random(shape) < 0.4
    packed = PackedMask.of(mask)
    back = packed.mask()
    assert (back.dtype, back.shape) == (np.dtype(bool), shape)
    assert np.array_equal(back, mask)
    assert len(packed.bits) == -(-mask.size // 8)


def test_each_answer_is_an_array_of_its_own():
    packed = PackedMask.of(np.eye(3, dtype=bool))
    packed.mask()[0, 0] = False
    assert packed.mask()[0, 0]
