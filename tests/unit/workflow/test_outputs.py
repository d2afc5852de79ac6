"""Outputs appear whole or not at all."""

import json

import pytest

from liverseg.errors import InputError
from liverseg.workflow.outputs import staged, write_json


def test_files_move_to_their_place_at_the_end(tmp_path):
    out = tmp_path / "new" / "out"
    with staged(out, names=["a.txt"], overwrite=False) as stage:
        (stage / "a.txt").write_text("x")
        (stage / "folder").mkdir()
        assert not (out / "a.txt").exists()
    assert sorted(p.name for p in out.iterdir()) == ["a.txt", "folder"]


def test_an_error_leaves_nothing(tmp_path):
    out = tmp_path / "new" / "out"
    with pytest.raises(RuntimeError), staged(out, overwrite=False) as stage:
        (stage / "a.txt").write_text("x")
        raise RuntimeError
    assert not (tmp_path / "new").exists()


def test_an_error_keeps_what_was_there(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RuntimeError), staged(tmp_path, overwrite=True) as stage:
        (stage / "notes.txt").write_text("other")
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_earlier_output_is_not_replaced_unasked(tmp_path):
    (tmp_path / "case.liverseg").write_text("work of hours")
    with pytest.raises(InputError, match="--overwrite"), staged(tmp_path, overwrite=False):
        pass
    assert (tmp_path / "case.liverseg").read_text() == "work of hours"


def test_an_earlier_folder_and_an_orphan_journal_are_replaced_when_asked(tmp_path):
    (tmp_path / "dicom").mkdir()
    (tmp_path / "dicom" / "old").touch()
    (tmp_path / "case.liverseg-journal").touch()
    with staged(tmp_path, names=["dicom"], overwrite=True) as stage:
        (stage / "dicom").mkdir()
        (stage / "dicom" / "new").touch()
        (stage / "case.liverseg").write_text("new")
    assert [p.name for p in (tmp_path / "dicom").iterdir()] == ["new"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["case.liverseg", "dicom"]


def test_a_file_is_no_folder(tmp_path):
    file = tmp_path / "out"
    file.touch()
    with pytest.raises(InputError, match="is a file"), staged(file, overwrite=False):
        pass


def test_json_refuses_what_json_cannot_say(tmp_path):
    assert json.loads(write_json({"µ": 1}, tmp_path / "a.json").read_text("utf-8")) == {"µ": 1}
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(float("nan"), tmp_path / "b.json")
