"""The page "Lesions": table, buttons, curve."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from napari_liverseg._qt.lesion_table import LesionTable
from napari_liverseg._qt.moves_rows import MovesRows
from napari_liverseg._qt.page import AskBench, Page
from napari_liverseg._qt.plot import Plot
from napari_liverseg._qt.tool_bar import ToolBar
from napari_liverseg.bench import Bench
from napari_liverseg.charts import curve_chart
from napari_liverseg.scene import colour_of

#: First heights of table and curve.
HEIGHTS_PX = (300, 240)


class LesionsPage(Page):
    """Lesions of the exam; the chosen one is drawn on, and its curve shown."""

    title = "Lesions"

    def __init__(self, bench: AskBench, on_lesion: Callable[[str], None]) -> None:
        super().__init__(bench)
        self.table = LesionTable(on_lesion)
        self.tool_bar = ToolBar(bench)
        self.moves = MovesRows(bench)
        self.new_button = QPushButton("New lesion ...")
        self.remove_button = QPushButton("Remove ...")
        self.retry = QPushButton("Save again")
        self.again = QPushButton("Read again")
        self.curve = Plot(least_px=130)
        for button in (self.retry, self.again):
            button.hide()
        self._lay_out()

    def refresh(self, bench: Bench) -> None:
        """Rows, curve and the buttons that a fault brings up."""
        self.table.fill(
            bench.lesions(),
            date="" if bench.loaded is None else bench.loaded.exam.date,
            chosen=bench.lesion,
            note_of=bench.note_of,
            view_of=bench.numbers.views.get,
            words_of=bench.words.cell,
        )
        self.tool_bar.refresh(bench)
        self.moves.refresh(bench)
        self._draw_curve(bench)
        self.retry.setVisible(bool(bench.unsaved))
        nothing_read = bench.is_idle and not bench.exam_id
        self.again.setVisible(bool(bench.elsewhere) or nothing_read)

    def enable(self, bench: Bench | None) -> None:
        """Buttons that change the case need an exam that can be written."""
        for button in (self.new_button, self.remove_button):
            button.setEnabled(bench is not None and bool(bench.exam_id) and not bench.read_only)
        self.tool_bar.enable(bench)

    def _draw_curve(self, bench: Bench) -> None:
        row = next((row for row in bench.lesions() if row.name == bench.lesion), None)
        self.curve.draw(curve_chart(bench.curve(), colour=colour_of(row.number if row else 1)))

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for button in (self.new_button, self.remove_button, self.retry, self.again):
            buttons.addWidget(button)
        upper = QWidget()
        upper_layout = QVBoxLayout(upper)
        upper_layout.setContentsMargins(0, 0, 0, 0)
        upper_layout.addWidget(self.table, 1)
        upper_layout.addWidget(self.moves)
        upper_layout.addWidget(self.tool_bar)
        upper_layout.addLayout(buttons)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        for widget in (upper, self.curve):
            self.splitter.addWidget(widget)
        self.splitter.setSizes(list(HEIGHTS_PX))
        self.splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 4, 2, 2)
        layout.addWidget(self.splitter, 1)
