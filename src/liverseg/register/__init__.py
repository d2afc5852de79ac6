"""Align the phases of one exam by one translation each."""

from liverseg.register.align import align_phases
from liverseg.register.quality import overlap_doubts, residual_doubts, residual_of_halves

__all__ = ["align_phases", "overlap_doubts", "residual_doubts", "residual_of_halves"]
