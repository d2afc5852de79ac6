"""`liverseg delineate` on the digital case and on a folder of DICOM."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from liverseg.case import CaseFile
from liverseg.geometry import place_labels
from liverseg.interop import read_masks
from liverseg.testing import dice, first_click


def run(*words):
    return subprocess.run(
        [sys.executable, "-m", "liverseg", "delineate", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )


def lesion_of(digital_case, date_and_modality):
    """R7 on its exam's reference, a click on it, and the exam."""
    with CaseFile.open(digital_case, read_only=True) as case:
        stored = case.stored_exam(date_and_modality)
    found = next(item for item in stored.lesions if item.name == "R7")
    point = first_click(found.mask).points_lps_mm[0]
    return found.mask, ",".join(f"{value:.2f}" for value in point), stored


@pytest.fixture(scope="module")
def lesion(digital_case):
    return lesion_of(digital_case, "2015-06-01_CT")


@pytest.mark.parametrize("ending", [".nii.gz", ".dcm"])
def test_a_case_gives_all_its_phases(digital_case, lesion, tmp_path, ending):
    truth, point, _ = lesion
    out = tmp_path / f"R7{ending}"
    done = run(digital_case, "--click", point, "--phase", "portal_venous", "-o", out)
    assert done.returncode == 0, done.stderr
    assert "late_arterial" in done.stdout
    mask = read_masks(out)[0]
    assert dice(place_labels(mask.labels, truth.grid, where="R7"), truth) > 0.9
    again = run(digital_case, "--click", point, "--phase", "portal_venous", "-o", out)
    assert again.returncode == 2
    assert "--overwrite" in again.stderr


def test_a_folder_of_one_series(digital_case, tmp_path):
    # The hepatobiliary phase shows rim and core alike; on the portal venous CT alone the rim
    # is as bright as liver, and nobody could tell where it ends.
    truth, point, stored = lesion_of(digital_case, "2015-06-03_MR")
    record = next(item for item in stored.records if item.key == stored.reference)
    folder = Path(record.slices[0].path).parent
    out = tmp_path / "R7.nii.gz"
    done = run(folder, "--click", point, "--remove", "0,0,0", "-o", out)
    assert done.returncode == 0, done.stderr
    mask = read_masks(out)[0]
    assert dice(place_labels(mask.labels, truth.grid, where="R7"), truth) > 0.8


def test_wrong_input_ends_in_one_line(digital_case, lesion, tmp_path):
    _, point, stored = lesion
    folder = Path(stored.records[0].slices[0].path).parents[1]
    out = tmp_path / "mask.nii.gz"
    for words, says in (
        ((digital_case, "--click", "1,2", "-o", out), "is not X,Y,Z"),
        ((digital_case, "-o", out), "0 starts were given"),
        ((digital_case, "--click", point, "-o", tmp_path / "mask.png"), ".nii.gz for NIfTI"),
        ((digital_case, "--click", point, "-o", out), "--exam"),
        ((digital_case, "--click", "900,0,0", "--phase", "portal", "-o", out), "outside the image"),
        ((digital_case, "--click", point, "--phase", "portal", "--segmenter", "x", "-o", out), "x"),
        ((folder, "--click", point, "-o", out), "--phase"),
        ((tmp_path / "nothing", "--click", point, "-o", out), "no file or folder"),
    ):
        done = run(*words)
        assert done.returncode == 2, (words, done.stdout)
        assert says in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert "Traceback" not in done.stderr
    assert not out.exists()
