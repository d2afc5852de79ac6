"""Remember what the headers of a folder said, so that opening it again reads no file.

One file for each folder in the user's cache folder (``LIVERSEG_CACHE`` names another).
An entry holds as long as size and time of change of its file and the code that judged it
are the same. Files that changed in the last seconds are not kept: a second change within
one tick of the clock could not be told. A cache that cannot be read or written is none:
then everything is read again.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from liverseg.ingest.cache_codec import Packer, Result, Unpacker
from liverseg.ingest.owner_key import cache_folder, keep_key, keyed_mark
from liverseg.ingest.sources import SourceFacts, facts_of
from liverseg.ingest.walk import FoundFile

#: Fewer images than this are read as fast as the cache is.
_LEAST = 32
_MOST_FOLDERS = 64
_SETTLED_NS = 2_000_000_000


class ScanCache:
    """The remembered headers of the folder that holds `files`; empty with `use` False."""

    def __init__(self, files: Sequence[FoundFile], *, use: bool = True) -> None:
        self._path = _cache_file(files) if use and files else None
        self._old: dict[str, Any] = {}
        self._unpacker = Unpacker([], [])
        self._kept: dict[str, tuple[SourceFacts, Result]] = {}
        self._images = self._new = 0
        self._started_ns = time.time_ns()
        if self._path is not None:
            self._load(self._path)

    def look(self, found: FoundFile) -> tuple[SourceFacts | None, Result | None]:
        """State of a file now, and what its header said if it was in this state before."""
        if self._path is None:
            return None, None
        facts = facts_of(str(found.path))
        entry = self._old.get(str(found.path.absolute()))
        if facts is None or entry is None or entry[:2] != [facts.size, facts.changed_ns]:
            return facts, None
        try:
            return facts, self._unpacker.unpack(entry[2], found)
        except Exception:  # noqa: BLE001 - an entry that cannot be understood is none
            return facts, None

    def keep(
        self, found: FoundFile, facts: SourceFacts | None, result: Result, *, known: bool
    ) -> None:
        """Remember a result; `facts` were taken before the file was read."""
        if self._path is None or facts is None:
            return
        if self._started_ns - facts.changed_ns > _SETTLED_NS:
            self._kept[str(found.path.absolute())] = facts, result
            self._images += len(result) if isinstance(result, tuple) else 1
            self._new += not known

    def save(self) -> None:
        """Write what was kept, if it is worth it and anything is new."""
        gone = len(self._old) > len(self._kept)
        if self._path is None or self._images < _LEAST or not (self._new or gone):
            return
        packer = Packer()
        files = {
            path: (facts.size, facts.changed_ns, packer.pack(result))
            for path, (facts, result) in self._kept.items()
        }
        content = {
            "code": _code_digest(),
            "facts": packer.facts,
            "marks": packer.marks,
            "files": files,
        }
        try:
            _write(self._path, json.dumps(content, separators=(",", ":")).encode())
        except OSError:
            return  # A full or read-only disk: the next scan reads the files again.

    def _load(self, path: Path) -> None:
        try:
            content = json.loads(_unpacked(path.read_bytes()))
            if content["code"] == _code_digest():
                self._unpacker = Unpacker(content["facts"], content["marks"])
                self._old = content["files"]
        except Exception:  # noqa: BLE001 - a cache that cannot be read is none
            self._old = {}


def _cache_file(files: Sequence[FoundFile]) -> Path | None:
    try:
        folder = os.path.commonpath([str(file.path.absolute().parent) for file in files])
        name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]
        return cache_folder() / f"{name}.json.zst"
    except (ValueError, OSError, RuntimeError):
        return None  # Files on several drives, or a user without a home.


def _code_digest() -> str:
    """Tells the code and the tables that judged the headers from any other."""
    package = Path(__file__).parents[1]
    found = hashlib.sha256(metadata.version("pydicom").encode())
    # Marks of patients are made with the user's key: with another key they are others.
    found.update(keyed_mark("cache", "").encode())
    for part in ("ingest/*.py", "phases/*.py", "tables/*.toml"):
        for path in sorted(package.glob(part)):
            stat = path.stat()
            found.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return found.hexdigest()


def _write(path: Path, data: bytes) -> None:
    import zstandard

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    packed = zstandard.ZstdCompressor(level=1, write_checksum=True).compress(data)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(packed)
        Path(name).replace(path)
        keep_key()
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    _prune(path.parent)


def _unpacked(packed: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdDecompressor().decompress(packed)


def _prune(folder: Path) -> None:
    """Keep the caches of the folders that were scanned last."""
    caches = sorted(folder.glob("*.json.zst"), key=lambda path: path.stat().st_mtime_ns)
    for path in caches[:-_MOST_FOLDERS]:
        path.unlink(missing_ok=True)
