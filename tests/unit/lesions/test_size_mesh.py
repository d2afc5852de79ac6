"""Mesh sums, mesh diameters, pieces and bounds against the slow way."""

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial.distance import pdist
from skimage.measure import marching_cubes
from unit.lesions.shapes import ball, ellipsoid, grid_round, oblique_grid, rows_by_metric

from liverseg.geometry import Grid, LabelMap
from liverseg.lesions import measure_size, pyradiomics_shape
from liverseg.lesions.caliper import plane_matrix
from liverseg.lesions.cells import CellMesh, cell_triangles
from liverseg.lesions.hull import (
    farthest_corners,
    hull_candidates,
    hull_vertices,
    near_longest,
    row_ends,
)
from liverseg.lesions.mesh import longest_on_mesh, longest_on_mesh_in_plane, measure_surface
from liverseg.lesions.pieces import count_pieces
from liverseg.lesions.widths import SliceWidths

GRIDS = [
    Grid.axial((9, 11, 10), (5.0, 0.5, 0.7)),
    oblique_grid((9, 11, 10), (2.0, 0.8, 0.9), shear=0.3),
]


def blobs(seed, share=0.5):
    random = np.random.default_rng(seed)
    return ndimage.gaussian_filter(random.random((9, 11, 10)), 0.7) > share


def mesh_of(drawn):
    vertices, faces, _, _ = marching_cubes(np.pad(drawn, 1).astype(np.float32), 0.5)
    return vertices.astype(float) - 1.0, faces


@pytest.mark.parametrize("grid", GRIDS, ids=["axial", "sheared"])
@pytest.mark.parametrize("seed", range(5))
def test_mesh_sums_equal_those_of_the_whole_mesh(seed, grid):
    drawn = blobs(seed)
    vertices, faces = mesh_of(drawn)
    corners = grid.to_lps_mm(vertices)[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    surface = measure_surface(drawn, grid)
    assert surface.area_mm2 == pytest.approx(0.5 * np.linalg.norm(normals, axis=1).sum(), rel=1e-6)
    volume = abs(np.einsum("ij,ij->", corners[:, 0] - corners[0, 0], normals)) / 6.0
    assert surface.volume_mm3 == pytest.approx(volume, rel=1e-6)


def test_volume_does_not_depend_on_where_the_mesh_lies():
    """True of a closed mesh only."""
    drawn = blobs(3)
    far = np.pad(drawn, ((40, 0), (30, 0), (20, 0)))
    grid = Grid.axial(far.shape, (1.0, 1.0, 1.0))
    here = measure_surface(drawn, Grid.axial(drawn.shape, (1.0, 1.0, 1.0)))
    assert measure_surface(far, grid).volume_mm3 == pytest.approx(here.volume_mm3, rel=1e-12)


def test_both_meshes_agree_where_no_cell_is_ambiguous():
    grid = grid_round(20.0, (1.0, 1.0, 1.0))
    mask = ball(20.0, grid)
    ours = rows_by_metric(measure_size(mask))
    theirs = pyradiomics_shape(mask)
    assert theirs["MeshVolume"] == pytest.approx(ours["mesh_volume"].value * 1000)
    assert theirs["SurfaceArea"] == pytest.approx(ours["surface_area"].value)
    assert theirs["MajorAxisLength"] < ours["major_axis"].value
    patterns = [set(cell_triangles(mesh).pattern.tolist()) for mesh in CellMesh]
    assert patterns[0] == patterns[1] == set(range(1, 255))


@pytest.mark.parametrize("grid", GRIDS, ids=["axial", "sheared"])
@pytest.mark.parametrize("seed", range(6))
def test_mesh_diameters_equal_all_pairs_of_vertices(seed, grid):
    drawn = blobs(seed, 0.54)
    vertices, _ = mesh_of(drawn)
    places = grid.to_lps_mm(vertices)
    hull = hull_vertices(row_ends(drawn))
    near = near_longest(hull, grid.lps_from_index[:3, :3])
    found = longest_on_mesh(hull, near, grid)
    assert found.length_mm == pytest.approx(pdist(places).max(), rel=1e-6)
    ends = grid.to_lps_mm([found.start, found.end])
    assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(found.length_mm)
    slow = 0.0
    for height in np.unique(vertices[:, 0]):
        own = places[vertices[:, 0] == height]
        slow = max(slow, pdist(own).max(initial=0.0))
    place, flat = longest_on_mesh_in_plane(drawn, plane_matrix(grid))
    assert flat.length_mm == pytest.approx(slow, rel=1e-6)
    ends = grid.to_lps_mm([(place, *flat.start), (place, *flat.end)])
    assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(slow, rel=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_pieces_are_counted_as_scipy_labels_them(seed):
    drawn = np.random.default_rng(seed).random((7, 8, 9)) > (0.55 + 0.06 * seed)
    assert count_pieces(drawn) == ndimage.label(drawn, np.ones((3, 3, 3)))[1]


def test_pieces_touch_at_corners_and_not_across_the_edge_of_rows():
    drawn = np.zeros((2, 3, 4), dtype=bool)
    drawn[0, 0, 3] = drawn[0, 1, 0] = True  # neighbours in memory only
    assert count_pieces(drawn) == 2
    drawn[1, 1, 2] = True  # corner of the first
    assert count_pieces(drawn) == 2
    drawn[1, 2, 1] = True  # joins both by corners
    assert count_pieces(drawn) == 1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_hull_candidates_hold_the_hull(seed, order):
    drawn = blobs(seed).transpose(order)  # not contiguous in memory
    few = hull_candidates(drawn)
    every = hull_vertices(row_ends(drawn))
    assert len(few) <= len(row_ends(drawn))
    assert {tuple(p) for p in hull_vertices(few)} == {tuple(p) for p in every}


@pytest.mark.parametrize("grid", GRIDS, ids=["axial", "sheared"])
def test_bounds_of_slices_are_never_below_their_diameters_and_close(grid):
    plane = plane_matrix(grid)
    for seed in range(5):
        drawn = blobs(seed)
        widths = SliceWidths.of(row_ends(drawn), plane)
        for number, bound in zip(widths.numbers, widths.bound_mm(), strict=True):
            true = pdist(np.argwhere(drawn[number]) @ plane.T).max(initial=0.0)
            assert true - 1e-9 <= bound <= 1.005 * true + 1e-9
        doubled, bounds = widths.pair_bound_mm()
        assert len(set(doubled.tolist())) == len(doubled)
        for place, bound in zip(doubled, bounds, strict=True):
            pair = [k for k in ((place - 1) // 2, (place + 1) // 2) if 0 <= k < len(drawn)]
            points = np.argwhere(drawn[pair].any(axis=0)) @ plane.T
            assert pdist(points).max(initial=0.0) - 1e-9 <= bound


@pytest.mark.parametrize("seed", range(4))
def test_farthest_corners_equal_all_corners(seed):
    drawn, grid = blobs(seed, 0.54), GRIDS[1]
    matrix = grid.lps_from_index[:3, :3]
    hull = hull_vertices(row_ends(drawn))
    found = farthest_corners(hull, near_longest(hull, matrix), matrix)
    signs = np.array(np.meshgrid(*[[-0.5, 0.5]] * 3)).reshape(3, -1).T
    corners = (np.argwhere(drawn)[:, None] + signs).reshape(-1, 3) @ matrix.T
    assert found.length_mm == pytest.approx(pdist(corners).max())


def test_rows_of_other_conventions_can_be_drawn():
    grid = grid_round(30.0, (1.5, 0.8, 0.9), oblique=True, shear=0.2)
    rows = rows_by_metric(measure_size(ellipsoid((30, 22, 18), grid)))
    lengths = [row for row in rows.values() if row.unit == "mm"]
    assert len(lengths) == 14
    for row in lengths:
        ends = np.array(row.endpoints_lps_mm)
        assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(row.value), row.metric
    for name in ("long_axis", "short_axis", "max_3d_diameter"):
        assert rows[f"{name}_corner"].value > rows[name].value
    assert rows["long_axis_corner"].value == pytest.approx(
        rows["who_product"].upper / rows["short_axis"].upper
    )
    assert rows["max_3d_diameter_corner"].value == rows["max_3d_diameter"].upper
    assert rows["long_axis"].value < rows["long_axis_mesh"].value < rows["long_axis_corner"].value


def test_ellipsoid_volume_of_a_box_of_voxels():
    array = np.zeros((12, 12, 12), dtype=np.uint8)
    array[1:11, 2:8, 3:7] = 1
    rows = rows_by_metric(measure_size(LabelMap(array, Grid.axial(array.shape, (1.0, 1.0, 1.0)))))
    assert rows["ellipsoid_volume"].value == pytest.approx(np.pi / 6 * 9 * 5 * 3 / 1000)
    assert rows["ellipsoid_volume"].upper == pytest.approx(np.pi / 6 * 10 * 6 * 4 / 1000)
