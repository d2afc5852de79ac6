"""The table of words: a sign, the word, its phase, and a bar for P(true)."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import QModelIndex, QRectF, QSize, Qt
from qtpy.QtGui import QBrush, QColor, QPainter, QPalette
from qtpy.QtWidgets import (
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from liverseg.records import Said
from napari_liverseg._qt.grid_table import dress
from napari_liverseg.words_state import SIGNS, WordRow

COLUMNS = ("Word", "Phase or kind", "P(true)")
#: Colour of a bar: as the verdicts of claims, told apart by lightness too.
BARS = {
    Said.YES: "#0b63ab",
    Said.INDETERMINATE: "#f2b32e",
    Said.NO: "#8a8f98",
    Said.NOT_ASSESSABLE: "#8a8f98",
}
BAR_PX, NUMBER_PX, GAP_PX = 96, 34, 5


class WordTable(QTableWidget):
    """One row a word; the numbers that decided are its tool tip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self.setObjectName("liverseg-words")
        dress(self, COLUMNS, wide=0)
        self._bar = _Bar(self)
        self.setItemDelegateForColumn(2, self._bar)
        head = self.horizontalHeaderItem(2)
        if head is not None:
            head.setToolTip("Share of resamples in which the rule of the word holds")

    def fill(self, rows: Sequence[WordRow]) -> None:
        """Show these words."""
        self.setRowCount(len(rows))
        for line, row in enumerate(rows):
            for column, text in enumerate((f"{SIGNS[row.said]}  {row.word}", row.phase, "")):
                item = QTableWidgetItem(text)
                item.setToolTip(row.why)
                if column == 2:
                    item.setData(Qt.ItemDataRole.UserRole, (row.said, row.share, row.answer))
                self.setItem(line, column, item)
        self.setColumnWidth(2, BAR_PX)


class _Bar(QStyledItemDelegate):
    """A bar from 0 to 1 with its number; hatched where the word is in between."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        size = super().sizeHint(option, index)
        size.setWidth(BAR_PX)
        return size

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        super().paint(painter, option, index)
        data = index.data(Qt.ItemDataRole.UserRole)
        if painter is None or data is None:
            return
        said, share, answer = data
        front = option.palette.color(QPalette.ColorRole.Text)
        room = QRectF(option.rect).adjusted(GAP_PX, GAP_PX + 1, -GAP_PX, -GAP_PX - 1)
        painter.save()
        painter.setPen(front)
        if share is None:
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, "not assessable")
        else:
            numbers = QRectF(
                room.right() - NUMBER_PX, option.rect.y(), NUMBER_PX, option.rect.height()
            )
            painter.drawText(
                numbers, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, answer
            )
            room.setWidth(room.width() - NUMBER_PX - GAP_PX)
            painter.drawRect(room)
            style = Qt.BrushStyle.SolidPattern
            if said is Said.INDETERMINATE:
                style = Qt.BrushStyle.BDiagPattern
            filled = QRectF(room)
            filled.setWidth(room.width() * share)
            painter.fillRect(filled, QBrush(QColor(BARS[said]), style))
        painter.restore()
