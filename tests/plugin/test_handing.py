"""Handing on from the bench: asked first, told afterwards, numbers up to date."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin.given import Given
from plugin.plugin_stand_ins import CT, LOCKED, FakeStore

from napari_liverseg import handing


class Outlet(FakeStore):
    """A store that writes empty files."""

    def planned_files(self, kind, folder, *, exam_id):
        self._fail()
        self.asked = (kind, exam_id)
        return [folder / f"{kind}.txt"]

    def hand_on(self, kind, folder, *, exam_id, overwrite):
        files = self.planned_files(kind, folder, exam_id=exam_id)
        for file in files:
            file.write_text(f"{overwrite} {len(self.writes)}", encoding="utf-8")
        return files

    def copy_to(self, path):
        path.touch()
        return path

    def add_liver(self, exam_id, mask, *, progress=None):
        self.livers = [(exam_id, mask)]


@pytest.fixture
def given() -> Given:
    return Given(Outlet())


def never(_files) -> bool:
    raise AssertionError("nobody was to be asked")


def test_what_was_drawn_is_stored_first_and_the_file_is_named(given, tmp_path):
    given.stroke((4, 20, 15), 1)
    handing.hand_on(given.bench, "report", tmp_path, never)
    given.settle()
    file = tmp_path / "report.txt"
    assert file.read_text(encoding="utf-8") == "False 1"
    assert given.bench.last_message == (f"written: {file}", "info")
    assert given.store.asked == ("report", "")  # of the whole case
    handing.hand_on(given.bench, "seg", tmp_path, never)
    given.settle()
    assert given.store.asked == ("seg", CT)


@pytest.mark.parametrize("answer", [True, False])
def test_files_that_are_there_are_replaced_only_when_a_person_says_so(given, tmp_path, answer):
    (tmp_path / "table.txt").write_text("old", encoding="utf-8")
    asked: list[list[Path]] = []
    handing.hand_on(given.bench, "table", tmp_path, lambda files: asked.append(files) or answer)
    given.settle()
    assert asked == [[tmp_path / "table.txt"]]
    text = (tmp_path / "table.txt").read_text(encoding="utf-8")
    assert text == ("True 0" if answer else "old")
    assert given.bench.last_message[0].startswith("written" if answer else "nothing was written")


def test_what_cannot_be_handed_on_is_told(given, tmp_path):
    given.store.broken = LOCKED
    handing.hand_on(given.bench, "report", tmp_path, never)
    given.settle()
    assert given.bench.last_message == (str(LOCKED), "error")


def test_a_copy_of_the_case_is_named(given, tmp_path):
    handing.copy_case(given.bench, tmp_path / "copy.liverseg")
    given.settle()
    assert given.bench.last_message[0] == f"written: {tmp_path / 'copy.liverseg'}"


def test_a_liver_mask_is_stored_and_the_exam_shown_anew(given, tmp_path):
    handing.add_liver(given.bench, tmp_path / "liver.nii.gz")
    given.settle()
    assert given.store.livers == [(CT, tmp_path / "liver.nii.gz")]
    assert given.bench.exam_id == CT


def test_a_picture_that_cannot_be_written_is_told(given, tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    given.bench.viewer.__dict__["screenshot"] = refuse
    handing.take_picture(given.bench, tmp_path / "x.png")
    assert "cannot be written" in given.bench.last_message[0]
    assert given.bench.last_message[1] == "error"
