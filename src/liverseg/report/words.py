"""Names, numbers and units as a reader of the page sees them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from liverseg.records import Measurement, Phase, SourceKind, Verdict

#: Sign, word and style of each verdict; the sign and the word say it without the colour.
VERDICTS = {
    Verdict.AGREES: ("✓", "agrees"),
    Verdict.PARTLY: ("◐", "partly"),
    Verdict.BORDERLINE: ("≈", "borderline"),
    Verdict.CONFLICTS: ("✕", "conflicts"),
    Verdict.NOT_ASSESSABLE: ("–", "not assessable"),
}
SOURCES = {
    SourceKind.TEXT: "text",
    SourceKind.FIGURE: "figure",
    SourceKind.TEXT_AND_FIGURE: "text and figure",
    SourceKind.PATHOLOGY: "pathology",
    SourceKind.OPERATION: "operation",
}
PHASES = {
    Phase.NON_CONTRAST: "non-contrast",
    Phase.EARLY_ARTERIAL: "early arterial",
    Phase.LATE_ARTERIAL: "late arterial",
    Phase.PORTAL_VENOUS: "portal venous",
    Phase.DELAYED: "delayed",
    Phase.TRANSITIONAL: "transitional",
    Phase.HEPATOBILIARY: "hepatobiliary",
    Phase.T2: "T2",
    Phase.DWI: "DWI",
    Phase.ADC: "ADC",
    Phase.UNDETERMINED: "undetermined phase",
}
METRICS = {
    "long_axis": "Long axis",
    "long_axis_interval": "Long axis, measured 95 % interval",
    "short_axis": "Short axis",
    "long_axis_by_hand": "Long axis, by hand",
    "short_axis_by_hand": "Short axis, by hand",
    "length_by_hand": "Length, by hand",
    "who_product": "Long × short (WHO)",
    "max_3d_diameter": "Largest 3D diameter",
    "max_3d_diameter_mesh": "Largest 3D diameter (mesh)",
    "extent_1": "Extent 1",
    "extent_2": "Extent 2",
    "extent_3": "Extent 3",
    "voxel_volume": "Volume (voxels)",
    "voxel_volume_interval": "Volume, measured 95 % interval",
    "mesh_volume": "Volume (mesh)",
    "sphericity": "Sphericity",
    "solidity": "Solidity",
    "border_distance": "Centre to segment border",
    "vessel_overlap": "Inside main vein lumen",
}
_UNITS = {"mm2": "mm²", "1": "", "au": "a.u.", "mm2/s": "10⁻³ mm²/s"}
#: Decimals by unit; ADC is shown in thousandths.
_DECIMALS = {"mm": 1, "mm2": 0, "HU": 0, "%": 0, "1": 2, "mm2/s": 2}
_ADC_SCALE = 1000.0


def phase_word(phase: str) -> str:
    """A stored phase name as people write it; any other text unchanged."""
    return PHASES[Phase(phase)] if phase in PHASES else phase.replace("_", " ")


def phase_order(phase: str) -> int:
    """Place of a phase in the course of an exam; unknown names last."""
    names = [str(item) for item in Phase]
    return names.index(phase) if phase in names else len(names)


def unit_word(unit: str) -> str:
    """A stored unit as people write it.

    >>> unit_word("mm2"), unit_word("HU"), unit_word("1")
    ('mm²', 'HU', '')
    """
    return _UNITS.get(unit, unit)


def number(value: float | None, unit: str) -> str:
    """A number as precise as its unit deserves, without the unit; "–" when there is none.

    >>> number(35.04, "mm"), number(-8.6, "HU"), number(0.00112, "mm2/s"), number(None, "mm")
    ('35.0', '−9', '1.12', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if unit == "mm2/s":
        value *= _ADC_SCALE
    text = f"{value:.{_decimals(value, unit)}f}"
    # A rounded zero has no sign; a real minus is wider than a hyphen and does not break.
    return text.replace("-", "−") if float(text) else text.replace("-", "")


def vector(offset_mm: tuple[float, float, float]) -> str:
    """A shift in mm, its parts (left, back, head) as `number` writes them.

    >>> vector((0.04, -0.01, -4.1))
    '0.0, 0.0, −4.1'
    """
    return ", ".join(number(part, "mm") for part in offset_mm)


def quantity(value: float | None, unit: str) -> str:
    r"""Number and unit, kept on one line.

    >>> quantity(17.63, "ml")
    '17.6\xa0ml'
    """
    shown = number(value, unit)
    word = unit_word(unit)
    return f"{shown}\u00a0{word}" if word and shown != "–" else shown


def interval(row: Measurement) -> str:
    """The interval of a measurement as "lower to upper", or ""."""
    if row.lower is None or row.upper is None:
        return ""
    return f"{number(row.lower, row.unit)} to {number(row.upper, row.unit)}"


def percent(share: float) -> str:
    r"""A share of one as whole percent; a trace is not 0 %, nearly all is not 100 %.

    >>> percent(0.834), percent(0.002), percent(0.998), percent(1.0)
    ('83\xa0%', '<1\xa0%', '>99\xa0%', '100\xa0%')
    """
    if 0 < share <= 0.005:
        return "<1\u00a0%"
    if 0.995 <= share < 1:
        return ">99\u00a0%"
    return f"{100 * share:.0f}\u00a0%"


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun.

    >>> counted(1, "file"), counted(3, "series", "series")
    ('1 file', '3 series')
    """
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence.

    >>> listed(["3", "8"]), listed(["4", "5", "6"])
    ('3 and 8', '4, 5 and 6')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _decimals(value: float, unit: str) -> int:
    if unit in _DECIMALS:
        return _DECIMALS[unit]
    # Volumes and MR signal span orders of magnitude.
    return 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
