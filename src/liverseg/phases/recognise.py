"""`recognise_phases`: what contrast phase each series is, with the reason kept.

Sources in order of trust: measured times, words of the series, the contrast-phase
attribute. They are not counted like votes: two that cannot both be right give
*undetermined*, and so does a single weak one. (Image evidence is not used yet.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from liverseg.errors import InputError
from liverseg.phases.evidence import (
    GADOXETATE,
    Evidence,
    agent_of,
    attribute_evidence,
    possible_phases,
    text_evidence,
    time_evidence,
)
from liverseg.phases.names import parse_phase
from liverseg.phases.sequences import call_sequence
from liverseg.records import Phase, PhaseCall, SeriesRecord

_TRUST = ("time", "description", "attribute")
_NEEDS_GADOXETATE = (Phase.TRANSITIONAL, Phase.HEPATOBILIARY)
_NOBODY: Mapping[str, str] = {}


def recognise_phases(
    series: Sequence[SeriesRecord], *, overrides: Mapping[str, str] = _NOBODY
) -> dict[str, PhaseCall]:
    """A `PhaseCall` for every series, by `record.key`.

    `overrides` maps a series (key, UID, number or description) to a phase name and
    wins over everything. Raises `InputError` for a series or phase that does not exist
    and for a name that fits several series. The study description is never used: it
    names the protocol, not the phase.
    """
    calls = {record.key: _call(record, _agent(record, series)) for record in series}
    for name, phase in overrides.items():
        record = _find(name, series)
        reason = f'set by the user: "{name}={phase}"'
        calls[record.key] = PhaseCall(parse_phase(phase), reason, "override")
    return calls


def _agent(record: SeriesRecord, series: Sequence[SeriesRecord]) -> str:
    """The agent of a series, else the one that its study names anywhere."""
    own = agent_of(record)
    if own or record.modality != "MR":
        return own
    siblings = [one for one in series if one.study_uid == record.study_uid and one.modality == "MR"]
    named = {agent_of(one) for one in siblings} - {""}
    return named.pop() if len(named) == 1 else ""


def _call(record: SeriesRecord, agent: str) -> PhaseCall:
    sequence = call_sequence(record)
    if sequence is not None:
        return sequence
    found = [
        *time_evidence(record, agent),
        *text_evidence(record, agent),
        *attribute_evidence(record),
    ]
    possible = possible_phases(record.modality, agent)
    for evidence in found:
        if evidence.strength != "ambiguous" and not set(evidence.phases) & set(possible):
            phase = evidence.phases[0].value
            what = "CT" if record.modality == "CT" else f"MR with an {agent or 'unknown'} agent"
            return _unsure(f"{evidence.says} ({phase}), which does not exist on {what}")
    if not any(evidence.decides for evidence in found):
        return _unsure(_nothing(record, found))
    return _combine(found, possible, agent)


def _combine(found: Sequence[Evidence], possible: Sequence[Phase], agent: str) -> PhaseCall:
    """One phase that fits every source and is meant by one that may decide."""
    binding = [e for e in found if e.strength != "ambiguous"]
    agreed = [p for p in possible if all(p in evidence.phases for evidence in binding)]
    if not agreed:
        return _unsure(_disagreement(binding, possible))
    telling = sorted(
        (e for e in found if e.decides and set(e.phases) & set(agreed)),
        key=lambda evidence: _TRUST.index(evidence.kind),
    )
    if not telling:
        return _unsure(_all_say(found))
    meant = [e.means for e in telling if e.means in agreed]
    phase = next((p for p in meant if p is not None), None)
    if phase is None and len(agreed) > 1:
        names = " or ".join(p.value for p in agreed if p in telling[0].phases)
        return _unsure(f"{_all_say(telling)}: that can be {names}")
    phase = phase or agreed[0]
    if not _is_enough(telling, found):
        return _unsure(f"{telling[0].says}, which alone is too weak for {phase.value}")
    named = any(e.strength == "strong" and e.means is phase for e in telling)
    if phase in _NEEDS_GADOXETATE and not (named or agent == GADOXETATE):
        return _unsure(
            f"{_all_say(telling)}: {phase.value} with gadoxetate, but the agent is not known"
        )
    return PhaseCall(phase, _all_say(telling), telling[0].kind)


def _is_enough(telling: Sequence[Evidence], found: Sequence[Evidence]) -> bool:
    """One strong source, two weak ones, or a spoken time beside "contrast was given"."""
    if any(evidence.strength == "strong" for evidence in telling) or len(telling) > 1:
        return True
    return telling[0].spoken and any(not evidence.decides for evidence in found)


def _disagreement(found: Sequence[Evidence], possible: Sequence[Phase]) -> str:
    told = []
    for evidence in found:
        names = [p.value for p in evidence.phases if p in possible]
        told.append(f"{evidence.says} ({' or '.join(names) if evidence.decides else 'contrast'})")
    return (
        "sources disagree: "
        + ", but ".join(told)
        + "; trusted in the order times, words, attribute"
    )


def _all_say(telling: Sequence[Evidence]) -> str:
    return "; ".join(dict.fromkeys(evidence.says for evidence in telling))


def _nothing(record: SeriesRecord, found: Sequence[Evidence]) -> str:
    if found:
        return f"{_all_say(found)}: contrast was given, but not which phase this is"
    delay = record.facts.delay_s
    if delay is not None:
        return f"acquired {delay:.0f} s after the start of injection, which is between phases"
    if record.description or record.facts.protocol:
        return f'nothing in "{record.description or record.facts.protocol}" names a phase'
    return "no series description, no protocol name and no injection time"


def _unsure(reason: str) -> PhaseCall:
    return PhaseCall(Phase.UNDETERMINED, reason, "none")


def _find(name: str, series: Sequence[SeriesRecord]) -> SeriesRecord:
    """The one series that a name means: by key, UID, number, description, in this order."""
    asked = name.strip()
    readings = (
        [record for record in series if record.key == asked],
        [record for record in series if record.series_uid == asked],
        [record for record in series if str(record.number) == asked],
        [r for r in series if r.description and r.description.casefold() == asked.casefold()],
    )
    fitting = next((found for found in readings if found), [])
    if len(fitting) == 1:
        return fitting[0]
    listed = fitting or list(series)
    candidates = "; ".join(f"{record.title} ({record.key})" for record in listed[:12])
    more = f"; and {len(listed) - 12} more" if len(listed) > 12 else ""
    raise InputError(
        f'"{name}" names {len(fitting)} series' if fitting else f'there is no series "{name}"',
        where="--phase SERIES=PHASE",
        remedy=f"name one by its key: {candidates}{more}" if series else "scan a folder first",
    )
