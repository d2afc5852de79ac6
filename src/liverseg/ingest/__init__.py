"""DICOM in: every file accounted for, series as regular volumes, pixels as values with a unit."""

from liverseg.ingest.ledger import ledger_json
from liverseg.ingest.read import read_volume
from liverseg.ingest.scan import scan_folder, usable_series

__all__ = ["ledger_json", "read_volume", "scan_folder", "usable_series"]
