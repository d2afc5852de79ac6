"""The segment table: colour and number, volume, share, tumour, and a tick to resect."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QIcon, QPixmap
from qtpy.QtWidgets import QTableWidget, QTableWidgetItem, QWidget

from napari_liverseg._qt.grid_table import dress
from napari_liverseg.scene import segment_colour
from napari_liverseg.state import SegmentRow

COLUMNS = ("Segment", "ml", "Share", "Tumour, ml")
HINTS = (
    "Tick a segment to plan its resection; choose a row to paint with it",
    "Volume inside the liver, tumour included",
    "Part of the liver that carries a segment",
    "Volume of all lesions in the segment",
)
SWATCH_PX = 14
#: An empty box can be seen on dark ground too.
BOX_STYLE = "QTableView::indicator:unchecked { border: 1px solid #9aa0a6; }"


class SegmentTable(QTableWidget):
    """One row a segment; `on_tick(name, on)` and `on_choose(number)` come from a person."""

    def __init__(
        self,
        on_tick: Callable[[str, bool], None],
        on_choose: Callable[[int], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self._on_tick, self._on_choose = on_tick, on_choose
        self.setObjectName("liverseg-segments")
        dress(self, COLUMNS, wide=0)
        self.setStyleSheet(BOX_STYLE)
        for column, hint in enumerate(HINTS):
            if (head := self.horizontalHeaderItem(column)) is not None:
                head.setToolTip(hint)
        self.itemChanged.connect(self._ticked)
        self.itemSelectionChanged.connect(self._picked)

    def fill(self, rows: Sequence[SegmentRow]) -> None:
        """Show these rows; the chosen one stays chosen."""
        at = self.currentRow()
        self.blockSignals(True)
        self.setRowCount(len(rows))
        for line, row in enumerate(rows):
            title = f"Segment {row.name}" if row.number else "no segment"
            for column, text in enumerate((title, row.volume, row.share, row.tumour)):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, (row.name, row.number))
                if column:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                elif row.number:
                    item.setIcon(_swatch(segment_colour(row.number)))
                    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                    ticked = Qt.CheckState.Checked if row.resected else Qt.CheckState.Unchecked
                    item.setCheckState(ticked)
                self.setItem(line, column, item)
        if 0 <= at < len(rows):
            self.selectRow(at)
        self.blockSignals(False)

    def chosen(self) -> int:
        """Number of the chosen segment, or 0."""
        item = self.item(self.currentRow(), 0) if self.selectedItems() else None
        return 0 if item is None else int(item.data(Qt.ItemDataRole.UserRole)[1])

    def choose(self, number: int) -> None:
        """Mark the row of a segment."""
        for line in range(self.rowCount()):
            item = self.item(line, 0)
            if item is not None and item.data(Qt.ItemDataRole.UserRole)[1] == number:
                self.selectRow(line)

    def _ticked(self, item: QTableWidgetItem) -> None:
        if item.column() == 0:
            name, _ = item.data(Qt.ItemDataRole.UserRole)
            self._on_tick(str(name), item.checkState() == Qt.CheckState.Checked)

    def _picked(self) -> None:
        if number := self.chosen():
            self._on_choose(number)


def _swatch(colour: str) -> QIcon:
    pixmap = QPixmap(SWATCH_PX, SWATCH_PX)
    pixmap.fill(QColor(colour))
    return QIcon(pixmap)
