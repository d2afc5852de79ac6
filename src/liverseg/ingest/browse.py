"""The study browser: one row a volume, for a table, JSON and Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from liverseg.ingest.sources import facts_of
from liverseg.phases import recognise_phases
from liverseg.records import Ledger, SeriesRecord


@dataclass(frozen=True)
class BrowserRow:
    """What a person wants to know of a volume before opening it.

    `patient` is the digest of the ledger, never an identifier; `phase` is a guess from
    the header with its reason; spacings are mm; `bytes` is what its files take (a file
    that holds several volumes counts for each).
    """

    patient: str
    date: str
    study: str
    modality: str
    number: int | None
    description: str
    phase: str
    phase_reason: str
    slices: int
    rows: int
    columns: int
    slice_spacing_mm: float
    row_spacing_mm: float
    column_spacing_mm: float
    unit: str
    bytes: int
    split_by: str
    changed_by: str
    doubts: int
    key: str
    series_uid: str
    study_uid: str

    @property
    def size_text(self) -> str:
        """Slices x rows x columns."""
        return f"{self.slices} x {self.rows} x {self.columns}"

    @property
    def spacing_text(self) -> str:
        """Spacing along slice, row and column in mm."""
        steps = (self.slice_spacing_mm, self.row_spacing_mm, self.column_spacing_mm)
        return " x ".join(f"{step:.3g}" for step in steps)


def browse(ledger: Ledger) -> tuple[BrowserRow, ...]:
    """One row a volume, by patient, date, study and time. Reads no pixel."""
    calls = recognise_phases(ledger.series)
    records = sorted(ledger.series, key=lambda r: (r.patient, r.date, r.study_uid))
    return tuple(
        _row(record, str(calls[record.key].phase), calls[record.key].reason) for record in records
    )


def _row(record: SeriesRecord, phase: str, reason: str) -> BrowserRow:
    slices, rows, columns = record.grid.shape
    step, row_mm, column_mm = (round(one, 6) for one in record.grid.spacing_mm)
    return BrowserRow(
        patient=record.patient,
        date=record.date,
        study=record.study_description,
        modality=record.modality,
        number=record.number,
        description=record.description,
        phase=phase,
        phase_reason=reason,
        slices=slices,
        rows=rows,
        columns=columns,
        slice_spacing_mm=step,
        row_spacing_mm=row_mm,
        column_spacing_mm=column_mm,
        unit=record.unit,
        bytes=_bytes_of(record),
        split_by=record.split_by,
        changed_by="; ".join(record.resampling.ways) if record.resampling else "",
        doubts=len(record.doubts),
        key=record.key,
        series_uid=record.series_uid,
        study_uid=record.study_uid,
    )


def _bytes_of(record: SeriesRecord) -> int:
    facts = [facts_of(path) for path in {source.path for source in record.slices}]
    return sum(one.size for one in facts if one is not None)


def rows_json(rows: Sequence[BrowserRow]) -> list[dict[str, Any]]:
    """The rows as JSON-ready values."""
    return [asdict(row) for row in rows]


def write_rows_parquet(rows: Sequence[BrowserRow], path: Path) -> None:
    """The rows as a Parquet file, with the same column types also where there is no row."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"int": pa.int64(), "int | None": pa.int64(), "float": pa.float64(), "str": pa.string()}
    schema = pa.schema([(part.name, kinds[str(part.type)]) for part in fields(BrowserRow)])
    pq.write_table(pa.Table.from_pylist(rows_json(rows), schema=schema), path)
