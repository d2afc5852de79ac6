"""The enhancement curve of the chosen lesion, drawn with matplotlib."""

from __future__ import annotations

from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from napari_liverseg.state import Curve

#: Marker and line of liver and aorta, in the colour of the text; the lesion has its own colour.
LIVER_STYLE = ("s", "--")
AORTA_STYLE = ("^", ":")
#: Two-line names, so that four phases fit side by side in a narrow dock.
FONT_PT = 7.5


class CurvePlot(QWidget):
    """Lesion, liver and aorta over the phases, in the colours of the window's theme."""

    def __init__(self) -> None:
        super().__init__()
        self.figure = Figure(figsize=(3.6, 1.7), layout="constrained")
        self.canvas = FigureCanvasQTAgg(self.figure)
        self.canvas.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(130)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)

    def draw(self, curve: Curve, *, lesion: str, colour: str) -> None:
        """Draw a curve; says so when there is none."""
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
        styles = {
            "liver": (front, *LIVER_STYLE),
            "aorta": (front, *AORTA_STYLE),
            lesion: (colour, "o", "-"),
        }
        at = {phase: x for x, phase in enumerate(curve.phases)}
        for line in curve.lines:
            ink, marker, dashes = styles[line.name]
            axes.plot(
                [at[phase] for phase, _ in line.points],
                [value for _, value in line.points],
                color=ink,
                marker=marker,
                linestyle=dashes,
                markersize=4,
                linewidth=1.6,
                label=line.name,
            )
        if curve.lines:
            axes.set_xticks(range(len(curve.phases)), [p.replace(" ", "\n") for p in curve.phases])
            axes.set_xmargin(0.08)
            axes.set_ylabel(curve.unit, color=front, fontsize=FONT_PT)
            axes.legend(fontsize=FONT_PT, frameon=False, labelcolor=front, loc="best")
        else:
            axes.set_axis_off()
            axes.text(
                0.5,
                0.5,
                "no curve: this exam has no known contrast phase",
                ha="center",
                color=front,
                fontsize=FONT_PT + 1,
            )
        self.canvas.draw_idle()
