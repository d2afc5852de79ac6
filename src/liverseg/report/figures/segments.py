"""The picture of a slice with its Couinaud segments."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from scipy import ndimage

from liverseg.records import View
from liverseg.report.figures.frame import (
    Frame,
    image_tag,
    letters_tag,
    line_tag,
    scale_tag,
    svg_tag,
    text_mm,
)
from liverseg.report.figures.png import grey_uri, palette_uri
from liverseg.report.figures.upright import upright

#: Colour of label 1 to 9 (9 is 4b). Each segment also carries its number.
SEGMENT_COLOURS = (
    "#f0e442",
    "#56b4e9",
    "#0072b2",
    "#009e73",
    "#e69f00",
    "#d55e00",
    "#cc79a7",
    "#9f86d6",
    "#7fd6b4",
)
LABEL_4B = 9
_OPACITY = 0.4


def segment_name(label: int, *, split: bool) -> str:
    """Name of a segment number on disk: with `split` 4 is 4a and 9 is 4b.

    >>> segment_name(4, split=True), segment_name(9, split=True), segment_name(4, split=False)
    ('4a', '4b', '4')
    """
    if label == LABEL_4B:
        return "4b"
    return "4a" if split and label == 4 else str(label)


def draw_segments(view: View, frame: Frame, *, title: str) -> Markup:
    """A slice of the liver, each segment tinted and numbered; the view's axes on top."""
    view = upright(view)
    tint = palette_uri(view.labels, SEGMENT_COLOURS, opacity=_OPACITY)
    lines = Markup("").join(line_tag(view, frame, line) for line in view.lines)
    parts = Markup('{}<g class="drawn">{}{}{}</g>{}{}').format(
        image_tag(view, frame, grey_uri(view.pixels, view.window), style="grey"),
        image_tag(view, frame, tint, style="tint"),
        _numbers(view, frame),
        lines,
        letters_tag(view, frame),
        scale_tag(frame),
    )
    return svg_tag(frame, style="segments", title=title, parts=parts)


def _numbers(view: View, frame: Frame) -> Markup:
    """Each segment's number where most room is round it; none where it would not fit."""
    size = text_mm(frame) * 1.1
    left, top = frame.corner_mm(view)
    split = bool((view.labels == LABEL_4B).any())
    tag = Markup(
        '<text class="number" x="{:.2f}" y="{:.2f}" font-size="{:.2f}" '
        'text-anchor="middle">{}</text>'
    )
    found = []
    for label in np.unique(view.labels[view.labels != 0]).tolist():
        room = ndimage.distance_transform_edt(
            np.pad(view.labels == label, 1), sampling=view.spacing_mm
        )
        row, column = np.unravel_index(int(room.argmax()), room.shape)
        if room[row, column] < size / 2:
            continue
        x = left + (float(column) - 0.5) * view.spacing_mm[1]
        y = top + (float(row) - 0.5) * view.spacing_mm[0] + 0.35 * size
        found.append(tag.format(x, y, size, segment_name(label, split=split)))
    return Markup("").join(found)
