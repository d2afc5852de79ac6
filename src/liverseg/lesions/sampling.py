"""What a volume can be, given that a lesion was seen in some slices only.

Slices sample the area of a lesion's sections. The root of that area, along the slice axis
of a convex body, has no dents (Brunn and Minkowski). Between two slices it therefore lies
above the straight line that joins them and below the lines through their neighbours.
"""

from __future__ import annotations

import numpy as np

from liverseg.geometry import Grid, Mask
from liverseg.lesions.hull import Float
from liverseg.lesions.lattice import slice_step_mm

#: Places between two slices at which the root of the area is looked at, both included.
PLACES = 33
#: Fewer slices than this say nothing about the extent across them.
SLICES_SEEN = 3


def volume_bounds_mm3(
    drawn: Mask, grid: Grid, *, widest_mm: float, border: int
) -> tuple[float, float]:
    """Least and largest volume in mm3 of a body without dents that these voxels may show.

    `drawn` is (slice, row, column) and not empty, `widest_mm` its largest diameter between
    voxel corners, `border` the number of cells of eight voxels that its surface crosses.
    A voxel at the border is in or out by chance, which has a standard deviation of 0.29
    voxels; 3.5 times that of all of them together is allowed for. A lesion in one or two slices
    may be as large as the widest ball, stretched to `widest_mm`, that no further slice
    would show.
    """
    step = grid.voxel_volume_mm3
    roots = np.sqrt(np.count_nonzero(drawn, axis=(1, 2)).astype(np.float64))
    chance = float(np.sqrt(border)) * step
    lower = _least(roots) * step - chance
    upper = _largest(roots) * step + chance
    if len(roots) < SLICES_SEEN:
        unseen = (len(roots) + 1) * slice_step_mm(grid)
        upper = max(upper, np.pi / 6.0 * unseen * max(unseen, widest_mm) ** 2)
    return max(lower, 0.0), float(upper)


def _least(roots: Float) -> float:
    """Voxels below the chain of straight lines through the roots; nothing beyond the ends."""
    low, high = roots[:-1], roots[1:]
    return float((low * low + low * high + high * high).sum() / 3.0)


def _largest(roots: Float) -> float:
    """Voxels below the lines through neighbouring roots, made longer to both sides."""
    t = np.linspace(0.0, 1.0, PLACES)
    padded = np.concatenate([[0.0], roots, [0.0]])
    gaps = []
    for k in range(len(padded) - 1):
        from_left = padded[k] + (padded[k] - padded[k - 1]) * t if k >= 2 else None
        from_right = (
            padded[k + 1] + (padded[k + 1] - padded[k + 2]) * (1.0 - t)
            if k + 3 < len(padded)
            else None
        )
        lines = [line for line in (from_left, from_right) if line is not None]
        if not lines:
            lines = [np.full_like(t, max(padded[k], padded[k + 1]))]
        gaps.append(np.maximum(np.min(lines, axis=0), 0.0) ** 2)
    squares = np.array(gaps)
    return float((squares[:, 1:] + squares[:, :-1]).sum() * 0.5 * t[1])
