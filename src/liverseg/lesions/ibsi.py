"""IBSI's image processing chain: interpolation, rounding, re-segmentation.

Definitions: IBSI reference manual (arXiv:1612.07003), section 2. Our own measurements use
the voxels as acquired; this chain exists so that features can be checked against the
reference values and compared with other programs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.errors import EmptyLabelError, GeometryError
from liverseg.geometry import Grid, LabelMap, Mask, Volume
from liverseg.lesions.hull import Float
from liverseg.lesions.intensity import intensity_statistics
from liverseg.lesions.morphology import ibsi_morphology

#: A voxel of the interpolated mask is drawn from this share on.
HALF = 0.5
#: Sizes this close to a whole number of voxels, and shares this close to half, are that.
ROUNDING = 1e-6


@dataclass(frozen=True)
class IbsiChain:
    """One processing configuration.

    `spacing_mm` is (slice, row, column), None on an axis that stays as acquired.
    `image_order` is 1 (linear) or 3 (cubic spline). `keep_hu` are the lowest and highest
    value kept by range re-segmentation; `keep_sigma` keeps values within so many standard
    deviations of the mean.
    """

    spacing_mm: tuple[float | None, float | None, float | None] = (None, None, None)
    image_order: int = 1
    keep_hu: tuple[float, float] | None = None
    keep_sigma: float | None = None


def ibsi_features(
    mask: LabelMap, image: Volume, chain: IbsiChain | None = None
) -> dict[str, float]:
    """Morphology and intensity statistics by IBSI id after one processing chain.

    `mask` and `image` lie on the same voxels. Morphology uses the interpolated mask before
    re-segmentation, statistics the voxels left after it.
    """
    if not mask.grid.is_same_lattice(image.grid):
        raise GeometryError(
            "mask and image do not lie on the same voxels",
            where="ibsi_features",
            remedy="resample one onto the other's grid first",
        )
    steps = chain or IbsiChain()
    grid = ibsi_grid(mask.grid, steps.spacing_mm)
    values = image.array.astype(np.float64)
    drawn = mask.mask()
    if grid is not mask.grid:
        values = np.rint(interpolate(values, mask.grid, grid, order=steps.image_order))
        share = interpolate(drawn.astype(np.float64), mask.grid, grid, order=1)
        drawn = share >= HALF - ROUNDING
    kept = resegment(values, drawn, keep_hu=steps.keep_hu, keep_sigma=steps.keep_sigma)
    seen = Volume(np.where(kept, values, np.nan), grid, image.unit)
    return ibsi_morphology(LabelMap(drawn.astype(np.uint8), grid), seen) | intensity_statistics(
        values[kept]
    )


def ibsi_grid(grid: Grid, spacing_mm: tuple[float | None, float | None, float | None]) -> Grid:
    """The grid of another spacing with the same centre, as many voxels as hold the old ones."""
    if all(step is None for step in spacing_mm):
        return grid
    old = np.array(grid.spacing_mm)
    new = np.array([s if step is None else step for s, step in zip(old, spacing_mm, strict=True)])
    scale = new / old
    shape = np.ceil(np.array(grid.shape) / scale - ROUNDING).astype(int)
    first = (np.array(grid.shape) - 1) / 2.0 - (shape - 1) / 2.0 * scale
    matrix = grid.lps_from_index.copy()
    matrix[:3, :3] *= scale
    matrix[:3, 3] = grid.to_lps_mm(first)
    return Grid((int(shape[0]), int(shape[1]), int(shape[2])), matrix, grid.frame_of_reference)


def interpolate(values: Float, source: Grid, target: Grid, *, order: int) -> Float:
    """Values of `source` at the voxels of a parallel `target` grid; edge values go on."""
    scale = np.array(target.spacing_mm) / np.array(source.spacing_mm)
    first = source.to_index(target.to_lps_mm((0, 0, 0)))
    found: Float = ndimage.affine_transform(
        values, scale, offset=first, output_shape=target.shape, order=order, mode="nearest"
    )
    return found


def resegment(
    values: Float,
    drawn: Mask,
    *,
    keep_hu: tuple[float, float] | None = None,
    keep_sigma: float | None = None,
) -> Mask:
    """Drawn voxels whose value is in range and not an outlier.

    The mean and the standard deviation that outliers are judged by are those of the voxels
    in range.
    """
    kept: Mask = drawn
    if keep_hu is not None:
        kept = kept & (values >= keep_hu[0]) & (values <= keep_hu[1])
    if keep_sigma is not None and kept.any():
        own: NDArray[np.float64] = values[kept]
        kept = kept & (np.abs(values - own.mean()) <= keep_sigma * own.std())
    if not kept.any():
        raise EmptyLabelError(
            "re-segmentation leaves no voxel",
            where="ibsi_features",
            remedy="widen the range of values, or check the mask",
        )
    return kept
