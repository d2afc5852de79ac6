"""`recognise_phases`: what contrast phase each series is, with the reason kept.

Sources in order of trust: measured times, words of the series, the contrast-phase
attribute. They are not counted like votes: two that cannot both be right give
*undetermined*, and so does a single weak one. (Image evidence is not used yet.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from liverseg.errors import InputError
from liverseg.phases.evidence import (
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
        if not set(evidence.phases) & set(possible):
            phase = evidence.phases[0].value
            what = "CT" if record.modality == "CT" else f"MR with an {agent or 'unknown'} agent"
            return _unsure(f"{evidence.says} ({phase}), which does not exist on {what}")
    if not any(evidence.decides for evidence in found):
        return _unsure(_nothing(record, found))
    return _combine(found, possible)


def _combine(found: Sequence[Evidence], possible: Sequence[Phase]) -> PhaseCall:
    agreed = [p for p in possible if all(p in evidence.phases for evidence in found)]
    if not agreed:
        return _unsure(_disagreement(found, possible))
    telling = sorted(
        (e for e in found if e.decides), key=lambda evidence: _TRUST.index(evidence.kind)
    )
    meant = [p for e in telling for p in e.phases[:1] if p in agreed]
    if not meant and len(agreed) > 1:
        names = " or ".join(phase.value for phase in agreed)
        return _unsure(f"{_all_say(telling)}: that can be {names}")
    phase = meant[0] if meant else agreed[0]
    if not any(evidence.strong for evidence in telling) and len(telling) < 2:
        return _unsure(f"{telling[0].says}, which alone is too weak for {phase.value}")
    return PhaseCall(phase, _all_say(telling), telling[0].kind)


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
