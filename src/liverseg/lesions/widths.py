"""How wide each slice can be at most: which slices need a closer look for a diameter.

The widths of a set of points along evenly spaced directions bound its diameter from above,
within 0.5 % for 16 of them: the longest span lies less than half a step of angle from one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liverseg.lesions.hull import Float, Index

#: Number of directions over half a turn.
DIRECTIONS = 16


@dataclass(frozen=True, eq=False)
class SliceWidths:
    """Per drawn slice (n): its number, and where it starts and ends in each direction (n, k).

    `directions` are (2, k): mm along each direction from steps of (row, column).
    """

    numbers: Index
    low: Float
    high: Float
    directions: Float

    @classmethod
    def of(cls, ends: Index, plane: Float) -> SliceWidths:
        """From the row ends of a mask, sorted or not, and its plane matrix."""
        angle = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
        directions: Float = plane.T @ np.stack([np.cos(angle), np.sin(angle)])
        order = np.argsort(ends[:, 0], kind="stable")
        slices = ends[order, 0]
        first = np.flatnonzero(np.diff(slices, prepend=-1))
        along = ends[order, 1:] @ directions
        low = np.minimum.reduceat(along, first, axis=0)
        high = np.maximum.reduceat(along, first, axis=0)
        return cls(slices[first], low, high, directions)

    def bound_mm(self, *, more: Float | float = 0.0) -> Float:
        """(n,) upper bound of each slice's diameter when it is `more` wide per direction."""
        wider: Float = self.high - self.low + more
        return _bound(wider)

    def pair_bound_mm(self) -> tuple[Index, Float]:
        """(m,) places halfway to the next slice, doubled, and bounds of both slices together.

        A slice without a neighbour on a side has a place on that side too.
        """
        below = np.concatenate([2 * self.numbers - 1, 2 * self.numbers + 1])
        low, high = (np.concatenate([side, side]) for side in (self.low, self.high))
        order = np.argsort(below, kind="stable")
        first = np.flatnonzero(np.diff(below[order], prepend=below.min() - 1))
        width = np.maximum.reduceat(high[order], first) - np.minimum.reduceat(low[order], first)
        return below[order][first], _bound(width)


def _bound(widths: Float) -> Float:
    bound: Float = widths.max(axis=1) / np.cos(0.5 * np.pi / DIRECTIONS)
    return bound
