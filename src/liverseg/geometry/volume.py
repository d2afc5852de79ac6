"""`Volume`: an image as numbers with a place, a unit and an origin for each slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liverseg.errors import GeometryError
from liverseg.geometry.grid import Grid


@dataclass(frozen=True)
class SliceSource:
    """The file (and frame) that one slice was read from.

    `path` is as given to the reader; `frame` counts from 0 in a multi-frame object and
    is None in a single-frame file.
    """

    path: str
    sop_instance_uid: str
    frame: int | None = None


@dataclass(frozen=True, eq=False)
class Volume:
    """Voxel values on a grid.

    Parameters
    ----------
    array
        (slice, row, column), any real dtype; becomes read-only. The caller hands it
        over: no copy is made of what may be a quarter of a gigabyte.
    grid
        Where the voxels lie; same shape as `array`.
    unit
        "HU" for CT, "au" (arbitrary) for MR signal, "mm2/s" for ADC maps.
    slices
        One `SliceSource` a slice, or empty for a computed image.
    """

    array: NDArray[np.generic]
    grid: Grid
    unit: str
    slices: tuple[SliceSource, ...] = ()

    def __post_init__(self) -> None:
        array = np.asarray(self.array).view()
        if array.shape != self.grid.shape:
            raise GeometryError(f"array is {array.shape} but its grid is {self.grid.shape}")
        if self.slices and len(self.slices) != array.shape[0]:
            raise GeometryError(
                f"{len(self.slices)} slice sources for a volume of {array.shape[0]} slices"
            )
        array.flags.writeable = False
        object.__setattr__(self, "array", array)
