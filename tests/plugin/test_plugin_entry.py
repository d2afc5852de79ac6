"""How the plugin is found: manifest, reader, the viewer of `liverseg open`."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import napari
import pytest
from npe2 import PluginManifest

import napari_liverseg
from liverseg.errors import CaseError
from napari_liverseg import samples, window

MANIFEST = Path(napari_liverseg.__file__).with_name("napari.yaml")


def test_the_manifest_is_valid_and_every_command_can_be_imported():
    manifest = PluginManifest.from_file(MANIFEST)
    manifest.validate_imports()
    assert manifest.contributions.widgets[0].display_name == window.WIDGET
    assert manifest.name == window.PLUGIN


def test_the_command_line_finds_this_viewer():
    (viewer,) = entry_points(group="liverseg.viewers")
    assert viewer.load() is napari_liverseg.show_case


def test_open_shows_the_case_and_stays(monkeypatch):
    told = []
    monkeypatch.setattr(window, "open_case", lambda path, exam_id: told.append((path, exam_id)))
    monkeypatch.setattr(napari, "run", lambda: told.append("run"))
    napari_liverseg.show_case("x.liverseg", exam_id="2015-06-01_CT")
    assert told == [("x.liverseg", "2015-06-01_CT"), "run"]


def test_open_without_an_exam_takes_any_path_or_none(monkeypatch):
    told = []
    monkeypatch.setattr(window, "open_path", told.append)
    monkeypatch.setattr(napari, "run", lambda: told.append("run"))
    napari_liverseg.show_case()
    napari_liverseg.show_case("some/folder")
    assert told == [None, "run", "some/folder", "run"]


def test_npe2_finds_no_fault_in_the_manifest():
    command = [sys.executable, "-m", "npe2", "validate", str(MANIFEST)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "valid" in done.stdout + done.stderr


def test_menus_readers_and_samples_name_commands_that_can_be_called():
    contributions = PluginManifest.from_file(MANIFEST).contributions
    commands = {command.id for command in contributions.commands}
    named = [contributions.readers[0].command, contributions.sample_data[0].command]
    named += [item.command for items in contributions.menus.values() for item in items]
    assert set(named) <= commands
    assert contributions.readers[0].accepts_directories


def test_the_sample_menu_is_that_of_the_registry():
    contributions = PluginManifest.from_file(MANIFEST).contributions
    python = {command.id: command.python_name for command in contributions.commands}
    known = samples.list_samples()
    assert [(one.key, one.display_name) for one in contributions.sample_data] == [
        (one.key, one.title) for one in known
    ], "run `make sample-registry`"
    for entry in contributions.sample_data:
        module, name = python[entry.command].split(":")
        assert callable(getattr(import_module(module), name))
    with pytest.raises(AttributeError):
        samples.open_nothing  # noqa: B018


def test_a_wrong_path_is_one_clear_error_and_no_window(tmp_path):
    with pytest.raises(CaseError, match=r"missing\.liverseg"):
        napari_liverseg.open_case(tmp_path / "missing.liverseg")


def test_the_reader_decides_by_looking(tmp_path):
    assert window.read_path("a/b.liverseg") is not None
    assert window.read_path(["a/b.liverseg"]) is not None
    assert window.read_path("a/b.nii.gz") is None
    assert window.read_path(str(tmp_path)) is None
    (tmp_path / "notes.txt").write_text("no image", encoding="utf-8")
    assert window.read_path(str(tmp_path)) is None
    (tmp_path / "IM0001").write_bytes(bytes(128) + b"DICM")
    assert window.read_path(str(tmp_path)) is not None
    assert window.read_path(str(tmp_path / "IM0001")) is not None
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        archive.write(tmp_path / "notes.txt", "notes.txt")
    assert window.read_path(str(tmp_path / "study.zip")) is None
    with zipfile.ZipFile(tmp_path / "study.zip", "a") as archive:
        archive.write(tmp_path / "IM0001", "images/1")
    assert window.read_path(str(tmp_path / "study.zip")) is not None


def test_names_are_loaded_when_they_are_asked_for():
    assert dir(napari_liverseg) == ["Bench", "open_case", "open_path", "show_case"]
    assert napari_liverseg.Bench.__name__ == "Bench"
    with pytest.raises(AttributeError, match="nonsense"):
        _ = napari_liverseg.nonsense
