"""measurements.csv and measurements.parquet: the same rows, whole or not at all."""

import csv
import math

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liverseg.records import Measurement
from liverseg.report import tables, write_tables
from liverseg.report.tables import COLUMNS, SCHEMA, table_rows

NAMES = ("case", "date", "lesion", "phase", "metric", "value", "unit", "lower", "upper", "method",
         "series_uid", "slice", "segment")  # fmt: skip
ROW = Measurement(
    "long_axis", 35.25, "mm", 'RECIST, "axial"', lesion="R7", date="2015-06-01", modality="CT",
    phase="portal_venous", series_uid="1.2.3", slice=0, lower=30.0, upper=None,
)  # fmt: skip


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_columns_are_those_promised():
    assert COLUMNS == NAMES
    assert str(SCHEMA.field("value").type) == "double"
    assert str(SCHEMA.field("slice").type) == "int64"


def test_one_row_in_both_files(tmp_path):
    text, table = write_tables([ROW], tmp_path, case="case, one")
    assert (text.name, table.name) == ("measurements.csv", "measurements.parquet")
    expected = {
        "case": "case, one", "date": "2015-06-01", "lesion": "R7", "phase": "portal_venous",
        "metric": "long_axis", "value": 35.25, "unit": "mm", "lower": 30.0, "upper": None,
        "method": 'RECIST, "axial"', "series_uid": "1.2.3", "slice": 0, "segment": "",
    }  # fmt: skip
    assert pq.read_table(table).to_pylist() == [expected]
    written = {name: "" if value is None else str(value) for name, value in expected.items()}
    assert read_csv(text) == [written]
    assert text.read_text(encoding="utf-8").splitlines()[0] == ",".join(NAMES)


def as_csv(rows):
    return [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]


def test_every_row_of_a_case_stands_in_both_files_in_order(tmp_path, rich_content):
    text, table = write_tables(rich_content.measurements, tmp_path, case="c")
    rows = pq.read_table(table).to_pylist()
    assert len(rows) == len(rich_content.measurements)
    assert [row["value"] for row in rows] == [row.value for row in rich_content.measurements]
    assert read_csv(text) == as_csv(rows)
    assert {row["unit"] for row in rows} >= {"HU", "au", "mm2/s", "mm", "ml", "%", "1"}


@given(
    st.lists(
        st.builds(
            Measurement,
            st.text("ab_,\"'\n", max_size=5),
            st.floats(allow_nan=False),
            st.sampled_from(["mm", "1"]),
            st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=8),
            slice=st.none() | st.integers(0, 900),
            lower=st.none() | st.floats(-1e9, 1e9),
        ),
        max_size=4,
    )
)
def test_any_text_and_number_reads_the_same_from_both(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("tables")
    text, table = write_tables(rows, folder, case="é")
    found = pq.read_table(table)
    assert found.schema.equals(SCHEMA)
    assert found.to_pylist() == table_rows(rows, "é")
    assert read_csv(text) == as_csv(found.to_pylist())


def test_a_value_that_is_no_number_stays_one_in_both(tmp_path):
    text, table = write_tables([Measurement("mean", math.nan, "HU", "m")], tmp_path, case="c")
    assert math.isnan(float(read_csv(text)[0]["value"]))
    assert math.isnan(pq.read_table(table).to_pylist()[0]["value"])


def test_files_that_are_there_are_replaced(tmp_path):
    write_tables([ROW, ROW], tmp_path, case="c")
    text, table = write_tables([ROW], tmp_path, case="c")
    assert len(read_csv(text)) == pq.read_table(table).num_rows == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [text.name, table.name]


def test_a_failure_leaves_what_was_there(tmp_path, monkeypatch):
    text, table = write_tables([ROW], tmp_path, case="before")
    before = text.read_bytes(), table.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(tables.pq, "write_table", fail)
    with pytest.raises(OSError, match="disk full"):
        write_tables([ROW, ROW], tmp_path, case="after")
    assert (text.read_bytes(), table.read_bytes()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [text.name, table.name]
