"""Pictures and charts as SVG for one page: crisp in print, readable in light and dark."""

from liverseg.report.figures.chart import Curve, draw_curves
from liverseg.report.figures.segments import LABEL_4B, SEGMENT_COLOURS, draw_segments, segment_name
from liverseg.report.figures.tile import draw_lesion, frame_of

__all__ = [
    "LABEL_4B",
    "SEGMENT_COLOURS",
    "Curve",
    "draw_curves",
    "draw_lesion",
    "draw_segments",
    "frame_of",
    "segment_name",
]
