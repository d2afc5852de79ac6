"""`Ledger`: what became of every file that was found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from liverseg.records.series import SeriesRecord


class FileState(StrEnum):
    """Exclusive fates of a file.

    USED: read, the only volume of its series. SPLIT: read, into one of several volumes
    of its series. SKIPPED: not an image series of this program (no DICOM, a report, a
    copy of a file already used). REFUSED: an image that cannot be used as it is.
    """

    USED = "used"
    SPLIT = "split"
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclass(frozen=True)
class LedgerEntry:
    """One file: path relative to the scanned root (posix), fate, reason, series ("" if none)."""

    path: str
    state: FileState
    reason: str
    series_uid: str = ""


@dataclass(frozen=True, eq=False)
class Ledger:
    """Every file below `roots`, each exactly once, and the volumes that came of them."""

    roots: tuple[str, ...]
    entries: tuple[LedgerEntry, ...]
    series: tuple[SeriesRecord, ...]

    def count(self, state: FileState) -> int:
        """Number of files with this fate."""
        return Counter(entry.state for entry in self.entries)[state]
