"""The answer: how the reported statements fared."""

from dataclasses import replace

import pytest
from unit.report.conftest import claim, small_comparison

from liverseg.records import Comparison, Doubt, Judgement, Verdict
from liverseg.report.claims import build_answer

ANCHORS = {"R7": "lesion-1", "R4": "lesion-2", "A, B": "lesion-3"}


def answer_of(*verdicts):
    judged = tuple(
        Judgement(claim(n, f"statement {n}"), Verdict(verdict), "so")
        for n, verdict in enumerate(verdicts, 1)
    )
    return build_answer(Comparison("made", judged), ANCHORS)


def row_of(**more):
    judged = Judgement(claim(1, "x"), Verdict.AGREES, "so", **more)
    return build_answer(Comparison("made", (judged,)), ANCHORS).rows[0]


@pytest.mark.parametrize(
    ("verdicts", "headline"),
    [
        ([], "The report makes no statement."),
        (["agrees"], "Of 1 statement 1 agrees."),
        (["agrees", "agrees"], "Of 2 statements 2 agree."),
        (["not_assessable"] * 2, "Of 2 statements 2 cannot be assessed on these images."),
        (
            ["agrees", "partly", "conflicts", "conflicts", "borderline", "borderline"],
            "Of 6 statements 2 conflict with the images, 2 are borderline, "
            "1 agrees only in part and 1 agrees.",
        ),
        (["partly"] * 3, "Of 3 statements 3 agree only in part."),
    ],
)
def test_the_headline_counts_the_gravest_first(verdicts, headline):
    assert answer_of(*verdicts).headline == headline


def test_counts_name_every_verdict_even_those_that_are_none():
    answer = answer_of("agrees", "agrees", "conflicts")
    assert {count.verdict: count.number for count in answer.counts} == {
        Verdict.AGREES: 2, Verdict.PARTLY: 0, Verdict.BORDERLINE: 0, Verdict.CONFLICTS: 1,
        Verdict.NOT_ASSESSABLE: 0,
    }  # fmt: skip
    assert sum(count.number for count in answer.counts) == answer.total == 3


def test_what_to_look_at_first():
    answer = answer_of("partly", "agrees", "conflicts", "not_assessable", "borderline", "conflicts")
    assert [row.id for row in answer.look] == ["3", "6", "5", "1"]
    assert [row.id for row in answer.rows] == ["1", "2", "3", "4", "5", "6"]


def test_contradictions_and_what_only_looks_like_one():
    answer = build_answer(small_comparison(), ANCHORS)
    assert [(row.anchor, row.item.id) for row in answer.clashes] == [("clash-1", "C1")]
    assert [(row.anchor, row.item.id) for row in answer.no_clashes] == [("clash-2", "C2")]
    assert answer.anchors == {str(n): f"claim-{n}" for n in range(1, 6)}


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [("27.6", "mm", "27.6\u00a0mm"), ("0.7", "1", "0.7"), ("4, 7", "", "4, 7"), ("", "mm", ""),
     ("12", "au", "12\u00a0a.u.")],
)  # fmt: skip
def test_the_measured_value_carries_its_unit(value, unit, shown):
    assert row_of(value=value, unit=unit).measured.strip("\u00a0") == shown


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ("", ()),
        ("R7", (("R7", "lesion-1"),)),
        ("R7, R4", (("R7", "lesion-1"), ("R4", "lesion-2"))),
        ("R4; gone", (("R4", "lesion-2"), ("gone", ""))),
        ("A, B", (("A, B", "lesion-3"),)),
    ],
)
def test_lesions_of_a_statement_lead_to_their_place(names, shown):
    assert row_of(lesion=names).lesions == shown


def test_equal_doubts_are_said_once_and_phases_in_words():
    row = row_of(phase="late_arterial", doubts=(Doubt("thick", "a"), Doubt("thick", "b")))
    assert (row.doubts, row.phase) == (("thick",), "late arterial")
    assert row_of().phase == ""


def test_date_and_place_of_a_statement():
    said = claim(1, "x", date="2015/2019", place="Fig. 1")
    judged = Judgement(said, Verdict.AGREES, "so")
    bare = replace(judged, claim=replace(said, date="", place=""))
    rows = build_answer(Comparison("made", (judged, bare)), {}).rows
    assert [row.place for row in rows] == ["2015 to 2019 · text: Fig. 1", "text"]
