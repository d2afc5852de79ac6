"""Words of reports to stored names, and numbers to words for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from liverseg.records import Phase
from liverseg.tables import load_table

_SEQUENCE_WORDS = {Phase.T2: "T2", Phase.DWI: "DWI", Phase.ADC: "ADC"}
_DECIMALS = {"HU": 1, "%": 1, "points": 1, "mm": 1, "ml": 2, "1": 2}
_SERVES = "serves_"


def phase_words() -> tuple[str, ...]:
    """All words for phases and sequences that a findings file may use."""
    rows = (row for row in load_table("finding_phases") if not row.name.startswith(_SERVES))
    return tuple(word for row in rows for word in row.value)


def parse_phase_word(text: str) -> Phase | None:
    """Stored phase of a word in a report, or None for an unknown word.

    >>> parse_phase_word("Early"), parse_phase_word("hepatocyte phase"), parse_phase_word("noon")
    (<Phase.LATE_ARTERIAL: 'late_arterial'>, <Phase.HEPATOBILIARY: 'hepatobiliary'>, None)
    """
    asked = _plain(text).removesuffix(" phase")
    for row in load_table("finding_phases"):
        if row.name.startswith(_SERVES):
            continue
        if asked in (_plain(word) for word in row.value):
            return Phase(row.name)
    return None


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


def serving_phases(phase: str) -> tuple[str, ...]:
    """Measured phases that answer a claim about `phase`, best first."""
    rows = load_table("finding_phases").rows
    row = rows.get(_SERVES + phase)
    return (phase,) if row is None else tuple(row.value)


def phase_title(phase: str, modality: str = "") -> str:
    """A stored phase for people: "late arterial phase", "T2", "T1 before contrast"."""
    if phase in _SEQUENCE_WORDS:
        return _SEQUENCE_WORDS[Phase(phase)]
    if phase == Phase.NON_CONTRAST:
        return "T1 series before contrast" if modality == "MR" else "series before contrast"
    return f"{phase.replace('_', ' ')} phase"


def write_number(value: float, unit: str) -> str:
    """A number to one decimal, ratios and volumes to two.

    >>> write_number(35.17, "mm"), write_number(-0.02, "HU"), write_number(0.7, "1")
    ('35.2', '0.0', '0.70')
    """
    text = f"{value:.{_DECIMALS.get(unit, 2)}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def write_signed(value: float, unit: str) -> str:
    """A change with its sign and unit: "+26.1 HU"."""
    number = write_number(value, unit)
    sign = "" if number.startswith("-") or float(number) == 0 else "+"
    return f"{sign}{number} {unit}"


def write_range(values: Sequence[float], unit: str) -> str:
    """One number, or "lowest to highest" where they differ as written."""
    if not values:
        return ""
    low, high = write_number(min(values), unit), write_number(max(values), unit)
    return low if low == high else f"{low} to {high}"


def percent(share: float) -> str:
    """A share in percent, to three figures: "94 %", "49.6 %"."""
    return f"{100.0 * share:.3g} %"


def join_and(parts: Iterable[str], *, last: str = "and") -> str:
    """A list in words: "4", "4 and 5", "4, 5 and 6"."""
    items = list(parts)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def name_segments(segments: Iterable[str], *, last: str = "and") -> str:
    """Segments in words: "segment 7", "segments 4, 5 and 8"."""
    items = sorted(segments)
    return f"segment{'' if len(items) == 1 else 's'} {join_and(items, last=last)}"


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """The hint "; did you mean 'modality'?" when a known word is close, else ""."""
    by_fold = {item.casefold(): item for item in known}
    close = get_close_matches(word.casefold(), list(by_fold), n=1, cutoff=0.55)
    return f"; did you mean '{by_fold[close[0]]}'?" if close else ""
