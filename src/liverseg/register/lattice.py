"""Put series of any grid onto one coarse working lattice along the patient's axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.geometry import Grid, LabelMap, Volume

Float32 = NDArray[np.float32]


def working_lattice(liver: LabelMap, *, step_mm: float, margin_mm: float) -> Grid:
    """Cubic lattice along x, y, z of the patient that holds the liver and a margin."""
    corners = liver.cropped(margin=1).grid.corners_lps_mm()
    low = corners.min(axis=0) - margin_mm
    size = np.ceil((corners.max(axis=0) + margin_mm - low) / step_mm).astype(int) + 1
    x, y, z = (float(value) for value in low)
    return Grid.axial(
        (int(size[2]), int(size[1]), int(size[0])),
        (step_mm, step_mm, step_mm),
        origin_lps_mm=(x, y, z),
    )


def sample(volume: Volume, lattice: Grid, *, outside: float = np.nan) -> Float32:
    """Values of a volume at the points of `lattice`, `outside` where it has none.

    Voxels finer than the lattice are averaged in whole blocks first, the rest is linear.
    Only the part of the volume that the lattice reaches is touched.
    """
    step = min(lattice.spacing_mm)
    factors = [
        max(1, min(int(step / mm + 0.25), size))
        for mm, size in zip(volume.grid.spacing_mm, volume.grid.shape, strict=True)
    ]
    part, grid = _reached(volume, lattice, factors)
    if part is None:
        return np.full(lattice.shape, outside, dtype=np.float32)
    part, grid = _block_means(part, grid, factors)
    matrix = grid.index_from_lps @ lattice.lps_from_index
    sampled: Float32 = ndimage.affine_transform(
        part,
        matrix[:3, :3],
        offset=matrix[:3, 3],
        output_shape=lattice.shape,
        output=np.float32,
        order=1,
        mode="constant",
        cval=outside,
    )
    return sampled


def sample_mask(labels: LabelMap, lattice: Grid) -> NDArray[np.bool_]:
    """Mask of all labels on `lattice`: at least half of the point's surroundings is inside."""
    volume = Volume(labels.mask().astype(np.uint8), labels.grid, "1")
    return np.asarray(sample(volume, lattice, outside=0.0) >= 0.5)


def _reached(volume: Volume, lattice: Grid, factors: list[int]) -> tuple[Float32 | None, Grid]:
    """The part of a volume that the lattice touches, two blocks wider, and its grid."""
    index = volume.grid.to_index(lattice.corners_lps_mm())
    shape = np.array(volume.grid.shape)
    wide = 2 * np.array(factors)
    low = np.clip(np.floor(index.min(axis=0)).astype(int) - wide, 0, shape)
    high = np.clip(np.ceil(index.max(axis=0)).astype(int) + wide + 1, 0, shape)
    if (high - low < factors).any():
        return None, volume.grid
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    part = np.ascontiguousarray(volume.array[box], dtype=np.float32)
    start = (int(low[0]), int(low[1]), int(low[2]))
    return part, volume.grid.cropped(start, part.shape)


def _block_means(part: Float32, grid: Grid, factors: list[int]) -> tuple[Float32, Grid]:
    """Means of blocks of (slice, row, column) `factors` voxels; a ragged rest is dropped."""
    if max(factors) == 1:
        return part, grid
    for axis, factor in enumerate(factors):
        if factor > 1:
            size = part.shape[axis] // factor
            kept = part.take(range(size * factor), axis=axis)
            shape = (*part.shape[:axis], size, factor, *part.shape[axis + 1 :])
            part = kept.reshape(shape).mean(axis=axis + 1, dtype=np.float32)
    matrix = grid.lps_from_index.copy()
    matrix[:3, 3] = grid.to_lps_mm([(factor - 1) / 2 for factor in factors])
    matrix[:3, :3] = matrix[:3, :3] * np.array(factors)
    return part, Grid(part.shape, matrix, grid.frame_of_reference)
