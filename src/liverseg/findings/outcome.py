"""What a rule finds, and how findings of several lesions or exams become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from liverseg.findings.words import join_and
from liverseg.records import Doubt, Verdict
from liverseg.tables import Row

#: From the best to the worst; "not assessable" is none of them.
ORDER = (Verdict.AGREES, Verdict.BORDERLINE, Verdict.PARTLY, Verdict.CONFLICTS)


@dataclass(frozen=True)
class Outcome:
    """A rule's answer for one exam; `lesions` has the one that decides first."""

    verdict: Verdict
    reason: str
    value: str = ""
    unit: str = ""
    tolerance: str = ""
    phase: str = ""
    lesions: tuple[str, ...] = ()
    series_uid: str = ""
    slice: int | None = None
    doubts: tuple[Doubt, ...] = ()


def not_assessable(reason: str, *, tolerance: str = "") -> Outcome:
    """The answer that there is none, with its reason."""
    return Outcome(Verdict.NOT_ASSESSABLE, reason, tolerance=tolerance)


#: Between the tolerances of a statement of several parts, and before the source of one.
PART, SOURCE = " · ", ". Source: "


def with_tolerance(text: str, rows: Sequence[Row]) -> str:
    """A tolerance in words with the source of each of its numbers."""
    designed = dict.fromkeys(row.source for row in rows if row.checked == "designed")
    others = dict.fromkeys(row.source for row in rows if row.checked != "designed")
    chosen = [f"chosen for this project, {'; '.join(designed)}"] if designed else []
    return f"{text}{SOURCE}{'; '.join([*others, *chosen])}"


def tolerance_parts(tolerance: str) -> tuple[tuple[str, str], ...]:
    """Each tolerance of a judgement apart from its source ("" where none is stated).

    >>> tolerance_parts("within 7 mm agrees. Source: chosen")
    (('within 7 mm agrees', 'chosen'),)
    """
    parts = [part.partition(SOURCE) for part in tolerance.split(PART) if part]
    return tuple((rule, source) for rule, _, source in parts)


def best_of(outcomes: Sequence[tuple[str, Outcome]]) -> Outcome:
    """One answer of several exams that a claim's date covers: the best, with a doubt.

    A year covers every exam of that year, so the claim is taken to be about the one
    that shows it.
    """
    first = min(range(len(outcomes)), key=lambda at: (_rank(outcomes[at][1].verdict), at))
    title, best = outcomes[first]
    if len(outcomes) == 1:
        return best
    others = [
        f"{name}: {one.verdict.replace('_', ' ')}"
        for at, (name, one) in enumerate(outcomes)
        if at != first
    ]
    reason = f"several exams fit the date; the {title} is compared, {join_and(others)}"
    return replace(best, doubts=(*best.doubts, Doubt(reason, title)))


def _rank(verdict: Verdict) -> int:
    return ORDER.index(verdict) if verdict in ORDER else len(ORDER)
