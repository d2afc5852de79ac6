"""The claim table: what the report says, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from qtpy.QtCore import QModelIndex, QSize, Qt
from qtpy.QtGui import QBrush, QColor
from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
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
from napari_liverseg._qt.verdict_light import COLOURS, SIZE_PX, light
from napari_liverseg.state import VERDICT_WORDS, ClaimRow, count_verdicts, filter_claims, lesions_of

COLUMNS = ("#", "Reported", "Verdict")
REASON_LINES = 6


class ClaimTable(QWidget):
    """Counts, filters, one row a claim, and below it the reason of the one clicked."""

    def __init__(self, on_choose: Callable[[ClaimRow], None]) -> None:
        super().__init__()
        self._on_choose = on_choose
        self._rows: tuple[ClaimRow, ...] = ()
        self._all: tuple[ClaimRow, ...] = ()
        self.counts = QLabel()
        self.counts.setWordWrap(True)
        self.counts.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.verdicts, self.lesions = QComboBox(), QComboBox()
        self.verdicts.setObjectName("liverseg-verdict-filter")
        self.lesions.setObjectName("liverseg-lesion-filter")
        self.verdicts.addItem("every verdict", None)
        for verdict in Verdict:
            self.verdicts.addItem(light(verdict), VERDICT_WORDS[verdict], verdict)
        for box in (self.verdicts, self.lesions):
            box.currentIndexChanged.connect(lambda _: self._filter())
        self.table = QTableWidget()
        self.table.setIconSize(QSize(SIZE_PX, SIZE_PX))
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
        filters = QHBoxLayout()
        for box in (self.verdicts, self.lesions):
            filters.addWidget(box, 1)
        layout.addLayout(filters)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.reason)

    def fill(self, rows: Sequence[ClaimRow]) -> None:
        """Show these claims; the line that was chosen stays chosen, and so do the filters."""
        self._all = tuple(rows)
        self.counts.setText(count_verdicts(self._all))
        chosen = self.lesions.currentData()
        self.lesions.blockSignals(True)
        self.lesions.clear()
        self.lesions.addItem("every lesion", "")
        for name in lesions_of(self._all):
            self.lesions.addItem(name, name)
        self.lesions.setCurrentIndex(max(0, self.lesions.findData(chosen)))
        self.lesions.blockSignals(False)
        self._filter()

    def chosen(self) -> str:
        """Id of the claim that was clicked, or ""."""
        line = self.table.currentRow()
        return self._rows[line].id if 0 <= line < len(self._rows) else ""

    def _filter(self) -> None:
        """Show the rows that the two boxes ask for."""
        before = self.chosen()
        self._rows = filter_claims(
            self._all,
            verdict=self.verdicts.currentData(),
            lesion=self.lesions.currentData() or "",
        )
        ids = [row.id for row in self._rows]
        at = ids.index(before) if before in ids else -1
        self.table.blockSignals(True)
        for part in (self.table, self.reason, self.verdicts, self.lesions):
            part.setVisible(bool(self._all))
        self.table.setRowCount(len(self._rows))
        for line, row in enumerate(self._rows):
            back, front = COLOURS[row.verdict]
            for column, text in enumerate((row.id, row.statement, row.word)):
                item = QTableWidgetItem(text)
                item.setToolTip(row.statement if column < 2 else row.reason)
                if column == 0:
                    item.setIcon(light(row.verdict))
                if column == 2:
                    item.setBackground(QBrush(QColor(back)))
                    item.setForeground(QBrush(QColor(front)))
                    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                self.table.setItem(line, column, item)
        self.table.clearSelection()
        self.table.setCurrentCell(-1, -1)
        if at >= 0:
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
