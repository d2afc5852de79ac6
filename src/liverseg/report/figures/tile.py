"""The picture of a lesion in one series."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from liverseg.records import View
from liverseg.report.figures.frame import (
    Frame,
    image_tag,
    letters_tag,
    line_tag,
    outline_tag,
    scale_tag,
    size_mm,
    svg_tag,
)
from liverseg.report.figures.png import grey_uri
from liverseg.report.figures.upright import upright


def frame_of(views: Sequence[View]) -> Frame:
    """One frame that holds all these pictures, so that they have the same scale."""
    sizes = [size_mm(upright(view)) for view in views]
    return Frame(max(width for width, _ in sizes), max(height for _, height in sizes))


def draw_lesion(view: View, frame: Frame, *, title: str) -> Markup:
    """A lesion with its outline, both axes, patient letters and a scale bar."""
    view = upright(view)
    drawn = outline_tag(view, frame, view.labels != 0, style="outline")
    lines = Markup("").join(line_tag(view, frame, line) for line in view.lines)
    parts = Markup('{}<g class="drawn">{}{}</g>{}{}').format(
        image_tag(view, frame, grey_uri(view.pixels, view.window), style="grey"),
        drawn,
        lines,
        letters_tag(view, frame),
        scale_tag(frame),
    )
    return svg_tag(frame, style="tile", title=title, parts=parts)
