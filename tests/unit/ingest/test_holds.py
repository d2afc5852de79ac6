"""Whether a path is for this program: decided by looking, at few files."""

from __future__ import annotations

import os
import zipfile

import pytest

from liverseg.ingest import holds, holds_dicom

MARKED = bytes(128) + b"DICM" + bytes(20)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "note.txt").write_text("no image", encoding="utf-8")
    return tmp_path


def test_a_mark_somewhere_below_is_found(folder):
    assert not holds_dicom(folder)
    (folder / "a" / "IM1").write_bytes(MARKED)
    assert holds_dicom(folder)
    assert holds_dicom(folder / "a" / "IM1")
    assert not holds_dicom(folder / "a" / "note.txt")


def test_an_archive_is_looked_into(folder):
    archive = folder / "x.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("note.txt", "no image")
    assert not holds_dicom(archive)
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("deep/IM1", MARKED)
    assert holds_dicom(archive)
    archive.write_bytes(archive.read_bytes()[:40])
    assert not holds_dicom(archive)


def test_no_more_than_some_files_are_opened(folder, monkeypatch):
    monkeypatch.setattr(holds, "LOOKED_AT", 3)
    for number in range(3):
        (folder / f"0{number}").write_bytes(b"x")
    (folder / "9").write_bytes(MARKED)
    assert not holds_dicom(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_is_not_waited_for(folder):
    os.mkfifo(folder / "a" / "pipe")
    assert not holds_dicom(folder)
    assert not holds_dicom(folder / "gone")
