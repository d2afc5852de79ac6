"""The rule on main vessels, over every exam that the date covers."""

import pytest
from findings_rows import MadeExam, changed, claim, judge, smooth, without

LESIONS = (smooth("A", "7", (30, 28, 26)), smooth("B", "5", (20, 18, 16)))
CT = MadeExam("2015-06-01", "CT", LESIONS).rows()
LATER = MadeExam("2017-05-10", "MR", (smooth("M", "3", (18, 16, 15)),), phases=("t2",)).rows()
OVER_YEARS = {"date": "2015/2019", "modality": ""}


def vessel(invaded, **more):
    return claim("vessel", invaded=invaded, **more)


@pytest.mark.parametrize(
    ("overlap", "invaded", "verdict"),
    [(0.0, False, "agrees"), (0.0, True, "conflicts"), (0.01, False, "conflicts"),
     (0.01, True, "agrees")],
)  # fmt: skip
def test_one_voxel_inside_a_vessel_is_invasion(overlap, invaded, verdict):
    judged = judge(vessel(invaded), changed(CT, "vessel_overlap", overlap, lesion="B"))
    assert judged.verdict == verdict
    assert (judged.unit, judged.slice, judged.phase) == ("ml", 40, "portal_venous")
    if overlap:
        told = "B 0.01 ml (CT of 2015-06-01) inside the portal or hepatic veins"
        assert (judged.reason, judged.value, judged.lesion) == (told, "0.01", "B")
    else:
        told = "no lesion reaches into the portal or hepatic veins: 2 on the CT of 2015-06-01"
        assert (judged.reason, judged.value, judged.lesion) == (told, "0", "A, B")


def test_every_exam_of_the_time_is_looked_at():
    judged = judge(vessel(False, **OVER_YEARS), [*CT, *LATER])
    assert judged.verdict == "agrees"
    assert judged.reason.endswith(": 2 on the CT of 2015-06-01 and 1 on the MR of 2017-05-10")
    inside = changed(changed(LATER, "vessel_overlap", 2.0), "long_axis", 18.0)
    judged = judge(vessel(False, **OVER_YEARS), [*CT, *inside])
    assert (judged.verdict, judged.value, judged.lesion) == ("conflicts", "2.00", "M")
    assert judged.phase == "t2"


def test_the_largest_overlap_is_shown():
    rows = changed(changed(CT, "vessel_overlap", 1.0), "vessel_overlap", 3.0, lesion="B")
    judged = judge(vessel(True), rows)
    assert (judged.value, judged.lesion) == ("3.00", "B, A")
    assert judged.reason.startswith("A 1.00 ml (CT of 2015-06-01) and B 3.00 ml ")


def test_that_there_is_none_needs_every_lesion_measured():
    rows = without(CT, metric="vessel_overlap", lesion="A")
    for invaded in (False, True):
        judged = judge(vessel(invaded), rows)
        assert judged.verdict == "not_assessable"
        assert judged.reason == (
            "no portal and hepatic veins were given for the CT of 2015-06-01: pass --structures"
        )
    inside = changed(rows, "vessel_overlap", 0.5, lesion="B")
    assert judge(vessel(False), inside).verdict == "conflicts"


def test_an_exam_without_lesions_does_not_count():
    empty = MadeExam("2015-08-01", "CT", ()).rows()
    assert judge(vessel(False), [*CT, *empty]).reason.endswith(": 2 on the CT of 2015-06-01")
    judged = judge(vessel(False, **OVER_YEARS), empty)
    assert judged.verdict == "not_assessable"
    assert judged.reason == "no lesion is drawn on the CT of 2015-08-01"


@pytest.mark.parametrize(
    ("date", "doubted"), [("2015/2019", True), ("2015/2017", False), ("2015-06/2017-05", False)]
)
def test_years_that_the_case_has_only_in_part_are_a_doubt(date, doubted):
    judged = judge(vessel(False, date=date, modality=""), [*CT, *LATER])
    told = [doubt.reason for doubt in judged.doubts]
    expected = (
        "the report speaks of 2015 to 2019, the case has CT of 2015-06-01 and MR of 2017-05-10"
    )
    assert told == ([expected] if doubted else [])


def test_a_claim_of_one_year_has_no_such_doubt():
    assert judge(vessel(False), CT).doubts == ()
