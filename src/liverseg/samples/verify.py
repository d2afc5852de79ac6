"""Is a fetched sample still what was fetched? Told without the network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from liverseg.records import Progress
from liverseg.samples.checksums import check_file
from liverseg.samples.manifest import Manifest, ManifestFile, read_manifest


class SampleFileState(StrEnum):
    """What became of one file of a sample."""

    RIGHT = "right"
    MISSING = "missing"
    WRONG_SIZE = "wrong size"
    WRONG_CONTENT = "wrong content"
    NOT_FETCHED = "not fetched"


@dataclass(frozen=True)
class VerifiedSample:
    """The files of a sample with their states, in the manifest's order."""

    folder: Path
    manifest: Manifest
    states: tuple[SampleFileState, ...]

    @property
    def right(self) -> bool:
        """Complete, and every file as it was fetched."""
        return self.manifest.complete and all(one is SampleFileState.RIGHT for one in self.states)

    def wrong_files(self) -> tuple[tuple[str, SampleFileState], ...]:
        """Path and state of each file that is not right."""
        return tuple(
            (file.path, state)
            for file, state in zip(self.manifest.files, self.states, strict=True)
            if state is not SampleFileState.RIGHT
        )


def verify_sample(folder: Path, *, progress: Progress | None = None) -> VerifiedSample:
    """Compare every file with the size and SHA-256 that the manifest has of it.

    Needs no network. Files that are not of the sample are left out of the count. Raises
    `InputError` when the folder is no sample.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    states = []
    for number, file in enumerate(manifest.files):
        if progress is not None:
            progress(f"reading {file.path}", number / len(manifest.files))
        states.append(_state(folder, file))
    return VerifiedSample(folder, manifest, tuple(states))


def _state(folder: Path, file: ManifestFile) -> SampleFileState:
    path = folder / file.path
    if not path.is_file():
        return SampleFileState.MISSING if file.sha256 else SampleFileState.NOT_FETCHED
    if path.stat().st_size != file.size_bytes:
        return SampleFileState.WRONG_SIZE
    if file.sha256 and check_file(path, ()).sha256 != file.sha256:
        return SampleFileState.WRONG_CONTENT
    # Without a SHA-256 the sample is not complete, and its manifest says so.
    return SampleFileState.RIGHT if file.sha256 else SampleFileState.NOT_FETCHED
