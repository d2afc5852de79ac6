import itertools

import numpy as np
import pytest
from unit.lesions.shapes import ball, ellipsoid, grid_round, rows_by_metric

from liverseg.errors import EmptyLabelError
from liverseg.geometry import Grid, LabelMap
from liverseg.lesions import measure_size, slice_step_mm

SPACINGS = [(1.5, 0.8, 0.8), (3.0, 1.2, 1.2), (1.0, 1.0, 1.0), (1.0, 0.7, 0.9)]

IN_SLICE = (
    "long_axis",
    "short_axis",
    "who_product",
    "long_axis_corner",
    "short_axis_corner",
    "long_axis_mesh",
)
#: Made of the volume or the area of the mesh.
OF_MESH = (
    "mesh_volume",
    "sphericity",
    "solidity",
    "surface_area",
    "surface_volume_ratio",
    "compactness_1",
    "compactness_2",
    "spherical_disproportion",
    "asphericity",
    "box_volume_density",
    "box_area_density",
    "ellipsoid_volume_density",
    "ellipsoid_area_density",
    "hull_volume_density",
    "hull_area_density",
)


def sized(mask):
    return rows_by_metric(measure_size(mask))


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize(("oblique", "shear"), [(False, 0.0), (True, 0.0), (True, 0.3)])
def test_ball_of_35_mm(spacing, oblique, shear):
    grid = grid_round(35.0, spacing, oblique=oblique, shear=shear)
    rows = sized(ball(35.0, grid))
    truth_ml = np.pi / 6 * 35.0**3 / 1000
    pixel = max(spacing[1:])
    assert rows["voxel_volume"].value == pytest.approx(truth_ml, rel=0.01)
    assert rows["mesh_volume"].value == pytest.approx(truth_ml, rel=0.02)
    assert abs(rows["long_axis"].value - 35.0) <= pixel
    assert abs(rows["max_3d_diameter"].value - 35.0) <= pixel
    assert rows["long_axis"].upper >= 35.0
    assert rows["max_3d_diameter"].lower <= 35.0 <= rows["max_3d_diameter"].upper
    for number in (1, 2, 3):
        extent = rows[f"extent_{number}"]
        # A cap thinner than a slice step can hide beyond the last slice on either side.
        assert extent.lower - 1e-9 <= 35.0 <= extent.upper + 0.5 * spacing[0]
    # A voxel mesh has more area than the ball, the more the coarser: never below 0.85 here.
    assert 0.85 < rows["sphericity"].value < 0.97


@pytest.mark.parametrize("spacing", SPACINGS[:2])
def test_ellipsoid_in_the_slice_plane_within_a_pixel(spacing):
    grid = grid_round(35.0, spacing, oblique=True)
    axes = grid.axes_lps
    turn = np.radians(33.0)
    long = np.cos(turn) * axes[:, 1] + np.sin(turn) * axes[:, 2]
    short = -np.sin(turn) * axes[:, 1] + np.cos(turn) * axes[:, 2]
    directions = np.column_stack([long, short, axes[:, 0]])
    rows = sized(ellipsoid((35, 28, 24), grid, directions=directions))
    assert abs(rows["long_axis"].value - 35.0) <= spacing[1]
    assert abs(rows["short_axis"].value - 28.0) <= 1.5 * spacing[1]
    assert rows["who_product"].value == pytest.approx(
        rows["long_axis"].value * rows["short_axis"].value
    )
    assert rows["voxel_volume"].value == pytest.approx(np.pi / 6 * 35 * 28 * 24 / 1000, rel=0.03)
    ends = np.array(rows["long_axis"].endpoints_lps_mm)
    along = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
    assert abs(along @ long) > np.cos(np.radians(8.0))
    for number, true in enumerate((35, 28), start=1):
        assert abs(rows[f"extent_{number}"].value - true) <= 1.5 * spacing[1]
    assert abs(rows["extent_3"].value - 24) <= 1.05 * spacing[0]


def test_endpoints_span_their_value_and_lie_on_drawn_voxels():
    grid = grid_round(30.0, (1.5, 0.8, 0.8), oblique=True)
    mask = ball(30.0, grid)
    rows = sized(mask)
    for metric in ("long_axis", "short_axis", "max_3d_diameter"):
        ends = np.array(rows[metric].endpoints_lps_mm)
        assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(rows[metric].value)
        index = grid.to_index(ends)
        assert np.abs(index - np.rint(index)).max() < 1e-6
        assert mask.array[tuple(np.rint(index).astype(int).T)].all()
        if rows[metric].slice is not None:
            assert np.rint(index[:, 0]).tolist() == [rows[metric].slice] * 2
    long, short = (np.array(rows[m].endpoints_lps_mm) for m in ("long_axis", "short_axis"))
    turn = (long[1] - long[0]) @ (short[1] - short[0])
    turn /= rows["long_axis"].value * rows["short_axis"].value
    # 1 degree, or half a pixel of 30 mm
    assert abs(turn) <= max(np.sin(np.radians(1.0)), 0.4 / rows["short_axis"].value) + 1e-9


def test_one_voxel_is_below_one_pixel():
    array = np.zeros((5, 5, 5), dtype=np.uint8)
    array[2, 2, 2] = 1
    rows = sized(LabelMap(array, Grid.axial((5, 5, 5), (1.0, 0.8, 0.8))))
    assert rows["long_axis"].value == rows["short_axis"].value == 0.0
    assert rows["max_3d_diameter"].value == rows["extent_1"].value == 0.0
    assert any("below one pixel" in doubt.reason for doubt in rows["long_axis"].doubts)
    assert rows["long_axis"].upper == pytest.approx(np.hypot(0.8, 0.8))
    assert rows["max_3d_diameter"].upper == pytest.approx(np.sqrt(1 + 2 * 0.64))
    assert rows["voxel_volume"].value == pytest.approx(0.00064)
    assert rows["mesh_volume"].value == pytest.approx(0.00064 / 6)  # an octahedron
    assert rows["max_3d_diameter_mesh"].value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("shape", "long", "max_3d"),
    [
        ((1, 1, 7), 6.0, 6.0),
        ((1, 4, 5), 5.0, 5.0),
        ((6, 1, 1), 0.0, 5.0),
        ((3, 1, 5), 4.0, 20**0.5),
    ],
)
def test_flat_and_thin_masks_are_measured(shape, long, max_3d):
    array = np.zeros((10, 10, 10), dtype=np.uint8)
    array[tuple(slice(1, 1 + n) for n in shape)] = 1
    rows = sized(LabelMap(array, Grid.axial((10, 10, 10), (1.0, 1.0, 1.0))))
    assert rows["long_axis"].value == pytest.approx(long)
    assert rows["max_3d_diameter"].value == pytest.approx(max_3d)
    assert rows["voxel_volume"].value == pytest.approx(np.prod(shape) / 1000)


def test_empty_mask_is_refused():
    with pytest.raises(EmptyLabelError, match="no voxels"):
        measure_size(LabelMap(np.zeros((3, 3, 3), np.uint8), Grid.axial((3, 3, 3), (1, 1, 1))))


def test_regions_of_one_slice_are_not_joined_but_pieces_are_named():
    array = np.zeros((6, 60, 60), dtype=np.uint8)
    array[2, 5:15, 5:25] = 1
    array[2, 50:55, 50:55] = 1
    array[4, 3, 3] = 1
    rows = sized(LabelMap(array, Grid.axial(array.shape, (1.0, 1.0, 1.0))))
    assert rows["long_axis"].value == pytest.approx(np.hypot(9, 19))
    assert rows["long_axis"].slice == 2
    assert rows["max_3d_diameter"].value > 60
    assert [d.reason for d in rows["voxel_volume"].doubts] == [
        "the mask has 3 separate pieces; they are measured as one"
    ]


def test_any_number_that_is_not_0_counts_and_others_are_not_needed():
    grid = grid_round(12.0, (1.0, 1.0, 1.0))
    mask = ball(12.0, grid)
    again = LabelMap((mask.array * 7).astype(np.uint16), grid)
    assert [row.value for row in measure_size(again)] == [row.value for row in measure_size(mask)]


def test_slice_step_decides_about_solidity_and_doubts():
    fine = sized(ball(30.0, grid_round(30.0, (1.5, 0.8, 0.8))))
    assert fine["solidity"].value > 0.95
    assert fine["sphericity"].doubts == ()
    assert fine["long_axis"].doubts == ()
    coarse = sized(ball(30.0, grid_round(30.0, (6.0, 0.8, 0.8))))
    assert "solidity" not in coarse
    assert "solidity is not rated" in coarse["sphericity"].doubts[0].reason
    assert "more than the 5 mm" in coarse["long_axis"].doubts[0].reason
    small = sized(ball(8.0, grid_round(8.0, (3.0, 0.8, 0.8))))
    assert any("a third of the long axis" in d.reason for d in small["long_axis"].doubts)
    assert any("below 15 mm" in d.reason for d in small["sphericity"].doubts)


def test_slice_step_of_a_sheared_grid_is_the_distance_of_its_planes():
    grid = grid_round(10.0, (2.0, 1.0, 1.0), shear=0.5)
    assert slice_step_mm(grid) == pytest.approx(2.0)
    assert grid.spacing_mm[0] == pytest.approx(2.0 * np.hypot(1, 0.5))


def test_mask_at_the_image_edge_is_doubted():
    array = np.ones((3, 8, 8), dtype=np.uint8)
    rows = sized(LabelMap(array, Grid.axial((3, 8, 8), (1.0, 1.0, 1.0))))
    assert "may be cut off" in rows["voxel_volume"].doubts[0].reason
    single = np.zeros((1, 8, 8), dtype=np.uint8)
    single[0, 3:5, 3:5] = 1
    rows = sized(LabelMap(single, Grid.axial((1, 8, 8), (1.0, 1.0, 1.0))))
    assert rows["voxel_volume"].doubts == ()


def test_bite_out_of_a_box_lowers_solidity():
    array = np.zeros((32, 32, 32), dtype=np.uint8)
    array[1:31, 1:31, 1:31] = 1
    array[1:31, 1:16, 1:16] = 0
    rows = sized(LabelMap(array, Grid.axial(array.shape, (1.0, 1.0, 1.0))))
    # An L of three quarters of a square over its hull of seven eighths.
    assert rows["solidity"].value == pytest.approx(6 / 7, rel=0.01)


def test_intervals_come_from_readers_and_are_never_inside_the_corners():
    rows = sized(ball(35.0, grid_round(35.0, (1.5, 0.8, 0.8))))
    long = rows["long_axis"]
    assert long.lower == pytest.approx(0.779 * long.value)
    assert long.upper == pytest.approx(1.254 * long.value)
    volume = rows["voxel_volume"]
    assert (volume.lower, volume.upper) == pytest.approx(
        (0.863 * volume.value, 1.137 * volume.value)
    )
    tiny = sized(ball(3.0, grid_round(3.0, (1.0, 1.0, 1.0))))["long_axis"]
    assert tiny.upper > 1.254 * tiny.value
    for row in rows.values():
        assert row.method
        if row.lower is not None:
            assert row.lower <= row.value <= row.upper


def test_grid_may_be_flipped_transposed_or_permuted():
    grid = grid_round(24.0, (1.5, 0.8, 0.9), oblique=True)
    mask = ellipsoid((24, 20, 15), grid, directions=np.linalg.qr(np.ones((3, 3)) + np.eye(3))[0])
    usual = sized(mask)
    for order in itertools.permutations(range(3)):
        for flips in ((), (0,), (1, 2), (0, 1, 2)):
            turned = sized(turn(mask, order, flips))
            same = usual.keys() if order[0] == 0 else usual.keys() - {*IN_SLICE, "solidity"}
            for metric in same:
                # The mesh cuts ambiguous voxels by their order; it may differ a little.
                within = 2e-3 if metric in OF_MESH else 1e-6
                assert turned[metric].value == pytest.approx(usual[metric].value, rel=within), (
                    metric
                )


def turn(mask, order, flips):
    """The same voxels at the same places, stored in another order."""
    array = np.flip(mask.array.transpose(order), axis=flips)
    change = np.zeros((4, 4))
    change[3, 3] = 1
    for new, old in enumerate(order):
        change[old, new] = -1 if new in flips else 1
        change[old, 3] = array.shape[new] - 1 if new in flips else 0
    return LabelMap(array, Grid(array.shape, mask.grid.lps_from_index @ change))
