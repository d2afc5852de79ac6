"""Lesions: how large, how bright in each phase, against which liver."""

from liverseg.lesions.enhancement import measure_enhancement
from liverseg.lesions.liver import measure_liver
from liverseg.lesions.reference import liver_reference
from liverseg.lesions.rim import divide_rim_core
from liverseg.lesions.size import measure_size, slice_step_mm

__all__ = [
    "divide_rim_core",
    "liver_reference",
    "measure_enhancement",
    "measure_liver",
    "measure_size",
    "slice_step_mm",
]
