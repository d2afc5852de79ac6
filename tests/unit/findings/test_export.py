"""A comparison as plain values."""

import json

import pytest
from findings_rows import CORE_P2, MadeExam, claim, irregular
from hypothesis import given
from hypothesis import strategies as st

from liverseg.findings import compare, comparison_json
from liverseg.findings.export import plain_value
from liverseg.records import Claim, ReportedFindings, SourceKind

KEYS = (
    "id", "statement", "verdict", "value", "unit", "tolerance", "phase", "lesion", "reason",
    "contradicts", "place", "date", "slice", "series_uid",
)  # fmt: skip
ROWS = MadeExam("2015-06-01", "CT", (irregular("F7", CORE_P2),)).rows()


def entries(*claims):
    return comparison_json(compare(ReportedFindings("made", "here", claims), ROWS))


def test_an_entry_has_all_keys_in_order():
    made = claim("long_axis", lesions="all", mm=35, sites=("7",))
    (entry,) = entries(made)
    assert tuple(entry) == KEYS
    assert (entry["value"], entry["unit"], entry["verdict"]) == (35.6, "mm", "agrees")
    assert (entry["phase"], entry["lesion"], entry["slice"]) == ("portal_venous", "F7", 40)
    assert (entry["statement"], entry["place"], entry["date"]) == ("something", "text", "2015")
    assert entry["series_uid"] == "1.2.2015-06-01.CT.portal_venous"


def test_what_was_not_measured_is_none():
    made = Claim(
        "x", "said", SourceKind.TEXT, "p", "", untestable="not seen", contradicts=("x", "y")
    )
    (entry,) = entries(made)
    assert (entry["value"], entry["slice"], entry["series_uid"]) == (None, None, "")
    assert entry["contradicts"] == ["x", "y"]
    assert entry["reason"] == "not seen"


def test_entries_are_json_in_the_order_of_the_report():
    made = [claim("count", at_least=1, id=name) for name in ("z", "a", "m")]
    found = entries(*made)
    assert [entry["id"] for entry in found] == ["z", "a", "m"]
    assert json.loads(json.dumps(found)) == found
    assert [type(entry["value"]) for entry in found] == [int] * 3


@pytest.mark.parametrize(
    ("text", "value"),
    [("35.2", 35.2), ("-3", -3), ("+4.5", 4.5), ("0", 0), ("", None), ("24 to 26", "24 to 26"),
     ("S4, S5", "S4, S5"), ("1.", "1."), ("nan", "nan"), ("1e3", "1e3"), ("1_0", "1_0")],
)  # fmt: skip
def test_only_a_plain_number_becomes_one(text, value):
    found = plain_value(text)
    assert found == value
    assert type(found) is type(value)


@given(st.integers(-(10**9), 10**9), st.floats(-1e6, 1e6).map(lambda value: round(value, 2)))
def test_written_numbers_come_back(whole, part):
    assert plain_value(str(whole)) == whole
    assert plain_value(f"{part:.2f}") == part
