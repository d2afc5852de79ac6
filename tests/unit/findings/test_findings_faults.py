"""Faults in a findings file: each is one line with file, line, finding, field and cure."""

import pytest
from unit.findings.conftest import FILE

TEST = "{rule: site}"
LONG_AXIS = "{rule: long_axis, lesions: any, mm: 30"


def with_test(text):
    return (TEST, text)


@pytest.mark.parametrize(
    ("change", "line", "told"),
    [
        (
            ("place: Section 2", "plaze: x"),
            7,
            "finding 1: there is no field 'plaze'; did you mean 'place'?",
        ),
        (("title:", "titel:"), 1, "there is no field 'titel'; did you mean 'title'?"),
        (
            ("    clash:", "    clahs:"),
            23,
            "contradiction C1: there is no field 'clahs'; did you mean 'clash'?",
        ),
        (
            with_test("{rule: ring, lesion: all}"),
            12,
            "finding 1: there is no field 'lesion'; did you mean 'lesions'?",
        ),
        (
            with_test("{rule: all_of, parts: [{rule: site}, {rule: ring, lesion: all}]}"),
            12,
            "finding 1: there is no field 'lesion'; did you mean 'lesions'?",
        ),
    ],
)
def test_an_unknown_field_is_named_with_the_one_that_was_meant(fault, change, line, told):
    message = fault(change)
    assert message.startswith(told)
    assert f"findings.yaml, line {line} |" in message
    meant = told.rsplit("'", 2)[1]
    assert meant in message.split("the fields here are ")[1].split(", ")


@pytest.mark.parametrize(
    ("change", "line", "told"),
    [
        (("source: text", "source: txt"), 6, "'source' is 'txt'; did you mean 'text'?"),
        (("modality: CT", "modality: MRI"), 9, "'modality' is 'MRI'; did you mean 'MR'?"),
        (
            ("phase: early", "phase: arterail"),
            10,
            "'phase' is 'arterail'; did you mean 'arterial'?",
        ),
        (("sites: [7]", "sites: [7, 9]"), 11, "'sites' is '9'"),
        (with_test("{rule: sit}"), 12, "'rule' is 'sit'; did you mean 'site'?"),
        (with_test("{rule: ring, lesions: al}"), 12, "'lesions' is 'al'; did you mean 'all'?"),
        (
            with_test("{rule: all_of, parts: [{rule: site}, {rule: vessel, invaded: true}]}"),
            12,
            "'rule' is 'vessel'",
        ),
    ],
)
def test_a_word_that_is_not_allowed_comes_with_those_that_are(fault, change, line, told):
    message = fault(change)
    assert message.startswith(f"finding 1: {told} | ")
    assert f"findings.yaml, line {line} | try: use one of " in message


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("statement: one lesion in segment 7", "statement: 7"), "'statement' is '7', not text"),
        (("place: Section 2", "place:"), "'place' is empty, not text"),
        (("place: Section 2", "place: [a]"), "'place' is a list, not text"),
        (("place: Section 2", "place: {a: b}"), "'place' is a group of fields, not text"),
        (("id: 1\n", "id: true\n"), "'id' is 'True', not text"),
        (("sites: [7]", "sites: 7"), "'sites' is '7', not a list"),
        (("phase: early", "phase: 3"), "'phase' is '3', not text"),
        (with_test("site"), "'test' is 'site', not a group of fields"),
        (with_test("{rule: count, at_least: 2.5}"), "'at_least' is '2.5', not a whole number"),
        (with_test("{rule: vessel, invaded: 1}"), "'invaded' is '1', not true or false"),
        (with_test("{rule: long_axis, lesions: all, mm: 35 mm}"), "'mm' is '35 mm', not a number"),
        (
            with_test("{rule: long_axis, lesions: all, mm: 0}"),
            "'mm' is '0': input should be greater",
        ),
        (
            with_test("{rule: long_axis, lesions: all, mm: .nan}"),
            "'mm' is 'nan': input should be a finite",
        ),
        (
            with_test("{rule: extents, mm: [35, 32]}"),
            "'mm' is a list: tuple should have at least 3",
        ),
        (with_test("{site: 3}"), "'test' names no rule"),
    ],
)
def test_a_value_of_the_wrong_kind_is_shown(fault, change, told):
    message = fault(change)
    assert f": {told}" in message
    assert message.startswith("finding ")


@pytest.mark.parametrize(
    "date", ["June 2015", "15", "2015-13", "2015-06-40", "01.06.2015", "2015/"]
)
def test_what_is_no_date_is_told_how_dates_are_written(fault, date):
    message = fault(("date: 2015", f"date: {date}"))
    assert message.startswith(f"finding 1: 'date' is '{date}', no date | where: ")
    assert message.endswith("try: write 2015, 2015-06 or 2015-06-01, or a span such as 2015/2019")
    assert "line 8" in message


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("date: 2015", "date: 2016/2015"), "the span in 'date' ends before it begins"),
        (("    test: {rule: site}\n", ""), "give either 'test' or 'not_assessable', and not both"),
        (("test:", "not_assessable: no\n    test:"), "'not_assessable' is 'False', not text"),
        (("test:", "not_assessable: so\n    test:"), "give either 'test' or 'not_assessable'"),
        (("    sites: [7]\n", ""), "the test site needs 'sites'"),
        (with_test("{rule: count}"), "a count needs at_least, at_most or both"),
        (with_test("{rule: count, at_least: 3, at_most: 2}"), "at_least is above at_most"),
        (
            with_test(f"{LONG_AXIS}, agrees_within_mm: 3}}"),
            "agrees_within_mm and borderline_within_mm go together",
        ),
        (
            with_test(f"{LONG_AXIS}, agrees_within_mm: 3, borderline_within_mm: 2}}"),
            "agrees_within_mm is above borderline_within_mm",
        ),
    ],
)
def test_fields_that_do_not_go_together(fault, change, told):
    assert fault(change).startswith(f"finding 1: {told}")


@pytest.mark.parametrize("rule", ["whole_enhancement", "ring", "intensity"])
def test_rules_on_enhancement_need_a_phase(fault, rule):
    level = ", level: low" if rule == "intensity" else ""
    told = fault(with_test(f"{{rule: {rule}, lesions: any{level}}}"), ("    phase: early\n", ""))
    assert told.startswith(f"finding 1: the test {rule} needs 'phase'")


def test_a_part_that_asks_for_a_site_needs_one_too(fault):
    parts = "{rule: count, at_most: 2}, {rule: ring, lesions: at_sites}"
    told = fault(with_test(f"{{rule: all_of, parts: [{parts}]}}"), ("    sites: [7]\n", ""))
    assert told.startswith("finding 1: the test ring needs 'sites'")


def test_a_missing_field_is_named_with_the_line_of_its_finding(fault):
    message = fault(("    place: Section 2\n", ""))
    assert message.startswith("finding 1: the field 'place' is missing | where: ")
    assert message.endswith("findings.yaml, line 4 | try: add it")


def test_an_entry_without_an_id_is_counted(fault):
    told = fault(("  - id: 2\n    statement", "  - statement"))
    assert told.startswith("entry 2 of findings: the field 'id' is missing")
    assert fault(("contradictions:\n", "contradictions:\n  - 3\n")).startswith(
        "entry 1 of contradictions: "
    )


def test_further_faults_are_counted_and_none_that_only_follows(fault):
    assert "(and " not in fault(("source: text", "source: txt"))
    assert "(and 1 more)" in fault(("source: text", "source: txt"), ("date: 2015", "date: never"))
    only = fault(with_test("{rule: all_of, parts: [{rule: site}, {rule: sit}]}"))
    assert "(and " not in only


@pytest.mark.parametrize(
    ("change", "told", "line"),
    [
        (("id: 2\n", "id: 1\n"), "the id '1' stands for two findings", 14),
        (
            ("handling: both are shown\n", "handling: x\n  - {id: C1, clash: y, handling: z}\n"),
            "the id 'C1' stands for two contradictions",
            25,
        ),
    ],
)
def test_an_id_that_is_used_twice(fault, change, told, line):
    message = fault(change)
    assert message.startswith(told)
    assert message.endswith(f"findings.yaml, line {line} | try: give each an id of its own")


@pytest.mark.parametrize(
    ("change", "told", "line", "ids"),
    [
        (
            ("contradicts: [1]", "contradicts: [1, 3]"),
            "finding 2 names '3', which is no finding",
            19,
            "1, 2",
        ),
        (
            ("caveat: C1", "caveat: c1"),
            "finding 1 names 'c1', which is no contradiction of this file; did you mean 'C1'?",
            13,
            "C1",
        ),
        (
            ("between: [1, 2]", "between: [1, 22]"),
            "contradiction C1 names '22', which is no finding of this file; did you mean '2'?",
            22,
            "1, 2",
        ),
    ],
)
def test_an_id_that_nothing_has(fault, change, told, line, ids):
    message = fault(change)
    assert message.startswith(told)
    assert message.endswith(f"findings.yaml, line {line} | try: the ids are {ids}")


def test_ids_where_there_are_none(fault):
    clashes = FILE[FILE.index("contradictions:") :]
    assert fault((clashes, "")).endswith("try: the ids are none so far")
