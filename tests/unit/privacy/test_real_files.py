"""Every test input de-identified: no identifying value left, pixels the same, no worse by dciodvfy.

A few files of each folder; all of them with LIVERSEG_ALL_FILES=1 (`make privacy`).
"""

from __future__ import annotations

import io
import os
import warnings
from collections import Counter
from pathlib import Path

import pydicom
import pytest
from identifying import dciodvfy, errors_of, holds, identifying_values
from pydicom import dcmread

from liverseg.ingest import list_dicom, open_source
from liverseg.privacy import Cleaned, Dates, KeyRing, Options, Refused, deidentify_stream

KEY = b"a key of at least sixteen bytes"
MOST_OF_A_FOLDER = 10**6 if os.environ.get("LIVERSEG_ALL_FILES") else 2
#: Nothing but these keeps a file of the test data from being written.
KNOWN_REASONS = (
    "is a structured report",
    "is a waveform",
    "is a DICOMDIR",
    "is stored in a way that is not known here",
    "damaged: it is cut short",
    "does not say what it is",
)


def some_of(root: Path) -> list[Path]:
    """The first DICOM files of each folder."""
    seen: Counter[Path] = Counter()
    found = []
    for file in list_dicom([root]):
        path = Path(str(file.path))
        if not file.obstacle and path.is_file() and seen[path.parent] < MOST_OF_A_FOLDER:
            seen[path.parent] += 1
            found.append(path)
    return found


def deidentified(path: Path, dates: Dates) -> Cleaned | Refused:
    with open_source(str(path)) as stream:
        return deidentify_stream(stream, Options(dates, pass_burned_in=True), KeyRing(KEY))


def check(paths: list[Path], folder: Path, dates: Dates) -> None:
    written = 0
    for path in paths:
        found = deidentified(path, dates)
        if isinstance(found, Refused):
            assert found.reason.startswith(KNOWN_REASONS), (path, found.reason)
            continue
        written += 1
        check_one(path, found, folder, dates)
    assert written > len(paths) / 2


def check_one(path: Path, found: Cleaned, folder: Path, dates: Dates) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before, after = dcmread(path, force=True), dcmread(io.BytesIO(found.data))
    if dates is Dates.REMOVED:
        left = [value for value in identifying_values(path) if holds(found.data, value)]
        assert left == [], path
    assert ("PixelData" in before) == ("PixelData" in after)
    if "PixelData" in before:
        assert before["PixelData"].value == after["PixelData"].value, path
    stated = getattr(before, "file_meta", {}).get("TransferSyntaxUID")
    assert stated in (None, after.file_meta.TransferSyntaxUID)
    if dciodvfy():
        out = folder / "out.dcm"
        out.write_bytes(found.data)
        assert errors_of(out) - errors_of(path) == set(), path


@pytest.fixture
def validated():
    """A skip that says what is missing, after everything else was tested."""
    yield
    if not dciodvfy():
        pytest.skip("dciodvfy is not installed (Debian package dicom3tools)")


@pytest.mark.parametrize("dates", list(Dates))
def test_files_of_pydicom_are_without_identifiers(tmp_path, dates, validated):
    root = Path(pydicom.__file__).parent / "data/test_files"
    paths = [path for path in some_of(root) if path.parent.name != "dicomdirtests"]
    check(sorted(root.glob("*.dcm")) + paths, tmp_path, dates)


@pytest.mark.parametrize("dates", list(Dates))
def test_the_test_data_are_without_identifiers(shared_data, tmp_path, dates, validated):
    check(some_of(shared_data), tmp_path, dates)
