"""The enhancement curve of the chosen lesion, drawn with matplotlib."""

from __future__ import annotations

from matplotlib.figure import Figure
from qtpy.QtGui import QColor

from napari_liverseg._qt.plot import FONT_PT, Plot
from napari_liverseg.state import Curve

#: Marker, line and width of each kind of line; those of the lesion have its colour, the others
#: that of the text.
STYLES = {
    "lesion": ("o", "-", 1.8),
    "rim": ("v", "--", 1.1),
    "core": ("d", ":", 1.1),
    "liver": ("s", "--", 1.4),
    "spleen": ("x", "-.", 1.0),
    "aorta": ("^", ":", 1.4),
}
OF_LESION = ("lesion", "rim", "core")
#: From this lightness a ground is light, and a colour is hard to see on it; how much darker it
#: is drawn there, in percent.
LIGHT, DARKER = 0.5, 190


class CurvePlot(Plot):
    """Lesion, liver and aorta over the phases, in the colours of the window's theme."""

    def __init__(self) -> None:
        super().__init__(height_in=1.7, least_px=130)

    def draw(self, curve: Curve, *, colour: str) -> None:
        """Draw a curve; says so when there is none."""
        axes, front, back = self.begin()
        ink = ink_on(colour, back)
        at = {phase: x for x, phase in enumerate(curve.phases)}
        for line in curve.lines:
            marker, dashes, width = STYLES[line.kind]
            axes.plot(
                [at[phase] for phase, _ in line.points],
                [value for _, value in line.points],
                color=ink if line.kind in OF_LESION else front,
                marker=marker,
                linestyle=dashes,
                markersize=4,
                linewidth=width,
                label=line.name,
            )
        if curve.lines:
            axes.set_xticks(range(len(curve.phases)), [p.replace(" ", "\n") for p in curve.phases])
            axes.set_xmargin(0.08)
            axes.set_ylabel(curve.unit, color=front, fontsize=FONT_PT)
            name_lines(self.figure, front)
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


def ink_on(colour: str, ground: str) -> str:
    """A lesion's colour, darker on a light ground: it is made for outlines on grey tissue."""
    ink, back = QColor(colour), QColor(ground)
    if back.lightnessF() < LIGHT or ink.lightnessF() < LIGHT:
        return colour
    return str(ink.darker(DARKER).name())


def name_lines(figure: Figure, ink: str) -> None:
    """Names of the lines in one row above the plot, where they hide none of them."""
    figure.legend(
        loc="outside upper center",
        ncols=6,
        fontsize=FONT_PT,
        frameon=False,
        labelcolor=ink,
        handlelength=2.2,
        columnspacing=1.0,
        handletextpad=0.4,
        borderpad=0.1,
    )
