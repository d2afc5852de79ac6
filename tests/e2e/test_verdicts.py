"""The digital case end to end: each statement gets the verdict its phantom was built for.

Expected verdicts are those of the reference's columns: "text" follows P1, "figures" P2,
"reconciled" P3 with P4 (statement 19) and P5 (statement 20).
"""

from __future__ import annotations

import json

import pytest

A, P, C, N = "agrees", "partly", "conflicts", "not_assessable"
EXPECTED = {
    #               1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20
    "text":        (N, A, A, A, A, C, C, C, C, A, A, C, A, C, N, A, N, N, N, N),
    "figures":     (N, C, C, C, A, A, A, A, A, A, A, A, A, A, N, A, N, N, N, N),
    "reconciled":  (N, A, P, A, A, A, A, A, A, A, A, A, A, A, N, A, N, N, A, A),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["reconciled", "text", "figures"])
def test_each_statement_gets_its_verdict(variant, demo_of):
    judged = json.loads((demo_of(variant) / "comparison.json").read_text(encoding="utf-8"))
    assert [entry["id"] for entry in judged] == [str(n) for n in range(1, 21)]
    found = {entry["id"]: entry["verdict"] for entry in judged}
    expected = {str(n): verdict for n, verdict in enumerate(EXPECTED[variant], 1)}
    reasons = {entry["id"]: entry["reason"] for entry in judged}
    wrong = {i: (found[i], expected[i], reasons[i]) for i in expected if found[i] != expected[i]}
    assert wrong == {}


@pytest.mark.slow
def test_contradictions_are_shown(demo_of):
    judged = json.loads((demo_of("reconciled") / "comparison.json").read_text(encoding="utf-8"))
    contradicts = {entry["id"]: set(entry["contradicts"]) for entry in judged}
    assert "7" in contradicts["3"]
    assert "3" in contradicts["7"]
    assert {"6", "12"} <= contradicts["4"]
    assert contradicts["5"] == set()
    html = (demo_of("reconciled") / "report.html").read_text(encoding="utf-8")
    for number in range(1, 15):
        assert f"C{number}" in html


@pytest.mark.slow
def test_what_images_cannot_show_says_why(demo_of):
    judged = json.loads((demo_of("reconciled") / "comparison.json").read_text(encoding="utf-8"))
    for entry in judged:
        if entry["id"] in {"1", "15", "17", "18"}:
            assert entry["verdict"] == N
            assert entry["reason"]
            assert entry["value"] is None
