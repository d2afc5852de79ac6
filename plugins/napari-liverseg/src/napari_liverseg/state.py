"""What the tables of the dock say, as plain rows. No Qt, no napari, nothing computed anew.

Numbers are picked from the measurement rows of the case file and written for people; the
only arithmetic is rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from liverseg.records import Comparison, Measurement, Phase, Verdict

LIVER = "liver"
#: Phases of a dynamic series in their order in time; the curve runs over these.
CURVE_PHASES = (
    Phase.NON_CONTRAST,
    Phase.EARLY_ARTERIAL,
    Phase.LATE_ARTERIAL,
    Phase.PORTAL_VENOUS,
    Phase.DELAYED,
    Phase.TRANSITIONAL,
    Phase.HEPATOBILIARY,
)
#: Names that are abbreviations.
ABBREVIATED = (Phase.T2, Phase.DWI, Phase.ADC)
#: How a unit is written for people; others stand as they are.
UNITS = {"mm2/s": "mm²/s", "au": "signal (arbitrary units)", "1": ""}
VERDICT_WORDS = {
    Verdict.AGREES: "agrees",
    Verdict.PARTLY: "partly",
    Verdict.BORDERLINE: "borderline",
    Verdict.CONFLICTS: "conflicts",
    Verdict.NOT_ASSESSABLE: "not assessable",
}
#: The same after a number: "12 agree".
COUNTED = {**VERDICT_WORDS, Verdict.AGREES: "agree", Verdict.CONFLICTS: "conflict"}


@dataclass(frozen=True)
class LesionRow:
    """One line of the lesion table; sizes are text with their unit, "" while unknown."""

    number: int
    name: str
    segment: str = ""
    axes: str = ""
    volume: str = ""
    slice: int | None = None


@dataclass(frozen=True)
class CurveLine:
    """One line of the enhancement curve: (phase, value) in time order."""

    name: str
    points: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Curve:
    """Lesion, liver and aorta over the phases of one exam."""

    unit: str
    phases: tuple[str, ...]
    lines: tuple[CurveLine, ...]


@dataclass(frozen=True)
class ClaimRow:
    """One line of the claim table and what a click on it tells."""

    id: str
    statement: str
    verdict: Verdict
    word: str
    value: str
    reason: str
    lesion: str
    phase: str
    date: str
    slice: int | None
    series_uid: str


def lesion_rows(
    names: Mapping[int, str], measurements: Sequence[Measurement]
) -> tuple[LesionRow, ...]:
    """A row for each numbered lesion, in number order, from the rows of one exam."""
    return tuple(_lesion_row(number, names[number], measurements) for number in sorted(names))


def curve_of(measurements: Sequence[Measurement], lesion: str) -> Curve:
    """Mean of lesion, liver and aorta in each phase that was measured."""
    wanted = ((lesion, "mean", lesion), (LIVER, "mean", "liver"), (LIVER, "aorta_mean", "aorta"))
    lines = []
    unit = ""
    for owner, metric, name in wanted:
        found = {
            row.phase: row for row in measurements if row.lesion == owner and row.metric == metric
        }
        rows = [found[phase] for phase in CURVE_PHASES if phase in found]
        if rows:
            unit = unit or rows[0].unit
            lines.append(
                CurveLine(name, tuple((words(row.phase), float(row.value)) for row in rows))
            )
    seen = {phase for line in lines for phase, _ in line.points}
    phases = tuple(words(phase) for phase in CURVE_PHASES if words(phase) in seen)
    return Curve(UNITS.get(unit, unit), phases, tuple(lines))


def claim_rows(comparison: Comparison | None) -> tuple[ClaimRow, ...]:
    """A row for each judged claim, in the report's order."""
    if comparison is None:
        return ()
    return tuple(
        ClaimRow(
            id=judged.claim.id,
            statement=judged.claim.statement,
            verdict=judged.verdict,
            word=VERDICT_WORDS[judged.verdict],
            value=" ".join(part for part in (judged.value, _unit(judged.unit)) if part),
            reason=judged.reason,
            lesion=judged.lesion,
            phase=judged.phase,
            date=judged.claim.date,
            slice=judged.slice,
            series_uid=judged.series_uid,
        )
        for judged in comparison.judgements
    )


def count_verdicts(rows: Sequence[ClaimRow]) -> str:
    """How many of each ("12 agree, 3 partly"), in the order of the verdicts, zeros left out."""
    counts = {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    parts = [f"{n} {COUNTED[verdict]}" for verdict, n in counts.items() if n]
    return ", ".join(parts) or "no findings in this case"


def words(name: str) -> str:
    """A stored name for people: portal_venous -> portal venous, t2 -> T2."""
    text = str(name)
    return text.upper() if text in ABBREVIATED else text.replace("_", " ")


def _lesion_row(number: int, name: str, measurements: Sequence[Measurement]) -> LesionRow:
    own = [row for row in measurements if row.lesion == name]
    long_axis = _first(own, "long_axis")
    short_axis = _first(own, "short_axis")
    volume = _first(own, "voxel_volume")
    axes = ""
    if long_axis is not None and short_axis is not None:
        axes = f"{long_axis.value:.1f} × {short_axis.value:.1f}"
    return LesionRow(
        number=number,
        name=name,
        segment=_segment(own),
        axes=axes,
        volume="" if volume is None else f"{volume.value:.2f}",
        slice=None if long_axis is None else long_axis.slice,
    )


def _segment(rows: Sequence[Measurement]) -> str:
    """The two largest shares as the core measured them: "7 (82 %), 8 (18 %)".

    A share that would be written as 0 % is left out.
    """
    shares = [row for row in rows if row.metric == "couinaud_share" and round(row.value, 2) > 0]
    shares.sort(key=lambda row: -row.value)
    return ", ".join(f"{row.segment} ({row.value:.0%})".replace("%", " %") for row in shares[:2])


def _first(rows: Sequence[Measurement], metric: str) -> Measurement | None:
    return next((row for row in rows if row.metric == metric), None)


def _unit(unit: str) -> str:
    return UNITS.get(unit, unit)
