"""`liverseg describe` on the digital case."""

from __future__ import annotations

import json
import shutil

import pytest
from typer.testing import CliRunner

from liverseg import CaseFile
from liverseg.cli.app import app
from liverseg.workflow import report_content

pytestmark = pytest.mark.slow
CT = "2015-06-01_CT"


@pytest.fixture(scope="module")
def case(digital_case, tmp_path_factory):
    """A copy beside which nothing else lies."""
    return shutil.copy(digital_case, tmp_path_factory.mktemp("described") / "case.liverseg")


def run(*words):
    result = CliRunner().invoke(app, ["describe", *map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_json_says_the_words_that_were_planted_with_their_numbers(case):
    found = json.loads(run(case, "--exam", CT, "--lesion", "R4", "--json"))
    (one,) = found
    assert (one["exam"], one["lesion"]) == (CT, "R4")
    assert one["short"] == ["ring", "prolonged"]
    said = {word["term"] for word in one["words"] if word["said"] == "yes"}
    assert {"ring", "ring, core also enhances", "prolonged"} <= said
    assert not {"washout", "peripheral nodular", "centripetal fill-in"} & said
    ring = next(word for word in one["words"] if word["term"] == "ring")
    assert ring["probability"] >= 0.95
    assert {"rim minus core", "coverage"} <= {number["name"] for number in ring["numbers"]}
    length = next(row for row in one["intervals"] if row["metric"] == "long_axis_interval")
    assert length["phase"] == "portal_venous"
    assert length["lower"] < 22.0 < length["upper"]
    assert any(row["metric"] == "par" for row in one["details"])
    assert any("llcr" in doubt["reason"] for doubt in one["refusals"])


def test_liver_and_lesions_of_the_gadoxetate_exam(case):
    found = json.loads(run(case, "--exam", "2015-06-03_MR", "--json"))
    liver = next(one for one in found if one["lesion"] == "liver")
    (word,) = liver["words"]
    assert (word["term"], word["said"]) == ("inadequate hepatocyte uptake", "no")
    for one in found:
        if one["lesion"] != "liver":
            words = {w["term"]: w["said"] for w in one["words"] if w["slot"] == "hepatocyte phase"}
            assert words["no uptake"] == "yes"


def test_a_table_for_people_and_intervals_kept_in_the_case(case):
    with CaseFile.open(case, read_only=True) as stored:
        before = stored.measurements()
    text = run(case, "--exam", CT, "--lesion", "R7", "--save")
    assert "ring" in text
    assert "drawn on portal venous" in text
    with CaseFile.open(case, read_only=True) as stored:
        after = stored.measurements()
        content = report_content(stored)
    added = [row for row in after if row.metric.endswith("_interval")]
    assert {row.lesion for row in added} == {"R7"}
    assert [row for row in after if row not in added] == list(before)
    assert "long_axis_interval" in {row.metric for row in content.measurements}
    run(case, "--exam", CT, "--lesion", "R7", "--save")
    with CaseFile.open(case, read_only=True) as stored:
        assert len(stored.measurements()) == len(after)


def test_an_unknown_lesion_or_exam_is_said(case):
    for words in (("--exam", "1999_CT"), ("--exam", CT, "--lesion", "Z9")):
        result = CliRunner().invoke(app, ["describe", str(case), *words])
        assert result.exit_code != 0
        assert "no" in str(result.exception)
