"""A findings file that is as it should be."""

import pytest

from liverseg.findings import read_findings
from liverseg.records import Claim, Contradiction, SourceKind


def test_the_small_file_as_claims(read):
    reported = read()
    assert (reported.title, reported.source) == ("A made-up report", "nowhere")
    assert reported.claims == (
        Claim(
            id="1",
            statement="one lesion in segment 7",
            source=SourceKind.TEXT,
            place="Section 2",
            date="2015",
            modality="CT",
            phase="late_arterial",
            sites=("7",),
            test="site",
            expects={"caveat": "C1"},
            contradicts=("2",),
        ),
        Claim(
            id="2",
            statement="primary tumour removed",
            source=SourceKind.PATHOLOGY,
            place="Fig. 4",
            date="",
            untestable="images do not show it",
            contradicts=("1",),
        ),
    )
    assert reported.contradictions == (
        Contradiction("C1", ("1", "2"), "place", "both are shown", is_clash=True),
    )


def test_a_path_may_be_text(read, tmp_path):
    assert read() == read_findings(str(tmp_path / "findings.yaml"))


def test_a_clash_named_by_one_finding_holds_for_both(read):
    both = read(("contradicts: [1]", "contradicts: [2, 1]")).claims
    assert [claim.contradicts for claim in both] == [("2",), ("1", "2")]


def test_numbers_in_yaml_are_text_as_ids_segments_and_dates(read):
    claim = read(("date: 2015\n", "date: 2015-06-01\n"), ("sites: [7]", "sites: [7, '8', 4a]"))
    assert claim.claims[0].date == "2015-06-01"
    assert claim.claims[0].sites == ("7", "8", "4a")


def test_a_segment_named_twice_counts_once(read):
    assert read(("sites: [7]", "sites: [8, 7, 8]")).claims[0].sites == ("8", "7")


@pytest.mark.parametrize("date", ["2015-06", "2015/2019", "2015-06/2015", "2015/2015-06-30"])
def test_dates_of_any_precision_and_spans(read, date):
    assert read(("date: 2015", f"date: {date}")).claims[0].date == date


def test_what_a_test_expects_stands_in_the_claim_without_its_rule(read):
    test = "{rule: long_axis, lesions: at_sites, mm: 35}"
    claim = read(("{rule: site}", test), ("    caveat: C1\n", "")).claims[0]
    assert claim.test == "long_axis"
    assert claim.expects == {"lesions": "at_sites", "mm": 35.0}


def test_parts_of_a_test_keep_their_rules(read):
    test = "{rule: all_of, parts: [{rule: site}, {rule: ring, lesions: any}]}"
    claim = read(("{rule: site}", test)).claims[0]
    assert claim.test == "all_of"
    assert list(claim.expects["parts"]) == [{"rule": "site"}, {"rule": "ring", "lesions": "any"}]


def test_a_contradiction_may_turn_out_to_be_none(read):
    reported = read(("    clash: place\n", "    clash: place\n    is_clash: false\n"))
    assert reported.contradictions[0].is_clash is False
