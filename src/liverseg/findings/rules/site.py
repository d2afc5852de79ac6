"""How many lesions there are, and in which segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from liverseg.findings.evidence import ExamRows, counted_segments, fold_shares
from liverseg.findings.expectations import CountTest, SiteSetTest, SiteTest
from liverseg.findings.lesionwise import (
    candidates,
    no_lesions,
    site_share,
    where_they_lie,
    why_no_shares,
)
from liverseg.findings.outcome import Outcome, not_assessable, with_tolerance
from liverseg.findings.words import join_and, name_segments, percent
from liverseg.records import Claim, Doubt, Verdict
from liverseg.tables import load_table


def judge_count(_claim: Claim, test: CountTest, exam: ExamRows) -> Outcome:
    """Number of separate lesions drawn, against the number named."""
    if not exam.lesions:
        return no_lesions(exam)
    number = len(exam.lesions)
    low, high = test.at_least, test.at_most
    fits = (low is None or number >= low) and (high is None or number <= high)
    drawn = f"{number} lesion{' is' if number == 1 else 's are'} drawn on the {exam.title}"
    names = f"({join_and(exam.lesions)})"
    pieces = [exam.shape(lesion, "voxel_volume") for lesion in exam.lesions]
    outcome = Outcome(
        verdict=Verdict.AGREES if fits else Verdict.CONFLICTS,
        reason=f"{drawn} {names}, the report has {_wanted(low, high)}",
        value=str(number),
        unit="lesion" if number == 1 else "lesions",
        tolerance=f"number of separate lesions {_wanted(low, high)}",
        lesions=_largest_first(exam),
        doubts=tuple(doubt for row in pieces if row for doubt in row.doubts),
    )
    return _seen(outcome, exam)


def _wanted(low: int | None, high: int | None) -> str:
    if low == high:
        return str(low)
    parts = [f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)
    return join_and(parts)


def judge_site_set(claim: Claim, _test: SiteSetTest, exam: ExamRows) -> Outcome:
    """All segments with a lesion, against the segments named.

    Same set agrees; sets that overlap, or two single neighbours while the lesion lies at
    their border, agree partly; else conflict.
    """
    rules = load_table("couinaud_rules")
    tolerance = with_tolerance(
        "same segments; one counts from "
        f"{percent(rules.number('listed_share_min'))} of a lesion; partly when sets overlap",
        [rules["borderline_second_share"]],
    )
    if not exam.lesions:
        return no_lesions(exam)
    by_lesion = {lesion: _segments(exam, lesion, claim.sites) for lesion in exam.lesions}
    known = {lesion: found for lesion, found in by_lesion.items() if found is not None}
    if len(known) < len(by_lesion):
        return not_assessable(why_no_shares(exam), tolerance=tolerance)
    measured = sorted({segment for found in known.values() for segment in found})
    if not measured:
        reason = f"all lesions lie outside the segments of the {exam.title}"
        return not_assessable(reason, tolerance=tolerance)
    verdict, why = _compare_sets(claim.sites, measured, exam)
    outcome = Outcome(
        verdict=verdict,
        reason=f"{why}: {where_they_lie(exam)}",
        value=", ".join(f"S{segment}" for segment in measured),
        tolerance=tolerance,
        lesions=_largest_first(exam),
        doubts=_site_doubts(exam),
    )
    return _seen(outcome, exam)


def _segments(exam: ExamRows, lesion: str, sites: Sequence[str]) -> tuple[str, ...] | None:
    shares = exam.shares(lesion)
    folded = None if shares is None else fold_shares(shares, sites)
    return None if folded is None else counted_segments(folded)


def _compare_sets(
    reported: Sequence[str], measured: Sequence[str], exam: ExamRows
) -> tuple[Verdict, str]:
    extra = sorted(set(measured) - set(reported))
    missing = sorted(set(reported) - set(measured))
    if not extra and not missing:
        return Verdict.AGREES, f"lesions lie in {name_segments(measured)}, as reported"
    parts = []
    if extra:
        parts.append(f"{name_segments(extra)} {_is(extra)} extra")
    if missing:
        parts.append(f"{name_segments(missing)} {_is(missing)} missing")
    why = " and ".join(parts)
    if set(measured) & set(reported):
        return Verdict.PARTLY, why
    adjacent = len(extra) == len(missing) == 1 and _neighbours(extra[0], missing[0])
    if adjacent and any(_is_borderline(exam, lesion) for lesion in exam.lesions):
        return Verdict.PARTLY, f"{why}, its neighbour, and the lesion lies at a border"
    return Verdict.CONFLICTS, why


def _is(segments: Sequence[str]) -> str:
    return "is" if len(segments) == 1 else "are"


def _neighbours(one: str, other: str) -> bool:
    pairs = load_table("couinaud")["neighbours"].value
    return any({one[0], other[0]} == set(pair) for pair in pairs)


def _is_borderline(exam: ExamRows, lesion: str) -> bool:
    """Second share or distance to a border within the limits of table `couinaud_rules`."""
    limits = load_table("couinaud_rules").number
    shares = fold_shares(exam.shares(lesion) or {}, ()) or {}
    second = sorted(shares.values(), reverse=True)[1:2]
    if second and second[0] >= limits("borderline_second_share"):
        return True
    row = exam.shape(lesion, "border_distance")
    return row is not None and abs(row.value) <= limits("borderline_distance")


def judge_site(claim: Claim, _test: SiteTest, exam: ExamRows) -> Outcome:
    """One lesion in the segments named: most of it agrees, a part that counts is borderline."""
    table = load_table("claim_tolerances")
    tolerance = with_tolerance(
        f"{percent(table.number('site_agrees'))} of a lesion in {name_segments(claim.sites)} "
        f"agrees, from {percent(table.number('site_borderline'))} borderline",
        [table["site_agrees"], table["site_borderline"]],
    )
    if not exam.lesions:
        return no_lesions(exam)
    names, _ = candidates(exam, claim.sites)
    if isinstance(names, Outcome):
        near = _near_misses(claim, exam) if names.verdict is Verdict.CONFLICTS else ()
        return Outcome(names.verdict, names.reason, tolerance=tolerance, doubts=near)
    shares = {name: site_share(exam, name, claim.sites) or 0.0 for name in names}
    ordered = sorted(names, key=lambda name: -shares[name])
    share = shares[ordered[0]]
    agrees = share >= table.number("site_agrees")
    outcome = Outcome(
        verdict=Verdict.AGREES if agrees else Verdict.BORDERLINE,
        reason=f"{percent(share)} of {ordered[0]} lie in {name_segments(claim.sites)}"
        + ("" if agrees else ", less than half"),
        value=f"{100.0 * share:.3g}",
        unit="%",
        tolerance=tolerance,
        lesions=tuple(ordered),
        doubts=_site_doubts(exam, ordered),
    )
    return _seen(outcome, exam)


def _near_misses(claim: Claim, exam: ExamRows) -> tuple[Doubt, ...]:
    """Lesions that another reader might well place in the segment named."""
    doubts = []
    for lesion in exam.lesions:
        segments = _segments(exam, lesion, claim.sites) or ()
        near = any(_neighbours(a, b) for a in segments for b in claim.sites)
        if near and _is_borderline(exam, lesion):
            place = name_segments(segments)
            reason = (
                f"{lesion} in {place} lies at a border; readers may place it in "
                f"{name_segments(claim.sites, last='or')}"
            )
            doubts.append(Doubt(reason, exam.title))
    return tuple(doubts)


def _site_doubts(exam: ExamRows, lesions: Sequence[str] | None = None) -> tuple[Doubt, ...]:
    rows = [exam.shape(lesion, "couinaud_share") for lesion in lesions or exam.lesions]
    return tuple(dict.fromkeys(doubt for row in rows if row for doubt in row.doubts))


def _largest_first(exam: ExamRows) -> tuple[str, ...]:
    return tuple(sorted(exam.lesions, key=lambda lesion: -exam.length_of(lesion)))


def _seen(outcome: Outcome, exam: ExamRows) -> Outcome:
    """The outcome with series and slice where its first lesion can be seen."""
    lesion = outcome.lesions[0]
    row = exam.shape(lesion, "long_axis") or exam.shape(lesion, "couinaud_share")
    if row is None:
        return outcome
    slice_ = exam.slice_of(lesion)
    return replace(outcome, phase=row.phase, series_uid=row.series_uid, slice=slice_)
