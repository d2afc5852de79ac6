"""Axial, coronal and sagittal: letters, directions, one cross-hair."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from plugin.given import Given
from plugin.phases import ARTERIAL, NATIVE, PORTAL, four_phase_store
from plugin.plugin_stand_ins import axial_grid

from liverseg.geometry import Grid
from napari_liverseg.layers import CONVENTION, DisplayFrame
from napari_liverseg.mpr import Mpr

#: Letters at the (top, bottom, left, right) edge, by the radiological convention.
EDGES = {"axial": "APRL", "coronal": "HFRL", "sagittal": "HFAP"}


def grid_of(columns) -> Grid:
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(columns, dtype=float).T
    return Grid((4, 5, 6), matrix, "1.2")


GRIDS = {
    "axial": axial_grid(),
    "axial from the head": grid_of([[0, 0, -3], [0, -1, 0], [-1, 0, 0]]),
    "coronal": grid_of([[0, -4, 0], [0, 0, 1], [1, 0, 0]]),
    "sagittal": grid_of([[-4, 0, 0], [0, 0, -1], [0, -1, 0]]),
    "tilted": grid_of([[0, -1, 2.8], [0, 0.94, 0.34], [0.8, 0, 0]]),
}


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_planes_follow_the_radiological_convention_whatever_the_reference(grid):
    frame = DisplayFrame.of(grid)
    axes = frame.lps_from_display[:3, :3]
    for along, plane in zip((2, 1, 0), frame.planes(), strict=True):
        assert "".join(plane.edges) == EDGES[plane.name]
        assert sorted(plane.order) == [0, 1, 2]
        for axis, flip, wanted in zip(plane.order, plane.flips, CONVENTION[along], strict=True):
            assert (-1 if flip else 1) * axes[:, axis] @ wanted > 0.9


@pytest.fixture
def opened():
    given = Given(four_phase_store())
    mpr = Mpr(given.bench.looking, PORTAL)
    yield given, mpr
    mpr.close()


def test_three_planes_share_voxels_with_phase_and_lesions(opened):
    given, mpr = opened
    assert [view.plane.name for view in mpr.views] == ["axial", "coronal", "sagittal"]
    for view in mpr.views:
        assert np.shares_memory(view.image.data, given.bench.stage.phases[PORTAL].data)
        assert np.shares_memory(view.lesions.layer.data, given.layer.data)
        assert view.model.layers.selection.active is view.lesions.layer


def test_the_cross_hair_moves_all_three_planes_and_the_slice(opened):
    given, mpr = opened
    given.bench.looking.go_to((18.0, 14.0, 33.0))
    assert given.viewer.dims.current_step[0] == 6
    for view in mpr.views:
        assert view.model.dims.point == (18.0, 14.0, 33.0)
        assert view.model.dims.order == view.plane.order
        across = view.plane.order[0]
        arms = np.asarray(view.cross.data)
        assert len(arms) == 4
        np.testing.assert_allclose(arms[:, 0, across], (18.0, 14.0, 33.0)[across])
        ends = arms[:, 0] + arms[:, 1]
        for axis, last in zip((0, 1, 2), (33.0, 39.0, 47.0), strict=True):
            if axis != across:
                assert {ends[:, axis].min(), ends[:, axis].max()} == {0.0, last}


def test_a_step_through_the_picture_moves_the_planes(opened):
    given, mpr = opened
    given.viewer.dims.set_current_step(0, 2)
    assert {view.model.dims.point[0] for view in mpr.views} == {6.0}


def press(view, position, *, button=1, modifiers=()):
    event = SimpleNamespace(
        button=button, position=position, pos=np.array([5.0, 5.0]), modifiers=modifiers
    )
    event.type, event.handled = "mouse_press", False
    (act,) = view.model.mouse_drag_callbacks
    return act(view.model, event), event


def test_a_click_in_a_plane_puts_the_cross_hair_there_and_a_drag_moves_it(opened):
    given, mpr = opened
    coronal = mpr.views[1]
    act, event = press(coronal, (9.2, 20.0, 30.4))
    next(act)
    assert given.bench.looking.point_mm == (9.0, 20.0, 30.0)
    event.type, event.position = "mouse_move", (15.0, 20.0, 12.0)
    next(act)
    assert given.bench.looking.point_mm == (15.0, 20.0, 12.0)
    assert event.handled


def test_the_wheel_steps_through_the_plane_it_is_over(opened):
    given, mpr = opened
    given.bench.looking.go_to((9.0, 20.0, 30.0))
    for view, wanted in zip(
        mpr.views, [(12.0, 20.0, 30.0), (12.0, 21.0, 30.0), (12.0, 21.0, 31.0)], strict=True
    ):
        (wheel,) = view.model.mouse_wheel_callbacks
        wheel(view.model, SimpleNamespace(delta=(0, 1), modifiers=(), handled=False))
        assert given.bench.looking.point_mm == wanted


def test_windows_and_drawing_show_in_the_planes(opened):
    given, mpr = opened
    given.bench.looking.preset(2)
    drawn = []
    for view in mpr.views:
        assert tuple(view.image.contrast_limits) == (-500.0, 1300.0)
        view.lesions.layer.events.set_data.connect(lambda _, view=view: drawn.append(view))
    given.stroke((4, 5, 5), 1)
    assert set(drawn) == set(mpr.views)


def test_another_phase_is_shown_at_the_same_place(opened):
    given, mpr = opened
    given.bench.looking.go_to((9.0, 20.0, 30.0))
    for key in (ARTERIAL, NATIVE):
        mpr.show_phase(key)
        for view in mpr.views:
            assert view.image is view.model.layers[0]
            assert np.shares_memory(view.image.data, given.bench.stage.phases[key].data)
            assert view.model.dims.point == (9.0, 20.0, 30.0)


def test_values_under_the_mouse_are_read_in_the_planes_too(opened):
    given, mpr = opened
    move = mpr.views[2].model.mouse_move_callbacks[-1]
    move(mpr.views[2].model, SimpleNamespace(position=(9.0, 20.0, 30.0)))
    assert given.bench.looking.cursor_mm == (9.0, 20.0, 30.0)


def test_closed_planes_follow_no_more():
    given = Given(four_phase_store())
    mpr = Mpr(given.bench.looking, PORTAL)
    mpr.close()
    given.bench.looking.go_to((21.0, 14.0, 33.0))
    given.bench.looking.preset(2)
    assert mpr.views[0].model.dims.point != (21.0, 14.0, 33.0)
    assert tuple(mpr.views[0].image.contrast_limits) == (-35.0, 215.0)
