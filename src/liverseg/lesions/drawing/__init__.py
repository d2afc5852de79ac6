"""From a click, a line or a scribble to a mask; from a few drawn slices to all of them."""

from liverseg.lesions.drawing.draw import StarRays, delineate
from liverseg.lesions.drawing.reshape import (
    fill_holes,
    grow,
    keep_largest,
    least_step_mm,
    shrink,
    smooth,
)
from liverseg.lesions.drawing.slices import interpolate_slices

__all__ = [
    "StarRays",
    "delineate",
    "fill_holes",
    "grow",
    "interpolate_slices",
    "keep_largest",
    "least_step_mm",
    "shrink",
    "smooth",
]
