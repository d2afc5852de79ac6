"""`read_study`: files to volumes in one call, with the ledger of what became of each file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liverseg.errors import InputError
from liverseg.geometry import Grid, Volume
from liverseg.ingest.policy import GeometryPolicy
from liverseg.ingest.read import read_volume
from liverseg.ingest.scan import scan_named
from liverseg.phases import recognise_phases
from liverseg.records import (
    FileState,
    Ledger,
    LedgerEntry,
    Phase,
    PhaseCall,
    Progress,
    SeriesRecord,
)

_STRICT = GeometryPolicy()
_NOBODY: Mapping[str, str] = {}


@dataclass(frozen=True, eq=False)
class StudyVolume:
    """One volume: its record (what the headers say), its voxels and its contrast phase."""

    record: SeriesRecord
    volume: Volume
    call: PhaseCall

    @property
    def array(self) -> NDArray[np.generic]:
        """(slice, row, column) values in `unit`, read-only."""
        return self.volume.array

    @property
    def grid(self) -> Grid:
        """Where the voxels lie in the patient, LPS mm."""
        return self.volume.grid

    @property
    def unit(self) -> str:
        """Unit of the values: "HU", "au" (MR signal, arbitrary) or that of a map ("mm2/s")."""
        return self.volume.unit

    @property
    def phase(self) -> Phase:
        """The contrast phase as far as the header tells; `call.reason` says why."""
        return self.call.phase

    @property
    def series_uid(self) -> str:
        """SeriesInstanceUID, "" where the files have none."""
        return self.record.series_uid


@dataclass(frozen=True, eq=False)
class Study:
    """All volumes below some paths, of one or many patients and dates, and the ledger."""

    volumes: tuple[StudyVolume, ...]
    ledger: Ledger


def read_study(
    paths: Sequence[Path | str] | Path | str,
    *,
    policy: GeometryPolicy = _STRICT,
    whole: Collection[str] = (),
    phases: Mapping[str, str] = _NOBODY,
    cache: bool = True,
    progress: Progress | None = None,
) -> Study:
    """Every volume below `paths` with its voxels, and what became of every file.

    A folder, a zip archive, a DICOMDIR or a file; options as for `scan_folder`, and
    `phases` sets a phase by hand as `recognise_phases` does. All voxels are in memory
    afterwards: for a large archive use `scan_folder` and `read_volume`. A volume whose
    pixels cannot be decoded is left out and its files are refused in the ledger with the
    reason; this raises only for a path without files.
    """
    ledger, names = scan_named(paths, policy=policy, whole=whole, cache=cache, progress=progress)
    calls = recognise_phases(ledger.series, overrides=phases)
    volumes = []
    for record in ledger.series:
        try:
            volume = read_volume(record, progress=progress)
        except InputError as error:
            ledger = _without(ledger, record, error, names)
        else:
            volumes.append(StudyVolume(record, volume, calls[record.key]))
    return Study(tuple(volumes), ledger)


def _without(
    ledger: Ledger, record: SeriesRecord, error: InputError, names: Mapping[str, str]
) -> Ledger:
    """The ledger after a volume turned out to be unreadable: its files are refused.

    A multi-frame file may hold other volumes that can be read; then it stays in use.
    """
    culprit = names.get(error.where or "", "")
    reason = f"its volume cannot be read: {error.what}" + (f" ({culprit})" if culprit else "")
    rest = tuple(one for one in ledger.series if one is not record)
    lost = {names[source.path] for source in record.slices}
    used = {names[source.path] for one in rest for source in one.slices}

    def judge(entry: LedgerEntry) -> LedgerEntry:
        if entry.path not in lost:
            return entry
        if entry.path in used:
            return replace(entry, reason=f"{entry.reason}; but {reason}")
        return replace(entry, state=FileState.REFUSED, reason=reason)

    return replace(ledger, entries=tuple(judge(one) for one in ledger.entries), series=rest)
