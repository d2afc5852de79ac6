"""Which lesions a claim is about: all of them, any, or those at a site."""

import pytest
from findings_rows import MadeExam, changed, claim, judge, smooth, without

ART = "late_arterial"
#: Core enhancement in HU that gives each verdict; None: its row is missing.
LEVELS = {"agrees": 30.0, "borderline": 15.0, "conflicts": 0.0, "not_assessable": None}
NAMES = "ABCD"
SEGMENTS = {"A": "7", "B": "5", "C": "7", "D": "5"}


def rows_of(*verdicts):
    """CT rows of lesions A, B ... whose cores get these verdicts; A is the largest."""
    lesions = tuple(
        smooth(name, SEGMENTS[name], (40 - 5 * n, 15, 12))
        for n, name in enumerate(NAMES[: len(verdicts)])
    )
    rows = MadeExam("2015-06-01", "CT", lesions).rows()
    for name, verdict in zip(NAMES, verdicts, strict=False):
        if LEVELS[verdict] is None:
            rows = without(rows, metric="core_enhancement", lesion=name, phase=ART)
        else:
            rows = changed(rows, "core_enhancement", LEVELS[verdict], lesion=name, phase=ART)
    return rows


def core(lesions, **more):
    return claim("whole_enhancement", phase=ART, lesions=lesions, **more)


A, B, C, N = "agrees", "borderline", "conflicts", "not_assessable"


@pytest.mark.parametrize(
    ("verdicts", "whole", "order", "value"),
    [
        ((A, A), "agrees", "A, B", "30.0"),
        ((A, C), "partly", "B, A", "0.0 to 30.0"),
        ((A, N), "partly", "A", "30.0"),
        ((A, B), "borderline", "B, A", "15.0 to 30.0"),
        ((B, N), "borderline", "A", "15.0"),
        ((B, B, C), "partly", "C, A, B", "0.0 to 15.0"),
        ((C, C), "conflicts", "A, B", "0.0"),
        ((C, N), "conflicts", "A", "0.0"),
        ((N, N), "not_assessable", "", ""),
    ],
)
def test_over_all_lesions_the_worst_comes_first(verdicts, whole, order, value):
    judged = judge(core("all"), rows_of(*verdicts))
    assert (judged.verdict, judged.lesion, judged.value) == (whole, order, value)


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        ((A, A), "the core enhances in both lesions: A +30.0 HU, B +30.0 HU"),
        ((A, A, A), "the core enhances in all 3 lesions: A +30.0 HU, B +30.0 HU, C +30.0 HU"),
        ((C, C), "the core enhances in none of 2 lesions: A 0.0 HU, B 0.0 HU"),
        (
            (A, B),
            "the core enhances in 1 of 2 lesions: A +30.0 HU; not so in B +15.0 HU (borderline)",
        ),
        (
            (A, N),
            "the core enhances in 1 of 2 lesions: A +30.0 HU; not so in "
            "B (not assessable: no core enhancement on the late arterial phase)",
        ),
    ],
)  # fmt: skip
def test_over_all_lesions_each_is_told(verdicts, told):
    assert judge(core("all"), rows_of(*verdicts)).reason == f"in the late arterial phase {told}"


@pytest.mark.parametrize(
    ("verdicts", "whole", "order"),
    [
        ((C, A), "agrees", "B"),
        ((C, A, B, A), "agrees", "B, D"),
        ((N, A), "agrees", "B"),
        ((C, B), "borderline", "B"),
        ((N, B), "borderline", "B"),
        ((C, C), "conflicts", ""),
        ((C, N), "not_assessable", ""),
        ((N, N), "not_assessable", ""),
    ],
)
def test_of_any_lesions_the_best_decides(verdicts, whole, order):
    judged = judge(core("any"), rows_of(*verdicts))
    assert (judged.verdict, judged.lesion) == (whole, order)


def test_any_that_no_lesion_fits_names_the_nearest():
    judged = judge(core("any"), rows_of(C, C))
    assert judged.reason == (
        "no matching lesion: in the late arterial phase the core enhances in none of 2 lesions; "
        "the nearest is A with 0.0 HU"
    )
    assert (judged.value, judged.phase, judged.slice) == ("", ART, None)


@pytest.mark.parametrize(
    ("verdicts", "whole", "lesion"),
    [
        ((A, C), "agrees", "A"),
        ((C, A), "conflicts", "A"),
        ((C, A, A), "agrees", "C"),  # A and C lie in 7
        ((C, A, N), "not_assessable", ""),
        ((N, A, A), "agrees", "C"),
        ((N, A), "not_assessable", ""),
    ],
)
def test_at_a_site_only_the_lesions_there_count(verdicts, whole, lesion):
    judged = judge(core("at_sites", sites=("7",)), rows_of(*verdicts))
    assert (judged.verdict, judged.lesion) == (whole, lesion)


def test_at_a_site_the_sentence_says_whether_it_holds():
    start = "in the late arterial phase the core"
    made = core("at_sites", sites=("7",))
    assert judge(made, rows_of(A)).reason == f"{start} enhances: A +30.0 HU, in segment 7"
    assert judge(made, rows_of(C)).reason == f"{start} does not enhance: A 0.0 HU, in segment 7"


def test_several_lesions_at_a_site_are_a_doubt():
    judged = judge(core("at_sites", sites=("7",)), rows_of(C, A, A))
    assert [(d.reason, d.where) for d in judged.doubts] == [
        ("2 lesions lie in segment 7; C fits best", "CT of 2015-06-01")
    ]


def test_a_lesion_that_lies_there_in_part_serves_with_a_doubt():
    rows = changed(rows_of(A), "couinaud_share", 0.3)
    judged = judge(core("at_sites", sites=("7",)), rows)
    assert judged.verdict == "agrees"
    assert [doubt.reason for doubt in judged.doubts] == ["only 30 % of A lie in segment 7"]


def test_no_lesion_at_the_site_is_no_matching_lesion():
    judged = judge(core("at_sites", sites=("2", "3")), rows_of(A, A))
    assert judged.verdict == "conflicts"
    assert judged.reason == (
        "no matching lesion in segments 2 or 3: A lies in segment 7, B in segment 5"
    )
    assert judged.tolerance.startswith("core +20 HU")


def test_at_a_site_segments_must_be_known():
    rows = without(rows_of(A), metric="couinaud_share")
    judged = judge(core("at_sites", sites=("7",)), rows)
    assert judged.verdict == "not_assessable"
    assert judged.reason.endswith("pass --couinaud")


def test_reasons_that_differ_are_told_lesion_by_lesion():
    rows = without(rows_of(N, N), metric="mean", lesion="B", phase=ART)
    rows = [row for row in rows if (row.lesion, row.phase) != ("B", ART)]
    assert judge(core("all"), rows).reason == (
        "A: no core enhancement on the late arterial phase; "
        "B: B is not measured on the late arterial phase of the CT of 2015-06-01"
    )


def test_a_long_list_ends_with_how_many_more():
    lesions = tuple(smooth(f"N{n}", "5", (40 - n, 15, 12)) for n in range(11))
    rows = MadeExam("2015-06-01", "CT", lesions).rows()
    told = judge(core("all"), rows).reason
    assert "in all 11 lesions: N0 " in told
    assert told.endswith("N7 +26.0 HU, and 3 more")
    bare = [row for row in rows if row.phase != ART or row.lesion == "liver"]
    assert judge(core("all"), bare).reason.endswith("; and 3 more")
