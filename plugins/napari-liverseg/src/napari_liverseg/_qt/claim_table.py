"""The claim table: what the report says, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from qtpy.QtCore import QModelIndex, Qt
from qtpy.QtGui import QBrush, QColor
from qtpy.QtWidgets import (
    QLabel,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from liverseg.records import Verdict
from napari_liverseg._qt.grid_table import dress
from napari_liverseg.state import ClaimRow, count_verdicts

COLUMNS = ("#", "Reported", "Verdict")
#: Background and text of a verdict, as in the report; the word always stands on the colour.
COLOURS = {
    Verdict.AGREES: ("#0b63ab", "#ffffff"),
    Verdict.PARTLY: ("#8fd0f5", "#06263c"),
    Verdict.BORDERLINE: ("#f2b32e", "#2b1d00"),
    Verdict.CONFLICTS: ("#b23a00", "#ffffff"),
    Verdict.NOT_ASSESSABLE: ("#6a737d", "#ffffff"),
}
REASON_LINES = 6


class ClaimTable(QWidget):
    """Counts, one row a claim, and below it the reason of the one clicked."""

    def __init__(self, on_choose: Callable[[ClaimRow], None]) -> None:
        super().__init__()
        self._on_choose = on_choose
        self._rows: tuple[ClaimRow, ...] = ()
        self.counts = QLabel()
        self.counts.setWordWrap(True)
        self.counts.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.table = QTableWidget()
        self.table.setObjectName("liverseg-claims")
        dress(self.table, COLUMNS, wide=1)
        self._keep_colour = _KeepColour(self.table)
        self.table.setItemDelegateForColumn(2, self._keep_colour)
        self.table.cellClicked.connect(self._clicked)
        self.table.itemSelectionChanged.connect(self._explain)
        self.reason = QLabel()
        self.reason.setObjectName("liverseg-reason")
        self.reason.setWordWrap(True)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.reason.setMinimumHeight(self.reason.fontMetrics().lineSpacing() * REASON_LINES)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self.counts)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.reason)

    def fill(self, rows: Sequence[ClaimRow]) -> None:
        """Show these claims; the line that was chosen stays chosen."""
        at = self.table.currentRow()
        self._rows = tuple(rows)
        self.counts.setText(count_verdicts(self._rows))
        self.table.blockSignals(True)
        for part in (self.table, self.reason):
            part.setVisible(bool(self._rows))
        self.table.setRowCount(len(self._rows))
        for line, row in enumerate(self._rows):
            back, front = COLOURS[row.verdict]
            for column, text in enumerate((row.id, row.statement, row.word)):
                item = QTableWidgetItem(text)
                item.setToolTip(row.statement if column < 2 else row.reason)
                if column == 2:
                    item.setBackground(QBrush(QColor(back)))
                    item.setForeground(QBrush(QColor(front)))
                    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                self.table.setItem(line, column, item)
        if 0 <= at < len(self._rows):
            self.table.selectRow(at)
        self.table.blockSignals(False)
        self._explain()

    def _clicked(self, line: int, _column: int) -> None:
        self._explain()
        self._on_choose(self._rows[line])

    def _explain(self) -> None:
        line = self.table.currentRow()
        if not 0 <= line < len(self._rows) or not self.table.selectedItems():
            self.reason.setText("Click a claim to see its reason." if self._rows else "")
            return
        row = self._rows[line]
        found = f" — found: {escape(row.value)}" if row.value else ""
        head = f"<b>{row.id}. {row.word}</b>{found}"
        self.reason.setText(f"{head}<br><i>{escape(row.statement)}</i><br>{escape(row.reason)}")


class _KeepColour(QStyledItemDelegate):
    """The verdict keeps its colour when its row is chosen."""

    def initStyleOption(  # noqa: N802  Qt's name
        self, option: QStyleOptionViewItem | None, index: QModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        if option is not None:
            option.state &= ~QStyle.StateFlag.State_Selected
