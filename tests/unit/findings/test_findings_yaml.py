"""Text that is no YAML, or that YAML would read in a surprising way."""

import pytest

from liverseg.errors import InputError
from liverseg.findings import read_findings
from liverseg.findings.source_text import read_yaml

TITLE = "title: A made-up report\n"


@pytest.mark.parametrize(
    ("title", "told", "place"),
    [
        ("title: &a x\nnote: *a\n", "references (*name) are not taken here", "line 2, column 7"),
        ("title: x\ntitle: y\n", "the field 'title' stands twice", "line 2, column 1"),
        ("title: 'x\n", "found unexpected end of stream", "line 25, column 1"),
        ("\ttitle: x\n", "found character '\\t' that cannot start any token", "line 1, column 1"),
        ("title: x\n---\n", "but found another document", "line 2, column 1"),
        (
            "title: !!python/object:os.x y\n",
            "could not determine a constructor",
            "line 1, column 8",
        ),
        ("? [a, b]\n: 3\n", "found unhashable key", "line 1, column 3"),
    ],
)
def test_the_place_of_a_fault_is_told(fault, title, told, place):
    message = fault((TITLE, title))
    assert message.startswith(f"not valid YAML: {told}")
    assert f"findings.yaml, {place} | try: correct the file there" in message


def test_a_field_twice_deep_inside(fault):
    told = fault(("{rule: site}", "{rule: count, at_least: 1, at_least: 2}"))
    assert "the field 'at_least' stands twice" in told
    assert "line 12, column 38" in told


def test_a_character_that_no_text_has(fault):
    told = fault((TITLE, "title: \x01\n"))
    assert told.startswith("not valid YAML: special characters are not allowed | where: ")


@pytest.mark.parametrize("title", ["title: !!binary aGk=\n", "title: !!set {a, b}\n"])
def test_values_that_no_text_number_or_list_can_hold(fault, title):
    assert fault((TITLE, title)).startswith("the findings hold a value that is no text, number")


@pytest.mark.parametrize(
    ("depth", "told"), [(240, "recursion limit exceeded"), (3000, "nested too deeply")]
)
def test_nesting_without_end(fault, depth, told):
    assert told in fault((TITLE, f"note: {'[' * depth}{']' * depth}\n"))


@pytest.mark.parametrize("text", ["", "# nothing but a remark\n", "\n\n"])
def test_an_empty_file(tmp_path, text):
    path = tmp_path / "empty.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"the findings file is empty \| where: .*empty\.yaml"):
        read_findings(path)


@pytest.mark.parametrize("text", ["[]", "3", "- title: x"])
def test_a_file_that_is_no_group_of_fields(tmp_path, text):
    path = tmp_path / "list.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"a group of fields .*line 1 .*title, source, note"):
        read_findings(path)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match=r"there is no such file \| where: .*nowhere\.yaml"):
        read_findings(tmp_path / "nowhere.yaml")
    with pytest.raises(InputError, match="cannot read the findings: Is a directory"):
        read_findings(tmp_path)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("title: caf\xe9".encode("latin-1"))
    with pytest.raises(InputError, match=r"no text in UTF-8 .* try: save the file as UTF-8"):
        read_findings(latin)


def test_a_date_stays_the_text_that_it_was(tmp_path):
    path = tmp_path / "plain.yaml"
    path.write_text("\ufeffday: 2015-06-01\nyear: 2015\nyes: no\n", encoding="utf-8")
    assert read_yaml(path).values == {"day": "2015-06-01", "year": 2015, True: False}


def test_the_line_of_a_field_or_of_what_holds_it(tmp_path):
    path = tmp_path / "lines.yaml"
    path.write_text("a: 1\nb:\n  - c: 2\n    d:\n      - 3\n      - 4\n", encoding="utf-8")
    source = read_yaml(path)
    lines = {(): 1, ("b",): 2, ("b", 0): 3, ("b", 0, "d"): 4, ("b", 0, "d", 1): 6}
    lost = {("b", 0, "lost"): 3, ("a", "deep"): 1}
    for steps, line in {**lines, **lost}.items():
        assert source.where(steps) == f"{path}, line {line}"
