"""Findings written, read again, changed one by one; the reader judges every change."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liverseg.errors import InputError
from liverseg.findings import (
    claim_values,
    describe_rule,
    drop_claim,
    fields_of_rule,
    findings_schema,
    findings_values,
    parse_findings,
    parse_test,
    put_claim,
    read_findings,
    rule_names,
    write_findings,
)

FILE = {
    "title": "A report",
    "source": "kept here",
    "findings": [
        {
            "id": "1",
            "statement": "a mass of 35 mm in segment 7",
            "source": "figure",
            "place": "Fig. 1",
            "date": "2015",
            "modality": "CT",
            "phase": "portal",
            "sites": ["7"],
            "test": {"rule": "long_axis", "lesions": "at_sites", "mm": 35},
            "contradicts": ["2"],
            "caveat": "c1",
        },
        {
            "id": "2",
            "statement": "a ring, and prolonged: Größe „35“ mm",
            "source": "text",
            "place": "p. 2",
            "phase": "early",
            "test": {
                "rule": "all_of",
                "parts": [
                    {"rule": "ring", "lesions": "all"},
                    {"rule": "prolonged", "lesions": "all"},
                ],
            },
        },
        {
            "id": "3",
            "statement": "inflammatory",
            "source": "pathology",
            "place": "p. 3",
            "not_assessable": "images cannot show it",
        },
    ],
    "contradictions": [
        {"id": "c1", "between": ["1", "2"], "clash": "sizes", "handling": "tell both"},
    ],
}


@pytest.fixture
def reported():
    return parse_findings(FILE, where="a test")


def test_what_is_written_is_read_again(reported, tmp_path):
    path = write_findings(reported, tmp_path / "findings.yaml")
    assert read_findings(path) == reported
    assert parse_findings(findings_values(reported), where="x") == reported
    assert "Größe „35“" in path.read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["findings.yaml"]


statements = st.text(st.characters(exclude_categories=("C",)), min_size=1).filter(
    lambda text: text.strip()
)


@given(statements, st.floats(0.1, 500.0, allow_nan=False), st.sets(st.sampled_from("12345678")))
@settings(max_examples=60, deadline=None)
def test_any_statement_and_size_survive_the_file(tmp_path_factory, statement, mm, sites):
    values = {
        "id": "x",
        "statement": statement,
        "source": "text",
        "place": "p",
        "sites": sorted(sites),
        "test": {"rule": "long_axis", "lesions": "all", "mm": mm},
    }
    made = put_claim(parse_findings(FILE, where="x"), values)
    path = tmp_path_factory.mktemp("f") / "findings.yaml"
    assert read_findings(write_findings(made, path)) == made


def test_a_new_finding_stands_last_and_an_edited_one_in_its_place(reported):
    more = put_claim(
        reported, {"id": 4, "statement": "s", "source": "text", "place": "p", "not_assessable": "w"}
    )
    assert [claim.id for claim in more.claims] == ["1", "2", "3", "4"]
    values = claim_values(reported.claims[0])
    values["test"]["mm"] = 40
    changed = put_claim(reported, values, instead_of="1")
    assert changed.claims[0].expects["mm"] == 40
    assert changed.claims[1:] == reported.claims[1:]


def test_a_new_id_is_carried_to_what_refers_to_it(reported):
    values = {**claim_values(reported.claims[0]), "id": "first"}
    changed = put_claim(reported, values, instead_of="1")
    assert changed.claims[1].contradicts == ("first",)
    assert changed.contradictions[0].between == ("first", "2")


def test_a_finding_taken_out_leaves_no_reference(reported):
    rest = drop_claim(reported, "1")
    assert [claim.id for claim in rest.claims] == ["2", "3"]
    assert rest.claims[0].contradicts == ()
    assert rest.contradictions[0].between == ("2",)
    assert parse_findings(findings_values(rest), where="x") == rest
    with pytest.raises(InputError, match="no finding '9'"):
        drop_claim(reported, "9")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phase": "noon"}, "finding 1: 'phase' is 'noon'"),
        ({"date": "June"}, "'date' is 'June', no date"),
        ({"id": "2"}, "the id '2' stands for two findings"),
        ({"contradicts": ["77"]}, "names '77', which is no finding"),
        ({"test": {"rule": "long_axis", "lesions": "all"}}, "the field 'mm' is missing"),
        (
            {"test": {"rule": "long_axis", "lesions": "all", "mm": "abc"}},
            "'mm' is 'abc', not a number",
        ),
        ({"test": {"rule": "long_axes"}}, "'rule' is 'long_axes'; did you mean 'long_axis'"),
        ({"modalty": "CT"}, "there is no field 'modalty'; did you mean 'modality'"),
    ],
)
def test_a_form_is_refused_in_the_words_of_the_reader_of_files(reported, tmp_path, change, message):
    values = {**claim_values(reported.claims[0]), **change}
    with pytest.raises(InputError, match=message) as by_form:
        put_claim(reported, values, instead_of="1")
    assert by_form.value.where == "this finding"
    file = findings_values(reported)
    file["findings"][0] = values
    path = tmp_path / "f.yaml"
    import yaml

    path.write_text(yaml.safe_dump(file), encoding="utf-8")
    with pytest.raises(InputError) as by_file:
        read_findings(path)
    if "id" not in change:
        assert by_file.value.what == by_form.value.what


def test_nothing_to_write_and_no_place_to_write_are_said(reported, tmp_path):
    empty = drop_claim(drop_claim(drop_claim(reported, "1"), "2"), "3")
    with pytest.raises(InputError, match="no finding to write"):
        write_findings(empty, tmp_path / "f.yaml")
    with pytest.raises(InputError, match="cannot be written"):
        write_findings(reported, tmp_path / "missing" / "f.yaml")


def test_a_form_asks_for_every_field_of_every_rule():
    definitions = findings_schema()["$defs"]
    models = {
        part["properties"]["rule"]["const"]: part["properties"]
        for part in definitions.values()
        if "rule" in part.get("properties", {})
    }
    assert set(rule_names()) == set(models)
    for rule in rule_names():
        asked = {field.name for field in fields_of_rule(rule)}
        assert asked == (set() if rule == "all_of" else set(models[rule]) - {"rule"})
        assert describe_rule(rule).endswith(".")


def test_a_test_as_text_is_read_as_yaml():
    assert parse_test("rule: site", where="the form") == {"rule": "site"}
    with pytest.raises(InputError, match="no group of fields"):
        parse_test("ring", where="the form")
    with pytest.raises(InputError, match=r"not valid YAML.*the form, line 1"):
        parse_test("rule: [", where="the form")
