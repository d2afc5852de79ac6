"""Which exam answers a claim, and what a judgement carries."""

import pytest
from findings_rows import MadeExam, changed, claim, judge, smooth

from liverseg.errors import InputError
from liverseg.findings import compare
from liverseg.findings.outcome import Outcome, best_of, with_tolerance
from liverseg.records import (
    Claim,
    Contradiction,
    ReportedFindings,
    SourceKind,
    Verdict,
)
from liverseg.tables import load_table

LESION = (smooth("T7", "7", (30, 28, 26)),)
CT = MadeExam("2015-06-01", "CT", LESION).rows()
MR = MadeExam("2015-06-03", "MR", LESION).rows()
LATER = MadeExam("2015-12-01", "CT", (*LESION, smooth("T5", "5", (20, 18, 16)))).rows()
UNDATED = MadeExam("", "CT", LESION).rows()


def one_lesion(**more):
    return claim("count", at_least=1, at_most=1, **more)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"date": "2014"}, "no CT exam dated 2014"),
        ({"date": "2016/2018"}, "no CT exam dated 2016 to 2018"),
        ({"modality": "MR"}, "no MR exam dated 2015"),
        ({"modality": "", "date": "2016"}, "no CT or MR exam dated 2016"),
        ({"modality": "MR", "date": ""}, "no MR exam"),
    ],
)  # fmt: skip
def test_a_missing_exam_is_named_with_those_that_are_there(more, reason):
    judged = judge(one_lesion(**more), CT)
    assert (judged.verdict, judged.reason) == (
        "not_assessable",
        f"{reason} in this case (it has CT of 2015-06-01)",
    )


def test_a_case_without_measurements():
    assert judge(one_lesion(), []).reason == (
        "no CT exam dated 2015 in this case (it has no measurements)"
    )


def test_an_exam_without_a_date_answers_only_a_claim_without_one():
    assert judge(one_lesion(), UNDATED).verdict == "not_assessable"
    judged = judge(one_lesion(date=""), UNDATED)
    assert judged.verdict == "agrees"
    assert "CT of an unknown date" in judged.reason


def test_a_claim_without_a_date_needs_a_case_of_one_date():
    assert judge(one_lesion(date=""), CT).verdict == "agrees"
    judged = judge(one_lesion(date=""), [*CT, *LATER])
    assert judged.verdict == "not_assessable"
    assert judged.reason == (
        "the finding has no date and there are CT of 2015-06-01 and CT of 2015-12-01"
    )


@pytest.mark.parametrize(("modality", "answers"), [("", "CT"), ("CT or MR", "CT"), ("MR", "MR")])
def test_a_claim_about_either_modality_is_compared_with_ct(modality, answers):
    judged = judge(one_lesion(modality=modality), [*MR, *CT])
    assert judged.series_uid.split(".")[3] == answers
    assert judged.doubts == ()


def test_without_ct_a_claim_about_either_is_compared_with_mr():
    assert "MR of 2015-06-03" in judge(one_lesion(modality=""), MR).reason


def test_of_several_exams_of_a_year_the_one_that_shows_it_is_compared():
    judged = judge(claim("count", at_least=2), [*CT, *LATER])
    assert judged.verdict == "agrees"
    assert "2015-12-01" in judged.reason
    assert [doubt.reason for doubt in judged.doubts] == [
        "several exams fit the date; the CT of 2015-12-01 is compared, CT of 2015-06-01: conflicts"
    ]


def test_of_equal_exams_the_first_is_compared():
    outcomes = [(name, Outcome(Verdict.AGREES, name)) for name in ("a", "b", "c")]
    best = best_of(outcomes)
    assert best.reason == "a"
    assert best.doubts[0].reason.endswith("the a is compared, b: agrees and c: agrees")


@pytest.mark.parametrize(
    "worse", [Verdict.BORDERLINE, Verdict.PARTLY, Verdict.CONFLICTS, Verdict.NOT_ASSESSABLE]
)
def test_the_best_exam_counts_wherever_it_stands(worse):
    pair = [("x", Outcome(worse, "x")), ("y", Outcome(Verdict.AGREES, "y"))]
    assert best_of(pair).reason == best_of(pair[::-1]).reason == "y"
    assert best_of(pair[:1]).verdict is worse
    assert best_of(pair[:1]).doubts == ()


def test_a_claim_without_a_test_says_why():
    made = Claim("1", "operated on", SourceKind.TEXT, "text", "1991")
    assert judge(made, CT).reason == "images cannot show it"
    told = Claim("1", "operated on", SourceKind.TEXT, "text", "1991", untestable="not imaged")
    judged = judge(told, CT)
    assert (judged.verdict, judged.reason, judged.value) == ("not_assessable", "not imaged", "")


@pytest.mark.parametrize(
    ("rule", "more"),
    [("telepathy", {}), ("count", {"at_least": -1}), ("count", {"wings": 2}),
     ("ring", {"lesions": {1, 2}})],
)  # fmt: skip
def test_a_test_of_another_version_is_refused(rule, more):
    with pytest.raises(
        InputError, match=f"finding 9 has a test '{rule}' that this version"
    ) as told:
        judge(claim(rule, id="9", **more), CT)
    assert "update liverseg" in str(told.value)


def caveat_report(*claims):
    clash = Contradiction("C1", ("1",), "two sizes", "both are shown")
    return ReportedFindings("A report", "here", claims, (clash,))


def test_a_caveat_is_a_doubt_of_every_verdict_but_not_assessable():
    shown = one_lesion(caveat="C1")
    open_ = one_lesion(id="2", date="1999", caveat="C1")
    comparison = compare(caveat_report(shown, open_), CT)
    first, second = comparison.judgements
    assert [(d.reason, d.where) for d in first.doubts] == [
        ("C1: two sizes; both are shown", "report")
    ]
    assert second.doubts == ()


def test_a_comparison_keeps_report_order_and_contradictions():
    claims = [one_lesion(id="b"), claim("count", at_least=9, id="a")]
    comparison = compare(caveat_report(*claims), CT)
    assert comparison.title == "A report"
    assert [j.claim for j in comparison.judgements] == claims
    assert [c.id for c in comparison.contradictions] == ["C1"]
    assert comparison.count(Verdict.AGREES) == comparison.count(Verdict.CONFLICTS) == 1


def test_a_judgement_names_the_series_compared_and_the_slice_of_the_long_axis():
    judged = judge(
        claim("whole_enhancement", phase="late_arterial", lesions="all"),
        changed(CT, "core_enhancement", 33.3, phase="late_arterial"),
    )
    assert (judged.value, judged.unit, judged.lesion) == ("33.3", "HU", "T7")
    assert judged.series_uid == "1.2.2015-06-01.CT.late_arterial"
    assert judged.slice == 40


def test_a_tolerance_names_published_sources_before_chosen_ones():
    table = load_table("descriptor_rules")
    rows = [table["iso_band_ct"], table["adequate_uptake"], table["iso_mr"]]
    told = with_tolerance("so and so", rows)
    published, chosen = told.removeprefix("so and so. Source: ").split(
        "; chosen for this project, "
    )
    assert published.startswith("liver over inferior vena cava")
    assert chosen == "no published limit"  # said once
