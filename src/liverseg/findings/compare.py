"""Reported statements beside measurements: the verdicts. Rows in, judgements out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from liverseg.errors import InputError
from liverseg.findings.dates import covers
from liverseg.findings.evidence import ExamRows, gather_exams
from liverseg.findings.expectations import ANY_TEST, AllOfTest, VesselTest
from liverseg.findings.outcome import Outcome, best_of, not_assessable
from liverseg.findings.rules import EXAM_RULES, judge_all_of, judge_vessel
from liverseg.findings.words import join_and
from liverseg.records import (
    Claim,
    Comparison,
    Contradiction,
    Doubt,
    Judgement,
    Measurement,
    ReportedFindings,
    Verdict,
)

CAVEAT = "caveat"
#: Modalities that answer a claim, best first. A claim that names none, such as the size
#: of a specimen, is compared with CT where there is one.
MODALITIES = {"CT": ("CT",), "MR": ("MR",)}
EITHER = ("CT", "MR")


def compare(reported: ReportedFindings, measurements: Sequence[Measurement]) -> Comparison:
    """A verdict for each reported statement, from measurement rows alone.

    A statement is *not assessable*, with the reason, when images cannot show it, when no
    exam of its date and modality is there, when its phase is missing (an undetermined
    phase never serves), or when a row that its rule needs is missing. That never counts
    for or against a statement. Limits: tables `claim_tolerances`, `descriptor_rules`,
    `enhancement_rules`, `couinaud_rules`, `size_rules`; phase words: `finding_phases`.

    `Judgement.slice` is the slice of the lesion's long axis in the series that its mask
    was drawn on; `series_uid` is the series that was compared. Of several lesions the one
    that decides comes first.

    Raises `InputError` for a claim with a test that this version does not know.
    """
    exams = gather_exams(measurements)
    caveats = {clash.id: clash for clash in reported.contradictions}
    judgements = tuple(_judge(claim, exams, caveats) for claim in reported.claims)
    return Comparison(reported.title, judgements, reported.contradictions)


def _judge(claim: Claim, exams: Sequence[ExamRows], caveats: dict[str, Contradiction]) -> Judgement:
    outcome = _outcome(claim, exams)
    caveat = caveats.get(str(claim.expects.get(CAVEAT, "")))
    doubts = outcome.doubts
    if caveat is not None and outcome.verdict is not Verdict.NOT_ASSESSABLE:
        doubts = (*doubts, Doubt(f"{caveat.id}: {caveat.clash}; {caveat.handling}", "report"))
    return Judgement(
        claim=claim,
        verdict=outcome.verdict,
        reason=outcome.reason,
        value=outcome.value,
        unit=outcome.unit,
        tolerance=outcome.tolerance,
        phase=outcome.phase,
        lesion=", ".join(outcome.lesions),
        slice=outcome.slice,
        series_uid=outcome.series_uid,
        doubts=doubts,
    )


def _outcome(claim: Claim, exams: Sequence[ExamRows]) -> Outcome:
    if not claim.test:
        return not_assessable(claim.untestable or "images cannot show it")
    test = _expectation(claim)
    fitting = _fitting(claim, exams)
    if not fitting:
        return not_assessable(_no_exam(claim, exams))
    if not claim.date and len({exam.date for exam in fitting}) > 1:
        titles = join_and(exam.title for exam in fitting)
        return not_assessable(f"the finding has no date and there are {titles}")
    if isinstance(test, VesselTest):
        return judge_vessel(claim, test, fitting)
    preferred = [exam for exam in fitting if exam.modality == fitting[0].modality]
    return best_of([(exam.title, _in_exam(claim, test, exam)) for exam in preferred])


def _expectation(claim: Claim) -> Any:
    """The typed test of a claim; claims may come from a case file of another version."""
    expects = {name: value for name, value in claim.expects.items() if name != CAVEAT}
    try:
        return ANY_TEST.validate_json(json.dumps({"rule": claim.test, **expects}))
    except (ValidationError, TypeError, ValueError):
        raise InputError(
            f"finding {claim.id} has a test '{claim.test}' that this version cannot do",
            remedy="read the findings file again, or update liverseg",
        ) from None


def _in_exam(claim: Claim, test: Any, exam: ExamRows) -> Outcome:
    if isinstance(test, AllOfTest):
        return judge_all_of([(part.rule, _in_exam(claim, part, exam)) for part in test.parts])
    return EXAM_RULES[test.rule](claim, test, exam)


def _fitting(claim: Claim, exams: Sequence[ExamRows]) -> list[ExamRows]:
    """Exams of the claim's date and modality, those of the better modality first."""
    wanted = MODALITIES.get(claim.modality, EITHER)
    dated = [exam for exam in exams if exam.modality in wanted and covers(claim.date, exam.date)]
    return sorted(dated, key=lambda exam: wanted.index(exam.modality))


def _no_exam(claim: Claim, exams: Sequence[ExamRows]) -> str:
    modality = " or ".join(MODALITIES.get(claim.modality, EITHER))
    first, _, last = claim.date.partition("/")
    dated = f" dated {first}{f' to {last}' if last else ''}" if claim.date else ""
    there = join_and(exam.title for exam in exams if exam.modality) or "no measurements"
    return f"no {modality} exam{dated} in this case (it has {there})"
