"""Outputs appear whole or not at all: written beside their place, then moved there."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from liverseg.errors import InputError

CASE_FILE = "case.liverseg"
OUTPUTS = (
    CASE_FILE,
    "measurements.csv",
    "measurements.parquet",
    "comparison.json",
    "ledger.json",
    "report.html",
)


@contextmanager
def staged(out: Path, *, names: Sequence[str] = OUTPUTS, overwrite: bool) -> Iterator[Path]:
    """A hidden folder inside `out`; its files move to `out` when the block ends well.

    On an error nothing of it stays, and an `out` that was made here goes too. An
    existing output is an `InputError` unless `overwrite`. The stage lies inside `out`
    so that the moves are renames on one file system.
    """
    require_free(out, names, overwrite=overwrite)
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    stage: Path | None = None
    try:
        out.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(dir=out, prefix=".partial-"))
        yield stage
        for item in sorted(stage.iterdir()):
            target = out / item.name
            if target.is_dir():
                shutil.rmtree(target)
            # A journal that a crash left beside an old case file would be rolled into
            # the new one.
            target.with_name(target.name + "-journal").unlink(missing_ok=True)
            item.replace(target)
    except BaseException:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)
        for folder in made:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise
    shutil.rmtree(stage, ignore_errors=True)


def require_free(out: Path, names: Sequence[str], *, overwrite: bool) -> None:
    """Raise `InputError` when `out` is a file, or holds one of `names` and must keep it."""
    existing = [name for name in names if (out / name).exists()]
    if existing and not overwrite:
        raise InputError(
            f"{out} already holds {', '.join(existing)}",
            remedy="choose another folder, or pass --overwrite to replace them",
        )
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file, not a folder", remedy="choose another --out")


def write_json(value: object, path: Path) -> Path:
    """Readable JSON in UTF-8; numbers that are not finite are an error."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path
