"""The JSON Schema says the same as the reader, as far as a schema can."""

import json

import pytest
import yaml
from conftest import ROOT
from unit.findings.conftest import text_of

from liverseg.findings import findings_schema
from liverseg.findings.expectations import MODELS
from liverseg.findings.words import phase_words

jsonschema = pytest.importorskip("jsonschema")
CASE = ROOT / "sample_data" / "cases" / "kitasaki2021" / "findings.yaml"


@pytest.fixture(scope="module")
def validator():
    schema = findings_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def small(*changes):
    return yaml.safe_load(text_of(*changes))


def test_the_schema_is_plain_json_of_the_named_draft():
    schema = findings_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(schema)) == schema


def test_the_schema_takes_the_sample_case_and_the_small_file(validator):
    assert validator.is_valid(yaml.safe_load(CASE.read_text(encoding="utf-8")))
    assert validator.is_valid(small())


@pytest.mark.parametrize(
    "change",
    [
        ("place: Section 2", "plaze: x"),
        ("source: text", "source: txt"),
        ("modality: CT", "modality: MRI"),
        ("phase: early", "phase: noon"),
        ("sites: [7]", "sites: [9]"),
        ("date: 2015", "date: June 2015"),
        ("date: 2015", "date: '2015-13'"),
        ("{rule: site}", "{rule: sit}"),
        ("{rule: site}", "{rule: long_axis, lesions: all, mm: 0}"),
        ("{rule: site}", "{rule: extents, mm: [1, 2]}"),
        ("    place: Fig. 4\n", ""),
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(validator, fault, change):
    assert fault(change)
    assert not validator.is_valid(small(change))


def test_every_rule_and_every_phase_word_is_in_the_schema():
    text = json.dumps(findings_schema())
    for word in (*MODELS, *phase_words()):
        assert f'"{word}"' in text


def test_every_field_of_a_finding_is_described():
    fields = findings_schema()["$defs"]["FindingEntry"]["properties"]
    assert all(field.get("description") for field in fields.values())
