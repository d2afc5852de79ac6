"""The landmark table: which points divide the liver, and on which slice each lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QTableWidget, QTableWidgetItem, QWidget

from napari_liverseg._qt.grid_table import dress
from napari_liverseg.state import LandmarkRow

COLUMNS = ("Id", "Landmark", "Slice")


class LandmarkTable(QTableWidget):
    """One row a landmark; `on_choose(name)` is called when a person picks a row."""

    def __init__(self, on_choose: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self._on_choose = on_choose
        self.setObjectName("liverseg-landmarks")
        dress(self, COLUMNS, wide=1)
        self.cellClicked.connect(lambda line, _: self._on_choose(self._name(line)))

    def fill(self, rows: Sequence[LandmarkRow], *, placing: str) -> None:
        """Show these rows; a row that waits for its click says so."""
        at = self.currentRow()
        self.blockSignals(True)
        self.setRowCount(len(rows))
        for line, row in enumerate(rows):
            where = "" if row.slice is None else str(row.slice)
            if row.name == placing:
                where, at = "click", line
            elif row.slice is None:
                where = "missing" if row.required else "–"
            for column, text in enumerate((row.name, row.title, where)):
                item = QTableWidgetItem(text)
                item.setToolTip(row.place)
                item.setData(Qt.ItemDataRole.UserRole, row.name)
                if column == 2:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                self.setItem(line, column, item)
        if 0 <= at < len(rows):
            self.selectRow(at)
        self.blockSignals(False)

    def chosen(self) -> str:
        """Id of the marked landmark, or ""."""
        return self._name(self.currentRow()) if self.selectedItems() else ""

    def _name(self, line: int) -> str:
        item = self.item(line, 0)
        return "" if item is None else str(item.data(Qt.ItemDataRole.UserRole))
