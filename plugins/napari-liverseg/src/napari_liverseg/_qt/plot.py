"""A small plot in the colours of the window's theme, drawn with matplotlib."""

from __future__ import annotations

from typing import Any

from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

#: Two-line names, so that four phases fit side by side in a narrow dock.
FONT_PT = 7.5


class Plot(QWidget):
    """A figure that fills its place; `begin` gives fresh axes for what is drawn next."""

    def __init__(self, *, height_in: float, least_px: int) -> None:
        super().__init__()
        self.figure = Figure(figsize=(3.6, height_in), layout="constrained")
        self.canvas = FigureCanvasQTAgg(self.figure)
        self.canvas.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(least_px)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)

    def begin(self) -> tuple[Any, str, str]:
        """Empty axes, and the theme's colours of text and ground."""
        front = self.palette().color(QPalette.ColorRole.WindowText).name()
        back = self.palette().color(QPalette.ColorRole.Window).name()
        self.figure.clear()
        self.figure.set_facecolor(back)
        axes = self.figure.add_subplot()
        axes.set_facecolor(back)
        axes.tick_params(colors=front, labelsize=FONT_PT)
        for spine in axes.spines.values():
            spine.set_color(front)
        axes.spines[["top", "right"]].set_visible(False)
        return axes, front, back
