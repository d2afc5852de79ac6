"""De-identify a folder: every file accounted for, outputs whole or absent."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from liverseg.errors import InputError
from liverseg.ingest import FoundFile, list_dicom, open_source
from liverseg.privacy import Cleaned, KeyRing, Options, Refused, deidentify_stream
from liverseg.records import Progress
from liverseg.workflow.outputs import staged
from liverseg.workflow.privacy_report import DICOM_FOLDER, REPORTS, write_reports

_REPORT_EVERY = 20
_WRITERS = 8


class Outcome(StrEnum):
    """Exclusive fates of a file. SKIPPED: no DICOM object, or a copy; REFUSED: not written."""

    WRITTEN = "written"
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclass(frozen=True)
class FileFate:
    """One input file: its name in the ledger, what became of it, why, and its new name."""

    path: str
    outcome: Outcome
    reason: str
    written: str = ""


@dataclass(frozen=True)
class Deidentification:
    """What a run did. `actions` counts (attribute, action), `warnings` reasons to look again.

    `fates` name the input files: they are for the user's screen, and no report holds them.
    """

    options: Options
    is_key_kept: bool
    fates: tuple[FileFate, ...]
    actions: Counter[tuple[str, str]]
    warnings: Counter[str] = field(default_factory=Counter)
    patients: int = 0
    studies: int = 0
    series: int = 0

    def count(self, outcome: Outcome) -> int:
        """Number of files with this fate."""
        return sum(fate.outcome is outcome for fate in self.fates)

    def reasons(self) -> Counter[tuple[str, str]]:
        """How often each reason not to write a file was met."""
        return Counter(
            (str(fate.outcome), fate.reason)
            for fate in self.fates
            if fate.outcome is not Outcome.WRITTEN
        )


def deidentify_folder(
    paths: Sequence[Path],
    out: Path,
    *,
    keys: KeyRing,
    options: Options,
    is_key_kept: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Deidentification:
    """De-identify every DICOM file below `paths` into `out`.

    Folders, zip archives, DICOMDIRs or files. Writes ``dicom/`` with a folder for each
    patient, study and series (names are numbers), ``privacy_report.json`` and ``.txt``,
    all of them or none. `is_key_kept` goes into the report: whether the key can be had
    again. Raises `InputError` when `out` is in use, or lies in the input or around it,
    and when no file could be written.
    """
    _require_apart(paths, out)
    _require_empty(out, overwrite=overwrite)
    files = list_dicom(paths)
    with staged(out, names=(DICOM_FOLDER, *REPORTS), overwrite=overwrite) as stage:
        shelf = _Shelf(stage / DICOM_FOLDER)
        fates = []
        for number, file in enumerate(files):
            if progress is not None and number % _REPORT_EVERY == 0:
                progress("de-identifying", number / len(files))
            fates.append(_one(file, shelf, options, keys))
        done = Deidentification(
            options,
            is_key_kept,
            tuple(fates),
            shelf.actions,
            shelf.warnings,
            *shelf.counts(),
        )
        if not done.count(Outcome.WRITTEN):
            raise InputError(
                f"none of {len(files)} files could be de-identified: {_most_told(done)}",
                remedy="see `liverseg scan` for what the files are",
            )
        write_reports(done, stage)
        _settle(stage)
    return done


class _Shelf:
    """Where files go: numbered folders for patients, studies and series."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._numbers: dict[tuple[str, ...], int] = {}
        self._below: Counter[tuple[str, ...]] = Counter()
        self._seen: dict[bytes, str] = {}
        self.actions: Counter[tuple[str, str]] = Counter()
        self.warnings: Counter[str] = Counter()

    def put(self, cleaned: Cleaned) -> str | None:
        """Write a file under a name that tells nothing; None when it is there already."""
        digest = hashlib.sha256(cleaned.data).digest()
        if digest in self._seen:
            return None
        ids = (cleaned.patient, cleaned.study_uid, cleaned.series_uid)
        folder = "/".join(
            f"{kind}-{self._number(ids[: depth + 1])}"
            for depth, kind in enumerate(("patient", "study", "series"))
        )
        self._below[ids] += 1
        name = f"{folder}/{self._below[ids]:05d}.dcm"
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cleaned.data)
        self._seen[digest] = name
        self.actions.update(cleaned.actions)
        if cleaned.warning:
            self.warnings[cleaned.warning] += 1
        return name

    def counts(self) -> tuple[int, int, int]:
        """Patients, studies and series so far."""
        depths = Counter(len(ids) for ids in self._numbers)
        return depths[1], depths[2], depths[3]

    def _number(self, ids: tuple[str, ...]) -> int:
        if ids not in self._numbers:
            siblings = [one for one in self._numbers if one[:-1] == ids[:-1]]
            self._numbers[ids] = sum(len(one) == len(ids) for one in siblings) + 1
        return self._numbers[ids]


def _one(file: FoundFile, shelf: _Shelf, options: Options, keys: KeyRing) -> FileFate:
    if file.obstacle:
        outcome = Outcome.REFUSED if file.refused else Outcome.SKIPPED
        return FileFate(file.name, outcome, _without_names(file.obstacle))
    try:
        with open_source(str(file.path)) as stream:
            found = deidentify_stream(stream, options, keys)
    except (OSError, InputError) as error:
        told = error.what if isinstance(error, InputError) else error.strerror or "damaged"
        return FileFate(file.name, Outcome.REFUSED, f"cannot be read: {_without_names(told)}")
    if isinstance(found, Refused):
        return FileFate(file.name, Outcome.REFUSED, found.reason)
    name = shelf.put(found)
    if name is None:
        return FileFate(file.name, Outcome.SKIPPED, "is a copy of a file that was written")
    return FileFate(file.name, Outcome.WRITTEN, found.warning, f"{DICOM_FOLDER}/{name}")


def _without_names(reason: str) -> str:
    """A reason without the name of a file and without what a parser quotes of a header."""
    unquoted = re.sub(r"\s*\(.*\)", "", reason, flags=re.DOTALL)
    return re.sub(r"is listed in .*?(,? but )", r"is listed in a DICOMDIR\1", unquoted)


def _settle(folder: Path) -> None:
    """Have every file on the disk before any gets its name; together, as that is faster."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    with ThreadPoolExecutor(_WRITERS) as pool:
        list(pool.map(_flush, files))


def _flush(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _require_apart(paths: Sequence[Path], out: Path) -> None:
    target = out.resolve()
    for path in paths:
        source = path.resolve()
        inside = source.is_dir() and target.is_relative_to(source)
        if inside or source.is_relative_to(target):
            raise InputError(
                "the output folder and the input lie in one another",
                where=str(out),
                remedy="choose an output folder beside the input",
            )


def _require_empty(out: Path, *, overwrite: bool) -> None:
    if not out.is_dir() or overwrite:
        return
    if any(not item.name.startswith(".partial-") for item in out.iterdir()):
        raise InputError(
            f"{out} is not empty",
            remedy="choose another folder, or pass --overwrite to replace an earlier output",
        )


def _most_told(done: Deidentification) -> str:
    told = [f"{count} {reason}" for (_, reason), count in done.reasons().most_common(3)]
    return "; ".join(told)
