"""The report as one HTML file, its pictures, and the measurement tables."""

from liverseg.report.content import ExamSummary, LesionMove, ReportContent, SeriesSummary
from liverseg.report.figures.chart import nice_ticks
from liverseg.report.figures.segments import SEGMENT_COLOURS
from liverseg.report.figures.upright import upright
from liverseg.report.html import write_html
from liverseg.report.tables import write_tables
from liverseg.report.views import cut_views
from liverseg.report.window import (
    WindowPreset,
    difference_window,
    display_window,
    preset_window,
    window_presets,
)

__all__ = [
    "SEGMENT_COLOURS",
    "ExamSummary",
    "LesionMove",
    "ReportContent",
    "SeriesSummary",
    "WindowPreset",
    "cut_views",
    "difference_window",
    "display_window",
    "nice_ticks",
    "preset_window",
    "upright",
    "window_presets",
    "write_html",
    "write_tables",
]
