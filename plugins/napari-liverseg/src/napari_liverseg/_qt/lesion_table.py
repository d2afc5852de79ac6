"""The lesion table: colour, name, segment, size, volume."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QIcon, QPixmap
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from napari_liverseg.scene import colour_of
from napari_liverseg.state import LesionRow

COLUMNS = ("Lesion", "Segment", "Long × short, mm", "Volume, ml")
SWATCH_PX = 12


class LesionTable(QTableWidget):
    """One row a lesion; `on_choose(name)` is called when a person picks a row."""

    def __init__(self, on_choose: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self._on_choose = on_choose
        self.setObjectName("liverseg-lesions")
        self.setHorizontalHeaderLabels(COLUMNS)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.itemSelectionChanged.connect(self._picked)

    def fill(
        self, rows: Sequence[LesionRow], *, chosen: str, note_of: Callable[[str], str]
    ) -> None:
        """Show these rows; the row of lesion `chosen` is marked."""
        self.blockSignals(True)
        self.setRowCount(len(rows))
        for line, row in enumerate(rows):
            note = note_of(row.name)
            # A note stands where the numbers are missing or no longer true.
            cells = [row.name, row.segment, row.axes, row.volume]
            if note:
                cells[0] = f"{row.name} ({note})"
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                item.setData(Qt.ItemDataRole.UserRole, row.name)
                if column > 1:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self.setItem(line, column, item)
            self.item(line, 0).setIcon(_swatch(colour_of(row.number)))
            if row.name == chosen:
                self.selectRow(line)
        self.blockSignals(False)

    def chosen(self) -> str:
        """Name of the marked lesion, or ""."""
        items = self.selectedItems()
        return str(items[0].data(Qt.ItemDataRole.UserRole)) if items else ""

    def _picked(self) -> None:
        if name := self.chosen():
            self._on_choose(name)


def _swatch(colour: str) -> QIcon:
    pixmap = QPixmap(SWATCH_PX, SWATCH_PX)
    pixmap.fill(QColor(colour))
    return QIcon(pixmap)
