"""A small chart in the colours of the window's theme.

Painted by Qt itself: a plotting library takes more memory than a fifth of a CT series, and
longer for one curve than all else that follows a stroke.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QFontMetricsF, QPainter, QPalette, QPen, QPolygonF
from qtpy.QtWidgets import QSizePolicy, QWidget

from liverseg.report import nice_ticks
from napari_liverseg.charts import Chart, ChartLine

#: Two-line names, so that four phases fit side by side in a narrow dock.
FONT_PX = 11
#: Half the size of a mark, the length of a line's sample, space around things, px.
MARK_PX, SAMPLE_PX, GAP_PX = 3.2, 22.0, 5.0
#: A longer name of a line is cut short, px.
NAME_PX = 110.0
#: From this lightness a ground is light, and a colour is hard to see on it; how much darker it
#: is drawn there, in percent.
LIGHT, DARKER = 0.5, 190
DASHES = {
    "solid": Qt.PenStyle.SolidLine,
    "dash": Qt.PenStyle.DashLine,
    "dot": Qt.PenStyle.DotLine,
    "dash-dot": Qt.PenStyle.DashDotLine,
}
#: Corners of marks about their middle, in parts of their half size; a cross and a star are
#: pairs of ends.
CORNERS = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "up": ((0, -1.1), (1.1, 0.9), (-1.1, 0.9)),
    "down": ((0, 1.1), (1.1, -0.9), (-1.1, -0.9)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
}
STROKES = {
    "cross": ((-1, -1), (1, 1), (-1, 1), (1, -1)),
    "star": ((-1, -1), (1, 1), (-1, 1), (1, -1), (0, -1.3), (0, 1.3)),
}


@dataclass(frozen=True)
class Axes:
    """Where values lie on the widget; `x_ticks` are (x, what stands there)."""

    place: QRectF
    x_span: tuple[float, float]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[float, ...]

    def at(self, x: float, y: float) -> QPointF:
        """The point of a value in px."""
        (left, right), (low, high) = self.x_span, (self.y_ticks[0], self.y_ticks[-1])
        return QPointF(
            self.place.left() + self.place.width() * (x - left) / (right - left),
            self.place.bottom() - self.place.height() * (y - low) / (high - low),
        )


class Plot(QWidget):
    """Shows a chart; without lines it says why."""

    def __init__(self, *, least_px: int) -> None:
        super().__init__()
        self.chart = Chart()
        self.setMinimumHeight(least_px)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def draw(self, chart: Chart) -> None:
        """Show another chart; the same one costs nothing."""
        if chart != self.chart:
            self.chart = chart
            self.update()

    def paintEvent(self, _event: Any) -> None:  # noqa: N802  Qt's name
        """Paint the chart as large as the widget is, in the colours of the theme."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(FONT_PX)
        painter.setFont(font)
        front, back = (
            self.palette().color(role)
            for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Window)
        )
        painter.fillRect(self.rect(), back)
        painter.setPen(front)
        whole = QRectF(self.rect()).adjusted(GAP_PX, GAP_PX, -GAP_PX, -GAP_PX)
        if self.chart.lines:
            _Painting(painter, front, back).paint(self.chart, whole)
        else:
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(whole, flags, self.chart.note)
        painter.end()


class _Painting:
    """One painting of a chart."""

    def __init__(self, painter: QPainter, front: QColor, back: QColor) -> None:
        self._painter, self._front, self._back = painter, front, back
        self._metrics = QFontMetricsF(painter.font())
        self._row = self._metrics.height()

    def paint(self, chart: Chart, whole: QRectF) -> None:
        """Names above, ticks to the left and below, lines inside."""
        top = self._names(chart.lines, whole)
        axes = self._axes(chart, QRectF(whole.left(), top, whole.width(), whole.bottom() - top))
        self._frame(chart, axes, whole)
        for line in chart.lines:
            self._line(line, [axes.at(x, y) for x, y in line.points])

    def _names(self, lines: Sequence[ChartLine], whole: QRectF) -> float:
        """Sample and name of each line, in as many rows as they need; returns where they end."""
        rows: list[list[tuple[ChartLine, str, float]]] = [[]]
        used = 0.0
        for line in lines:
            name = self._metrics.elidedText(line.name, Qt.TextElideMode.ElideRight, NAME_PX)
            width = SAMPLE_PX + self._metrics.horizontalAdvance(name) + 3 * GAP_PX
            if rows[-1] and used + width > whole.width():
                rows.append([])
                used = 0.0
            rows[-1].append((line, name, width))
            used += width
        for number, row in enumerate(rows):
            x = whole.center().x() - sum(width for *_, width in row) / 2
            y = whole.top() + self._row * (number + 0.5)
            for line, name, width in row:
                self._line(line, [QPointF(x, y), QPointF(x + SAMPLE_PX, y)], marks=False)
                self._mark(line, QPointF(x + SAMPLE_PX / 2, y))
                self._text(x + SAMPLE_PX + GAP_PX, y, name, Qt.AlignmentFlag.AlignLeft)
                x += width
        return whole.top() + self._row * len(rows)

    def _axes(self, chart: Chart, free: QRectF) -> Axes:
        values = [y for line in chart.lines for _, y in line.points]
        below = self._row * (1 + any(" " in name for name in chart.x_names) + bool(chart.x_label))
        height = max(free.height() - below - self._row - GAP_PX, 1.0)
        steps = max(2, int(height / (2 * self._row)))
        y_ticks = tuple(nice_ticks(min(values), max(values), steps=steps))
        left = max(self._metrics.horizontalAdvance(_number(y)) for y in y_ticks) + GAP_PX
        left = max(left, self._metrics.horizontalAdvance(chart.unit))
        place = QRectF(
            free.left() + left, free.top() + self._row, free.width() - left - GAP_PX, height
        )
        if chart.x_names:
            named = tuple((float(x), name) for x, name in enumerate(chart.x_names))
            return Axes(place, (-0.5, len(named) - 0.5), named, y_ticks)
        far = max(x for line in chart.lines for x, _ in line.points)
        steps = max(2, int(place.width() / (5 * self._row)))
        ticks = nice_ticks(0.0, far, steps=steps)
        numbers = tuple((x, _number(x)) for x in ticks)
        return Axes(place, (ticks[0], ticks[-1]), numbers, y_ticks)

    def _frame(self, chart: Chart, axes: Axes, whole: QRectF) -> None:
        place = axes.place
        self._painter.setPen(QPen(self._front, 1))
        self._painter.drawLine(place.topLeft(), place.bottomLeft())
        self._painter.drawLine(place.bottomLeft(), place.bottomRight())
        for y in axes.y_ticks:
            at = axes.at(axes.x_span[0], y)
            self._painter.drawLine(at, at - QPointF(3, 0))
            self._text(at.x() - GAP_PX, at.y(), _number(y), Qt.AlignmentFlag.AlignRight)
        self._text(
            place.left() - GAP_PX,
            place.top() - self._row * 0.9,
            chart.unit,
            Qt.AlignmentFlag.AlignRight,
        )
        for x, words in axes.x_ticks:
            at = axes.at(x, axes.y_ticks[0])
            self._painter.drawLine(at, at + QPointF(0, 3))
            for row, word in enumerate(words.split(" ", 1)):
                y = at.y() + 3 + self._row * (row + 0.5)
                self._text(at.x(), y, word, Qt.AlignmentFlag.AlignHCenter)
        y = whole.bottom() - self._row / 2
        self._text(place.center().x(), y, chart.x_label, Qt.AlignmentFlag.AlignHCenter)

    def _text(self, x: float, y: float, words: str, side: Qt.AlignmentFlag) -> None:
        """Words beside, or about, a point, with their middle at `y`."""
        width = self._metrics.horizontalAdvance(words)
        shift = {Qt.AlignmentFlag.AlignRight: 1.0, Qt.AlignmentFlag.AlignHCenter: 0.5}
        self._painter.setPen(self._front)
        base = y + (self._metrics.ascent() - self._metrics.descent()) / 2
        self._painter.drawText(QPointF(x - width * shift.get(side, 0.0), base), words)

    def _line(self, line: ChartLine, points: Sequence[QPointF], *, marks: bool = True) -> None:
        pen = QPen(self._ink(line), line.width_px, DASHES[line.dashes])
        self._painter.setPen(pen)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawPolyline(QPolygonF(list(points)))
        for point in points if marks else ():
            self._mark(line, point)

    def _mark(self, line: ChartLine, at: QPointF) -> None:
        ink = self._ink(line)
        self._painter.setPen(QPen(ink, 1.5))
        self._painter.setBrush(ink)

        def moved(corners: Sequence[tuple[float, float]]) -> list[QPointF]:
            return [at + QPointF(x * MARK_PX, y * MARK_PX) for x, y in corners]

        if line.mark in CORNERS:
            self._painter.drawPolygon(QPolygonF(moved(CORNERS[line.mark])))
        elif line.mark in STROKES:
            ends = moved(STROKES[line.mark])
            for start, end in zip(ends[::2], ends[1::2], strict=True):
                self._painter.drawLine(start, end)
        else:
            self._painter.drawEllipse(at, MARK_PX, MARK_PX)

    def _ink(self, line: ChartLine) -> QColor:
        """A lesion's colour, darker on a light ground: it is made for outlines on grey tissue."""
        if not line.colour:
            return self._front
        ink = QColor(line.colour)
        if self._back.lightnessF() < LIGHT or ink.lightnessF() < LIGHT:
            return ink
        return ink.darker(DARKER)


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "−")
