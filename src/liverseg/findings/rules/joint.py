"""A statement that says two things at once."""

from __future__ import annotations

from collections.abc import Sequence

from liverseg.findings.outcome import PART, Outcome
from liverseg.records import Verdict


def judge_all_of(parts: Sequence[tuple[str, Outcome]]) -> Outcome:
    """One answer for all parts of a statement, each with the name of its rule.

    All agree: agrees. None does and some conflict: conflicts. Some do and some conflict,
    or one agrees partly: partly. A part that cannot be assessed leaves the whole open,
    unless another part conflicts.
    """
    found = [one for _, one in parts]
    first = next((one for one in found if one.lesions), found[0])
    told = [
        f"{name.replace('_', ' ')} {one.verdict.replace('_', ' ')}: {one.reason}"
        for name, one in parts
    ]
    return Outcome(
        verdict=verdict_of_all([one.verdict for one in found]),
        reason="; ".join(told),
        value="; ".join(f"{one.value} {_unit(one)}".strip() for one in found if one.value),
        tolerance=PART.join(one.tolerance for one in found if one.tolerance),
        phase=next((one.phase for one in reversed(found) if one.phase), ""),
        lesions=tuple(dict.fromkeys(name for one in (first, *found) for name in one.lesions)),
        series_uid=next((one.series_uid for one in reversed(found) if one.series_uid), ""),
        slice=first.slice,
        doubts=tuple(dict.fromkeys(doubt for one in found for doubt in one.doubts)),
    )


def verdict_of_all(verdicts: list[Verdict]) -> Verdict:
    """The verdict of a statement from those of its parts."""
    kinds = set(verdicts)
    if Verdict.CONFLICTS in kinds:
        fits = kinds & {Verdict.AGREES, Verdict.PARTLY, Verdict.BORDERLINE}
        return Verdict.PARTLY if fits else Verdict.CONFLICTS
    for kind in (Verdict.NOT_ASSESSABLE, Verdict.PARTLY, Verdict.BORDERLINE):
        if kind in kinds:
            return kind
    return Verdict.AGREES


def _unit(one: Outcome) -> str:
    return "" if one.unit == "1" else one.unit
