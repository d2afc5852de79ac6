"""The measurement table as CSV and Parquet: the same rows, the same columns."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from liverseg.records import Measurement

SCHEMA = pa.schema(
    [
        ("case", pa.string()),
        ("date", pa.string()),
        ("lesion", pa.string()),
        ("phase", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("unit", pa.string()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("method", pa.string()),
        ("series_uid", pa.string()),
        ("slice", pa.int64()),
        ("segment", pa.string()),
    ]
)
COLUMNS = tuple(SCHEMA.names)


def table_rows(measurements: Sequence[Measurement], case: str) -> list[dict[str, object]]:
    """One dictionary a measurement, keys in the order of the columns."""
    return [
        {name: case if name == "case" else getattr(row, name) for name in COLUMNS}
        for row in measurements
    ]


def write_tables(
    measurements: Sequence[Measurement], folder: Path, *, case: str
) -> tuple[Path, Path]:
    """Write measurements.csv and measurements.parquet into `folder`, whole or not at all."""
    rows = table_rows(measurements, case)
    text, table = folder / "measurements.csv", folder / "measurements.parquet"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".partial-") as stage:
        partial_text, partial_table = Path(stage) / text.name, Path(stage) / table.name
        with partial_text.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), partial_table)
        # Only when both are whole does either take its place.
        partial_text.replace(text)
        partial_table.replace(table)
    return text, table
