"""`liverseg measure` on a mask alone, in our convention and in pyradiomics'."""

from __future__ import annotations

import json
import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest

from liverseg.errors import InputError
from liverseg.workflow import measure_masks, parse_placed_path


@pytest.fixture
def mask(tmp_path):
    array = np.zeros((12, 12, 12), dtype=np.uint8)
    array[3:9, 4:8, 5:7] = 1
    path = tmp_path / "mask.nii.gz"
    nib.save(nib.Nifti1Image(array, np.diag([0.5, 0.5, 2.0, 1.0])), path)
    return path


def rows_of(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "liverseg", "measure", *map(str, arguments), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {row["metric"]: row for row in json.loads(done.stdout)}


def test_our_convention(mask):
    rows = rows_of("--lesion", mask)
    assert rows["voxel_volume"]["value"] == pytest.approx(48 * 0.5 / 1000)
    assert len(rows["long_axis"]["endpoints_lps_mm"]) == 2
    assert rows["surface_area"]["unit"] == "mm2"


def test_convention_of_pyradiomics(mask):
    rows = rows_of("--lesion", mask, "--convention", "pyradiomics")
    assert rows["VoxelVolume"]["value"] == pytest.approx(24.0)
    assert rows["VoxelVolume"]["unit"] == "mm3"
    assert rows["Maximum2DDiameterSlice"]["value"] == pytest.approx(np.hypot(6, 3) / 2)
    assert rows["SurfaceVolumeRatio"]["unit"] == "1/mm"
    assert "long_axis" not in rows


def test_refusals(mask):
    placed = [parse_placed_path(str(mask))]
    with pytest.raises(InputError, match="no convention 'cubits'"):
        measure_masks(placed, convention="cubits")
    with pytest.raises(InputError, match="masks alone"):
        measure_masks(placed, liver=placed[0], convention="pyradiomics")
