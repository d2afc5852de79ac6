"""`liverseg segments`: volumes and remnant in words and as JSON."""

from __future__ import annotations

import json

import pytest

CT = "2015-06-01_CT"


def test_volumes_and_remnant_are_printed_and_add_up(liverseg, coarse_case_file):
    told = liverseg("segments", coarse_case_file, "--exam", CT, "--resect", "5,6 7,8", "--json")
    assert told.code == 0
    (found,) = json.loads(told.out)
    assert found["exam"] == CT
    remnant = found["remnant"]
    assert remnant["resected"] == ["5", "6", "7", "8"]
    assert remnant["remnant_ml"] + remnant["resected_ml"] == pytest.approx(
        remnant["liver_ml"] - remnant["tumour_ml"]
    )
    assert sum(row["volume_ml"] for row in found["segments"]) == pytest.approx(remnant["liver_ml"])
    words = liverseg("segments", coarse_case_file, "--exam", CT, "--resect", "5,6,7,8").out
    assert f"future liver remnant {remnant['remnant_ml']:.1f} ml" in " ".join(words.split())


def test_without_a_resection_it_says_how_to_name_one(liverseg, coarse_case_file):
    told = liverseg("segments", coarse_case_file)
    assert told.code == 0
    assert "Name segments with --resect" in told.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("--resect", "12"), "no segment '12'"), (("--exam", "1999"), "no exam 1999")],
)
def test_wrong_names_end_in_one_line(liverseg, coarse_case_file, arguments, message):
    told = liverseg("segments", coarse_case_file, *arguments)
    assert told.code == 2
    assert message in told.err
    assert told.err.count("\n") == 1
