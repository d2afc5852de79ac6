"""DICOM in: every file accounted for, series as regular volumes, pixels as values with a unit."""

from liverseg.ingest.browse import BrowserRow, browse, rows_json, write_rows_parquet
from liverseg.ingest.hiding import HIDDEN, hide, hide_doubts
from liverseg.ingest.holds import holds_dicom
from liverseg.ingest.ledger import ledger_json
from liverseg.ingest.listing import list_dicom
from liverseg.ingest.policy import CHOICES, GeometryPolicy
from liverseg.ingest.read import read_volume
from liverseg.ingest.scan import scan_folder, usable_series
from liverseg.ingest.sources import SourceFacts, facts_of, open_source
from liverseg.ingest.study import Study, StudyVolume, read_study
from liverseg.ingest.walk import FoundFile

__all__ = [
    "CHOICES",
    "HIDDEN",
    "BrowserRow",
    "FoundFile",
    "GeometryPolicy",
    "SourceFacts",
    "Study",
    "StudyVolume",
    "browse",
    "facts_of",
    "hide",
    "hide_doubts",
    "holds_dicom",
    "ledger_json",
    "list_dicom",
    "open_source",
    "read_study",
    "read_volume",
    "rows_json",
    "scan_folder",
    "usable_series",
    "write_rows_parquet",
]
