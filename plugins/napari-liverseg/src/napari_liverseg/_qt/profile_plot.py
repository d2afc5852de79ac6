"""The profile of a lesion from its surface to its core, drawn with matplotlib."""

from __future__ import annotations

from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from napari_liverseg._qt.curve_plot import FONT_PT, ink_on, name_lines
from napari_liverseg.words_state import Profile

#: Marker and line of each phase in turn: told apart without colour.
STYLES = (("o", "-"), ("s", "--"), ("^", "-."), ("d", ":"), ("v", "-"), ("x", "--"), ("*", ":"))


class ProfilePlot(QWidget):
    """Mean of each shell by its depth below the surface, one line a phase."""

    def __init__(self) -> None:
        super().__init__()
        self.figure = Figure(figsize=(3.6, 1.5), layout="constrained")
        self.canvas = FigureCanvasQTAgg(self.figure)
        self.canvas.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)

    def draw(self, profile: Profile, *, colour: str) -> None:
        """Draw a profile; says why when there is none."""
        front = self.palette().color(QPalette.ColorRole.WindowText).name()
        back = self.palette().color(QPalette.ColorRole.Window).name()
        self.figure.clear()
        self.figure.set_facecolor(back)
        ink = ink_on(colour, back)
        axes = self.figure.add_subplot()
        axes.set_facecolor(back)
        axes.tick_params(colors=front, labelsize=FONT_PT)
        for spine in axes.spines.values():
            spine.set_color(front)
        axes.spines[["top", "right"]].set_visible(False)
        for number, line in enumerate(profile.lines):
            marker, dashes = STYLES[number % len(STYLES)]
            axes.plot(
                [(low + high) / 2 for low, high, _ in line.shells],
                [value for _, _, value in line.shells],
                color=ink if number else front,
                marker=marker,
                linestyle=dashes,
                markersize=4,
                linewidth=1.2,
                label=line.phase,
            )
        if profile.lines:
            axes.set_xlim(left=0)
            axes.set_xlabel("mm below the surface", color=front, fontsize=FONT_PT)
            axes.set_ylabel(profile.unit, color=front, fontsize=FONT_PT)
            name_lines(self.figure, front)
        else:
            axes.set_axis_off()
            why = f"no profile: {profile.refusal}" if profile.refusal else "no profile yet"
            axes.text(0.5, 0.5, why, ha="center", color=front, fontsize=FONT_PT + 1, wrap=True)
        self.canvas.draw_idle()
