"""IBSI features where the answer follows from the definition alone."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import eval_legendre
from unit.lesions.shapes import ball, grid_round, oblique_grid, rows_by_metric

from liverseg.errors import EmptyLabelError, GeometryError, MeasurementError
from liverseg.geometry import Grid, LabelMap, Volume
from liverseg.lesions import (
    IbsiChain,
    ibsi_features,
    ibsi_morphology,
    intensity_histogram,
    intensity_statistics,
    measure_size,
)
from liverseg.lesions.ibsi import ibsi_grid, interpolate, resegment
from liverseg.lesions.intensity import Levels
from liverseg.lesions.morphology import ellipsoid_area, ibsi_ellipsoid_area
from liverseg.tables import load_table

UNIT = (1.0, 1.0, 1.0)


def box_mask(shape, spacing=UNIT):
    array = np.zeros(tuple(n + 4 for n in shape), dtype=np.uint8)
    array[tuple(slice(2, 2 + n) for n in shape)] = 1
    return LabelMap(array, Grid.axial(array.shape, spacing))


def test_morphology_of_a_box():
    features = ibsi_morphology(box_mask((20, 30, 40)))
    assert features["YEKZ"] == 24000
    variance = [(n**2 - 1) / 12 * 24000 / 23999 for n in (40, 30, 20)]
    assert [features[k] for k in ("TDIC", "P9VJ", "7J51")] == pytest.approx(
        [4 * np.sqrt(v) for v in variance]
    )
    assert features["Q3CK"] == pytest.approx(features["P9VJ"] / features["TDIC"])
    assert features["PBX1"] == pytest.approx(features["RNU0"] / 24000)
    assert features["R59B"] == pytest.approx(features["C0JK"] / (2 * (600 + 800 + 1200)))
    # The mesh cuts the edges of a box, and nothing else: it is its own hull.
    assert features["R3ER"] == pytest.approx(1.0)
    assert features["7T7F"] == pytest.approx(1.0)


def test_morphology_of_a_ball():
    features = ibsi_morphology(ball(40.0, grid_round(40.0, UNIT)))
    assert features["TDIC"] == pytest.approx(4 * 20 / np.sqrt(5), rel=2e-3)
    assert features["6BDE"] == pytest.approx((np.sqrt(5) / 2) ** 3, rel=0.01)
    assert features["Q3CK"] == pytest.approx(1.0, abs=5e-3)
    assert features["KRCK"] == pytest.approx(1 / features["QCFX"])
    assert features["25C7"] == pytest.approx(features["KRCK"] - 1)
    assert features["BQWJ"] == pytest.approx(features["QCFX"] ** 3)
    assert features["SKGS"] == pytest.approx(features["QCFX"] ** 1.5 / (6 * np.pi))


def test_features_turn_with_an_oblique_grid():
    array = box_mask((6, 9, 14), (2.0, 0.8, 0.9)).array
    straight = ibsi_morphology(LabelMap(array, Grid.axial(array.shape, (2.0, 0.8, 0.9))))
    turned = ibsi_morphology(LabelMap(array, oblique_grid(array.shape, (2.0, 0.8, 0.9))))
    assert turned == pytest.approx(straight)


def test_area_of_an_ellipsoid_is_exact():
    height, weight = np.polynomial.legendre.leggauss(200)
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    flat = np.sqrt(1 - height**2)[:, None]
    for a, b, c in ((5.0, 5.0, 5.0), (7.0, 5.0, 3.0), (9.0, 9.0, 2.0), (8.0, 3.0, 3.0)):
        x, y, z = flat * np.cos(angle), flat * np.sin(angle), height[:, None] + 0 * angle
        stretch = np.sqrt((b * c * x) ** 2 + (a * c * y) ** 2 + (a * b * z) ** 2)
        area = float(weight @ stretch.mean(axis=1)) * 2 * np.pi
        assert ellipsoid_area(a, b, c) == pytest.approx(area, rel=1e-9)
    assert ibsi_ellipsoid_area(5.0, 5.0, 5.0) == pytest.approx(100 * np.pi)


def test_area_of_ibsi_is_the_series_of_the_manual():
    """Which is not the area: docs/reference/measurements.md says by how much."""
    a, b, c = 7.0, 5.0, 3.0
    alpha, beta = np.sqrt(1 - (b / a) ** 2), np.sqrt(1 - (c / a) ** 2)
    order = np.arange(21)
    terms = (alpha * beta) ** order / (1 - 4 * order**2)
    terms *= eval_legendre(order, (alpha**2 + beta**2) / (2 * alpha * beta))
    assert ibsi_ellipsoid_area(a, b, c) == pytest.approx(4 * np.pi * a * b * terms.sum())
    assert ibsi_ellipsoid_area(a, b, c) / ellipsoid_area(a, b, c) == pytest.approx(1.052, abs=1e-3)
    # b = a: alpha is 0, and the argument of the polynomials has no value.
    assert ibsi_ellipsoid_area(9.0, 9.0, 2.0) == pytest.approx(
        ibsi_ellipsoid_area(9.0, 9.0 - 1e-9, 2.0)
    )


def test_every_row_of_the_family_is_a_feature_by_its_id():
    mask = ball(20.0, grid_round(20.0, UNIT))
    rows, features = rows_by_metric(measure_size(mask)), ibsi_morphology(mask)
    for row in load_table("ibsi_morphology"):
        assert rows[row.name].value == features[row.value]
        assert rows[row.name].unit == row.unit
        assert row.value in rows[row.name].method


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 3), (1, 3, 1), (3, 1, 1), (1, 2, 2)])
def test_flat_masks_leave_out_what_they_do_not_have(shape):
    mask = box_mask(shape, (2.0, 1.0, 1.0))
    features = ibsi_morphology(mask)
    assert "6BDE" not in features
    assert "RDD2" not in features
    assert ("Q3CK" in features) == (shape != (1, 1, 1))
    assert all(np.isfinite(value) for value in features.values())
    names = {row.metric for row in measure_size(mask)}
    assert "ellipsoid_area_density" not in names
    assert "least_axis" in names


def test_three_voxels_in_a_line_and_in_a_corner():
    line = rows_by_metric(measure_size(box_mask((1, 1, 3))))
    assert line["long_axis"].value == 2.0
    assert line["short_axis"].value == line["who_product"].value == 0.0
    assert line["voxel_volume"].value == 0.003
    assert line["long_axis_corner"].value == pytest.approx(np.hypot(3, 1))
    assert line["long_axis_mesh"].value == pytest.approx(3.0)
    assert line["max_3d_diameter_corner"].value == pytest.approx(np.sqrt(11))
    assert line["major_axis"].value == pytest.approx(4.0)  # standard deviation 1
    array = np.zeros((5, 5, 5), dtype=np.uint8)
    array[2, 2, 2] = array[2, 2, 3] = array[2, 3, 2] = 1
    corner = rows_by_metric(measure_size(LabelMap(array, Grid.axial(array.shape, UNIT))))
    assert corner["long_axis"].value == pytest.approx(np.sqrt(2))
    assert corner["extent_3"].value == pytest.approx(0.0)
    assert corner["mesh_volume"].value < corner["voxel_volume"].value
    assert corner["voxel_volume"].lower <= 0.0005
    for row in (*line.values(), *corner.values()):
        assert np.isfinite(row.value)


def test_two_pieces_of_one_size_are_measured_as_one_and_said():
    array = np.zeros((4, 20, 20), dtype=np.uint8)
    array[1:3, 2:6, 2:6] = 1
    array[1:3, 12:16, 12:16] = 1
    rows = rows_by_metric(measure_size(LabelMap(array, Grid.axial(array.shape, UNIT))))
    assert rows["long_axis"].value == pytest.approx(np.hypot(3, 3))  # within a piece
    assert rows["long_axis_mesh"].value == pytest.approx(np.hypot(13.5, 13.5), abs=0.5)  # across
    assert "2 separate pieces" in rows["voxel_volume"].doubts[0].reason


# Intensity ------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["int16", "uint8", "int32", "int64", "float32", "bool"])
def test_statistics_equal_numpy_and_scipy(kind):
    values = np.random.default_rng(2).normal(60, 25, 997).clip(0, 250).astype(kind)
    found = intensity_statistics(values)
    x = values.astype(float)
    assert found["Q4LE"] == pytest.approx(x.mean())
    assert found["ECT3"] == pytest.approx(x.var())
    if x.std() > 0:
        assert found["KE2A"] == pytest.approx(stats.skew(x))
        assert found["IPH6"] == pytest.approx(stats.kurtosis(x))
    p10, p25, p50, p75, p90 = np.percentile(x, (10, 25, 50, 75, 90))
    assert (found["QG58"], found["Y12H"], found["8DWT"]) == pytest.approx((p10, p50, p90))
    assert found["SALO"] == pytest.approx(p75 - p25)
    assert (found["1GSF"], found["84IY"]) == (x.min(), x.max())
    assert found["4FUA"] == pytest.approx(np.abs(x - x.mean()).mean())
    middle = x[(x >= p10) & (x <= p90)]
    assert found["1128"] == pytest.approx(np.abs(middle - middle.mean()).mean())
    assert found["N72L"] == pytest.approx(np.abs(x - p50).mean())
    assert found["N8CA"] == pytest.approx((x**2).sum())


def test_counting_survives_the_ends_of_the_type():
    for values in (
        np.array([-32768, -32768, 32767], dtype=np.int16),
        np.array([-128, 127], dtype=np.int8),
        np.array([2**31 - 1, 2**31 - 3], dtype=np.int32),
        np.array([0, 2**40], dtype=np.int64),
    ):
        levels = Levels.of(values)
        assert levels.values.tolist() == sorted(set(values.tolist()))
        assert levels.size == len(values)


def test_values_that_do_not_vary_and_ratios_without_meaning():
    flat = intensity_statistics(np.full(9, 7, dtype=np.int16))
    assert flat["KE2A"] == flat["IPH6"] == flat["ECT3"] == 0.0
    assert flat["7TET"] == 0.0
    even = intensity_statistics(np.array([-2, -1, 1, 2]))
    assert "7TET" not in even
    assert "9S40" not in even
    # float32 0.1 is not exactly 0.1: rounding must not turn into skewness.
    assert intensity_statistics(np.full(1000, 0.1, dtype=np.float32))["KE2A"] == 0.0


def test_entropy_and_uniformity_of_two_equal_bins():
    found = intensity_histogram(np.array([0, 10, 30, 40]), bin_width=25.0)
    assert found == pytest.approx({"TLU2": 1.0, "BJ5W": 0.5})


def test_no_values_and_values_that_are_none_are_refused():
    with pytest.raises(MeasurementError, match="no voxel values"):
        intensity_statistics(np.array([], dtype=np.int16))
    with pytest.raises(MeasurementError, match="not all finite"):
        intensity_statistics(np.array([1.0, np.nan]))


# Processing chain -----------------------------------------------------------


def test_grid_keeps_its_centre_and_holds_the_old_one():
    grid = oblique_grid((11, 12, 13), (3.0, 0.9, 0.9))
    fine = ibsi_grid(grid, (2.0, None, 2.0))
    assert fine.shape == (17, 12, 6)
    assert fine.spacing_mm == pytest.approx((2.0, 0.9, 2.0))
    centres = [g.to_lps_mm((np.array(g.shape) - 1) / 2) for g in (grid, fine)]
    assert centres[0] == pytest.approx(centres[1])
    assert ibsi_grid(grid, (None, None, None)) is grid


@pytest.mark.parametrize("order", [1, 3])
def test_interpolation_of_a_ramp_is_exact_inside(order):
    grid = Grid.axial((12, 12, 12), (3.0, 1.0, 1.0))
    index = np.stack(np.meshgrid(*[np.arange(12)] * 3, indexing="ij"), axis=-1)
    fine = ibsi_grid(grid, (2.0, 2.0, 2.0))
    found = interpolate(grid.to_lps_mm(index) @ [2.0, -1.0, 0.5], grid, fine, order=order)
    inner = np.stack(np.meshgrid(*[np.arange(n) for n in fine.shape], indexing="ij"), axis=-1)
    true = fine.to_lps_mm(inner) @ [2.0, -1.0, 0.5]
    middle = tuple(slice(2, -2) for _ in range(3))
    assert found[middle] == pytest.approx(true[middle], abs=0.05)


def test_resegmentation():
    values = np.array([-1000.0, 0.0, 1.0, 2.0, 3.0, 500.0])
    drawn = np.array([True, True, True, True, False, True])
    assert resegment(values, drawn, keep_hu=(-500, 400)).tolist() == [
        False, True, True, True, False, False,
    ]  # fmt: skip
    many = np.concatenate([np.zeros(99), [50.0]])
    assert resegment(many, np.ones(100, bool), keep_sigma=3.0).sum() == 99
    with pytest.raises(EmptyLabelError, match="leaves no voxel"):
        resegment(values, drawn, keep_hu=(600, 700))


def test_chain_refuses_another_lattice():
    mask = box_mask((3, 3, 3))
    image = Volume(np.zeros((7, 7, 7)), Grid.axial((7, 7, 7), (1.0, 1.0, 2.0)), "HU")
    with pytest.raises(GeometryError, match="same voxels"):
        ibsi_features(mask, image)
    with pytest.raises(GeometryError, match="same voxels"):
        ibsi_morphology(mask, image)


def test_chain_gives_mass_features_of_a_constant_image():
    mask = box_mask((4, 4, 4))
    image = Volume(np.full(mask.grid.shape, 5, dtype=np.int16), mask.grid, "HU")
    found = ibsi_features(mask, image, IbsiChain(keep_hu=(0, 10)))
    assert found["KLMA"] == pytest.approx(0.0, abs=1e-9)
    assert found["99N0"] == pytest.approx(5 * found["RNU0"])
    assert found["Q4LE"] == 5.0
