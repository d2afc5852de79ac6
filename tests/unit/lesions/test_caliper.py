import numpy as np
import pytest
from unit.lesions.shapes import grid_round

from liverseg.geometry import Grid
from liverseg.lesions.caliper import longest_perpendicular, measure_axes, plane_matrix
from liverseg.lesions.hull import Span, hull_vertices, longest_spans, row_ends


def drawn_from(rows):
    return np.array([[character == "#" for character in row] for row in rows])


def test_plane_matrix_keeps_lengths_and_angles_of_a_sheared_plane():
    grid = grid_round(10.0, (2.0, 1.0, 0.7), shear=0.4)
    plane = plane_matrix(grid)
    steps = np.random.default_rng(0).normal(size=(20, 2))
    in_space = steps @ grid.lps_from_index[:3, 1:3].T
    assert np.allclose(steps @ plane.T @ plane @ steps.T, in_space @ in_space.T)


def test_short_axis_equals_all_pairs_on_random_blobs():
    random = np.random.default_rng(4)
    grid = Grid.axial((1, 60, 60), (1.0, 0.6, 0.6))
    row, column = np.mgrid[:60, :60] - 30.0
    for _ in range(6):
        angle = np.arctan2(row, column)
        radius = 22 + 3 * np.cos(2 * angle + random.uniform(0, 6)) + random.uniform(-1, 1)
        drawn = (np.hypot(row, column) <= radius)[None]
        axes = measure_axes(drawn, grid)
        points = np.argwhere(drawn[0]) * 0.6
        gaps = points[:, None] - points[None]
        lengths = np.linalg.norm(gaps, axis=2)
        assert axes.long.length_mm == pytest.approx(lengths.max())
        along = np.subtract(axes.long.end, axes.long.start) * 0.6
        off = np.abs(gaps @ along) / np.linalg.norm(along)
        across = np.sqrt(np.maximum(lengths**2 - off**2, 0))
        right = off <= np.maximum(np.tan(np.radians(1.0)) * across, 0.3) + 1e-9
        # Near-round and star-shaped: every chord this long lies inside.
        assert axes.short.length_mm == pytest.approx(lengths[right].max())


def test_chord_may_not_leave_the_region():
    region = drawn_from(
        [
            "####################",
            "#..................#",
            "#..................#",
            "#..................#",
            "####............####",
        ]
    )
    long = Span(19.0, 20.0, (0, 0), (0, 19))
    assert longest_perpendicular(region, long, np.eye(2)).length_mm == 4.0  # down the left arm
    arm = region.copy()
    arm[:, 0] = False
    arm[:, 19] = False
    arm[4, 1:4] = True
    short = longest_perpendicular(arm, Span(17.0, 18.0, (0, 1), (0, 18)), np.eye(2))
    assert short.length_mm == 0.0  # rows 0 and 4 are joined by nothing


def test_hole_counts_as_inside():
    region = np.ones((9, 15), dtype=bool)
    region[1:8, 1:14] = False
    short = longest_perpendicular(region, Span(14.0, 15.0, (4, 0), (4, 14)), np.eye(2))
    assert short.length_mm == pytest.approx(8.0, abs=0.02)


def test_short_axis_of_a_line_is_nothing():
    drawn = np.zeros((1, 5, 9), dtype=bool)
    drawn[0, 2, 1:8] = True
    axes = measure_axes(drawn, Grid.axial((1, 5, 9), (1.0, 1.0, 1.0)))
    assert axes.long.length_mm == 6.0
    assert axes.short.length_mm == 0.0
    assert axes.corner_mm == pytest.approx(np.hypot(7, 1))


def test_of_equal_long_axes_the_widest_region_counts():
    drawn = np.zeros((3, 12, 12), dtype=bool)
    drawn[0, 5, 1:11] = True
    drawn[2, 3:7, 1:11] = True
    drawn[2, 3:6, (1, 10)] = False
    axes = measure_axes(drawn, Grid.axial(drawn.shape, (1.0, 1.0, 1.0)))
    assert axes.slice == 2
    assert axes.long.length_mm == pytest.approx(9.0, abs=0.5)
    assert axes.short.length_mm >= 2.0


def test_corner_value_may_come_from_another_slice():
    drawn = np.zeros((2, 12, 12), dtype=bool)
    drawn[0, 5, 1:11] = True  # 9 between centres, hypot(10, 1) between corners
    drawn[1, 2:9, 2:8] = True  # hypot(6, 5) = 7.8, corners hypot(7, 6) = 9.2
    axes = measure_axes(drawn, Grid.axial(drawn.shape, (1.0, 1.0, 1.0)))
    assert axes.slice == 0
    assert axes.corner_mm == pytest.approx(np.hypot(10, 1))


@pytest.mark.parametrize("dimensions", [2, 3])
def test_hull_corners_give_the_same_longest_span_as_all_points(dimensions):
    random = np.random.default_rng(dimensions)
    matrix = random.normal(size=(3, dimensions))
    for _ in range(10):
        points = np.unique(random.integers(0, 12, size=(60, dimensions)), axis=0)
        corners = hull_vertices(points)
        assert len(corners) < len(points)
        spans, reach = longest_spans(corners, matrix)
        position = points @ matrix.T
        every = np.linalg.norm(position[:, None] - position[None], axis=2)
        assert spans[0].length_mm == pytest.approx(every.max())
        signs = np.array(np.meshgrid(*[[-0.5, 0.5]] * dimensions)).reshape(dimensions, -1).T
        outer = (points[:, None] + signs[None]).reshape(-1, dimensions) @ matrix.T
        widest = max(np.linalg.norm(outer - one, axis=1).max() for one in outer)
        assert reach == pytest.approx(widest)


def test_row_ends_hold_the_whole_hull():
    drawn = np.random.default_rng(1).random((6, 7, 8)) > 0.8
    points = np.argwhere(drawn)
    assert {tuple(p) for p in hull_vertices(points)} <= {tuple(p) for p in row_ends(drawn)}
