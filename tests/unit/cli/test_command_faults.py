"""Wrong input and usage: one line, exit code 2, no traceback, nothing half-written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from dicom_factory import ramp, write_series
from unit.cli.program import assert_one_line

from liverseg.case import CaseFile
from liverseg.cli import app, open_case
from liverseg.geometry import Grid, LabelMap
from liverseg.interop import write_nifti
from liverseg.workflow import demo

COMMANDS_OF_A_CASE = ("compare", "report", "open")


@pytest.fixture
def images(tmp_path) -> Path:
    write_series(tmp_path / "ct", ramp(5), SeriesDescription="Liver portal", SeriesNumber=4)
    return tmp_path / "ct"


@pytest.fixture
def liver(tmp_path) -> Path:
    """A mask on the very grid of the images."""
    array = np.ones((5, 4, 5), dtype=np.uint8)
    grid = Grid.axial((5, 4, 5), (2.5, 0.8, 0.7), origin_lps_mm=(-10.0, -20.0, 30.0))
    return write_nifti(LabelMap(array, grid), tmp_path / "liver.nii.gz")


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan"],
        ["scan", ".", "--jsn"],
        ["measure"],
        ["run", "folder"],
        ["demo"],
        ["demo", "-o", "out", "--variant", "other"],
        ["demo", "-o", "out", "--seed", "many"],
        ["compare"],
        ["nonsense"],
    ],
)
def test_wrong_usage_ends_with_2_and_no_traceback(liverseg, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = liverseg(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Usage" in done.err
    assert "Traceback" not in done.err
    assert list(tmp_path.iterdir()) == []


def test_scan_of_nothing(liverseg, tmp_path):
    assert_one_line(liverseg("scan", tmp_path / "gone"), tmp_path / "gone")
    (tmp_path / "empty").mkdir()
    assert_one_line(liverseg("scan", tmp_path / "empty"), tmp_path / "empty")
    assert_one_line(liverseg("scan", tmp_path / "empty", "--json"), "empty")


def test_run_with_a_mask_that_is_not_there(liverseg, images, tmp_path):
    out = tmp_path / "out"
    done = liverseg("run", images, "--liver", tmp_path / "no_liver.nii", "-o", out)
    assert_one_line(done, "no_liver.nii", "check the path")
    assert not out.exists()


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--phase", "arterial", "SERIES=PHASE"),
        ("--phase", "4=noon", "noon"),
        ("--phase", "9=arterial", "9"),
        ("--lesion", "{liver}", "a lesion called liver"),
        ("--liver", "{liver}", "two liver masks"),
        ("--couinaud", "gone.nii", "gone.nii"),
        ("--landmarks", "{images}/f000", "landmarks"),
        ("--findings", "gone.yaml", "gone.yaml"),
        ("--structures", "{images}", "an image, not a mask"),
    ],
)
def test_run_names_the_option_that_is_wrong(liverseg, images, liver, tmp_path, option, value, told):
    out = tmp_path / "out"
    value = value.format(liver=liver, images=images)
    done = liverseg("run", images, "--liver", liver, option, value, "-o", out)
    assert_one_line(done, told)
    assert not out.exists()


def test_run_of_a_mask_at_an_unknown_series_lists_those_there(liverseg, images, liver, tmp_path):
    done = liverseg("run", images, "--liver", f"{liver}@7", "-o", tmp_path / "out")
    assert_one_line(done, "no series is called 7", 'series 4 "Liver portal"')
    assert not (tmp_path / "out").exists()


def test_run_into_a_file_or_over_an_earlier_case(liverseg, images, liver, tmp_path):
    (tmp_path / "file").write_text("mine")
    assert_one_line(liverseg("run", images, "--liver", liver, "-o", tmp_path / "file"), "is a file")
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.html").write_text("work")
    done = liverseg("run", images, "--liver", liver, "-o", out)
    assert_one_line(done, "already holds report.html", "--overwrite")
    assert [(p.name, p.read_text()) for p in out.iterdir()] == [("report.html", "work")]


def test_measure_of_what_is_no_mask(liverseg, images, liver, tmp_path):
    assert_one_line(liverseg("measure", "--lesion", tmp_path / "gone.nii"), "gone.nii")
    assert_one_line(liverseg("measure", "--lesion", images), "an image, not a mask")
    done = liverseg("measure", "--lesion", liver, "--image", images)
    assert_one_line(done, "--liver")
    text = tmp_path / "text.nii"
    text.write_text("no image")
    assert_one_line(liverseg("measure", "--lesion", text, "--json"), "text.nii")


@pytest.mark.parametrize("command", COMMANDS_OF_A_CASE)
def test_a_case_file_that_is_none(liverseg, tmp_path, command):
    assert_one_line(liverseg(command, tmp_path / "gone.liverseg"), "gone.liverseg")
    assert_one_line(liverseg(command, tmp_path), tmp_path)
    text = tmp_path / "text.liverseg"
    text.write_text("no database")
    assert_one_line(liverseg(command, text), "text.liverseg")
    assert text.read_text() == "no database"
    assert [p.name for p in tmp_path.iterdir()] == ["text.liverseg"]


def test_compare_without_findings_asks_for_them(liverseg, tmp_path):
    CaseFile.create(tmp_path / "bare.liverseg", case="bare").close()
    assert_one_line(liverseg("compare", tmp_path / "bare.liverseg"), "--findings FILE")
    missing = tmp_path / "gone.yaml"
    assert_one_line(
        liverseg("compare", tmp_path / "bare.liverseg", "--findings", missing), "gone.yaml"
    )


def test_report_into_a_file(liverseg, coarse_case_file, tmp_path):
    (tmp_path / "file").write_text("mine")
    assert_one_line(liverseg("report", coarse_case_file, "-o", tmp_path / "file"), "is a file")
    assert (tmp_path / "file").read_text() == "mine"


def test_open_without_a_viewer_says_what_to_install(liverseg, coarse_case_file, monkeypatch):
    monkeypatch.setattr(open_case, "entry_points", lambda *, group: [])
    assert_one_line(liverseg("open", coarse_case_file), "napari-liverseg")


def test_demo_into_a_folder_in_use_is_refused_before_anything_is_made(
    liverseg, tmp_path, monkeypatch
):
    def made(*_: object, **__: object) -> None:
        raise AssertionError("the phantom was made")

    monkeypatch.setattr(demo, "write_phantom", made)
    (tmp_path / "truth.json").write_text("{}")
    assert_one_line(liverseg("demo", "-o", tmp_path), "already holds truth.json", "--overwrite")
    assert json.loads((tmp_path / "truth.json").read_text()) == {}


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (OSError(28, "No space left on device", "/disk/full"), 2, "No space left on device"),
        (OSError("odd"), 2, "odd"),
        (PermissionError(13, "Permission denied", "/root/x"), 2, "/root/x"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_the_system_says_is_one_line_too(liverseg, monkeypatch, error, code, told):
    def fails() -> None:
        raise error

    monkeypatch.setattr(sys.modules[app.__name__], "app", fails)
    done = liverseg("scan", ".")
    assert done.code == code
    assert told in done.err
    assert len(done.err.splitlines()) == (1 if told else 0)


def test_a_message_of_several_lines_becomes_one(capsys):
    with pytest.raises(SystemExit) as ended:
        app.fail("first\n   second\tthird")
    assert ended.value.code == 2
    assert capsys.readouterr().err == "liverseg: first second third\n"
