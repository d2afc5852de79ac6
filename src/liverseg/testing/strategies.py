"""Hypothesis strategies: oblique, anisotropic and left-handed grids, and what lies on them."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from liverseg.geometry import Grid, Translation

Float = NDArray[np.float64]

#: All 48 ways to name three array axes: an order and a direction each.
SIGNED_PERMUTATIONS: tuple[tuple[tuple[int, int, int], tuple[int, int, int]], ...] = tuple(
    ((order[0], order[1], order[2]), (signs[0], signs[1], signs[2]))
    for order in permutations(range(3))
    for signs in product((1, -1), repeat=3)
)


def finite(low: float, high: float) -> st.SearchStrategy[float]:
    """Finite floats from `low` to `high`, no subnormal ones."""
    return st.floats(low, high, allow_nan=False, allow_infinity=False, allow_subnormal=False)


def points(*, reach_mm: float = 200.0) -> st.SearchStrategy[tuple[float, float, float]]:
    """Positions in LPS mm within `reach_mm` of the origin along each axis."""
    one = finite(-reach_mm, reach_mm)
    return st.tuples(one, one, one)


def translations(*, reach_mm: float = 30.0) -> st.SearchStrategy[Translation]:
    """Shifts up to `reach_mm` along each axis."""
    return points(reach_mm=reach_mm).map(Translation)


@st.composite
def rotations(draw: st.DrawFn) -> Float:
    """3 x 3 rotation matrices, all directions alike."""
    parts = np.array(draw(st.tuples(*[finite(-1.0, 1.0)] * 4)))
    length = float(np.linalg.norm(parts))
    w, x, y, z = (1.0, 0.0, 0.0, 0.0) if length < 1e-3 else parts / length
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


@st.composite
def grids(draw: st.DrawFn, *, max_size: int = 12, frame: str | None = "1.2.3") -> Grid:
    """Grids at right angles: any turn, any handedness, spacing 0.5 to 8 mm, any place."""
    size = st.integers(1, max_size)
    shape = draw(st.tuples(size, size, size))
    spacing = np.array(draw(st.tuples(*[finite(0.5, 8.0)] * 3)))
    matrix = np.eye(4)
    matrix[:3, :3] = draw(rotations()) * spacing
    if draw(st.booleans()):
        matrix[:3, draw(st.integers(0, 2))] *= -1
    matrix[:3, 3] = draw(points())
    return Grid(shape, matrix, frame)


def rearranged(
    array: NDArray[np.generic], grid: Grid, order: tuple[int, int, int], signs: tuple[int, int, int]
) -> tuple[NDArray[np.generic], Grid]:
    """The same voxels in the same places with array axes permuted and flipped.

    New axis k is old axis `order[k]`, run backwards where `signs[k]` is -1.
    """
    turn = np.zeros((4, 4))
    turn[3, 3] = 1.0
    for new, (old, sign) in enumerate(zip(order, signs, strict=True)):
        turn[old, new] = sign
        turn[old, 3] = 0 if sign == 1 else grid.shape[old] - 1
    moved = array.transpose(order)[tuple(slice(None, None, sign) for sign in signs)]
    shape = (moved.shape[0], moved.shape[1], moved.shape[2])
    return np.ascontiguousarray(moved), Grid(
        shape, grid.lps_from_index @ turn, grid.frame_of_reference
    )
