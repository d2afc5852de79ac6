"""The profile of a lesion from its surface to its core, drawn with matplotlib."""

from __future__ import annotations

from napari_liverseg._qt.curve_plot import ink_on, name_lines
from napari_liverseg._qt.plot import FONT_PT, Plot
from napari_liverseg.words_state import Profile

#: Marker and line of each phase in turn: told apart without colour.
STYLES = (("o", "-"), ("s", "--"), ("^", "-."), ("d", ":"), ("v", "-"), ("x", "--"), ("*", ":"))


class ProfilePlot(Plot):
    """Mean of each shell by its depth below the surface, one line a phase."""

    def __init__(self) -> None:
        super().__init__(height_in=1.5, least_px=120)

    def draw(self, profile: Profile, *, colour: str) -> None:
        """Draw a profile; says why when there is none."""
        axes, front, back = self.begin()
        ink = ink_on(colour, back)
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
