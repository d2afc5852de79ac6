"""Wrong input ends in one readable line, exit code 2, and nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest


def liverseg(*arguments: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "liverseg", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(env or {})},
    )


def assert_one_line(done: subprocess.CompletedProcess, *told: object) -> None:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    for word in told:
        assert str(word) in lines[0]


@pytest.fixture
def liver(tmp_path: Path) -> Path:
    path = tmp_path / "liver.nii.gz"
    nib.save(nib.Nifti1Image(np.ones((4, 4, 4), dtype=np.uint8), np.eye(4)), path)
    return path


@pytest.fixture
def real(shared_data: Path) -> Path:
    return shared_data / "geometry" / "ts_series_rle"


def test_an_empty_folder(tmp_path, liver):
    empty = tmp_path / "empty"
    empty.mkdir()
    done = liverseg("run", empty, "--liver", liver, "-o", tmp_path / "out")
    assert_one_line(done, empty)
    assert not (tmp_path / "out").exists()
    assert_one_line(liverseg("scan", empty), empty)


def test_a_text_file_called_dcm(tmp_path, liver):
    folder = tmp_path / "scan"
    folder.mkdir()
    (folder / "a.dcm").write_text("this is no DICOM")
    done = liverseg("run", folder, "--liver", liver, "-o", tmp_path / "out")
    assert_one_line(done, folder, "not a DICOM file")
    assert not (tmp_path / "out").exists()


def test_a_truncated_dicom(tmp_path, liver, real):
    folder = tmp_path / "scan"
    folder.mkdir()
    source = next(p for p in sorted(real.iterdir()) if p.is_file())
    (folder / "cut.dcm").write_bytes(source.read_bytes()[:900])
    done = liverseg("run", folder, "--liver", liver, "-o", tmp_path / "out")
    assert_one_line(done, folder)
    assert not (tmp_path / "out").exists()


def test_a_mask_on_another_grid(tmp_path, liver, real):
    done = liverseg("run", real, "--liver", liver, "-o", tmp_path / "out")
    assert_one_line(done, liver, "grid of no series")
    assert not (tmp_path / "out").exists()


def test_a_findings_file_with_a_typo(tmp_path, liver, real):
    findings = tmp_path / "findings.yaml"
    findings.write_text("title: a report\nsource: nowhere\nfindigs: []\n")
    done = liverseg("run", real, "--liver", liver, "--findings", findings, "-o", tmp_path / "out")
    assert_one_line(done, findings, "findigs", "findings")
    assert not (tmp_path / "out").exists()


def test_findings_that_are_no_yaml(tmp_path, liver, real):
    findings = tmp_path / "findings.yaml"
    findings.write_text("title: [unclosed\n")
    done = liverseg("run", real, "--liver", liver, "--findings", findings, "-o", tmp_path / "out")
    assert_one_line(done, findings)


def test_an_unknown_phase(tmp_path, liver, real):
    done = liverseg("run", real, "--liver", liver, "--phase", "x=noon", "-o", tmp_path / "out")
    assert_one_line(done, "x")


@pytest.mark.parametrize("command", ["report", "compare", "open"])
def test_a_case_file_that_is_none(tmp_path, command):
    assert_one_line(liverseg(command, tmp_path / "gone.liverseg"), "gone.liverseg")
    (tmp_path / "text.liverseg").write_text("no database")
    assert_one_line(liverseg(command, tmp_path / "text.liverseg"), "text.liverseg")


def test_missing_paths_are_named(tmp_path, liver):
    assert_one_line(liverseg("scan", tmp_path / "gone"), "gone")
    done = liverseg("run", tmp_path, "--liver", tmp_path / "no_liver", "-o", tmp_path / "out")
    assert_one_line(done, "no_liver")
    assert_one_line(liverseg("measure", "--lesion", tmp_path / "no_mask"), "no_mask")


def test_an_empty_mask(tmp_path, real):
    path = tmp_path / "nothing.nii"
    nib.save(nib.Nifti1Image(np.zeros((4, 4, 4), dtype=np.uint8), np.eye(4)), path)
    assert_one_line(liverseg("measure", "--lesion", path), "nothing", "empty")


def test_an_earlier_case_is_kept(tmp_path, liver, real):
    out = tmp_path / "out"
    out.mkdir()
    (out / "case.liverseg").write_text("hours of work")
    done = liverseg("run", real, "--liver", liver, "-o", out)
    assert done.returncode == 2
    assert (out / "case.liverseg").read_text() == "hours of work"
    assert [p.name for p in out.iterdir()] == ["case.liverseg"]


def test_help_of_every_command():
    assert liverseg("--version").stdout.startswith("liverseg ")
    for command in ("scan", "run", "measure", "compare", "report", "open", "demo"):
        done = liverseg(command, "--help", env={"COLUMNS": "120"})
        assert done.returncode == 0
        assert "Usage" in done.stdout
