"""Rules that look at lesions one by one: over all, over any, or over those at a site."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from liverseg.findings.evidence import ExamRows, counted_segments, fold_shares, share_in
from liverseg.findings.outcome import ORDER, Outcome, not_assessable
from liverseg.findings.words import name_segments, percent, write_range
from liverseg.records import Doubt, Verdict
from liverseg.tables import load_table

NAMED_AT_MOST = 8


@dataclass(frozen=True)
class Found:
    """One lesion judged.

    `text` gives its numbers in words, `reason` why there are none. Of equal verdicts the
    lower `rank` fits better.
    """

    lesion: str
    verdict: Verdict
    text: str = ""
    value: float | None = None
    unit: str = ""
    phase: str = ""
    series_uid: str = ""
    reason: str = ""
    rank: float = 0.0
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class Wording:
    """A rule's sentence when it holds and when not, and its tolerance.

    `where` ("on T2 ") stands before the sentence.
    """

    holds: str
    fails: str
    tolerance: str
    where: str = ""


Judge = Callable[[ExamRows, str], Found]


def judge_lesions(
    exam: ExamRows, lesions: str, sites: Sequence[str], judge: Judge, wording: Wording
) -> Outcome:
    """One answer for the lesions that a claim is about ("all", "any", "at_sites").

    All: agrees when each one does, partly when some do, conflicts when none does. Any
    and at a site: the lesion that fits best decides, and none that fits means that there
    is no matching lesion. A lesion that cannot be assessed never counts as either.
    """
    if not exam.lesions:
        return no_lesions(exam)
    if lesions == "all":
        return _over_all([judge(exam, name) for name in exam.lesions], exam, wording)
    if lesions == "any":
        return _over_any([judge(exam, name) for name in exam.lesions], exam, wording)
    return _at_sites(exam, sites, judge, wording)


def no_lesions(exam: ExamRows) -> Outcome:
    """Nothing drawn says nothing about the patient."""
    return not_assessable(f"no lesion is drawn on the {exam.title}")


def _over_all(found: Sequence[Found], exam: ExamRows, wording: Wording) -> Outcome:
    known = [one for one in found if one.verdict is not Verdict.NOT_ASSESSABLE]
    if not known:
        return not_assessable(_common_reason(found), tolerance=wording.tolerance)
    fits = [one for one in known if one.verdict is Verdict.AGREES]
    decider = min(known, key=lambda one: (-ORDER.index(one.verdict), -exam.length_of(one.lesion)))
    ordered = [decider, *(one for one in known if one is not decider)]
    rest = [one for one in found if one not in fits]
    reason = f"{wording.where}{_count(fits, found, wording)}: {_details(fits or rest)}"
    if fits and rest:
        reason = f"{reason}; not so in {_details(rest)}"
    return _outcome(_verdict_of_all(found), reason, ordered, exam, wording)


def _verdict_of_all(found: Sequence[Found]) -> Verdict:
    """Of lesions of which at least one could be assessed."""
    verdicts = {one.verdict for one in found}
    known = verdicts - {Verdict.NOT_ASSESSABLE}
    if known == {Verdict.AGREES}:
        return Verdict.AGREES if known == verdicts else Verdict.PARTLY
    if len(known) == 1:
        return next(iter(known))
    return Verdict.PARTLY if Verdict.CONFLICTS in known else Verdict.BORDERLINE


def _over_any(found: Sequence[Found], exam: ExamRows, wording: Wording) -> Outcome:
    known = [one for one in found if one.verdict is not Verdict.NOT_ASSESSABLE]
    best = _best(known, exam)
    if best is None or (best.verdict is Verdict.CONFLICTS and len(known) < len(found)):
        lacking = [one for one in found if one not in known]
        return not_assessable(_common_reason(lacking), tolerance=wording.tolerance)
    if best.verdict is Verdict.CONFLICTS:
        reason = (
            f"no matching lesion: {wording.where}{_count([], known, wording)}; "
            f"the nearest is {best.lesion} with {best.text}"
        )
        return Outcome(Verdict.CONFLICTS, reason, tolerance=wording.tolerance, phase=best.phase)
    like = [one for one in known if one.verdict is best.verdict]
    ordered = [best, *(one for one in like if one is not best)]
    reason = f"{wording.where}{_count(like, found, wording)}: {_details(ordered)}"
    return _outcome(best.verdict, reason, ordered, exam, wording)


def _at_sites(exam: ExamRows, sites: Sequence[str], judge: Judge, wording: Wording) -> Outcome:
    names, doubts = candidates(exam, sites)
    if isinstance(names, Outcome):
        return replace(names, tolerance=wording.tolerance)
    found = [judge(exam, name) for name in names]
    known = [one for one in found if one.verdict is not Verdict.NOT_ASSESSABLE]
    best = _best(known, exam)
    if best is None or (best.verdict is Verdict.CONFLICTS and len(known) < len(found)):
        lacking = [one for one in found if one not in known]
        return not_assessable(_common_reason(lacking), tolerance=wording.tolerance)
    if len(found) > 1:
        reason = f"{len(found)} lesions lie in {name_segments(sites)}; {best.lesion} fits best"
        doubts = (*doubts, Doubt(reason, exam.title))
    holds = wording.fails if best.verdict is Verdict.CONFLICTS else wording.holds
    reason = f"{wording.where}{holds}: {_details([best])}, in {name_segments(sites)}"
    outcome = _outcome(best.verdict, reason, [best], exam, wording)
    return replace(outcome, doubts=(*outcome.doubts, *doubts))


def candidates(
    exam: ExamRows, sites: Sequence[str]
) -> tuple[Sequence[str] | Outcome, tuple[Doubt, ...]]:
    """Lesions that lie mostly in some segments, else partly; or why there is no answer."""
    limits = load_table("claim_tolerances").number
    shares = {lesion: site_share(exam, lesion, sites) for lesion in exam.lesions}
    known = {lesion: share for lesion, share in shares.items() if share is not None}
    mostly = [lesion for lesion, share in known.items() if share >= limits("site_agrees")]
    if mostly:
        return mostly, ()
    if len(known) < len(shares):
        return not_assessable(why_no_shares(exam)), ()
    partly = [lesion for lesion, share in known.items() if share >= limits("site_borderline")]
    if partly:
        doubts = tuple(
            Doubt(
                f"only {percent(known[name])} of {name} lie in {name_segments(sites)}", exam.title
            )
            for name in partly
        )
        return partly, doubts
    reason = f"no matching lesion in {name_segments(sites, last='or')}: {where_they_lie(exam)}"
    return Outcome(Verdict.CONFLICTS, reason), ()


def site_share(exam: ExamRows, lesion: str, sites: Sequence[str]) -> float | None:
    """Part of a lesion in some segments, or None when it is not known."""
    shares = exam.shares(lesion)
    return None if shares is None else share_in(shares, sites)


def why_no_shares(exam: ExamRows) -> str:
    """Why the segments of some lesion are not known."""
    if all(exam.shares(lesion) is None for lesion in exam.lesions):
        return f"no Couinaud segments were given for the {exam.title}: pass --couinaud"
    lacking = [name for name in exam.lesions if exam.shares(name) is None]
    if lacking:
        return f"the segments of {', '.join(lacking)} are not measured on the {exam.title}"
    return f"the segment map of the {exam.title} does not tell 4a from 4b"


def where_they_lie(exam: ExamRows) -> str:
    """Each lesion with its segments: "T4 lies in segment 4, T5 in segment 5"."""
    parts: list[str] = []
    for lesion in exam.lesions[:NAMED_AT_MOST]:
        shares = fold_shares(exam.shares(lesion) or {}, ()) or {}
        segments = counted_segments(shares)
        place = f"in {name_segments(segments)}" if segments else "outside the segments"
        parts.append(f"{lesion} lies {place}" if not parts else f"{lesion} {place}")
    return ", ".join([*parts, *_rest(len(exam.lesions))])


def _rest(count: int) -> list[str]:
    return [f"and {count - NAMED_AT_MOST} more"] if count > NAMED_AT_MOST else []


def _best(known: Sequence[Found], exam: ExamRows) -> Found | None:
    def order(one: Found) -> tuple[int, float, float]:
        return ORDER.index(one.verdict), one.rank, -exam.length_of(one.lesion)

    return min(known, key=order, default=None)


def _outcome(
    verdict: Verdict, reason: str, shown: Sequence[Found], exam: ExamRows, wording: Wording
) -> Outcome:
    first = shown[0]
    values = [one.value for one in shown if one.value is not None]
    return Outcome(
        verdict=verdict,
        reason=reason,
        value=write_range(values, first.unit),
        unit=first.unit if values else "",
        tolerance=wording.tolerance,
        phase=first.phase,
        lesions=tuple(one.lesion for one in shown),
        series_uid=first.series_uid,
        slice=exam.slice_of(first.lesion),
        doubts=tuple(dict.fromkeys(doubt for one in shown for doubt in one.doubts)),
    )


def _count(fits: Sequence[Found], of: Sequence[Found], wording: Wording) -> str:
    total = len(of)
    if total == 1:
        return f"{wording.holds if fits else wording.fails} in the one lesion"
    if not fits:
        return f"{wording.holds} in none of {total} lesions"
    if len(fits) == total:
        return f"{wording.holds} in {'both' if total == 2 else f'all {total}'} lesions"
    return f"{wording.holds} in {len(fits)} of {total} lesions"


def _details(found: Sequence[Found]) -> str:
    parts = []
    for one in found[:NAMED_AT_MOST]:
        if one.verdict is Verdict.NOT_ASSESSABLE:
            parts.append(f"{one.lesion} (not assessable: {one.reason})")
        elif one.verdict is Verdict.BORDERLINE:
            parts.append(f"{one.lesion} {one.text} (borderline)")
        else:
            parts.append(f"{one.lesion} {one.text}")
    comma = "; " if any("," in part for part in parts) else ", "
    return comma.join([*parts, *_rest(len(found))])


def _common_reason(found: Sequence[Found]) -> str:
    """The reason once where all lesions share it, else lesion by lesion."""
    reasons = dict.fromkeys(one.reason for one in found)
    if len(reasons) == 1:
        return next(iter(reasons))
    named = [f"{one.lesion}: {one.reason}" for one in found[:NAMED_AT_MOST]]
    return "; ".join([*named, *_rest(len(found))])


def unknown(lesion: str, reason: str) -> Found:
    """A lesion that cannot be assessed."""
    return Found(lesion, Verdict.NOT_ASSESSABLE, reason=reason)
