"""`ledger_json`: a ledger as plain values, for ``ledger.json`` and scripts."""

from __future__ import annotations

from typing import Any

from liverseg.ingest.browse import BrowserRow, browse
from liverseg.records import FileState, Ledger, SeriesRecord


def ledger_json(ledger: Ledger) -> dict[str, Any]:
    """The ledger as JSON-ready values.

    ``files`` is the total and ``used + split + skipped + refused`` equals it;
    ``entries`` lists every file with path, state, reason and series_uid; ``series``
    every volume with its size, spacing (mm: slice, row, column), phase as far as headers
    tell it, bytes, what was changed on request and its doubts.
    """
    rows = {row.key: row for row in browse(ledger)}
    counts = {state.value: ledger.count(state) for state in FileState}
    return {
        "files": len(ledger.entries),
        **counts,
        "roots": list(ledger.roots),
        "entries": [
            {
                "path": entry.path,
                "state": entry.state.value,
                "reason": entry.reason,
                "series_uid": entry.series_uid,
            }
            for entry in ledger.entries
        ],
        "series": [_series_json(one, rows[one.key]) for one in ledger.series],
    }


def _series_json(record: SeriesRecord, row: BrowserRow) -> dict[str, Any]:
    return {
        "key": record.key,
        "series_uid": record.series_uid,
        "study_uid": record.study_uid,
        "patient": record.patient,
        "date": record.date,
        "modality": record.modality,
        "number": record.number,
        "description": record.description,
        "study_description": record.study_description,
        "phase": row.phase,
        "phase_reason": row.phase_reason,
        "slices": record.grid.shape[0],
        "bytes": row.bytes,
        "shape": list(record.grid.shape),
        "spacing_mm": [round(step, 6) for step in record.grid.spacing_mm],
        "frame_of_reference": record.grid.frame_of_reference,
        "unit": record.unit,
        "split_by": record.split_by,
        "changed_by": row.changed_by,
        "is_phantom": record.is_phantom,
        "doubts": [{"reason": doubt.reason, "where": doubt.where} for doubt in record.doubts],
    }
