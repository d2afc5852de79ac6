"""What the plugin's wheel holds and asks for."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2] / "plugins" / "napari-liverseg"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = out.glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


def text_of(wheel: zipfile.ZipFile, ending: str) -> str:
    (name,) = (name for name in wheel.namelist() if name.endswith(ending))
    return wheel.read(name).decode("utf-8")


def test_every_module_and_the_manifest_are_in_it(wheel):
    source = PROJECT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in (source / "napari_liverseg").rglob("*")
        if path.suffix in (".py", ".yaml", ".typed")
    }
    assert wanted <= set(wheel.namelist())
    assert "napari_liverseg/napari.yaml" in wanted
    assert not [name for name in wheel.namelist() if "test" in name.lower()]


def test_napari_and_liverseg_find_it(wheel):
    points = text_of(wheel, "entry_points.txt")
    assert "[napari.manifest]\nnapari-liverseg = napari_liverseg:napari.yaml" in points
    assert "[liverseg.viewers]\nnapari = napari_liverseg:show_case" in points
    metadata = message_from_string(text_of(wheel, "METADATA"))
    assert "Framework :: napari" in metadata.get_all("Classifier")
    needs = metadata.get_all("Requires-Dist")
    assert any(need.startswith("napari[pyqt6]<0.10,>=0.9") for need in needs), needs
    assert any(need.startswith("liverseg==") for need in needs)
