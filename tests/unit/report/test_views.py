"""Cut-outs of acquired slices: the right pixels, the right outline, the right lines."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.report.scene_rows import measure
from unit.report.scenes import FRAME, LESIONS, SceneOptions, axial_grid, depth, make_exam

from liverseg.geometry import Grid, Volume
from liverseg.report import cut_views
from liverseg.report.views import edge_letters
from liverseg.testing.strategies import SIGNED_PERMUTATIONS

SIZE_MM = np.array([260.0, 230.0, 150.0])  # of the box that holds the scene, along x, y, z
CENTRE_LPS_MM = np.array([-20.0, 5.0, 0.0])
AXIAL = np.array([[0.0, 0, 1], [0, 1, 0], [1, 0, 0]])  # columns: slice, row, column axis
CORONAL = np.array([[0.0, 0, 1], [1, 0, 0], [0, -1, 0]])


def tilted(axes, degrees):
    """The axes turned about the patient's left."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ axes


def grid_of(axes, spacing_mm):
    """A grid round the scene with these unit axes (columns: slice, row, column)."""
    matrix = np.eye(4)
    matrix[:3, :3] = axes * np.array(spacing_mm)
    shape = np.ceil(np.abs(axes).T @ SIZE_MM / spacing_mm).astype(int)
    matrix[:3, 3] = CENTRE_LPS_MM - matrix[:3, :3] @ ((shape - 1) / 2)
    return Grid(tuple(shape.tolist()), matrix, FRAME)


GRIDS = {
    "axial": axial_grid((6.0, 3.0, 3.0)),
    "anisotropic": grid_of(AXIAL, (4.0, 2.0, 5.0)),
    "oblique": grid_of(tilted(AXIAL, 25.0), (5.0, 2.5, 3.5)),
    "mirrored": grid_of(AXIAL * [-1, 1, -1], (5.0, 3.0, 3.0)),
    "coronal": grid_of(CORONAL, (6.0, 4.0, 3.0)),
}
STRIDE = 512


def codes_of(grid):
    """(slice, row, column) values that say which voxel each is."""
    slices, rows, columns = np.indices(grid.shape, dtype=np.int32)
    return (slices * STRIDE + rows) * STRIDE + columns


def coded_exam(grid, other=None):
    """The exam on a grid with coded voxels; its second series may lie on another grid."""
    exam = make_exam(options=SceneOptions(couinaud=False), grid=grid)
    series = list(exam.series)
    for n, item in enumerate(series):
        own = other if other is not None and n == 1 else grid
        series[n] = replace(item, volume=Volume(codes_of(own), own, "HU"))
    return replace(exam, series=tuple(series))


def corner_of(view):
    """Index (slice, row, column) of the view's first pixel, as its value says."""
    code = int(view.pixels[0, 0])
    return code // STRIDE**2, code // STRIDE % STRIDE, code % STRIDE


def place_lps_mm(view, grid, points):
    """LPS of (row, column) points of a view."""
    slice_, row, column = corner_of(view)
    return grid.to_lps_mm([(slice_, row + r, column + c) for r, c in points])


@pytest.fixture(scope="module", params=GRIDS)
def case(request):
    grid = GRIDS[request.param]
    exam = coded_exam(grid, other=GRIDS["coronal" if request.param == "axial" else "axial"])
    rows = measure(exam)
    return exam, rows, cut_views(exam, rows)


def each(case):
    """Every view with its series, its grid and its shift."""
    exam, _, views = case
    for view in views:
        item = exam.by_key(view.series_uid)
        yield view, item, item.volume.grid, exam.shift_of(view.series_uid).series_from_reference


def test_every_lesion_is_shown_in_every_series(case):
    exam, _, views = case
    shown = [(view.lesion, view.series_uid) for view in views]
    assert shown == [(name, item.record.key) for name in LESIONS for item in exam.series]
    assert {view.kind for view in views} == {"lesion"}
    assert {view.exam_id for view in views} == {"2015-06-01 CT"}


def test_pixels_are_the_acquired_ones(case):
    for view, item, grid, _ in each(case):
        slice_, row, column = corner_of(view)
        assert slice_ == view.slice
        height, width = view.pixels.shape
        acquired = item.volume.array[slice_, row : row + height, column : column + width]
        assert np.array_equal(view.pixels, acquired)
        assert view.spacing_mm == grid.spacing_mm[1:]
        assert (view.unit, view.phase) == ("HU", str(item.call.phase))


def test_lines_end_where_the_axes_end_seen_along_the_normal(case):
    ends = {
        (row.lesion, row.metric): np.array(row.endpoints_lps_mm)
        for row in case[1]
        if row.endpoints_lps_mm
    }
    for view, _, grid, shift in each(case):
        assert [line.name for line in view.lines] == ["long_axis", "short_axis"]
        for line in view.lines:
            drawn = place_lps_mm(view, grid, (line.start, line.end))
            off = drawn - shift.apply(ends[view.lesion, line.name])
            assert np.abs(off @ grid.axes_lps[:, 1:]).max() < 1e-6


def test_the_slice_is_the_nearest_to_the_same_tissue(case):
    for view, _, grid, shift in each(case):
        centre = shift.apply(LESIONS[view.lesion][0])
        away = np.abs(grid.to_index(centre)[0] - view.slice)
        # The lesion's own slice may lie half a step off its centre.
        assert away <= 1.0 + 1e-9


def test_the_outline_is_the_lesion_in_this_series(case):
    for view, _, grid, shift in each(case):
        index = np.argwhere(np.ones(view.pixels.shape))
        tissue = shift.inverse.apply(place_lps_mm(view, grid, index))
        inside = depth(tissue, LESIONS[view.lesion]).reshape(view.pixels.shape)
        step = 3.0 / min(LESIONS[view.lesion][1])  # a voxel's half diagonal, of the half axis
        assert view.labels[inside < 1 - step].all()
        assert not view.labels[inside > 1 + step].any()
        assert set(np.unique(view.labels)) <= {0, 1}


def is_whole(view, grid):
    """Whether the picture ends before the image does."""
    first = np.array(corner_of(view)[1:])
    return bool((first > 0).all() and (first + view.pixels.shape < grid.shape[1:]).all())


def test_there_is_room_round_the_lesion(case):
    whole = [(view, grid) for view, _, grid, _ in each(case) if is_whole(view, grid)]
    assert whole
    for view, grid in whole:
        step = np.array(grid.spacing_mm[1:])
        size = np.array(view.pixels.shape)
        assert (size * step >= 80.0).all()
        drawn = np.argwhere(view.labels)
        room = np.minimum(drawn.min(axis=0), size - 1 - drawn.max(axis=0))
        assert (room * step >= 25.0 - step).all()


@pytest.mark.parametrize(
    ("name", "edges"),
    zip(GRIDS, ("LP", "LP", "LP", "RP", "LF"), strict=True),
)
def test_the_edges_name_patient_directions(name, edges):
    assert edge_letters(GRIDS[name]) == tuple(edges)


@given(st.sampled_from(SIGNED_PERMUTATIONS), st.floats(-40, 40))
def test_a_tilt_below_45_degrees_keeps_the_letters(turn, degrees):
    order, signs = turn
    axes = np.eye(3)[:, list(order)] * signs
    straight = edge_letters(grid_of(axes, (5.0, 3.0, 3.0)))
    assert edge_letters(grid_of(tilted(axes, degrees), (5.0, 3.0, 3.0))) == straight
    letters = {"L": (0, 1), "R": (0, -1), "P": (1, 1), "A": (1, -1), "H": (2, 1), "F": (2, -1)}
    for letter, k in zip(straight, (2, 1), strict=True):
        axis, sign = letters[letter]
        assert axes[axis, k] == sign
