"""The report as one HTML file, its pictures, and the measurement tables."""

from liverseg.report.content import ExamSummary, ReportContent, SeriesSummary
from liverseg.report.figures.segments import SEGMENT_COLOURS
from liverseg.report.figures.upright import upright
from liverseg.report.html import write_html
from liverseg.report.tables import write_tables
from liverseg.report.views import cut_views
from liverseg.report.window import display_window

__all__ = [
    "SEGMENT_COLOURS",
    "ExamSummary",
    "ReportContent",
    "SeriesSummary",
    "cut_views",
    "display_window",
    "upright",
    "write_html",
    "write_tables",
]
