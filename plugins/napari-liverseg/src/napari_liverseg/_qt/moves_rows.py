"""Phases in which the chosen lesion was moved, each with a button back."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from napari_liverseg._qt.page import AskBench
from napari_liverseg._qt.tool_bar import TIGHT
from napari_liverseg.bench import Bench
from napari_liverseg.moving import MoveRow

HINT = "Correct where the lesion lies in this phase: Alt and drag, or Alt and the arrow keys"


class MovesRows(QWidget):
    """A line a phase: "late arterial: moved 4.1 mm"; nothing where none was moved."""

    def __init__(self, bench: AskBench) -> None:
        super().__init__()
        self._ask_bench = bench
        self._shown: tuple[tuple[MoveRow, ...], bool] = ((), False)
        #: Label and button of each line.
        self.lines: list[tuple[QLabel, QPushButton]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(3)
        self._grid.setColumnStretch(0, 1)
        self.hide()

    def refresh(self, bench: Bench) -> None:
        """Show what the bench holds now."""
        wanted = (bench.tools.moving.rows(), bool(bench.read_only))
        if wanted == self._shown:
            return
        self._shown = wanted
        for widgets in self.lines:
            for widget in widgets:
                self._grid.removeWidget(widget)
                widget.deleteLater()
        self.lines = []
        for number, row in enumerate(wanted[0]):
            label, button = QLabel(row.text), QPushButton("As registered")
            label.setToolTip(HINT)
            button.setObjectName(f"liverseg-as-registered-{number}")
            button.setStyleSheet(TIGHT)
            button.setToolTip("Let the lesion lie where the registration puts it in this phase")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys stay with the picture
            button.setEnabled(not wanted[1])
            button.clicked.connect(partial(self._reset, row.key))
            self._grid.addWidget(label, number, 0)
            self._grid.addWidget(button, number, 1)
            self.lines.append((label, button))
        self.setVisible(bool(wanted[0]))

    def _reset(self, key: str, _checked: bool = False) -> None:
        if (bench := self._ask_bench()) is not None:
            bench.tools.moving.reset(key)
