"""Shape of the IBSI digital phantom and of the CT phantom, as acquired (configuration A)."""

import csv

import nibabel
import numpy as np
import pytest

from liverseg.geometry import Grid, LabelMap
from liverseg.lesions import measure_size
from liverseg.lesions.hull import hull_vertices, row_ends
from liverseg.lesions.mesh import measure_surface

FEATURES = {
    "RNU0": ("mesh_volume", 1000.0),
    "YEKZ": ("voxel_volume", 1000.0),
    "QCFX": ("sphericity", 1.0),
    "L0JK": ("max_3d_diameter_mesh", 1.0),
}


def read_mask(path):
    """A NIfTI mask on its own lattice, slices first, positions in LPS."""
    image = nibabel.load(path)
    array = np.asarray(image.dataobj).transpose(2, 1, 0) > 0
    matrix = np.diag([-1.0, -1.0, 1.0, 1.0]) @ image.affine
    return LabelMap(array, Grid(array.shape, matrix[:, [2, 1, 0, 3]]))


def references(folder, phantom, configuration):
    with (folder / "ibsi1_reference_values.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["ibsi_id"]: (float(row["reference_value"]), float(row["tolerance"]))
            for row in csv.DictReader(file)
            if row["phantom"] == phantom
            and row["configuration"] == configuration
            and row["reference_value"]
        }


@pytest.fixture(scope="module")
def folder(shared_data):
    found = shared_data / "ibsi"
    if not found.is_dir():
        pytest.skip(f"no {found}")
    return found


@pytest.mark.parametrize(
    ("phantom", "configuration"), [("digital_phantom", "none"), ("ct_phantom", "A")]
)
def test_values_within_tolerance(folder, phantom, configuration):
    paths = [path for path in (folder / phantom).rglob("mask*") if path.is_file()]
    assert len(paths) == 1
    mask = read_mask(paths[0])
    rows = {row.metric: row for row in measure_size(mask)}
    expected = references(folder, phantom, configuration)
    for ibsi_id, (metric, factor) in FEATURES.items():
        value, within = expected[ibsi_id]
        assert abs(rows[metric].value * factor - value) <= within, metric
    box = mask.box()
    drawn = mask.mask()[box]
    surface = measure_surface(drawn, mask.grid.cropped((0, 0, 0), drawn.shape))
    assert abs(surface.area_mm2 - expected["C0JK"][0]) <= expected["C0JK"][1]
    assert len(hull_vertices(row_ends(drawn))) < drawn.sum()


def test_solidity_is_the_convex_hull_density_of_the_digital_phantom(folder):
    """Its voxels are 2 mm, so it is not rated; the number itself is R3ER."""
    path = next(path for path in (folder / "digital_phantom").rglob("*mask*"))
    mask = read_mask(path)
    fine = LabelMap(mask.array, Grid.axial(mask.array.shape, (1.0, 1.0, 1.0)))
    rows = {row.metric: row for row in measure_size(fine)}
    value, within = references(folder, "digital_phantom", "none")["R3ER"]
    assert abs(rows["solidity"].value - value) <= within
