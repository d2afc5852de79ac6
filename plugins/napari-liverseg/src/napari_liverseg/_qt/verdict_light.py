"""A light for each verdict: a shape and a colour, so that no answer rests on colour alone."""

from __future__ import annotations

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from liverseg.records import Verdict

#: Background and text of a verdict, as in the report; the word always stands on the colour.
COLOURS = {
    Verdict.AGREES: ("#0b63ab", "#ffffff"),
    Verdict.PARTLY: ("#8fd0f5", "#06263c"),
    Verdict.BORDERLINE: ("#f2b32e", "#2b1d00"),
    Verdict.CONFLICTS: ("#b23a00", "#ffffff"),
    Verdict.NOT_ASSESSABLE: ("#6a737d", "#ffffff"),
}
#: An outline that stands out on dark and on light ground.
EDGE = "#9aa0a6"
SIZE_PX, SHARP = 16, 2


def light(verdict: Verdict) -> QIcon:
    """Disc: agrees; half disc: partly; triangle: borderline; cross: conflicts; ring: neither."""
    side = SIZE_PX * SHARP
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = QColor(COLOURS[verdict][0])
    room = QRectF(3, 3, side - 6, side - 6)
    painter.setPen(QPen(QColor(EDGE), 2))
    painter.setBrush(colour)
    if verdict is Verdict.AGREES:
        painter.drawEllipse(room)
    elif verdict is Verdict.PARTLY:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(room)
        painter.setBrush(colour)
        painter.drawPie(room, 90 * 16, 180 * 16)
    elif verdict is Verdict.BORDERLINE:
        corners = [room.bottomLeft(), room.bottomRight(), QPointF(room.center().x(), room.top())]
        painter.drawPolygon(QPolygonF(corners))
    elif verdict is Verdict.CONFLICTS:
        painter.setPen(QPen(QColor(EDGE), 9, cap=Qt.PenCapStyle.RoundCap))
        _cross(painter, room)
        painter.setPen(QPen(colour, 6, cap=Qt.PenCapStyle.RoundCap))
        _cross(painter, room)
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(EDGE), 4))
        painter.drawEllipse(room.adjusted(2, 2, -2, -2))
    painter.end()
    return QIcon(pixmap)


def _cross(painter: QPainter, room: QRectF) -> None:
    inner = room.adjusted(4, 4, -4, -4)
    painter.drawLine(inner.topLeft(), inner.bottomRight())
    painter.drawLine(inner.topRight(), inner.bottomLeft())
