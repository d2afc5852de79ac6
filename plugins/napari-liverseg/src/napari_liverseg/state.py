"""What the tables of the dock say, as plain rows. No Qt, no napari, nothing computed anew.

Numbers are picked from the measurement rows of the case file and written for people; the
only arithmetic is rounding.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liverseg.couinaud import LandmarkPlace
from liverseg.records import DYNAMIC_PHASES, Comparison, Measurement, Phase, Remnant, Verdict

if TYPE_CHECKING:
    from napari_liverseg.store import Segments

LIVER = "liver"
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
    """One line of the enhancement curve: (phase, value) in time order.

    `kind` is lesion, rim, core, liver, spleen or aorta.
    """

    name: str
    points: tuple[tuple[str, float], ...]
    kind: str = "lesion"


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


def curve_of(measurements: Sequence[Measurement], lesion: str, *, parts: bool = False) -> Curve:
    """Mean of lesion, liver and aorta in each phase that was measured.

    With `parts` also rim and core of the lesion, and the spleen.
    """
    wanted = [
        (lesion, "mean", lesion, "lesion"),
        (lesion, "rim_mean", "rim", "rim"),
        (lesion, "core_mean", "core", "core"),
        (LIVER, "mean", "liver", "liver"),
        (LIVER, "spleen_mean", "spleen", "spleen"),
        (LIVER, "aorta_mean", "aorta", "aorta"),
    ]
    lines = []
    unit = ""
    for owner, metric, name, kind in wanted:
        if not parts and kind in ("rim", "core", "spleen"):
            continue
        found = {
            row.phase: row for row in measurements if row.lesion == owner and row.metric == metric
        }
        rows = [found[phase] for phase in DYNAMIC_PHASES if phase in found]
        if rows:
            unit = unit or rows[0].unit
            points = tuple((words(row.phase), float(row.value)) for row in rows)
            lines.append(CurveLine(name, points, kind))
    seen = {phase for line in lines for phase, _ in line.points}
    phases = tuple(words(phase) for phase in DYNAMIC_PHASES if words(phase) in seen)
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


def lesions_of(rows: Sequence[ClaimRow]) -> tuple[str, ...]:
    """Lesions that claims were tested on, each once, by name."""
    return tuple(sorted({name for row in rows for name in _names(row)}))


def filter_claims(
    rows: Sequence[ClaimRow], *, verdict: Verdict | None = None, lesion: str = ""
) -> tuple[ClaimRow, ...]:
    """The claims of one verdict, of one lesion, or of both; None and "" ask for all."""
    return tuple(
        row
        for row in rows
        if verdict in (None, row.verdict) and (not lesion or lesion in _names(row))
    )


def _names(row: ClaimRow) -> list[str]:
    return [name for part in row.lesion.split(",") if (name := part.strip())]


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


@dataclass(frozen=True)
class SegmentRow:
    """One line of the segment table: number on disk, name, volumes and share as text."""

    number: int
    name: str
    volume: str
    share: str
    tumour: str
    resected: bool


@dataclass(frozen=True)
class LandmarkRow:
    """One line of the landmark table; `slice` is the acquired one, None before it is placed."""

    name: str
    title: str
    place: str
    required: bool
    slice: int | None


def segment_rows(segments: Segments | None, resected: Collection[str]) -> tuple[SegmentRow, ...]:
    """A row for each segment with its volume, in the order of the library."""
    if segments is None:
        return ()
    numbers = {name: number for number, name in segments.names.items()}
    return tuple(
        SegmentRow(
            number=numbers.get(row.segment, 0),
            name=row.segment,
            volume=f"{row.volume_ml:.0f}",
            share=f"{100 * row.share:.1f} %",
            tumour=f"{row.tumour_ml:.1f}" if row.tumour_ml else "",
            resected=row.segment in resected,
        )
        for row in segments.volumes
    )


def landmark_rows(
    places: Sequence[LandmarkPlace], slices: Mapping[str, int | None], *, needed: bool
) -> tuple[LandmarkRow, ...]:
    """A row for each landmark that can be clicked, in the order in which they are asked for.

    Where none is `needed` none is required.
    """
    return tuple(
        LandmarkRow(one.name, one.title, one.place, one.required and needed, slices.get(one.name))
        for one in places
    )


def remnant_lines(remnant: Remnant | None) -> tuple[str, str]:
    """The remnant in two lines: the answer, and what it is made of; ("", "") without segments."""
    if remnant is None:
        return "", ""
    healthy = remnant.liver_ml - remnant.tumour_ml
    whole = f"liver {remnant.liver_ml:.0f} ml less {remnant.tumour_ml:.0f} ml tumour"
    if not remnant.resected:
        return f"Liver without tumour {healthy:.0f} ml", f"{whole}; tick segments to resect them"
    parts = [f"resected {remnant.resected_ml:.0f} ml of {healthy:.0f} ml ({whole})"]
    if remnant.tumour_left_ml:
        parts.append(f"{remnant.tumour_left_ml:.1f} ml tumour stay")
    parts += [doubt.reason for doubt in remnant.doubts]
    head = f"Remnant {remnant.remnant_ml:.0f} ml = {100 * remnant.share:.1f} %"
    return f"{head} without {', '.join(remnant.resected)}", "; ".join(parts)
