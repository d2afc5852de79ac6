"""Handing a case on from the bench: what there is, and how it is told. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from napari_liverseg.bench import Bench

#: What the menu offers: kind for the library, words, what a folder is asked for.
KINDS = (
    ("report", "Report (HTML) ...", "Folder for report.html"),
    ("table", "Table (CSV, Parquet) ...", "Folder for the table of measurements"),
    ("nifti", "Masks as NIfTI ...", "Folder for the masks of this exam"),
    ("seg", "Masks as DICOM SEG ...", "Folder for the SEG files of this exam"),
)
PICTURE = "Screenshot of the panes ..."
COPY = "Copy of the case ..."


class Outlet(Protocol):
    """What a store must be able to do, beyond `Store`, to hand on."""

    def planned_files(self, kind: str, folder: Path, *, exam_id: str) -> Sequence[Path]:
        """Files that `hand_on` would write."""
        ...

    def hand_on(self, kind: str, folder: Path, *, exam_id: str, overwrite: bool) -> Sequence[Path]:
        """Write them, with numbers that are up to date."""
        ...

    def copy_to(self, path: Path) -> Path:
        """Write the whole case to another file, also when this one cannot be written."""
        ...

    def add_liver(self, exam_id: str, mask: Path, *, progress: Any = None) -> None:
        """Give an exam its liver mask from a file."""
        ...


def hand_on(
    bench: Bench, kind: str, folder: Path, may_replace: Callable[[list[Path]], bool]
) -> None:
    """Write one kind into a folder, after asking about files that are there already.

    It is told where the files are, or what is wrong. What was drawn is stored first.
    """
    store: Any = bench.store
    exam_id = "" if kind in ("report", "table") else bench.exam_id

    def write(overwrite: bool) -> None:
        bench.order(
            lambda _: store.hand_on(kind, folder, exam_id=exam_id, overwrite=overwrite),
            lambda files: bench.tell(written(files), "info"),
        )

    def planned(files: Sequence[Path]) -> None:
        there = [file for file in files if file.exists()]
        if not there:
            write(False)
        elif may_replace(there):
            write(True)
        else:
            bench.tell("nothing was written", "info")

    bench.order(lambda _: store.planned_files(kind, folder, exam_id=exam_id), planned)


def copy_case(bench: Bench, path: Path) -> None:
    """Keep the case, as it is on the disk, in another place."""
    store: Any = bench.store
    bench.order(lambda _: store.copy_to(path), lambda file: bench.tell(written([file]), "info"))


def add_liver(bench: Bench, mask: Path) -> None:
    """Give the exam its liver mask, then show it anew."""
    store: Any = bench.store
    exam_id = bench.exam_id
    bench.tell(f"reading {mask.name}, aligning the phases ...", "info")
    bench.order(
        lambda progress: store.add_liver(exam_id, mask, progress=progress),
        lambda _: bench.load(exam_id),
    )


def take_picture(bench: Bench, path: Path) -> None:
    """Save what the panes show, as PNG."""
    try:
        bench.viewer.screenshot(str(path), canvas_only=True, flash=False)
    except (OSError, ValueError) as error:
        bench.tell(f"the picture cannot be written: {error} | where: {path}", "error")
        return
    bench.tell(written([path]), "info")


def written(files: Sequence[Path]) -> str:
    """One line that names what was written.

    >>> written([Path("a/report.html")])
    'written: a/report.html'
    >>> written([Path("a/1.dcm"), Path("a/2.dcm"), Path("a/3.dcm")])
    'written: 3 files in a, first 1.dcm'
    """
    if len(files) == 1:
        return f"written: {files[0]}"
    if len(files) == 2:
        return f"written: {files[0]} and {files[1].name}"
    return f"written: {len(files)} files in {files[0].parent}, first {files[0].name}"
