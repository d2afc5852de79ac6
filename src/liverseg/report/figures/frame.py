"""The frame of a picture in mm: image, lines, patient letters and a scale bar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from skimage.measure import find_contours

from liverseg.records import View, ViewLine
from liverseg.report.figures.upright import OPPOSITE

#: Lengths that a scale bar may have, in mm; it takes at most a third of the width.
_BARS_MM = (100, 50, 20, 10, 5, 2, 1)
_LINE_CLASS = {"long_axis": "long", "short_axis": "short"}


@dataclass(frozen=True)
class Frame:
    """Width and height of a picture in mm; the view lies in its middle."""

    width_mm: float
    height_mm: float

    def corner_mm(self, view: View) -> tuple[float, float]:
        """(x, y) of the view's upper left corner."""
        width, height = size_mm(view)
        return (self.width_mm - width) / 2, (self.height_mm - height) / 2


def size_mm(view: View) -> tuple[float, float]:
    """(width, height) of a view in mm."""
    rows, columns = view.pixels.shape
    return columns * view.spacing_mm[1], rows * view.spacing_mm[0]


def image_tag(view: View, frame: Frame, uri: str, *, style: str) -> Markup:
    """The picture itself; pixels that are not square come out in their true proportion."""
    x, y = frame.corner_mm(view)
    width, height = size_mm(view)
    return Markup(
        '<image class="{}" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" '
        'preserveAspectRatio="none" href="{}"/>'
    ).format(style, x, y, width, height, uri)


def outline_tag(view: View, frame: Frame, drawn: NDArray[np.bool_], *, style: str) -> Markup:
    """Outline of a (row, column) mask: it runs half-way between voxel centres."""
    paths = []
    for points in find_contours(np.pad(drawn, 1).astype(np.float32), 0.5):
        steps = [_place(view, frame, (row - 1, column - 1)) for row, column in points[:-1]]
        paths.append("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in steps) + "Z")
    return Markup('<path class="{}" d="{}"/>').format(style, "".join(paths))


def line_tag(view: View, frame: Frame, line: ViewLine) -> Markup:
    """A measured axis, on a dark halo so that it shows on bright tissue."""
    (x, y), (last_x, last_y) = (_place(view, frame, end) for end in (line.start, line.end))
    tag = Markup('<line class="{}" x1="{:.2f}" y1="{:.2f}" x2="{:.2f}" y2="{:.2f}"/>')
    styles = ("halo", _LINE_CLASS.get(line.name, "long"))
    return Markup("").join(tag.format(style, x, y, last_x, last_y) for style in styles)


def letters_tag(view: View, frame: Frame) -> Markup:
    """Patient directions at the four edges."""
    right, bottom = view.edges
    size = text_mm(frame)
    width, height = frame.width_mm, frame.height_mm
    middle = height / 2 + 0.35 * size
    places = (
        (OPPOSITE[right], 0.3 * size, middle, "start"),
        (right, width - 0.3 * size, middle, "end"),
        (OPPOSITE[bottom], width / 2, 1.05 * size, "middle"),
        (bottom, width / 2, height - 0.35 * size, "middle"),
    )
    tag = Markup('<text x="{:.2f}" y="{:.2f}" font-size="{:.2f}" text-anchor="{}">{}</text>')
    return Markup("").join(tag.format(x, y, size, at, letter) for letter, x, y, at in places)


def scale_tag(frame: Frame) -> Markup:
    """A scale bar with its length, at the lower left."""
    length = next((bar for bar in _BARS_MM if bar <= frame.width_mm / 3), _BARS_MM[-1])
    size = text_mm(frame)
    x, y = 0.5 * size, frame.height_mm - 0.6 * size
    bar = Markup('<path class="{}" d="M{:.2f} {:.2f}h{}"/>')
    text = Markup('<text x="{:.2f}" y="{:.2f}" font-size="{:.2f}">{} mm</text>')
    return (
        bar.format("halo", x, y, length)
        + bar.format("bar-mm", x, y, length)
        + text.format(x, y - 0.45 * size, 0.85 * size, length)
    )


def svg_tag(frame: Frame, *, style: str, title: str, parts: Markup) -> Markup:
    """The whole picture; `title` is its text for those who do not see it."""
    return Markup(
        '<svg class="{}" viewBox="0 0 {:.2f} {:.2f}" role="img" aria-label="{}">'
        '<rect class="air" width="100%" height="100%"/>{}</svg>'
    ).format(style, frame.width_mm, frame.height_mm, title, parts)


def text_mm(frame: Frame) -> float:
    """Height of letters in a picture, in mm of the patient."""
    return 0.062 * min(frame.width_mm, frame.height_mm)


def _place(view: View, frame: Frame, point: tuple[float, float]) -> tuple[float, float]:
    """(x, y) in mm of a (row, column) in pixels, whose centres lie at whole numbers."""
    x, y = frame.corner_mm(view)
    return x + (point[1] + 0.5) * view.spacing_mm[1], y + (point[0] + 0.5) * view.spacing_mm[0]
