"""Statements that say several things at once."""

import pytest
from findings_rows import CORE_P2, MadeExam, changed, claim, irregular, judge, without
from hypothesis import given
from hypothesis import strategies as st

from liverseg.findings.outcome import Outcome
from liverseg.findings.rules.joint import judge_all_of, verdict_of_all
from liverseg.records import Doubt, Verdict

A, B, P, C, N = (Verdict(word) for word in
                 ("agrees", "borderline", "partly", "conflicts", "not_assessable"))  # fmt: skip
ROWS = MadeExam("2015-06-01", "CT", (irregular("F7", CORE_P2),)).rows()
PARTS = [{"rule": "site"}, {"rule": "ring", "lesions": "at_sites"}]


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        ([A, A], A), ([A, B], B), ([A, P], P), ([B, P], P), ([C, C], C), ([A, C], P), ([B, C], P),
        ([A, N], N), ([P, N], N), ([C, N], C), ([A, C, N], P), ([N, N], N), ([B, B], B),
    ],
)  # fmt: skip
def test_the_verdict_of_the_whole(verdicts, whole):
    assert verdict_of_all(verdicts) is whole


@given(st.lists(st.sampled_from([A, B, P, C, N]), min_size=1, max_size=5), st.randoms())
def test_order_and_repeats_of_the_parts_do_not_matter(verdicts, random):
    whole = verdict_of_all(verdicts)
    shuffled = [*verdicts, *verdicts]
    random.shuffle(shuffled)
    assert verdict_of_all(shuffled) is whole
    if whole is A:
        assert set(verdicts) == {A}


def joint(**more):
    return claim("all_of", parts=PARTS, sites=("7",), phase="late_arterial", **more)


def test_both_parts_are_told():
    judged = judge(joint(), ROWS)
    assert judged.verdict == "agrees"
    first, second = judged.reason.split("; ring agrees: ")
    assert first == "site agrees: 94 % of F7 lie in segment 7"
    assert second.startswith("in the late arterial phase there is a ring: F7 rim +64.0 HU")
    assert judged.value == "94 %; 58.0 HU"
    assert judged.unit == ""
    assert (judged.lesion, judged.slice, judged.phase) == ("F7", 40, "late_arterial")
    assert judged.series_uid.endswith("late_arterial")
    assert judged.tolerance.count("Source: ") == 2


def test_one_part_that_fails_makes_it_partly():
    judged = judge(joint(), changed(ROWS, "ring_coverage", 0.2, phase="late_arterial"))
    assert judged.verdict == "partly"
    assert "; ring conflicts: " in judged.reason


def test_one_part_that_is_open_leaves_the_whole_open():
    judged = judge(joint(), without(ROWS, metric="ring_coverage"))
    assert judged.verdict == "not_assessable"
    assert "; ring not assessable: no ring coverage on the late arterial phase" in judged.reason


def test_doubts_of_the_parts_come_together_once():
    doubts = Doubt("one", "CT"), Doubt("two", "CT")
    parts = [Outcome(A, "x", doubts=doubts[:1]), Outcome(A, "y", "0.5", "1", doubts=doubts)]
    whole = judge_all_of([("site", parts[0]), ("shape", parts[1])])
    assert whole.doubts == doubts
    assert whole.value == "0.5"
    assert whole.lesions == ()
