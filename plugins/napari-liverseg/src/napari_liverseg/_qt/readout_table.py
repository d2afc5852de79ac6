"""The values under the mouse: one row a phase."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from napari_liverseg._qt.grid_table import dress
from napari_liverseg.readout import Readout

COLUMNS = ("Phase", "Value", "Linked")
HINTS = (
    "Phase of the series",
    "Value of the acquired voxel nearest to the place, not interpolated",
    "How far the stored alignment with the reference series may be off",
)
#: Two rows; more can be scrolled to.
LEAST_PX = 76


class ReadoutTable(QWidget):
    """Position in patient coordinates, and what each phase holds there."""

    def __init__(self) -> None:
        super().__init__()
        self.position = QLabel()
        self.position.setObjectName("liverseg-position")
        self.table = QTableWidget()
        self.table.setObjectName("liverseg-readout")
        self.table.setMinimumHeight(LEAST_PX)
        dress(self.table, COLUMNS, wide=0)
        for column, hint in enumerate(HINTS):
            if (head := self.table.horizontalHeaderItem(column)) is not None:
                head.setToolTip(hint)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self.position)
        layout.addWidget(self.table, 1)

    def fill(self, readout: Readout) -> None:
        """Show these values; only the cells that changed are written."""
        where = f"LPS {readout.position}" if readout.position else "move the mouse over a picture"
        self.position.setText(f"Under the mouse: {where}")
        if self.table.rowCount() != len(readout.rows):
            self.table.setRowCount(len(readout.rows))
        for line, row in enumerate(readout.rows):
            for column, text in enumerate((row.phase, row.value, row.link)):
                self._put(line, column, text, row.hint)

    def _put(self, line: int, column: int, text: str, hint: str) -> None:
        item = self.table.item(line, column)
        if item is None:
            item = QTableWidgetItem()
            if column:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(line, column, item)
        if item.text() != text:
            item.setText(text)
        if item.toolTip() != hint:
            item.setToolTip(hint)
