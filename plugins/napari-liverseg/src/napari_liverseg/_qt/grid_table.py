"""The look that both tables share: whole rows, one at a time, nothing editable."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget

ROW_PX = 24


def dress(table: QTableWidget, columns: Sequence[str], *, wide: int) -> None:
    """Give a table its columns; column `wide` takes the room that is left."""
    table.setColumnCount(len(columns))
    table.setHorizontalHeaderLabels(list(columns))
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setWordWrap(False)
    table.setTextElideMode(Qt.TextElideMode.ElideRight)
    lines, header = table.verticalHeader(), table.horizontalHeader()
    assert lines is not None
    assert header is not None
    lines.hide()
    lines.setDefaultSectionSize(ROW_PX)
    lines.setMinimumSectionSize(ROW_PX)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
