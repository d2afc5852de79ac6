"""The lesion table: colour, name, segment, size, volume."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QIcon, QPixmap
from qtpy.QtWidgets import QTableWidget, QTableWidgetItem, QWidget

from napari_liverseg._qt.grid_table import dress
from napari_liverseg.scene import colour_of
from napari_liverseg.state import LesionRow

COLUMNS = ("Lesion", "Segment", "Size, mm", "ml")
HINTS = (
    "Lesion, in the colour of its label",
    "Couinaud segments with the lesion's largest shares",
    "Long × short axis (RECIST, between voxel centres)",
    "Volume",
)
SWATCH_PX = 12


class LesionTable(QTableWidget):
    """One row a lesion; `on_choose(name)` is called when a person picks a row."""

    def __init__(self, on_choose: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self._on_choose = on_choose
        self.setObjectName("liverseg-lesions")
        dress(self, COLUMNS, wide=0)
        for column, hint in enumerate(HINTS):
            if (head := self.horizontalHeaderItem(column)) is not None:
                head.setToolTip(hint)
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
                if column == 0:
                    item.setIcon(_swatch(colour_of(row.number)))
                self.setItem(line, column, item)
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
