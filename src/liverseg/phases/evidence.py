"""What one source says about the phase of a series."""

from __future__ import annotations

import re
from dataclasses import dataclass

from liverseg.phases.text import Hit, find_terms, fold
from liverseg.records import CONTRAST_PHASES, Phase, SeriesRecord
from liverseg.tables import Row, load_table

GADOXETATE = "gadoxetate"
EXTRACELLULAR = "extracellular"

# A lone letter before the number makes it a reconstruction kernel (B41s), no time.
_TIME = re.compile(
    r"(?<![\d.])(?<![^a-z][a-z])(\d{1,4}(?:\.\d)?)[\s_-]*"
    r"(s|sec|secs|second|seconds|sek|min|mins|minute|minutes|minuten|分|秒)(?![^\W_])"
)
_MINUTES = ("min", "分")


@dataclass(frozen=True)
class Evidence:
    """Phases that a source allows.

    `kind` is "time", "description" or "attribute"; `says` is the source in words;
    `means` is the phase meant when nothing else is said, None when that is open.
    A "strong" one decides alone, a "weak" one needs a second, an "ambiguous" one may mean
    something else altogether and never contradicts; "contrast" only says that an agent
    was given. `spoken` marks a time of the description.
    """

    kind: str
    says: str
    phases: tuple[Phase, ...]
    strength: str
    means: Phase | None
    spoken: bool = False

    @property
    def decides(self) -> bool:
        """Whether it points to a phase at all."""
        return self.strength != "contrast"


def agent_of(record: SeriesRecord) -> str:
    """Kind of agent by its name or the words of the series: GADOXETATE, EXTRACELLULAR or ""."""
    told = f"{record.facts.contrast_agent} {record.description} {record.facts.protocol}"
    for name in (GADOXETATE, EXTRACELLULAR):
        if _names_agent(told, name):
            return name
    return ""


def possible_phases(modality: str, agent: str) -> tuple[Phase, ...]:
    """Contrast phases that exist for this modality and agent (clinical reference 4.1)."""
    absent: tuple[Phase, ...] = ()
    if modality == "CT" or agent == EXTRACELLULAR:
        absent = (Phase.TRANSITIONAL, Phase.HEPATOBILIARY)
    elif agent == GADOXETATE:
        absent = (Phase.DELAYED,)
    return tuple(p for p in (Phase.NON_CONTRAST, *CONTRAST_PHASES) if p not in absent)


def time_evidence(record: SeriesRecord, agent: str) -> list[Evidence]:
    """From acquisition time minus start of injection."""
    delay = record.facts.delay_s
    if delay is None:
        return []
    if delay <= 0:
        says = f"acquired {-delay:.0f} s before the injection"
    else:
        says = f"acquired {delay:.0f} s after the start of injection"
    phases, sure = _by_delay(delay, record.modality, agent)
    if not phases:
        return []
    return [_timed("time", says, phases, "strong" if sure else "weak")]


def attribute_evidence(record: SeriesRecord) -> list[Evidence]:
    """From ContrastBolusAgentPhase."""
    term = record.facts.contrast_phase.upper()
    rows = [row for row in load_table("phase_hints") if row.more["kind"] == "contrast_phase"]
    row = next((row for row in rows if row.name == term), None)
    if row is None:
        return []
    phases = tuple(Phase(name) for name in row.value)
    says = f"ContrastBolusAgentPhase is {term}"
    return [Evidence("attribute", says, phases, "strong", phases[0])]


def text_evidence(record: SeriesRecord, agent: str) -> list[Evidence]:
    """From the series description, and from the protocol name where that says more.

    A protocol name belongs to the whole examination on CT, so there its words are weak.
    """
    found = _words("description", record.description, record, agent, weaken=False)
    found += _spoken_times(record, agent)
    if not any(evidence.strength == "strong" for evidence in found):
        found += _words(
            "protocol", record.facts.protocol, record, agent, weaken=record.modality == "CT"
        )
    return found


def _words(
    source: str, text: str, record: SeriesRecord, agent: str, *, weaken: bool
) -> list[Evidence]:
    found = []
    for hit in find_terms(text, "phase_words"):
        strength = hit.row.more["strength"]
        if strength == "neutral":
            continue
        says = f'{source} says "{hit.term}"'
        if strength == "contrast":
            found.append(Evidence("description", says, CONTRAST_PHASES, "contrast", None))
            continue
        if {record.modality, agent} & set(hit.row.more["supported_by"]):
            strength = "strong"
        if weaken and strength == "strong":
            strength = "weak"
        meanings = _meanings(hit)
        found.append(Evidence("description", says, meanings, strength, meanings[0]))
    return found


def _spoken_times(record: SeriesRecord, agent: str) -> list[Evidence]:
    found = []
    for amount, unit in _TIME.findall(f"  {fold(record.description)}"):
        seconds = float(amount) * (60 if unit.startswith(_MINUTES) else 1)
        phases, _ = _by_delay(seconds, record.modality, agent)
        if phases and seconds > 0:
            says = f'description says "{amount} {unit}"'
            found.append(_timed("description", says, phases, "weak"))
    return found


def _timed(kind: str, says: str, phases: tuple[Phase, ...], strength: str) -> Evidence:
    """Evidence of a time; of several phases that share it none is meant first."""
    means = phases[0] if len(phases) == 1 else None
    return Evidence(kind, says, phases, strength, means, spoken=kind == "description")


def _by_delay(delay_s: float, modality: str, agent: str) -> tuple[tuple[Phase, ...], bool]:
    """Phases of a delay, and whether the agent is known well enough to be sure."""
    rows = [
        row
        for row in load_table("phase_timing")
        if modality in row.more["modality"] and row.value[0] <= delay_s <= row.value[1]
    ]
    fitting = [row for row in rows if row.more["agent"] in ("any", agent)]
    if fitting:
        return tuple(_phase(row) for row in fitting), True
    return tuple(_phase(row) for row in rows if not agent), False


def _meanings(hit: Hit) -> tuple[Phase, ...]:
    return (_phase(hit.row), *(Phase(name) for name in hit.row.more["also"]))


def _phase(row: Row) -> Phase:
    return Phase(str(row.more["phase"]))


def _names_agent(told: str, agent: str) -> bool:
    plain = fold(told)
    names = (fold(name) for name in load_table("phase_hints")[agent].value)
    return any(re.search(rf"(?<![^\W_]){re.escape(name)}", plain) for name in names)
