"""How the plugin is found: manifest, reader, the viewer of `liverseg open`."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import napari
import pytest
from npe2 import PluginManifest

import napari_liverseg
from liverseg.errors import CaseError
from napari_liverseg import window

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


def test_a_wrong_path_is_one_clear_error_and_no_window(tmp_path):
    with pytest.raises(CaseError, match=r"missing\.liverseg"):
        napari_liverseg.open_case(tmp_path / "missing.liverseg")


def test_the_reader_takes_cases_only():
    assert window.read_case("a/b.liverseg") is not None
    assert window.read_case(["a/b.liverseg"]) is not None
    assert window.read_case("a/b.nii.gz") is None


def test_names_are_loaded_when_they_are_asked_for():
    assert dir(napari_liverseg) == ["Bench", "open_case", "show_case"]
    assert napari_liverseg.Bench.__name__ == "Bench"
    with pytest.raises(AttributeError, match="nonsense"):
        _ = napari_liverseg.nonsense
