"""Align the phases of one exam by one translation each, and read them at one place."""

from liverseg.register.align import align_phases
from liverseg.register.links import Link, LinkKind, link_of
from liverseg.register.point import PointValue, values_at
from liverseg.register.quality import overlap_doubts, residual_doubts, residual_of_halves

__all__ = [
    "Link",
    "LinkKind",
    "PointValue",
    "align_phases",
    "link_of",
    "overlap_doubts",
    "residual_doubts",
    "residual_of_halves",
    "values_at",
]
