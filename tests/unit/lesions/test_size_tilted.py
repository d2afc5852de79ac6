"""Tilted ellipsoids at 1 mm and with slices 5 mm apart against their analytic sizes."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from tilted import Tilted, sample

from liverseg.lesions import measure_size
from liverseg.lesions.morphology import ellipsoid_area

FINE, COARSE = (1.0, 1.0, 1.0), (5.0, 0.5, 0.5)
TURNS = [(0.0, 0.0, 0.0), (30.0, 20.0, 10.0), (-50.0, 35.0, 70.0), (15.0, 80.0, -40.0)]
OFFSETS = [(0.0, 0.0, 0.0), (0.4, -0.3, 0.2)]


def sized(body):
    return {row.metric: row for row in measure_size(body.mask())}


def ball_mm(body):
    """Diameter of the ball of the same volume."""
    return float(np.prod(body.diameters_mm)) ** (1.0 / 3.0)


def test_the_analytic_section_is_that_of_a_fine_mask():
    turn = Rotation.from_euler("zyx", (25.0, 40.0, -15.0), degrees=True)
    body = Tilted.of((30.0, 22.0, 16.0), (3.0, 0.1, 0.1), turn=turn, offset=(0.3, 0.0, 0.0))
    rows = sized(body)
    long, short = body.largest_section_mm()
    assert rows["long_axis"].value == pytest.approx(long, abs=0.1)
    assert rows["short_axis"].value == pytest.approx(short, abs=0.2)


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("spacing", [FINE, COARSE])
@pytest.mark.parametrize("sizes", [(24, 20, 16), (45, 38, 30), (80, 66, 60)])
def test_diameters_within_a_pixel_and_volume(sizes, spacing, turn, offset):
    turned = Rotation.from_euler("zyx", turn, degrees=True)
    body = Tilted.of(sizes, spacing, turn=turned, offset=offset)
    rows = sized(body)
    long, _ = body.largest_section_mm()
    assert abs(rows["long_axis"].value - long) <= spacing[1]
    assert rows["voxel_volume"].lower <= body.volume_ml <= rows["voxel_volume"].upper
    if ball_mm(body) >= (20.0 if spacing is FINE else 60.0):
        assert rows["voxel_volume"].value == pytest.approx(body.volume_ml, rel=0.01)


@pytest.mark.parametrize("spacing", [FINE, COARSE])
def test_random_ellipsoids_from_10_to_90_mm(spacing):
    """docs/reference/measurements.md states these numbers."""
    pixel = spacing[1]
    long_off, short_off = [], []
    for body in sample(150, spacing, sizes_mm=(10.0, 90.0), seed=7):
        rows = sized(body)
        long, short = body.largest_section_mm()
        long_off.append((rows["long_axis"].value - long) / pixel)
        short_off.append((rows["short_axis"].value - short) / pixel)
        for metric in ("voxel_volume", "mesh_volume"):
            assert rows[metric].lower <= body.volume_ml <= rows[metric].upper
        if ball_mm(body) >= (20.0 if spacing is FINE else 60.0):
            assert rows["voxel_volume"].value == pytest.approx(body.volume_ml, rel=0.01)
    assert np.mean(np.abs(long_off) <= 1.0) >= 0.98
    assert min(long_off) > -1.5
    assert max(long_off) < 1e-6
    assert -0.5 < np.mean(long_off) < -0.1
    assert min(short_off) > -2.0
    assert max(short_off) < 0.5


@pytest.mark.parametrize(("spacing", "low", "high"), [(FINE, 1.07, 1.10), (COARSE, 1.18, 1.31)])
def test_surface_is_larger_than_the_truth_by_what_the_documentation_says(spacing, low, high):
    for body in sample(12, spacing, sizes_mm=(40.0, 90.0), seed=3, thinnest=0.7):
        half = sorted((0.5 * size for size in body.diameters_mm), reverse=True)
        ratio = sized(body)["surface_area"].value / ellipsoid_area(*half)
        assert low < ratio < high


@pytest.mark.parametrize("diameter", [5.2, 6.0, 8.0, 12.0])
def test_the_interval_holds_small_balls_wherever_the_slices_lie(diameter):
    for place in np.linspace(-0.5, 0.5, 21):
        body = Tilted.of((diameter,) * 3, COARSE, turn=Rotation.identity(), offset=(place, 0, 0))
        row = sized(body)["voxel_volume"]
        assert row.lower <= body.volume_ml <= row.upper


def test_the_interval_is_that_of_readers_where_slices_are_many():
    body = Tilted.of((40.0, 36.0, 30.0), FINE, turn=Rotation.identity())
    row = sized(body)["voxel_volume"]
    assert (row.lower, row.upper) == pytest.approx((0.863 * row.value, 1.137 * row.value))
    coarse = Tilted.of((20.0, 18.0, 16.0), COARSE, turn=Rotation.identity())
    assert sized(coarse)["voxel_volume"].upper > 1.137 * sized(coarse)["voxel_volume"].value
