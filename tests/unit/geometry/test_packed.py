"""Masks packed into bits, and label maps that are unpacked where they are looked at."""

from __future__ import annotations

import gc
import pickle

import numpy as np
import pytest

from liverseg.errors import EmptyLabelError
from liverseg.geometry import Grid, Label, LabelMap, PackedLabelMap, PackedMask

SHAPE, LOW, SIZE = (9, 20, 30), (2, 4, 6), (3, 5, 7)
LABELS = (Label(2, "two"), Label(5, "five"))


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


class Packer:
    """Counts how often its part is unpacked."""

    def __init__(self) -> None:
        self.part = np.random.default_rng(3).choice([0, 2, 5], SIZE).astype(np.uint8)
        self.part[0, 0, 0] = self.part[-1, -1, -1] = 2  # so that the box is tight
        self.calls = 0

    def __call__(self) -> np.ndarray:
        self.calls += 1
        return self.part


@pytest.fixture
def packer() -> Packer:
    return Packer()


@pytest.fixture
def packed(packer) -> PackedLabelMap:
    first, second, third = (slice(a, a + n) for a, n in zip(LOW, SIZE, strict=True))
    grid = Grid(SHAPE, np.diag([3.0, 1.0, 1.0, 1.0]), "1.2.3")
    box = (first, second, third)
    return PackedLabelMap(packer, grid, LABELS, box=box, dtype=packer.part.dtype)


def plain(packed: PackedLabelMap) -> LabelMap:
    return LabelMap(np.array(packed.array), packed.grid, packed.labels)


def test_it_is_the_label_map_that_was_packed(packed, packer):
    array = np.zeros(SHAPE, dtype=np.uint8)
    array[packed.box()] = packer.part
    assert np.array_equal(packed.array, array)
    assert not packed.array.flags.writeable
    same = plain(packed)
    assert (packed.values, packed.dtype) == (same.values, same.dtype)
    assert (packed.box(), packed.box(margin=3)) == (same.box(), same.box(margin=3))
    assert (packed.is_empty, packed.name_of(5), packed.value_of("two")) == (False, "five", 2)
    assert np.array_equal(packed.mask(2), same.mask(2))
    assert np.array_equal(packed.cropped(margin=1).array, same.cropped(margin=1).array)


def test_box_and_emptiness_need_no_unpacking(packed, packer):
    assert packed.box(margin=1)[0] == slice(1, 6)
    assert not packed.is_empty
    assert packer.calls == 0


def test_the_array_is_there_as_long_as_a_view_of_it_is_held(packed, packer):
    view = packed.array.transpose(2, 0, 1)[::-1, 1:4]
    gc.collect()
    assert np.shares_memory(packed.array, view)
    assert packer.calls == 1
    del view
    gc.collect()
    assert packed.array.any()
    assert packer.calls == 2


BOXES = [
    (slice(2, 5), slice(4, 9), slice(6, 13)),
    (slice(3, 4), slice(5, 7), slice(8, 9)),
    (slice(0, 9), slice(0, 20), slice(0, 30)),
    (slice(1, 4), slice(7, 20), slice(0, 8)),
    (slice(6, 9), slice(0, 4), slice(0, 6)),
    (slice(None), slice(None), slice(3, 10)),
    (slice(0, 2), slice(4, 9), slice(6, 13)),
    (slice(3, 3), slice(4, 9), slice(6, 13)),
]


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("box", BOXES)
def test_a_part_is_that_of_the_array(packed, box, held):
    wanted = plain(packed)
    gc.collect()
    array = packed.array if held else None
    part = packed.part(box)
    assert part.dtype == wanted.array.dtype
    assert np.array_equal(part, wanted.part(box))
    assert not part.flags.writeable
    del array


def test_it_is_pickled_as_a_plain_label_map(packed):
    back = pickle.loads(pickle.dumps(packed))
    assert type(back) is LabelMap
    assert np.array_equal(back.array, packed.array)
    assert back.labels == packed.labels
    assert np.array_equal(back.grid.lps_from_index, packed.grid.lps_from_index)


def test_numbers_of_an_empty_map_are_none_and_it_has_no_box():
    empty = LabelMap(np.zeros(SHAPE, dtype=np.uint8), Grid(SHAPE, np.eye(4), None))
    assert empty.values == ()
    with pytest.raises(EmptyLabelError):
        empty.box()
