"""Masks that are kept for long and looked at seldom, in an eighth of their memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liverseg.geometry.labelmap import Mask


@dataclass(frozen=True)
class PackedMask:
    """A mask with one bit a voxel; `mask()` is the array again, a new one each time."""

    shape: tuple[int, ...]
    bits: bytes

    @classmethod
    def of(cls, mask: Mask) -> PackedMask:
        """Pack a bool array of any shape.

        >>> PackedMask.of(np.array([[True, False, True]])).mask()
        array([[ True, False,  True]])
        """
        return cls(mask.shape, np.packbits(mask).tobytes())

    def mask(self) -> Mask:
        """The array that was packed, in C order."""
        count = int(np.prod(self.shape))
        bits = np.unpackbits(np.frombuffer(self.bits, dtype=np.uint8), count=count)
        return bits.view(np.bool_).reshape(self.shape)
