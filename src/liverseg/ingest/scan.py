"""`scan_folder`: what became of every file below some folders."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path, PurePosixPath

from liverseg.errors import InputError
from liverseg.ingest.cache import ScanCache
from liverseg.ingest.describe import describe_part
from liverseg.ingest.duplicates import Read, set_aside_duplicates
from liverseg.ingest.headers import Fate, HeaderReader
from liverseg.ingest.hiding import hide_in_ledger
from liverseg.ingest.inside import look_inside
from liverseg.ingest.plane import Plane
from liverseg.ingest.plausible import refuse_implausible
from liverseg.ingest.policy import GeometryPolicy
from liverseg.ingest.split import Resolution, split_series
from liverseg.ingest.walk import FoundFile, find_files
from liverseg.ingest.whole import series_to_keep
from liverseg.records import FileState, Ledger, LedgerEntry, Progress, SeriesRecord

_REPORT_EVERY = 50
_STRICT = GeometryPolicy()


def scan_folder(
    paths: Sequence[Path | str] | Path | str,
    *,
    policy: GeometryPolicy = _STRICT,
    whole: Collection[str] = (),
    cache: bool = True,
    with_identifiers: bool = False,
    progress: Progress | None = None,
) -> Ledger:
    """Every file below `paths`, each exactly once, and the volumes that they make.

    Reads headers only (pixels just to compare two files of one SOP instance UID).
    Files may have any name; zip archives are looked into (members are named
    ``archive.zip!/member``) and so are DICOMDIRs. `policy` says what is done with
    irregular slices. The series named in `whole` (by key, UID, number or description)
    are not split. Names, birth dates and identifiers of the patients are hidden wherever
    a header, a folder's or a file's name holds them, unless `with_identifiers`; see
    `hiding`. What the headers said is remembered in the user's cache folder, as long as
    the files do not change, unless `cache` is False or identifiers are asked for. Raises
    `InputError` for a path that does not exist or holds no file, and for a name in
    `whole` that fits no series; a damaged file never raises but is refused with its
    reason.
    """
    return scan_named(
        paths,
        policy=policy,
        whole=whole,
        cache=cache,
        with_identifiers=with_identifiers,
        progress=progress,
    )[0]


def scan_named(
    paths: Sequence[Path | str] | Path | str,
    *,
    policy: GeometryPolicy = _STRICT,
    whole: Collection[str] = (),
    cache: bool = True,
    with_identifiers: bool = False,
    progress: Progress | None = None,
) -> tuple[Ledger, dict[str, str]]:
    """As `scan_folder`, and the ledger name of each file by the path of a `SliceSource`."""
    roots = [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    found = find_files(roots)
    with warnings.catch_warnings():
        # Odd values in headers are expected here; what matters goes into the ledger.
        warnings.simplefilter("ignore")
        files, read, fates = read_all(
            found, progress, cache=cache, with_identifiers=with_identifiers
        )
        marks = {mark for planes in read.values() for mark in planes[0].file.hidden}
        read, more = set_aside_duplicates(read)
        fates.update(more)
        groups = _by_series(read)
        kept = series_to_keep(whole, groups)
        series: list[SeriesRecord] = []
        entries: dict[str, LedgerEntry] = {
            name: LedgerEntry(name, fate.state, fate.reason, fate.series_uid)
            for name, fate in fates.items()
        }
        for name, planes in groups.items():
            resolved = split_series(planes, policy=policy, whole=name in kept)
            resolved = refuse_implausible(resolved)
            series += _records(name, resolved)
            entries.update(_entries(planes[0].file.series_uid, resolved))
    ledger = Ledger(
        roots=tuple(str(root) for root in roots),
        entries=tuple(entries[file.name] for file in files),
        series=tuple(sorted(series, key=_browse_order)),
    )
    return hide_in_ledger(ledger, {str(file.path.absolute()): file.name for file in files}, marks)


def read_all(
    found: Sequence[FoundFile],
    progress: Progress | None,
    *,
    cache: bool,
    with_identifiers: bool = False,
) -> tuple[list[FoundFile], Read, dict[str, Fate]]:
    """All files with what is inside archives and listed in DICOMDIRs, read or with a fate."""
    read: Read = {}
    fates: dict[str, Fate] = {}
    known: dict[str, FoundFile] = {}
    while found:
        known.update({file.name: file for file in found})
        for file in found:
            if file.obstacle:
                state = FileState.REFUSED if file.refused else FileState.SKIPPED
                fates[file.name] = Fate(state, file.obstacle)
        plain = [file for file in found if not file.obstacle]
        reader = HeaderReader(with_identifiers=with_identifiers)
        remembered = ScanCache(plain, use=cache and not with_identifiers)
        images, others = _read_headers(plain, reader, remembered, progress)
        read.update(images)
        fates.update(others)
        found, told = look_inside(found, fates, known)
        fates.update(told)
    return sorted(known.values(), key=lambda file: file.name), read, fates


def usable_series(ledger: Ledger) -> tuple[SeriesRecord, ...]:
    """The volumes of a ledger. Raises `InputError` that says why when there is none."""
    if ledger.series:
        return ledger.series
    told = [f"{entry.path} {entry.reason}" for entry in _most_telling(ledger.entries)[:3]]
    more = len(ledger.entries) - len(told)
    raise InputError(
        "no image series can be used: " + "; ".join(told) + (f"; {more} more" if more else ""),
        where=", ".join(ledger.roots),
        remedy="see `liverseg scan` for every file, and name a folder of CT or MR images",
    )


def _most_telling(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    return sorted(entries, key=lambda entry: entry.state is not FileState.REFUSED)


def _read_headers(
    files: Sequence[FoundFile],
    reader: HeaderReader,
    remembered: ScanCache,
    progress: Progress | None,
) -> tuple[Read, dict[str, Fate]]:
    read: Read = {}
    fates: dict[str, Fate] = {}
    for index, file in enumerate(files):
        if progress is not None and index % _REPORT_EVERY == 0:
            progress("reading headers", index / len(files))
        facts, found = remembered.look(file)
        known = found is not None
        if found is None:
            found = reader.read(file)
        remembered.keep(file, facts, found, known=known)
        if isinstance(found, Fate):
            fates[file.name] = found
        else:
            read[file.name] = found
    remembered.save()
    if progress is not None:
        progress("reading headers", 1.0)
    return read, fates


def _by_series(read: Read) -> dict[str, list[Plane]]:
    """Planes by series: by its UID, or where files have none by folder, study and number."""
    groups: dict[str, list[Plane]] = {}
    for name, planes in read.items():
        file = planes[0].file
        number = "" if file.number is None else f" series {file.number}"
        unnamed = f"no-uid:{PurePosixPath(name).parent}{number} {file.study_uid}".rstrip()
        groups.setdefault(file.series_uid or unnamed, []).extend(planes)
    return groups


def _records(name: str, found: Resolution) -> list[SeriesRecord]:
    keys = [name if index == 0 else f"{name}#{index + 1}" for index in range(len(found.parts))]
    return [describe_part(part, key=key) for part, key in zip(found.parts, keys, strict=True)]


def _entries(uid: str, found: Resolution) -> dict[str, LedgerEntry]:
    """Fate of every file of one series. A multi-frame file is read if any frame is."""
    refused = {
        plane.file.name: leftover.reason
        for leftover in found.leftovers
        for plane in leftover.planes
    }
    volumes: dict[str, list[int]] = {}
    for index, part in enumerate(found.parts):
        for name in dict.fromkeys(plane.file.name for plane in part.stack.planes):
            volumes.setdefault(name, []).append(index)
    entries = {
        name: LedgerEntry(name, FileState.REFUSED, why, uid) for name, why in refused.items()
    }
    for name, held in volumes.items():
        state, reason = _use(found, held)
        if name in refused:
            reason += f"; some frames are refused: {refused[name]}"
        entries[name] = LedgerEntry(name, state, reason, uid)
    return entries


def _use(found: Resolution, held: Sequence[int]) -> tuple[FileState, str]:
    """State and reason of a file that is part of the volumes `held`."""
    part, count = found.parts[held[0]], len(found.parts)
    changes = part.stack.resampling.ways if part.stack.resampling else ()
    changed = "".join(f"; on request {way}" for way in changes)
    if count == 1 and not found.leftovers:
        slices = len(part.stack.planes)
        told = "the only slice of its series" if slices == 1 else f"one of {slices} slices"
        return FileState.USED, told + changed
    by = f"in its series, by {part.split_by}" if part.split_by else "in its series"
    if len(held) > 1:
        return FileState.SPLIT, f"holds {len(held)} of {count} volumes {by}{changed}"
    return FileState.SPLIT, f"volume {held[0] + 1} of {count} {by}{changed}"


def _browse_order(record: SeriesRecord) -> tuple[object, ...]:
    number = record.number if record.number is not None else 1 << 31
    moment = record.facts.acquisition_time_s
    return record.date, record.study_uid, number, -1.0 if moment is None else moment, record.key
