"""Real CT: a published segment map and two lesions drawn by experts."""

import numpy as np
import pytest

from liverseg.couinaud import assign_segments, check_segments
from liverseg.errors import GeometryError
from liverseg.geometry import Grid, LabelMap

nibabel = pytest.importorskip("nibabel")
CT = Grid.axial((119, 512, 512), (1.60000002384186, 0.742999970912933, 0.742999970912933))


@pytest.fixture(scope="module")
def folder(shared_data):
    path = shared_data / "ircad17"
    if not path.is_dir():
        pytest.skip(f"no real CT at {path}")
    return path


@pytest.fixture(scope="module")
def raw(folder):
    image = nibabel.load(folder / "couinaud_3Dircadb-17.nii.gz")
    array = np.asarray(image.dataobj).astype(np.uint8)
    lps_from_ras = np.diag([-1.0, -1.0, 1.0, 1.0])
    return LabelMap(array, Grid(array.shape, lps_from_ras @ image.affine))


@pytest.fixture(scope="module")
def segments(raw):
    liver = LabelMap(np.ones(CT.shape, np.uint8), CT)
    named, _ = check_segments(raw, liver=liver)
    return named


def read_mask(folder, name):
    pydicom = pytest.importorskip("pydicom")
    array = np.zeros(CT.shape, np.uint8)
    for path in (folder / "MASKS_DICOM" / name).iterdir():
        item = pydicom.dcmread(path)
        array[int(item.InstanceNumber)] = item.pixel_array > 0
    return LabelMap(array, CT)


def test_voxels_of_each_segment(segments):
    counts = np.bincount(segments.array.ravel())[1:]
    assert counts.tolist() == [82200, 430491, 173666, 232774, 330094, 155763, 253912, 446904]


@pytest.mark.parametrize(
    ("name", "segment", "whole_share", "voxels"),
    [("livertumor1", "8", 0.9997, 96961), ("livertumor2", "2", 0.9995, 89029)],
)
def test_lesions_lie_where_experts_say(folder, segments, name, segment, whole_share, voxels):
    lesion = read_mask(folder, name)
    assert np.count_nonzero(lesion.array) == voxels
    shares = assign_segments(lesion, segments)
    assert shares.primary == segment
    assert shares.written == f"S{segment}"
    inside = shares.shares[0].share * (1.0 - shares.outside)
    assert inside == pytest.approx(whole_share, abs=5e-5)
    assert not shares.borderline
    assert shares.centroid_border_mm > 20.0


@pytest.mark.parametrize(("axis", "says"), [(0, "right-left"), (1, "front-back"), (2, "feet-head")])
def test_a_real_map_read_without_its_orientation_is_stopped(raw, axis, says):
    flipped = LabelMap(np.ascontiguousarray(np.flip(raw.array, axis)), raw.grid)
    with pytest.raises(GeometryError, match=says):
        check_segments(flipped)
