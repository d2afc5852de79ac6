"""Which rows answer a claim about a phase, and why none does."""

from dataclasses import replace

import pytest
from findings_rows import MadeExam, claim, judge, smooth, without
from hypothesis import given
from hypothesis import strategies as st

from liverseg.findings.evidence import (
    Gap,
    Readings,
    counted_segments,
    fold_shares,
    gather_exams,
    share_in,
)
from liverseg.records import Doubt

LESION = smooth("T7", "7", (30, 28, 26))
ROWS = MadeExam("2015-06-01", "CT", (LESION,)).rows()
ART = "late_arterial"
CORE = claim("whole_enhancement", phase=ART, lesions="all")


def rows_with(**more):
    return MadeExam("2015-06-01", "CT", (LESION,), **more).rows()


def again(rows, phase, uid, **changes):
    """The rows and once more those of a phase, as another series."""
    more = [replace(row, series_uid=uid, **changes) for row in rows if row.phase == phase]
    return [*rows, *more]


def test_rows_become_exams_in_order_of_date():
    later = MadeExam("2017-05-10", "MR", (LESION,)).rows()
    exams = gather_exams([*later, *ROWS])
    assert [exam.title for exam in exams] == ["CT of 2015-06-01", "MR of 2017-05-10"]
    assert exams[0].rows == tuple(ROWS)
    undated = gather_exams([replace(ROWS[0], date="")])
    assert undated[0].title == "CT of an unknown date"


def test_lesions_are_those_of_the_rows_without_the_liver():
    exam = gather_exams([*ROWS, replace(ROWS[0], lesion="")])[0]
    assert exam.lesions == ("T7",)
    assert exam.slice_of("T7") == 40
    assert exam.slice_of("nobody") is None
    assert exam.length_of("nobody") == 0.0
    assert exam.shares("nobody") is None
    assert exam.shares("T7") == {"7": 1.0}


def test_a_phase_that_was_not_taken():
    judged = judge(CORE, rows_with(phases=("non_contrast", "portal_venous")))
    assert judged.verdict == "not_assessable"
    assert judged.reason == "the CT of 2015-06-01 has no late arterial phase"


def test_an_undetermined_phase_never_serves_but_is_named():
    judged = judge(CORE, rows_with(rename={ART: "undetermined"}))
    assert judged.verdict == "not_assessable"
    assert judged.reason == (
        "the CT of 2015-06-01 has no late arterial phase; the phase of series "
        "1.2.2015-06-01.CT.late_arterial is undetermined: if it is one, "
        "say --phase SERIES=late_arterial"
    )


def test_several_undetermined_series_are_all_named():
    rows = rows_with(rename={ART: "undetermined", "delayed": "undetermined"})
    assert (
        "series 1.2.2015-06-01.CT.late_arterial or 1.2.2015-06-01.CT.delayed is undetermined"
        in judge(CORE, rows).reason
    )


def test_the_other_arterial_phase_serves_with_a_doubt():
    judged = judge(CORE, rows_with(rename={ART: "early_arterial"}))
    assert (judged.verdict, judged.phase) == ("agrees", "early_arterial")
    assert [doubt.reason for doubt in judged.doubts] == [
        "no complete late arterial phase: the early arterial phase is compared"
    ]


def test_of_two_series_of_a_phase_the_first_complete_one_is_compared_with_a_doubt():
    rows = again(ROWS, ART, "second")
    judged = judge(CORE, rows)
    assert judged.series_uid == f"1.2.2015-06-01.CT.{ART}"
    assert [doubt.reason for doubt in judged.doubts] == [
        "2 series are late arterial phase: the first complete one is compared"
    ]
    first = f"1.2.2015-06-01.CT.{ART}"
    lacking = without(rows, metric="core_enhancement", series_uid=first)
    assert judge(CORE, lacking).series_uid == "second"


def test_two_volumes_of_one_series_are_kept_apart():
    rows = again(ROWS, ART, f"1.2.2015-06-01.CT.{ART}", value=-50.0)
    judged = judge(CORE, rows)
    assert (judged.verdict, judged.value) == ("agrees", "26.0")
    assert judged.doubts[0].reason.startswith("2 series are late arterial phase")


def test_sizes_drawn_on_a_phase_are_no_reading_of_it():
    rows = [row for row in rows_with(drawn_on=ART) if row.metric not in
            ("mean", "core_enhancement") or row.phase != ART]  # fmt: skip
    assert judge(CORE, rows).reason == "the CT of 2015-06-01 has no late arterial phase"


def test_a_lesion_that_was_not_measured_on_a_phase():
    rows = [row for row in ROWS if (row.lesion, row.phase) != ("T7", ART)]
    assert judge(CORE, rows).reason == (
        "T7 is not measured on the late arterial phase of the CT of 2015-06-01"
    )


@pytest.mark.parametrize(
    ("doubt", "told"),
    [
        ("no enhancement: another tube voltage before contrast", True),
        ("no rim or core: the lesion is too small", True),
        ("no liver reference", False),
        ("core enhancement is uncertain", False),
    ],
)
def test_the_reason_for_a_missing_row_stands_on_the_mean(doubt, told):
    rows = [
        replace(row, doubts=(Doubt(doubt, "T7"),))
        if (row.metric, row.phase, row.lesion) == ("mean", ART, "T7")
        else row
        for row in without(ROWS, metric="core_enhancement", phase=ART)
    ]
    reason = judge(CORE, rows).reason
    expected = f" ({doubt})" if told else ""
    assert reason == f"no core enhancement on the late arterial phase{expected}"


def test_readings_carry_the_doubts_of_their_rows_once():
    doubt = Doubt("partly outside the image", "T7")
    rows = [replace(row, doubts=(doubt,)) for row in ROWS]
    exam = gather_exams(rows)[0]
    found = exam.readings("T7", ART, ["mean", "core_mean"])
    assert isinstance(found, Readings)
    assert found.doubts == (doubt,)
    assert found["core_mean"] == 68.0
    assert isinstance(exam.readings("T7", "t2", ["mean"]), Gap)


def test_rows_of_the_liver_come_from_the_very_series():
    exam = gather_exams(again(ROWS, ART, "second"))[0]
    found = exam.readings("T7", ART, ["mean"])
    row = exam.liver_row(found, "ivc_mean")
    assert (row.value, row.series_uid) == (60.0, found.series_uid)
    assert exam.liver_row(found, "spleen_mean") is None


shares = st.dictionaries(
    st.sampled_from(["1", "2", "3", "5", "6", "7", "8", "4a", "4b"]), st.floats(0, 1), min_size=1
)


@given(shares)
def test_halves_of_4_add_up_to_it_and_nothing_else_changes(found):
    folded = fold_shares(found, ["4"])
    assert sum(folded.values()) == pytest.approx(sum(found.values()))
    halves = found.get("4a", 0.0) + found.get("4b", 0.0)
    assert share_in(found, ["4"]) == pytest.approx(halves)
    assert {name: folded[name] for name in folded if name != "4"} == {
        name: share for name, share in found.items() if name not in ("4a", "4b")
    }


@pytest.mark.parametrize(
    ("found", "named", "share"),
    [
        ({"4a": 0.3, "4b": 0.2}, ["4a"], 0.3),
        ({"4": 1.0}, ["4a"], None),
        ({"4": 0.0, "5": 1.0}, ["4b"], None),
        ({"5": 1.0}, ["4b"], 0.0),
        ({"4": 0.5, "4a": 0.3, "4b": 0.2}, ["4"], 0.5),
        ({"4": 0.5, "4a": 0.3, "4b": 0.2}, ["4b", "4a"], 0.5),
    ],
)
def test_a_half_of_4_is_known_only_from_rows_of_halves(found, named, share):
    assert share_in(found, named) == share


def test_segments_count_from_a_tenth():
    assert counted_segments({"8": 0.1, "7": 0.8, "6": 0.0999}) == ("7", "8")
