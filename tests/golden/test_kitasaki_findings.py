"""The case report's twenty statements: each phantom gets the verdicts it was designed for.

Expected verdicts are those of the project reference (case_report_facts.csv); the table
here is checked against that file where it is at hand.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from conftest import ROOT, data_folder
from findings_rows import phantom_rows

from liverseg.findings import compare, comparison_json, read_findings

CASE = ROOT / "sample_data" / "cases" / "kitasaki2021" / "findings.yaml"
A, P, C, N = "agrees", "partly", "conflicts", "not_assessable"
EXPECTED = {
    #      1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20
    "P1": (N, A, A, A, A, C, C, C, C, A, A, C, A, C, N, A, N, N, N, N),
    "P2": (N, C, C, C, A, A, A, A, A, A, A, A, A, A, N, A, N, N, N, N),
    "P3": (N, A, P, A, A, A, A, A, A, A, A, A, A, A, N, A, N, N, N, N),
    "P4": (N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, A, N, N, A, N),
    "P5": (N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, A, N, N, N, A),
}  # fmt: skip
COLUMNS = {"P1": "P1_text", "P2": "P2_figures", "P3": "P3_reconciled", "P4": "P4_2017",
           "P5": "P5_2019"}  # fmt: skip
WORDS = {"agrees": A, "disagrees": C, "partly": P, "not assessable": N}


def reference_rows() -> list[dict[str, str]]:
    path = data_folder().parent / "reference" / "tables" / "case_report_facts.csv"
    if not path.is_file():
        pytest.skip(f"no reference table at {path}")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def reported():
    return read_findings(CASE)


@pytest.mark.parametrize("phantom", EXPECTED)
def test_each_phantom_gets_its_verdicts(reported, phantom):
    judged = compare(reported, phantom_rows(phantom)).judgements
    found = {j.claim.id: (str(j.verdict), j.reason) for j in judged}
    wrong = {
        str(n): (found[str(n)], verdict)
        for n, verdict in enumerate(EXPECTED[phantom], 1)
        if found[str(n)][0] != verdict
    }
    assert wrong == {}


def test_the_digital_case_is_p3_with_p4_and_p5(reported):
    rows = [row for name in ("P3", "P4", "P5") for row in phantom_rows(name)]
    judged = compare(reported, rows).judgements
    verdicts = [str(j.verdict) for j in judged]
    assert verdicts == [*EXPECTED["P3"][:18], A, A]
    vessel = judged[15]
    assert "MR of 2019-09-02" in vessel.reason
    assert vessel.doubts == ()


@pytest.mark.parametrize("phantom", EXPECTED)
def test_the_table_here_is_the_reference(phantom):
    for row, verdict in zip(reference_rows(), EXPECTED[phantom], strict=True):
        word = re.sub(r" \(.*", "", row[COLUMNS[phantom]])
        assert WORDS[word] == verdict, row["id"]


def test_statements_and_contradictions_follow_the_reference(reported):
    pairs = set()
    for row, claim in zip(reference_rows(), reported.claims, strict=True):
        assert claim.id == row["id"]
        assert claim.place == row["place"]
        assert claim.date == row["date"].replace("-", "/")
        assert bool(claim.test) == row["testable_on_images"].startswith("yes")
        for part in row["contradicts"].split(";"):
            named = re.match(r"\s*(\d+|itself)", part)
            if named:
                pairs.add((row["id"], row["id"] if named[1] == "itself" else named[1]))
    pairs |= {(b, a) for a, b in pairs}
    assert pairs == {(c.id, other) for c in reported.claims for other in c.contradicts}
    assert [c.id for c in reported.contradictions] == [f"C{n}" for n in range(1, 15)]
    assert {c.id for c in reported.contradictions if not c.is_clash} == {"C5", "C8"}


def test_the_untestable_say_why(reported):
    for judged in compare(reported, phantom_rows("P3")).judgements:
        if judged.claim.id in {"1", "15", "17", "18"}:
            assert judged.reason.startswith("images cannot show it")
            assert judged.value == ""


def test_no_lesion_in_segment_7_is_no_measured_difference(reported):
    judged = {
        entry["id"]: entry for entry in comparison_json(compare(reported, phantom_rows("P1")))
    }
    for number in ("6", "7", "8", "9", "12", "14"):
        assert judged[number]["verdict"] == C
        assert judged[number]["reason"].startswith("no matching lesion")
        assert judged[number]["value"] is None
        assert judged[number]["lesion"] == ""


def test_every_assessed_statement_of_the_digital_case_shows_its_evidence(reported):
    rows = [row for name in ("P3", "P4", "P5") for row in phantom_rows(name)]
    for judged in compare(reported, rows).judgements:
        if judged.verdict == N:
            continue
        for part in ("value", "tolerance", "phase", "lesion", "series_uid", "reason"):
            assert getattr(judged, part), (judged.claim.id, part)
        assert judged.slice == 40


def test_numbers_of_the_digital_case(reported):
    rows = [row for name in ("P3", "P4", "P5") for row in phantom_rows(name)]
    entries = {entry["id"]: entry for entry in comparison_json(compare(reported, rows))}
    assert entries["2"]["value"] == 5
    assert entries["3"]["value"] == "S4, S5, S6, S7, S8"
    assert "segment 7 is extra" in entries["3"]["reason"]
    assert (entries["4"]["value"], entries["4"]["unit"]) == (26, "HU")
    assert (entries["6"]["value"], entries["6"]["lesion"]) == (38, "R7")
    assert (entries["7"]["value"], entries["7"]["unit"]) == (94, "%")
    assert (entries["8"]["value"], entries["8"]["unit"]) == (35.6, "mm")
    assert entries["14"]["value"] == "35.6 x 32.4 x 29.5"
    assert entries["16"]["value"] == 0
    assert entries["20"]["lesion"] == "P5S8"


def test_the_specimen_carries_its_caveat(reported):
    judged = compare(reported, phantom_rows("P3")).judgements[13]
    told = " ".join(doubt.reason for doubt in judged.doubts)
    assert "C7" in told
    assert "matched by size" in told


def test_the_sample_folder_names_paper_and_licence():
    text = (Path(CASE).parent / "README.md").read_text(encoding="utf-8")
    assert "Kitasaki" in text
    assert "CC BY-NC-ND" in text
