"""From a click, a line or a scribble to a mask; from a few drawn slices to all of them."""

from liverseg.lesions.drawing.draw import StarRays, delineate
from liverseg.lesions.drawing.slices import interpolate_slices

__all__ = ["StarRays", "delineate", "interpolate_slices"]
