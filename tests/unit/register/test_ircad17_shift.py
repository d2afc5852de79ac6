"""Real CT texture, moved by a known part of a voxel and with another contrast."""

import numpy as np
import pytest
from scipy import ndimage

from liverseg.geometry import Grid, LabelMap, Volume
from liverseg.records import Phase, PhaseCall, SeriesRecord, SeriesVolume
from liverseg.register import align_phases


@pytest.fixture(scope="module")
def real(shared_data):
    folder = shared_data / "couinaud" / "vessels"
    paths = [folder / f"lits_044_ircadb17_{name}.npz" for name in ("ct_half", "portal_hepatic")]
    if not all(path.is_file() for path in paths):
        pytest.skip(f"no real CT crop at {folder}")
    with np.load(paths[0]) as half, np.load(paths[1]) as full:
        hu = half["ct_hu"].astype(np.float32)
        liver = full["liver_dicom"][:, : 2 * hu.shape[1] : 2, : 2 * hu.shape[2] : 2]
    grid = Grid.axial(hu.shape, (1.6, 1.486, 1.486), frame_of_reference="1.2.3")
    return hu, LabelMap((liver > 0).astype(np.uint8), grid)


def series(key, hu, grid):
    record = SeriesRecord(key, key, "1", "CT", "2015-06-01", None, key, "", (), grid, "HU")
    call = PhaseCall(Phase.UNDETERMINED, "", "none")
    return SeriesVolume(record, Volume(hu, grid, "HU"), call)


def test_a_planted_shift_of_a_real_ct_comes_back(real):
    hu, liver = real
    planted = np.array([-3.0, 2.0, -6.0])
    moved = ndimage.shift(hu, planted[::-1] / liver.grid.spacing_mm, order=3, mode="nearest")
    weaker = np.where(moved > 120, 120 + 0.2 * (moved - 120), 0.8 * moved)
    noisy = weaker + np.random.default_rng(0).normal(0.0, 10.0, hu.shape)
    pair = series("a", hu, liver.grid), series("b", noisy.astype(np.float32), liver.grid)
    shift = align_phases(pair[0], [pair[1]], liver)[1]
    found = np.array(shift.series_from_reference.offset_mm)
    assert np.linalg.norm(found - planted) < 0.3
    assert shift.residual_mm < 0.5
