"""Scans are remembered while files and code stay as they are, and never believed beyond that."""

from __future__ import annotations

import os
import time

import dicom_factory as make
import numpy as np
import pytest
from pydicom import dcmread

from liverseg.ingest import cache, headers, ledger_json, read_volume, scan_folder
from liverseg.records import FileState


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A study that has not changed for a minute, and a cache of its own."""
    monkeypatch.setenv("LIVERSEG_CACHE", str(tmp_path / "cache"))
    study = tmp_path / "study"
    make.write_series(
        study,
        make.ramp(34),
        each=lambda i: {"AcquisitionTime": f"1015{i:02d}.25", "EchoTime": "3.5"},
        PhotometricInterpretation="MONOCHROME1",
    )
    positions = [(0, 0, z) for z in range(3)]
    make.save(
        make.enhanced_mr(make.ramp(3), positions=positions, slopes=[1, 2, 3.5]), study / "sub" / "e"
    )
    (study / "letter.txt").write_text("dear colleague")
    (study / "empty.dcm").write_bytes(b"")
    settle(study)
    return study


def settle(folder, seconds=60):
    then = time.time_ns() - seconds * 1_000_000_000
    for path in folder.rglob("*"):
        os.utime(path, ns=(then, then))


@pytest.fixture
def opened(monkeypatch):
    """Names of the files whose headers are read."""
    names = []
    real = headers.HeaderReader.read

    def read(self, found):
        names.append(found.name)
        return real(self, found)

    monkeypatch.setattr(headers.HeaderReader, "read", read)
    return names


def same(one, other):
    assert one.entries == other.entries
    assert ledger_json(one) == ledger_json(other)
    for a, b in zip(one.series, other.series, strict=True):
        assert (a.slices, a.facts, a.doubts, a.stored) == (b.slices, b.facts, b.doubts, b.stored)
        assert np.array_equal(a.grid.lps_from_index, b.grid.lps_from_index)
        assert np.array_equal(read_volume(a).array, read_volume(b).array)


def test_the_second_opening_reads_no_header(folder, opened):
    first = scan_folder(folder)
    assert len(opened) == 37
    opened.clear()
    second = scan_folder(folder)
    assert opened == []
    same(first, second)
    same(scan_folder(folder, cache=False), second)


def test_without_cache_nothing_is_remembered_or_believed(folder, opened):
    scan_folder(folder, cache=False)
    assert not cache.cache_folder().exists()
    scan_folder(folder)
    opened.clear()
    scan_folder(folder, cache=False)
    assert len(opened) == 37


def test_only_changed_files_are_read_again(folder, opened):
    scan_folder(folder)
    opened.clear()
    size = (folder / "f003").stat().st_size
    ds = dcmread(folder / "f003")
    ds.PixelData = bytes(len(ds.PixelData))
    ds.save_as(folder / "f003")
    assert (folder / "f003").stat().st_size == size
    (folder / "f005").unlink()
    (folder / "empty.dcm").write_bytes(b"no longer empty")
    ledger = scan_folder(folder)
    assert sorted(opened) == ["empty.dcm", "f003"]
    same(ledger, scan_folder(folder, cache=False))
    assert len(ledger.entries) == 36


def test_a_file_that_has_just_changed_is_not_remembered(folder, opened):
    os.utime(folder / "f003")
    scan_folder(folder)
    opened.clear()
    scan_folder(folder)
    assert opened == ["f003"]


def test_other_code_believes_nothing(folder, opened, monkeypatch):
    scan_folder(folder)
    opened.clear()
    monkeypatch.setattr(cache, "_code_digest", lambda: "another version")
    scan_folder(folder)
    assert len(opened) == 37


def test_names_and_doubts_follow_the_root_of_the_scan(folder, opened):
    scan_folder(folder)
    for path in (folder / "sub").iterdir():
        path.rename(folder / "e")
    (folder / "sub").rmdir()
    scan_folder(folder)
    opened.clear()
    ledger = scan_folder(folder.parent / "study")
    same(ledger, scan_folder(folder.parent / "study", cache=False))
    upper = scan_folder([folder, folder.parent / "study" / "f001"])
    assert upper.count(FileState.REFUSED) == 1
    lower = scan_folder(folder.parent)
    assert {e.path for e in lower.entries if e.path.startswith("study/")} >= {"study/f001"}
    assert all(d.where.startswith("study/") for d in lower.series[0].doubts if d.where)


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_cache_is_none(folder, opened, damage):
    first = scan_folder(folder)
    for path in cache.cache_folder().glob("*.json.zst"):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] if damage is None else damage)
    opened.clear()
    same(first, scan_folder(folder))
    assert len(opened) == 37


def test_a_cache_that_cannot_be_written_does_no_harm(folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("LIVERSEG_CACHE", str(tmp_path / "file"))
    assert scan_folder(folder).series


def test_the_cache_holds_no_name_and_no_identifier(folder):
    scan_folder(folder)
    (path,) = cache.cache_folder().glob("*.json.zst")
    text = cache._unpacked(path.read_bytes())
    assert b"Somebody" not in text
    assert b'"42"' not in text
    assert path.stat().st_mode & 0o077 == 0


def test_old_folders_are_forgotten(folder, monkeypatch):
    monkeypatch.setattr(cache, "_MOST_FOLDERS", 2)
    scan_folder(folder)
    for number in range(3):
        other = cache.cache_folder() / f"{number}.json.zst"
        other.write_bytes(b"")
        os.utime(other, (number, number))
    os.utime(folder / "f000", (1, 1))
    scan_folder(folder)
    assert len(list(cache.cache_folder().glob("*.json.zst"))) == 2


def test_small_folders_are_not_worth_it(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVERSEG_CACHE", str(tmp_path / "cache"))
    make.write_series(tmp_path / "study", make.ramp(3))
    settle(tmp_path / "study")
    scan_folder(tmp_path / "study")
    assert not (tmp_path / "cache").exists()
