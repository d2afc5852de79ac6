"""Findings typed and changed, and the rows of claims; with stand-ins, no window."""

from __future__ import annotations

import pytest
from plugin.given import Given
from plugin.plugin_stand_ins import CLAIMS, LOCKED

from liverseg.errors import InputError
from liverseg.findings import parse_findings, put_claim, read_findings, rule_names
from liverseg.records import Verdict
from napari_liverseg.claiming import ClaimsDesk
from napari_liverseg.form_values import NO_RULE, entry_of, texts_of
from napari_liverseg.state import filter_claims, lesions_of

TEXTS = {
    "id": "9",
    "statement": "a mass of 35 mm",
    "source": "figure",
    "place": "Fig. 1",
    "date": "2015",
    "phase": "portal",
    "sites": "4a, 5",
}


@pytest.fixture
def given():
    return Given()


@pytest.fixture
def desk(given):
    return ClaimsDesk(given.bench)


class Answer:
    def __init__(self) -> None:
        self.stored, self.refused = 0, []

    def put(self, desk, values, **kwargs):
        desk.put(values, stored=self._stored, refused=self.refused.append, **kwargs)

    def _stored(self) -> None:
        self.stored += 1


def entry(rule: str = "long_axis", **details: str):
    return entry_of(TEXTS, rule=rule, details=details, where="the form")


def test_texts_become_an_entry_and_the_empty_ones_are_left_out():
    assert entry(lesions="at_sites", mm="35") == {
        "id": "9",
        "statement": "a mass of 35 mm",
        "source": "figure",
        "place": "Fig. 1",
        "date": "2015",
        "phase": "portal",
        "sites": ["4a", "5"],
        "test": {"rule": "long_axis", "lesions": "at_sites", "mm": 35},
    }
    assert entry("extents", mm="35 x 32.5 × 30")["test"]["mm"] == [35, 32.5, 30]
    assert entry("vessel", invaded="no")["test"] == {"rule": "vessel", "invaded": False}
    assert entry("long_axis", mm="about 35")["test"]["mm"] == "about 35"
    assert entry(NO_RULE, reason=" it was removed ")["not_assessable"] == "it was removed"
    text = "rule: all_of\nparts:\n- rule: ring\n  lesions: all\n- rule: site\n"
    assert entry("all_of", yaml=text)["test"]["parts"][1] == {"rule": "site"}
    with pytest.raises(InputError, match="not valid YAML"):
        entry("all_of", yaml="rule: [")


DETAILS = {
    "count": {"at_least": "2"},
    "long_axis": {"lesions": "all", "mm": "35.5", "agrees_within_mm": "2"}
    | {"borderline_within_mm": "4"},
    "extents": {"mm": "35, 32.5, 30"},
    "shape": {"lesions": "any", "shape": "irregular"},
    "intensity": {"lesions": "all", "level": "low"},
    "vessel": {"invaded": "yes"},
    "all_of": {"yaml": "rule: all_of\nparts:\n- rule: ring\n  lesions: all\n- rule: site\n"},
    NO_RULE: {"reason": "it lay outside"},
}


@pytest.mark.parametrize("rule", [*rule_names(), NO_RULE])
def test_a_finding_comes_back_into_the_form_as_it_was_typed(rule):
    details = DETAILS.get(rule, {"lesions": "all"} if rule not in ("site_set", "site") else {})
    values = entry_of(TEXTS, rule=rule, details=details, where="x")
    empty = {"title": "t", "source": "s", "findings": [values]}
    (claim,) = parse_findings(empty, where="x").claims
    texts, found, shown = texts_of(claim)
    assert found == rule
    again = entry_of(texts, rule=found, details=shown, where="x")
    assert parse_findings({**empty, "findings": [again]}, where="x").claims == (claim,)


def test_an_edited_size_changes_the_verdict(given, desk):
    texts, rule, details = texts_of(desk.claim("1"))
    answer = Answer()
    values = entry_of(texts, rule=rule, details={**details, "mm": "500"}, where="x")
    answer.put(desk, values, instead_of="1")
    given.settle()
    assert answer.stored == 1
    assert [row.verdict for row in given.bench.claims()] == [
        Verdict.CONFLICTS,
        Verdict.NOT_ASSESSABLE,
    ]


def test_a_new_finding_gets_the_next_number(given, desk):
    assert desk.next_id() == "3"
    answer = Answer()
    answer.put(desk, {**entry(NO_RULE, reason="why"), "id": desk.next_id()})
    given.settle()
    assert [row.id for row in given.bench.claims()] == ["1", "2", "3"]
    assert desk.next_id() == "4"


def test_a_refusal_is_the_readers_own_sentence_and_changes_nothing(given, desk):
    answer = Answer()
    values = entry(lesions="all")
    answer.put(desk, values)
    given.settle()
    with pytest.raises(InputError) as said:
        put_claim(given.store.reported, values)
    assert answer.refused == [str(said.value)]
    assert "the field 'mm' is missing" in answer.refused[0]
    assert given.store.reported.claims == CLAIMS
    assert given.bench.last_message[1] != "error"


def test_a_case_that_cannot_be_written_says_so_in_form_and_dock(given, desk):
    given.store.broken = LOCKED
    answer = Answer()
    answer.put(desk, {**entry(NO_RULE, reason="why"), "id": "3"})
    given.settle()
    assert answer.refused == [str(LOCKED)]
    assert given.told[-1] == (str(LOCKED), "error")


def test_a_finding_is_taken_out(given, desk):
    desk.remove("2")
    given.settle()
    assert [row.id for row in given.bench.claims()] == ["1"]
    desk.remove("2")
    given.settle()
    assert given.told[-1][1] == "error"


def test_findings_are_saved_as_a_file_that_can_be_read(given, desk, tmp_path):
    desk.export(tmp_path / "f.yaml")
    given.settle()
    assert read_findings(tmp_path / "f.yaml") == given.store.reported
    desk.export(tmp_path / "missing" / "f.yaml")
    given.settle()
    assert "cannot be written" in given.told[-1][0]


def test_claims_are_filtered_by_verdict_and_lesion(given):
    rows = given.bench.claims()
    assert lesions_of(rows) == ("A",)
    assert [row.id for row in filter_claims(rows, verdict=Verdict.NOT_ASSESSABLE)] == ["2"]
    assert [row.id for row in filter_claims(rows, lesion="A")] == ["1"]
    assert filter_claims(rows, verdict=Verdict.NOT_ASSESSABLE, lesion="A") == ()
    assert filter_claims(rows) == rows
