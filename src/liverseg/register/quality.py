"""Whether a found shift can be believed: numbers to doubts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from liverseg.records import Doubt
from liverseg.tables import load_table

Vector = NDArray[np.float64]


def residual_of_halves(pairs: Sequence[tuple[Vector, Vector]]) -> float:
    """How far a shift may be off, in mm, from fits on opposite halves of the liver.

    Each pair holds the shifts of two halves. Were their errors independent, half their
    distance would be the standard error of the shift fitted on both; the largest over all
    pairs is taken, because a liver that turned or bent shows along one direction only.
    """
    return max(float(np.linalg.norm(one - other)) / 2.0 for one, other in pairs)


def residual_doubts(residual_mm: float, *, where: str) -> tuple[Doubt, ...]:
    """A doubt when the halves of the liver do not move alike (table `register`)."""
    limit = load_table("register").number("residual_max")
    if residual_mm <= limit:
        return ()
    return (
        Doubt(
            f"the shift of this series is uncertain by {residual_mm:.1f} mm (limit {limit:g} mm): "
            "the halves of the liver moved differently, or the contrast is too weak",
            where,
        ),
    )


def overlap_doubts(overlap: float, *, where: str) -> tuple[Doubt, ...]:
    """A doubt when the series shows only a part of the liver (0 to 1)."""
    if overlap >= load_table("register").number("overlap_doubt"):
        return ()
    return (Doubt(f"this series shows only {overlap:.0%} of the liver", where),)


def shift_problem(length_mm: float) -> str:
    """Why a shift of this length is not believed, or ""."""
    limit = load_table("register").number("shift_max")
    if length_mm < limit:
        return ""
    return f"the fit ran {length_mm:.1f} mm away, to its bound of {limit:g} mm"


def overlap_problem(overlap: float) -> str:
    """Why a series that shows this part of the liver (0 to 1) cannot be aligned, or ""."""
    limit = load_table("register").number("overlap_min")
    if overlap >= limit:
        return ""
    return f"the series shows {overlap:.0%} of the liver; {limit:.0%} are needed"
