"""DICOM in: every file accounted for, series as regular volumes, pixels as values with a unit."""

from liverseg.ingest.browse import BrowserRow, browse, rows_json, write_rows_parquet
from liverseg.ingest.holds import holds_dicom
from liverseg.ingest.ledger import ledger_json
from liverseg.ingest.policy import CHOICES, GeometryPolicy
from liverseg.ingest.read import read_volume
from liverseg.ingest.scan import scan_folder, usable_series
from liverseg.ingest.sources import SourceFacts, facts_of, open_source
from liverseg.ingest.study import Study, StudyVolume, read_study

__all__ = [
    "CHOICES",
    "BrowserRow",
    "GeometryPolicy",
    "SourceFacts",
    "Study",
    "StudyVolume",
    "browse",
    "facts_of",
    "holds_dicom",
    "ledger_json",
    "open_source",
    "read_study",
    "read_volume",
    "rows_json",
    "scan_folder",
    "usable_series",
    "write_rows_parquet",
]
