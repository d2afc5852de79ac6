"""Main vessels: does a lesion reach into their lumen, in any exam of a time."""

from __future__ import annotations

from collections.abc import Sequence

from liverseg.findings.dates import ends, is_span
from liverseg.findings.evidence import ExamRows
from liverseg.findings.expectations import VesselTest
from liverseg.findings.outcome import Outcome, not_assessable, with_tolerance
from liverseg.findings.words import join_and, write_number
from liverseg.records import Claim, Doubt, Measurement, Verdict
from liverseg.tables import load_table

METRIC = "vessel_overlap"


def judge_vessel(claim: Claim, test: VesselTest, exams: Sequence[ExamRows]) -> Outcome:
    """Lesion voxels inside the lumen of portal vein or hepatic veins, in every exam.

    One such lesion in one exam is invasion. That there is none needs every lesion of
    every exam measured.
    """
    limit = load_table("claim_tolerances")["vessel_overlap"]
    tolerance = with_tolerance(
        f"at most {float(limit.value):g} ml of a lesion in a vessel", [limit]
    )
    drawn = [exam for exam in exams if exam.lesions]
    if not drawn:
        titles = join_and(exam.title for exam in exams)
        return not_assessable(f"no lesion is drawn on the {titles}", tolerance=tolerance)
    found = [(exam, row) for exam in drawn for row in _rows(exam)]
    inside = [(exam, row) for exam, row in found if row.value > float(limit.value)]
    lacking = [exam for exam in drawn if len(_rows(exam)) < len(exam.lesions)]
    if lacking and not inside:
        titles = join_and(exam.title for exam in lacking)
        reason = f"no portal and hepatic veins were given for the {titles}: pass --structures"
        return not_assessable(reason, tolerance=tolerance)
    shown = inside or found
    exam, row = max(shown, key=lambda pair: pair[1].value)
    return Outcome(
        verdict=Verdict.AGREES if bool(inside) == test.invaded else Verdict.CONFLICTS,
        reason=_reason(drawn, inside),
        value=write_number(row.value, "ml") if row.value else "0",
        unit="ml",
        tolerance=tolerance,
        phase=row.phase,
        lesions=tuple(dict.fromkeys((row.lesion, *(one.lesion for _, one in shown)))),
        series_uid=row.series_uid,
        slice=exam.slice_of(row.lesion),
        doubts=_span_doubts(claim, exams),
    )


def _rows(exam: ExamRows) -> list[Measurement]:
    rows = (exam.shape(lesion, METRIC) for lesion in exam.lesions)
    return [row for row in rows if row is not None]


def _reason(exams: Sequence[ExamRows], inside: Sequence[tuple[ExamRows, Measurement]]) -> str:
    if inside:
        parts = [
            f"{row.lesion} {write_number(row.value, 'ml')} ml ({exam.title})"
            for exam, row in inside
        ]
        return f"{join_and(parts)} inside the portal or hepatic veins"
    counts = join_and(f"{len(exam.lesions)} on the {exam.title}" for exam in exams)
    return f"no lesion reaches into the portal or hepatic veins: {counts}"


def _span_doubts(claim: Claim, exams: Sequence[ExamRows]) -> tuple[Doubt, ...]:
    """A claim about years that the case only has in part."""
    if not is_span(claim.date):
        return ()
    dates = [exam.date for exam in exams]
    first, last = ends(claim.date)
    whole = any(date.startswith(first) for date in dates) and any(
        date.startswith(last) for date in dates
    )
    if whole:
        return ()
    titles = join_and(exam.title for exam in exams)
    return (Doubt(f"the report speaks of {first} to {last}, the case has {titles}", "time"),)
