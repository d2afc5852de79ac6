"""`liverseg move`: one lesion in one phase."""

from __future__ import annotations

import json

import pytest
from unit.cli.program import assert_one_line

from liverseg.case import CaseFile

CT = "2015-06-01_CT"
PLACE = ("T4", "--phase", "arterial", "--exam", CT)


def mean_of(path) -> float:
    with CaseFile.open(path, read_only=True) as case:
        rows = case.measurements(exam_id=CT, lesion="T4")
    return next(r.value for r in rows if (r.phase, r.metric) == ("late_arterial", "mean"))


def test_a_lesion_is_moved_reset_and_undone(liverseg, coarse_case_file):
    plain = mean_of(coarse_case_file)
    done = liverseg("move", coarse_case_file, *PLACE, "--by", "-4,-8,5.5")
    step = "move lesion T4 in the late arterial phase by 10.5 mm"
    assert (done.code, done.out.strip()) == (0, f"{step}, in {CT}")
    assert mean_of(coarse_case_file) != plain
    assert f"undone: {step}" in liverseg("undo", coarse_case_file).out
    assert mean_of(coarse_case_file) == plain
    liverseg("redo", coarse_case_file)
    done = liverseg("move", coarse_case_file, *PLACE, "--reset")
    assert "back as registered" in done.out
    assert mean_of(coarse_case_file) == plain


def test_json_has_the_move_and_the_rows_of_the_phase(liverseg, coarse_case_file):
    done = liverseg("move", coarse_case_file, *PLACE, "--by", "0,0,-5", "--json")
    found = json.loads(done.out)
    assert found["offset_lps_mm"] == [0.0, 0.0, -5.0]
    assert (found["exam"], found["lesion"], found["phase"]) == (CT, "T4", "late_arterial")
    rows = {row["metric"]: row for row in found["rows"]}
    assert rows["mean"]["value"] == mean_of(coarse_case_file)
    assert "moved by hand 5.0 mm (0.0, 0.0, -5.0 LPS)" in rows["mean"]["method"]
    assert {row["phase"] for row in found["rows"]} == {"late_arterial"}
    reset = json.loads(liverseg("move", coarse_case_file, *PLACE, "--reset", "--json").out)
    assert reset["offset_lps_mm"] is None


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ((), "a move needs either --by or --reset"),
        (("--by", "1,2,3", "--reset"), "a move needs either --by or --reset"),
        (("--by", "1,2"), "--by 1,2 is not X,Y,Z"),
        (("--by", "1,2,3 4,5,6"), "more than one offset"),
        (("--by", "0,0,nan"), "is nowhere"),
        (("--by", "0,0,40"), "40.0 mm off the registration is more than a lesion moves"),
        (("--reset",), "lies there already"),
    ],
)
def test_wrong_input_is_one_line_and_writes_nothing(liverseg, coarse_case_file, rest, told):
    with CaseFile.open(coarse_case_file, read_only=True) as case:
        revision = case.revision
    assert_one_line(liverseg("move", coarse_case_file, *PLACE, *rest), told)
    with CaseFile.open(coarse_case_file, read_only=True) as case:
        assert case.revision == revision


def test_the_reference_phase_says_why_not(liverseg, coarse_case_file):
    done = liverseg(
        "move", coarse_case_file, "T4", "--phase", "portal", "--exam", CT, "--by", "0,0,1"
    )
    assert_one_line(done, "the reference: it lies there as drawn", "correct its outline")


def test_a_suggestion_is_told_and_nothing_is_written(liverseg, coarse_case_file):
    with CaseFile.open(coarse_case_file, read_only=True) as case:
        revision = case.revision
    done = liverseg("move", coarse_case_file, *PLACE, "--suggest")
    told = json.loads(liverseg("move", coarse_case_file, *PLACE, "--suggest", "--json").out)
    offset = ",".join(f"{part:g}" for part in told["offset_mm"])
    assert done.code == 0
    assert f"which may be off by {told['residual_mm']:.1f} mm" in done.out
    assert f"nothing was written; look at it, then: --by {offset}" in done.out
    assert_one_line(
        liverseg("move", coarse_case_file, *PLACE, "--suggest", "--reset"), "writes nothing"
    )
    with CaseFile.open(coarse_case_file, read_only=True) as case:
        assert case.revision == revision
