"""Rules on number and place: count, site_set and site."""

import pytest
from findings_rows import RIM_P1, SMALL, Made, MadeExam, claim, judge, smooth, without

from liverseg.findings.outcome import Outcome
from liverseg.records import Verdict

FOUR = MadeExam("2015-06-01", "CT", tuple(smooth(f"T{s}", s, axes) for s, axes in SMALL))
EMPTY = MadeExam("2015-06-01", "CT", ()).rows()


def placed(shares, *, border=25.0):
    """Rows of one lesion with these shares of the segments."""
    lesion = Made("A", shares, (30, 28, 26), RIM_P1, RIM_P1, border=border)
    return MadeExam("2015-06-01", "CT", (lesion,)).rows()


@pytest.mark.parametrize(
    ("limits", "verdict", "wanted"),
    [
        ({"at_least": 4}, "agrees", "at least 4"),
        ({"at_least": 5}, "conflicts", "at least 5"),
        ({"at_most": 4}, "agrees", "at most 4"),
        ({"at_most": 3}, "conflicts", "at most 3"),
        ({"at_least": 4, "at_most": 4}, "agrees", "4"),
        ({"at_least": 1, "at_most": 3}, "conflicts", "at least 1 and at most 3"),
    ],
)
def test_count_compares_the_lesions_drawn(limits, verdict, wanted):
    judged = judge(claim("count", **limits), FOUR.rows())
    assert judged.verdict == verdict
    assert judged.reason == (
        f"4 lesions are drawn on the CT of 2015-06-01 (T4, T5, T6 and T8), the report has {wanted}"
    )
    assert (judged.value, judged.unit) == ("4", "lesions")
    assert judged.lesion == "T4, T6, T5, T8"  # the largest first
    assert (judged.phase, judged.slice) == ("portal_venous", 40)


def test_count_of_one_lesion_is_singular():
    judged = judge(claim("count", at_least=2), placed({"7": 1.0}))
    assert judged.reason.startswith("1 lesion is drawn on the CT of 2015-06-01 (A), ")
    assert (judged.verdict, judged.unit) == ("conflicts", "lesion")


@pytest.mark.parametrize(
    "made",
    [
        claim("count", at_least=0),
        claim("site_set", sites=("7",)),
        claim("site", sites=("7",)),
        claim("ring", phase="late_arterial", lesions="all"),
        claim("extents", mm=[3, 2, 1]),
        claim("vessel", invaded=False),
    ],
    ids=lambda made: made.test,
)
def test_without_a_drawn_lesion_nothing_is_said_of_the_patient(made):
    judged = judge(made, EMPTY)
    assert judged.verdict == "not_assessable"
    assert judged.reason == "no lesion is drawn on the CT of 2015-06-01"


@pytest.mark.parametrize(
    ("sites", "verdict", "told"),
    [
        (("4", "5", "6", "8"), "agrees", "lesions lie in segments 4, 5, 6 and 8, as reported: "),
        (("4", "5", "6"), "partly", "segment 8 is extra: "),
        (("4", "5", "6", "7", "8"), "partly", "segment 7 is missing: "),
        (("1", "2", "4"), "partly", "segments 5, 6 and 8 are extra and segments 1 and 2 are"),
        (("1", "7"), "conflicts", "segments 4, 5, 6 and 8 are extra and segments 1 and 7 are"),
    ],
)  # fmt: skip
def test_site_set_compares_all_segments_with_a_lesion(sites, verdict, told):
    judged = judge(claim("site_set", sites=sites), FOUR.rows())
    assert judged.verdict == verdict
    assert judged.reason.startswith(told)
    assert judged.reason.endswith(
        ": T4 lies in segment 4, T5 in segment 5, T6 in segment 6, T8 in segment 8"
    )
    assert judged.value == "S4, S5, S6, S8"
    assert judged.lesion == "T4, T6, T5, T8"


@pytest.mark.parametrize(("share", "value"), [(0.10, "S7, S8"), (0.099, "S7")])
def test_a_segment_counts_from_a_tenth_of_a_lesion(share, value):
    rows = placed({"7": 1 - share, "8": share})
    assert judge(claim("site_set", sites=("7",)), rows).value == value


@pytest.mark.parametrize(
    ("border", "reported", "verdict"),
    [
        (10.0, "8", "partly"),
        (-10.0, "8", "partly"),
        (10.1, "8", "conflicts"),
        (5.0, "3", "conflicts"),  # 3 is no neighbour of 7
    ],
)
def test_neighbouring_segments_agree_in_part_when_the_lesion_lies_at_their_border(
    border, reported, verdict
):
    judged = judge(claim("site_set", sites=(reported,)), placed({"7": 1.0}, border=border))
    assert judged.verdict == verdict
    near = "its neighbour, and the lesion lies at a border" in judged.reason
    assert near == (verdict == "partly")


@pytest.mark.parametrize(
    ("shares", "sites", "verdict"),
    [
        ({"4a": 0.6, "4b": 0.4}, ("4",), "agrees"),
        ({"4a": 0.6, "4b": 0.4}, ("4a", "4b"), "agrees"),
        ({"4a": 0.6, "4b": 0.4}, ("4a",), "partly"),
        ({"4": 1.0}, ("4a",), "not_assessable"),
        ({"5": 1.0}, ("4a",), "conflicts"),
    ],
)
def test_halves_of_segment_4(shares, sites, verdict):
    judged = judge(claim("site_set", sites=sites), placed(shares))
    assert judged.verdict == verdict
    untold = judged.reason == "the segment map of the CT of 2015-06-01 does not tell 4a from 4b"
    assert untold == (verdict == "not_assessable")


@pytest.mark.parametrize("rule", ["site_set", "site"])
def test_without_segments_a_place_cannot_be_assessed(rule):
    rows = MadeExam("2015-06-01", "CT", FOUR.lesions, couinaud=False).rows()
    judged = judge(claim(rule, sites=("7",)), rows)
    assert judged.verdict == "not_assessable"
    assert judged.reason == (
        "no Couinaud segments were given for the CT of 2015-06-01: pass --couinaud"
    )
    assert judged.tolerance


@pytest.mark.parametrize("rule", ["site_set", "site"])
def test_one_lesion_without_segments_leaves_the_place_open(rule):
    rows = without(FOUR.rows(), lesion="T5", metric="couinaud_share")
    judged = judge(claim(rule, sites=("7",)), rows)
    assert judged.verdict == "not_assessable"
    assert judged.reason == "the segments of T5 are not measured on the CT of 2015-06-01"


def test_a_lesion_outside_the_liver_has_no_segment():
    judged = judge(claim("site_set", sites=("7",)), placed({"outside": 1.0}))
    assert judged.verdict == "not_assessable"
    assert judged.reason == "all lesions lie outside the segments of the CT of 2015-06-01"
    at_site = judge(claim("site", sites=("7",)), placed({"outside": 1.0}))
    assert at_site.verdict == "conflicts"
    assert "A lies outside the segments" in at_site.reason


@pytest.mark.parametrize(
    ("share", "verdict", "value"),
    [(0.5, "agrees", "50"), (0.499, "borderline", "49.9"), (0.1, "borderline", "10"),
     (0.099, "conflicts", "")],
)  # fmt: skip
def test_site_asks_for_most_of_a_lesion(share, verdict, value):
    judged = judge(claim("site", sites=("7",)), placed({"7": share, "8": 1 - share}))
    assert (judged.verdict, judged.value) == (verdict, value)
    if value:
        less = "" if verdict == "agrees" else ", less than half"
        assert judged.reason == f"{value} % of A lie in segment 7{less}"
        assert (judged.unit, judged.lesion, judged.slice) == ("%", "A", 40)


def test_site_adds_up_the_segments_named():
    judged = judge(claim("site", sites=("7", "8")), placed({"7": 0.3, "8": 0.3, "5": 0.4}))
    assert (judged.verdict, judged.value) == ("agrees", "60")


def test_site_shows_the_lesion_with_the_largest_share_first():
    halves = {"A": {"7": 0.6, "8": 0.4}, "B": {"7": 0.9, "8": 0.1}, "C": {"5": 1.0}}
    lesions = tuple(Made(n, s, (30, 28, 26), RIM_P1, RIM_P1) for n, s in halves.items())
    judged = judge(claim("site", sites=("7",)), MadeExam("2015-06-01", "CT", lesions).rows())
    assert (judged.value, judged.lesion) == ("90", "B, A")


def test_a_lesion_near_the_segment_named_is_said_in_a_doubt():
    near = judge(claim("site", sites=("8",)), placed({"7": 1.0}, border=4.0))
    assert near.verdict == "conflicts"
    assert near.reason == "no matching lesion in segment 8: A lies in segment 7"
    assert [doubt.reason for doubt in near.doubts] == [
        "A in segment 7 lies at a border; readers may place it in segment 8"
    ]
    assert judge(claim("site", sites=("8",)), placed({"7": 1.0})).doubts == ()
    assert judge(claim("site", sites=("3",)), placed({"7": 1.0}, border=4.0)).doubts == ()


def test_a_second_share_makes_a_border_case_too():
    judged = judge(claim("site", sites=("6",)), placed({"7": 0.75, "8": 0.25}))
    assert judged.doubts[0].reason.startswith("A in segments 7 and 8 lies at a border")


def test_many_lesions_are_named_up_to_eight():
    lesions = tuple(smooth(f"N{n}", "5", (20, 18, 16)) for n in range(10))
    judged = judge(claim("site", sites=("7",)), MadeExam("2015-06-01", "CT", lesions).rows())
    assert judged.reason.count(" in segment 5") == 8
    assert judged.reason.endswith("N7 in segment 5, and 2 more")


def test_a_lesion_known_only_by_its_place_is_shown_there():
    rows = without(placed({"7": 1.0}), metric="long_axis")
    judged = judge(claim("site", sites=("7",)), rows)
    assert (judged.phase, judged.slice) == ("portal_venous", None)
    assert judged.series_uid.endswith("portal_venous")
    bare = without(rows, metric="couinaud_share")
    assert judge(claim("count", at_least=1), bare).series_uid == ""


def test_an_outcome_starts_empty():
    assert Outcome(Verdict.AGREES, "so").lesions == ()
