"""`manifest.json` of a fetched sample: what belongs to it, and whether all of it is there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liverseg.errors import InputError

MANIFEST = "manifest.json"
FORMAT = "liverseg sample 1"


@dataclass(frozen=True)
class ManifestFile:
    """One file of a sample. `path` is relative, with slashes; "" as `sha256`: not yet fetched.

    `checked_by` are the archive's checksums that it was compared with; empty where the
    archive gives none, and only the size was compared.
    """

    path: str
    size_bytes: int
    source: str
    etag: str
    sha256: str = ""
    checked_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """A sample as it lies in a folder. `complete` only when every file is whole and right."""

    sample: str
    study_uid: str
    endpoint: str
    complete: bool
    files: tuple[ManifestFile, ...]

    @property
    def size_bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.size_bytes for file in self.files)


def manifest_json(manifest: Manifest) -> dict[str, Any]:
    """The content of ``manifest.json``."""
    return {
        "format": FORMAT,
        "sample": manifest.sample,
        "complete": manifest.complete,
        "study_uid": manifest.study_uid,
        "endpoint": manifest.endpoint,
        "files": [
            {
                "path": file.path,
                "bytes": file.size_bytes,
                "sha256": file.sha256 or None,
                "checked_by": list(file.checked_by),
                "etag": file.etag,
                "source": file.source,
            }
            for file in manifest.files
        ],
    }


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write ``manifest.json`` into a folder, the old one whole until the new one is."""
    text = json.dumps(manifest_json(manifest), indent=1, ensure_ascii=False) + "\n"
    write_whole(folder / MANIFEST, text)


def write_whole(path: Path, text: str) -> None:
    """Write a text file under a name of its own, then give it its name."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder. Raises `InputError` when it has none or it is damaged."""
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(
            "this is no fetched sample: it has no manifest.json",
            where=str(folder),
            remedy="name the folder that `liverseg samples fetch` made",
        )
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["format"] != FORMAT:
            raise ValueError(f"its format is {raw['format']!r}")
        return Manifest(
            str(raw["sample"]),
            str(raw["study_uid"]),
            str(raw["endpoint"]),
            raw["complete"] is True,
            tuple(_file(body) for body in raw["files"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise InputError(
            f"the manifest cannot be read: {problem}",
            where=str(path),
            remedy="delete the folder and fetch the sample again",
        ) from problem


def _file(body: Mapping[str, Any]) -> ManifestFile:
    path = str(body["path"])
    if Path(path).is_absolute() or ".." in Path(path).parts:
        raise ValueError(f"{path!r} leaves the folder")
    return ManifestFile(
        path,
        int(body["bytes"]),
        str(body["source"]),
        str(body["etag"]),
        str(body["sha256"] or ""),
        tuple(str(name) for name in body["checked_by"]),
    )
