"""A sample from the archive into a folder: whole or under another name.

While it is fetched a sample lies in ``<name>.partial``; it is renamed to ``<name>`` when every
file is there and right. What a killed run left is gone on from. A lock file beside the
folder (``.<name>.lock``, left behind empty) keeps a second process out; the system frees it
when its holder dies.
"""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from liverseg.errors import CancelledError, InputError
from liverseg.records import Progress
from liverseg.samples.checksums import CheckedFile
from liverseg.samples.crew import Crew
from liverseg.samples.manifest import (
    MANIFEST,
    Manifest,
    ManifestFile,
    write_manifest,
    write_whole,
)
from liverseg.samples.registry import Sample, SampleSeries, read_citations
from liverseg.samples.s3 import AGAIN, PublicStore, RemoteObject, chosen_endpoint
from liverseg.samples.terms import LICENCE_FILE, licence_text
from liverseg.samples.verify import verify_sample
from liverseg.tables import load_table

PARTIAL = ".partial"
#: What a key's last part must look like to become a file here: nothing that leaves a folder.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class FetchedSample:
    """A sample that is whole. `received_bytes` came over the network in this run."""

    sample: Sample
    folder: Path
    manifest: Manifest
    received_bytes: int


@dataclass(frozen=True)
class _Planned:
    item: RemoteObject
    path: str


def fetch_sample(
    sample: Sample,
    into: Path,
    *,
    endpoint: str | None = None,
    registry: Path | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> FetchedSample:
    """Fetch a sample into ``into/<name>``, going on from what an earlier run left.

    `progress` and `cancelled` are called in the calling thread, several times a second. Once
    `cancelled` says True no more is asked for, and `CancelledError` is raised (where the
    network has fallen silent, when the connections are given up); what arrived stays in
    ``<name>.partial``. A sample that is there already is read and compared with
    its manifest, without the network; a damaged one is completed.

    Raises `InputError`, and leaves no folder of the sample's name, when the archive cannot
    be reached, lacks an object, or sends another size or checksum than it states, and when
    the disk is full, the folder cannot be written, or another process is fetching into it.
    """
    into = Path(into)
    tell = progress or (lambda _message, _share: None)
    address = chosen_endpoint(endpoint)
    with _told_of_the_disk(into), _alone(into, sample.name):
        folder, partial = into / sample.name, into / (sample.name + PARTIAL)
        there = _whole_one(folder, sample, tell)
        if there is not None:
            return FetchedSample(sample, folder, there, 0)
        if folder.exists():
            # It must not look whole while it is mended.
            folder.replace(partial)
        with PublicStore(address) as store:
            planned = _plan(store, sample, tell, cancelled)
            manifest = _manifest(sample, address, planned)
            partial.mkdir(exist_ok=True)
            write_manifest(manifest, partial)
            _require_space(partial, planned)
            crew = Crew(store, cancelled)
            wanted = [(one.item, partial / one.path) for one in planned]
            checked = crew.fetch_all(wanted, progress=tell)
        manifest = _completed(manifest, checked)
        write_whole(partial / LICENCE_FILE, licence_text(sample, read_citations(registry)))
        write_manifest(manifest, partial)
        partial.replace(folder)
    return FetchedSample(sample, folder, manifest, crew.received_bytes)


def series_folder(sample: Sample, series: SampleSeries) -> str:
    """Name of the folder of one series: its place in the registry, modality and description.

    Only letters, digits and underscores, so that every file system takes it.
    """
    number = sample.series.index(series) + 1
    words = re.sub(r"[^A-Za-z0-9]+", "_", series.description).strip("_")[:40]
    return "_".join(part for part in (f"{number:02d}", series.modality, words) if part)


def _whole_one(folder: Path, sample: Sample, tell: Progress) -> Manifest | None:
    """The manifest of a sample that is there and right; None when something is to be fetched."""
    if not folder.exists():
        return None
    if not (folder / MANIFEST).is_file():
        raise InputError(
            f"{folder} exists, and is no sample",
            remedy="choose another folder with -o, or move it away",
        )
    verified = verify_sample(folder, progress=tell)
    if verified.manifest.sample != sample.name:
        raise InputError(
            f"{folder} holds the sample {verified.manifest.sample}", remedy="choose another folder"
        )
    if verified.right:
        return verified.manifest
    if folder.with_name(folder.name + PARTIAL).exists():
        raise InputError(
            f"{folder} is damaged, and {folder.name}{PARTIAL} lies beside it",
            remedy="delete one of the two, then fetch again",
        )
    return None


def _plan(
    store: PublicStore,
    sample: Sample,
    tell: Progress,
    cancelled: Callable[[], bool] | None,
) -> tuple[_Planned, ...]:
    """Every object of a sample with the path of its file; what the registry says must hold."""
    planned: list[_Planned] = []
    for number, series in enumerate(sample.series):
        if cancelled is not None and cancelled():
            raise CancelledError(f"fetching {sample.name} was cancelled", remedy=AGAIN)
        tell(f"asking for the files of series {number + 1} of {len(sample.series)}", 0.0)
        found = store.list_objects(series.bucket, series.prefix)
        _require_all(series, found)
        folder = series_folder(sample, series)
        planned += [_Planned(item, f"{folder}/{item.name}") for item in found]
    return tuple(planned)


def _require_all(series: SampleSeries, found: Sequence[RemoteObject]) -> None:
    where = f"s3://{series.bucket}/{series.prefix}"
    if len(found) != series.instances:
        raise InputError(
            f"the archive has {len(found)} objects of series {series.description or series.uid}, "
            f"and the registry names {series.instances}",
            where=where,
            remedy="the sample cannot be completed: choose another, or update liverseg",
        )
    size_mb = sum(item.size_bytes for item in found) / 1e6
    if abs(size_mb - series.size_mb) > load_table("sample_fetch").number("size_tolerance"):
        raise InputError(
            f"series {series.description or series.uid} has {size_mb:.2f} MB in the archive, "
            f"and {series.size_mb:.2f} MB in the registry",
            where=where,
            remedy="the archive has another version of it: choose another, or update liverseg",
        )
    for item in found:
        if not _PLAIN_NAME.fullmatch(item.name) or item.key != series.prefix + item.name:
            raise InputError(
                "an object of the archive has a name that is no file's", where=item.address
            )


def _manifest(sample: Sample, endpoint: str, planned: Sequence[_Planned]) -> Manifest:
    files = tuple(
        ManifestFile(one.path, one.item.size_bytes, one.item.address, one.item.etag)
        for one in planned
    )
    return Manifest(sample.name, sample.study_uid, endpoint, complete=False, files=files)


def _completed(manifest: Manifest, checked: Sequence[CheckedFile]) -> Manifest:
    files = tuple(
        replace(file, sha256=one.sha256, checked_by=one.passed)
        for file, one in zip(manifest.files, checked, strict=True)
    )
    return replace(manifest, complete=True, files=files)


def _require_space(partial: Path, planned: Sequence[_Planned]) -> None:
    whole = sum(one.item.size_bytes for one in planned)
    have = sum(file.stat().st_size for file in partial.rglob("*") if file.is_file())
    free = shutil.disk_usage(partial).free
    if whole - have > free:
        raise InputError(
            f"the disk is too full: {(whole - have) / 1e6:.1f} MB are needed "
            f"and {free / 1e6:.1f} MB are free",
            where=str(partial),
            remedy=f"free some space, or choose another folder with -o; {AGAIN}",
        )


@contextmanager
def _alone(into: Path, name: str) -> Iterator[None]:
    """Keep other processes from fetching the same sample into the same folder."""
    from filelock import FileLock, Timeout

    into.mkdir(parents=True, exist_ok=True)
    lock = FileLock(into / f".{name}.lock", timeout=0)
    try:
        with lock:
            yield
    except Timeout as problem:
        raise InputError(
            f"another process is fetching {name} into this folder",
            where=str(into),
            remedy="wait until it has ended",
        ) from problem


@contextmanager
def _told_of_the_disk(into: Path) -> Iterator[None]:
    """The system's refusals as one line each."""
    try:
        yield
    except OSError as problem:
        where = str(problem.filename or into)
        if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise InputError(
                f"the disk is full ({problem.strerror})",
                where=where,
                remedy=f"free some space; {AGAIN}",
            ) from problem
        raise InputError(
            f"the folder cannot be written: {problem.strerror or problem}",
            where=where,
            remedy="choose another folder with -o",
        ) from problem
