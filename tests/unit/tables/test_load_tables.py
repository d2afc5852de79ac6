"""Tables: every row has a source, and a broken table says which row."""

from importlib import resources

import pytest

from liverseg.errors import InputError
from liverseg.tables import load_table
from liverseg.tables.load import parse_table

NAMES = sorted(
    path.name.removesuffix(".toml")
    for path in resources.files("liverseg.tables").iterdir()
    if path.name.endswith(".toml")
)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_of_the_package_loads_and_every_row_has_a_source(name):
    table = load_table(name)
    assert table.name == name
    assert len(table.digest) == 64
    assert list(table)
    for row in table:
        assert row.source.strip()
        assert row.checked in {"read", "known", "designed"}


def test_a_row_gives_its_number_unit_and_other_columns():
    row = load_table("couinaud")["segment_4"]
    assert (row.value, row.unit, row.checked) == ("277958008", "SCT", "read")
    assert row.more["roman"] == "IV"
    assert load_table("couinaud_rules").number("tie") == 0.01


def test_unknown_row_names_table_and_row():
    with pytest.raises(KeyError, match="couinaud_rules has no row nonsense"):
        load_table("couinaud_rules")["nonsense"]


def test_unknown_table():
    with pytest.raises(InputError, match="no table nonsense"):
        load_table("nonsense")


@pytest.mark.parametrize(
    "body",
    [
        'unit = "mm"\nsource = "x"\nchecked = "read"',
        'value = 1\nchecked = "read"',
        'value = 1\nsource = ""\nchecked = "read"',
        'value = 1\nsource = "x"',
        'value = 1\nsource = "x"\nchecked = "guessed"',
    ],
)
def test_a_row_without_value_source_or_mark_is_refused_by_name(body):
    text = f"[rows.limit]\n{body}\n"
    with pytest.raises(InputError, match="table t, row limit"):
        parse_table("t", text.encode())


def test_digest_follows_the_content():
    one = parse_table("t", b'[rows.a]\nvalue = 1\nsource = "x"\nchecked = "read"\n')
    two = parse_table("t", b'[rows.a]\nvalue = 2\nsource = "x"\nchecked = "read"\n')
    assert one.digest != two.digest
    assert one.number("a") == 1.0
