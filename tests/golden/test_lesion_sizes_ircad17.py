"""Sizes of two real lesions against values found with other programs.

Values: measurements of 3D-IRCADb-01 patient 17, checked with SimpleITK's label shape
statistics (Feret diameters between voxel centres).
"""

import numpy as np
import pydicom
import pytest

from liverseg.geometry import Grid, Label, LabelMap
from liverseg.lesions import liver_reference, measure_size

EXPECTED = {
    "livertumor1": {
        "voxel_volume": (85.644, 0.001),
        "mesh_volume": (85.644, 0.2),
        "long_axis": (64.99, 0.01),
        "max_3d_diameter": (69.03, 0.01),
    },
    "livertumor2": {
        "voxel_volume": (78.637, 0.001),
        "mesh_volume": (78.637, 0.2),
        "long_axis": (77.56, 0.01),
        "max_3d_diameter": (78.29, 0.01),
    },
}
SLICES = {"livertumor1": 96, "livertumor2": 92}
CORNERS = {  # in the slice of the long axis, in 3D
    "livertumor1": (65.86, 70.59),
    "livertumor2": (78.37, 79.45),
}
ENDS = {"livertumor1": ((144, 135), (230, 119)), "livertumor2": ((167, 339), (176, 235))}
CALIPER_WIDTH = {"livertumor1": 58.18, "livertumor2": 50.68}


def read_stack(folder):
    files = [pydicom.dcmread(path) for path in folder.iterdir()]
    files.sort(key=lambda file: float(file.ImagePositionPatient[2]))
    row_mm, column_mm = (float(v) for v in files[0].PixelSpacing)
    slice_mm = float(files[1].ImagePositionPatient[2]) - float(files[0].ImagePositionPatient[2])
    array = np.stack([file.pixel_array for file in files])
    return array, Grid.axial(array.shape, (slice_mm, row_mm, column_mm))


@pytest.fixture(scope="module")
def masks(shared_data):
    folder = shared_data / "ircad17" / "MASKS_DICOM"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    found = {}
    for name in ("liver", "livertumor1", "livertumor2", "portalvein", "venoussystem"):
        array, grid = read_stack(folder / name)
        found[name] = LabelMap(array != 0, grid)
    return found


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_sizes(masks, name):
    rows = {row.metric: row for row in measure_size(masks[name])}
    for metric, (value, within) in EXPECTED[name].items():
        assert rows[metric].value == pytest.approx(value, abs=within), metric
    assert rows["long_axis"].slice == SLICES[name]
    ends = masks[name].grid.to_index(rows["long_axis"].endpoints_lps_mm)
    assert {tuple(map(int, np.rint(end[1:]))) for end in ends} == set(ENDS[name])
    product = rows["who_product"]
    corner = product.upper / rows["short_axis"].upper
    assert corner == pytest.approx(CORNERS[name][0], abs=0.01)
    assert rows["max_3d_diameter"].upper == pytest.approx(CORNERS[name][1], abs=0.01)
    # A chord is never longer than the full width at right angles.
    assert 0.9 * CALIPER_WIDTH[name] < rows["short_axis"].value
    assert rows["short_axis"].value <= CALIPER_WIDTH[name] + 0.2
    assert "solidity" not in rows  # slices are 1.6 mm apart
    assert rows["voxel_volume"].doubts == ()


def test_liver_away_from_vessels_and_lesions(masks, shared_data):
    grid = masks["liver"].grid
    array = np.zeros(grid.shape, dtype=np.uint8)
    array[masks["portalvein"].mask()] = 3
    array[masks["venoussystem"].mask()] = 4
    structures = LabelMap(array, grid, (Label(3, "portal_vein"), Label(4, "hepatic_veins")))
    lesions = [masks["livertumor1"], masks["livertumor2"]]
    reference = liver_reference(masks["liver"], lesions, structures)
    image, _ = read_stack(shared_data / "ircad17" / "PATIENT_DICOM")
    values = image[reference.mask()]
    # Published beside the data with margins in voxels: 103.25 HU, sd 23.58.
    assert values.mean() == pytest.approx(103.25, abs=1.0)
    assert values.std() == pytest.approx(23.58, abs=1.0)
