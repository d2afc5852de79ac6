"""Shape and first order against the table that pyradiomics' own tests expect.

The table was made with pyradiomics 2.0.1; its 3.0.1 differs from it by up to 0.08 % in the
surface of brain1, and ours is that of 3.0.1 (`make bench` compares with the program itself).
"""

import csv

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from liverseg.geometry import Grid, LabelMap
from liverseg.lesions import (
    intensity_histogram,
    intensity_statistics,
    measure_size,
    pyradiomics_shape,
)

CASES = ("brain1", "brain2", "breast1")
LABELS = (*CASES, "lung1", "lung2")
#: Added to every voxel before the three values that square it.
SHIFT = 2000
ORDER = {
    "Mean": "Q4LE",
    "Variance": "ECT3",
    "Skewness": "KE2A",
    "Median": "Y12H",
    "Minimum": "1GSF",
    "10Percentile": "QG58",
    "90Percentile": "8DWT",
    "Maximum": "84IY",
    "InterquartileRange": "SALO",
    "Range": "2OJQ",
    "MeanAbsoluteDeviation": "4FUA",
    "RobustMeanAbsoluteDeviation": "1128",
    "Entropy": "TLU2",
    "Uniformity": "BJ5W",
}


@pytest.fixture(scope="module")
def folder(shared_data):
    found = shared_data / "pyradiomics_baseline"
    if not found.is_dir():
        pytest.skip(f"no {found}")
    return found


def column(path, name):
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["featureName"].split("_")[-1]: float(row[name])
        for row in rows
        if row["featureName"].startswith("original_")
    }


def read(folder, name, kind):
    image = sitk.ReadImage(str(folder / f"{name}_{kind}.nrrd"))
    return sitk.GetArrayFromImage(image), image.GetSpacing()[::-1]


def mask_of(folder, name):
    array, spacing = read(folder, name, "label")
    return LabelMap(array == 1, Grid.axial(array.shape, spacing))


@pytest.mark.parametrize("name", LABELS)
def test_shape_by_their_convention(folder, name):
    expected = column(folder / "baseline_shape.csv", name)
    ours = pyradiomics_shape(mask_of(folder, name))
    for feature in (
        "MeshVolume",
        "SurfaceArea",
        "Maximum3DDiameter",
        "Maximum2DDiameterSlice",
    ):
        assert ours[feature] == pytest.approx(expected[feature], rel=1e-3), feature
    assert set(ours) == set(expected)
    for feature, value in ours.items():
        assert value == pytest.approx(expected[feature], rel=1e-3), feature


@pytest.mark.parametrize("name", CASES)
def test_our_own_rows_differ_by_what_the_documentation_says(folder, name):
    """docs/reference/measurements.md: surface up to 0.5 %, volume 0.03 %, axes 1/(2n)."""
    expected = column(folder / "baseline_shape.csv", name)
    rows = {row.metric: row.value for row in measure_size(mask_of(folder, name))}
    assert rows["max_3d_diameter_mesh"] == pytest.approx(expected["Maximum3DDiameter"], rel=1e-9)
    assert rows["long_axis_mesh"] == pytest.approx(expected["Maximum2DDiameterSlice"], rel=1e-9)
    assert rows["mesh_volume"] * 1000 == pytest.approx(expected["MeshVolume"], rel=3e-4)
    assert rows["surface_area"] == pytest.approx(expected["SurfaceArea"], rel=5e-3)
    if name == "brain1":  # two pieces in one slice, which pyradiomics joins
        assert rows["long_axis_corner"] < 0.72 * rows["long_axis_mesh"]
    else:
        assert rows["long_axis"] < rows["long_axis_mesh"] < rows["long_axis_corner"]
    assert rows["max_3d_diameter"] < rows["max_3d_diameter_mesh"]


@pytest.mark.parametrize("name", CASES)
def test_first_order(folder, name):
    expected = column(folder / "baseline_firstorder.csv", name)
    image, _ = read(folder, name, "image")
    mask = mask_of(folder, name)
    values = image[mask.mask()]
    ours = intensity_statistics(values) | intensity_histogram(values, bin_width=25.0)
    for feature, ibsi_id in ORDER.items():
        assert ours[ibsi_id] == pytest.approx(expected[feature], rel=1e-9), feature
    assert ours["IPH6"] + 3.0 == pytest.approx(expected["Kurtosis"], rel=1e-9)
    shifted = intensity_statistics(values.astype(np.int64) + SHIFT)
    assert shifted["N8CA"] == pytest.approx(expected["Energy"], rel=1e-9)
    assert shifted["5ZWQ"] == pytest.approx(expected["RootMeanSquared"], rel=1e-9)
