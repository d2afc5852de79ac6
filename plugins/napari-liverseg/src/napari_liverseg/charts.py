"""The enhancement curve and the profile of a lesion as lines of a chart. No Qt.

Lines differ by mark and dashes, not by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from napari_liverseg.state import Curve
from napari_liverseg.words_state import Profile

Mark = Literal["circle", "square", "up", "down", "diamond", "cross", "star"]
Dashes = Literal["solid", "dash", "dot", "dash-dot"]
#: Mark, dashes and width in px of each kind of line of a curve.
CURVE_STYLES: dict[str, tuple[Mark, Dashes, float]] = {
    "lesion": ("circle", "solid", 2.5),
    "rim": ("down", "dash", 1.5),
    "core": ("diamond", "dot", 1.5),
    "liver": ("square", "dash", 1.9),
    "spleen": ("cross", "dash-dot", 1.4),
    "aorta": ("up", "dot", 1.9),
}
OF_LESION = ("lesion", "rim", "core")
#: Mark and dashes of the phases of a profile in turn, and their width in px.
PROFILE_STYLES: tuple[tuple[Mark, Dashes], ...] = (
    ("circle", "solid"),
    ("square", "dash"),
    ("up", "dash-dot"),
    ("diamond", "dot"),
    ("down", "solid"),
    ("cross", "dash"),
    ("star", "dot"),
)
PROFILE_PX = 1.7


@dataclass(frozen=True)
class ChartLine:
    """A line through (x, y); `colour` is #rrggbb, "" that of the text."""

    name: str
    points: tuple[tuple[float, float], ...]
    mark: Mark
    dashes: Dashes
    width_px: float
    colour: str = ""


@dataclass(frozen=True)
class Chart:
    """Lines over one axis.

    `x_names` stand at x = 0, 1, 2 ...; without them x is a number from 0, named `x_label`.
    `note` stands there instead when there is no line.
    """

    lines: tuple[ChartLine, ...] = ()
    unit: str = ""
    x_names: tuple[str, ...] = ()
    x_label: str = ""
    note: str = ""


def curve_chart(curve: Curve, *, colour: str) -> Chart:
    """Lesion, liver and aorta over the phases; what is of the lesion has its colour."""
    at = {phase: float(x) for x, phase in enumerate(curve.phases)}
    lines = tuple(
        ChartLine(
            line.name,
            tuple((at[phase], value) for phase, value in line.points),
            *CURVE_STYLES[line.kind],
            colour=colour if line.kind in OF_LESION else "",
        )
        for line in curve.lines
    )
    note = "no curve: this exam has no known contrast phase"
    return Chart(lines, curve.unit, x_names=curve.phases, note=note)


def profile_chart(profile: Profile, *, colour: str) -> Chart:
    """Mean of each shell by its depth below the surface, one line a phase."""
    lines = []
    for number, line in enumerate(profile.lines):
        mark, dashes = PROFILE_STYLES[number % len(PROFILE_STYLES)]
        points = tuple(((low + high) / 2, value) for low, high, value in line.shells)
        ink = colour if number else ""
        lines.append(ChartLine(line.phase, points, mark, dashes, PROFILE_PX, ink))
    note = f"no profile: {profile.refusal}" if profile.refusal else "no profile yet"
    return Chart(tuple(lines), profile.unit, x_label="mm below the surface", note=note)
