"""Drawing in the three planes: one brush, one mask, one undo; and which phase they show."""

from __future__ import annotations

import numpy as np
import pytest
from plugin.given import Given
from plugin.phases import ARTERIAL, DELAYED, NATIVE, PORTAL, four_phase_store
from plugin.plugin_stand_ins import CT, FakeStore, axial_grid, tiny_exam
from plugin.test_mpr import GRIDS, grid_of

from liverseg.geometry import Grid
from napari_liverseg.difference import DIFFERENCE
from napari_liverseg.mpr import Mpr

#: Grids of the planes' own test, large enough to draw on.
LARGE = {
    name: Grid((12, 40, 48), grid.lps_from_index, grid.frame_of_reference)
    for name, grid in GRIDS.items()
}


@pytest.fixture
def opened():
    given = Given(four_phase_store())
    mpr = Mpr(given.bench.looking, PORTAL)
    yield given, mpr
    mpr.close()


def stroke(view, start_mm, end_mm) -> None:
    """What napari's brush does between press and release, at places in mm."""
    layer = view.lesions.layer
    with layer.block_history():
        for share in np.linspace(0, 1, 40):
            place = np.array(start_mm) * (1 - share) + np.array(end_mm) * share
            layer.paint(layer.world_to_data(place), layer.selected_label)


def test_a_stroke_in_the_coronal_plane_is_in_the_mask_and_on_its_way_to_the_case(opened):
    given, mpr = opened
    given.bench.choose("A")
    given.layer.brush_size = 1
    before = given.store.mask("A").copy()
    given.bench.looking.go_to((15.0, 22.0, 24.0))
    stroke(mpr.views[1], (9.0, 22.0, 30.0), (24.0, 22.0, 30.0))
    given.settle()
    added = np.argwhere(given.store.mask("A") & ~before)
    assert added.tolist() == [[slice_, 22, 30] for slice_ in range(3, 9)]


def test_only_the_slices_of_a_stroke_are_looked_at(opened):
    given, mpr = opened
    asked = []
    notice = given.bench._drawing.notice
    given.bench._drawing.notice = lambda slices: (asked.append(slices), notice(slices))
    given.layer.brush_size = 1
    stroke(mpr.views[2], (9.0, 30.0, 24.0), (24.0, 30.0, 24.0))
    assert asked == [{3, 4, 5, 6, 7, 8}]


@pytest.mark.parametrize("grid", LARGE.values(), ids=LARGE)
@pytest.mark.parametrize("plane", [0, 1, 2])
def test_a_stroke_lands_where_it_is_seen_whatever_the_grid(grid, plane):
    given = Given(FakeStore(tiny_exam(CT, grid=grid), tiny_exam("2017-03-02_MR")))
    look = given.bench.looking
    mpr = Mpr(look, f"{CT}.portal")
    given.bench.choose("A")
    before = given.store.mask("A").copy()
    given.layer.brush_size = 1
    frame = given.bench.stage.scene.frame
    middle = frame.nearest_voxel_mm(
        tuple(n * step / 2 for n, step in zip(frame.shape, frame.spacing_mm, strict=True))
    )
    look.go_to(middle)
    stroke(mpr.views[plane], middle, middle)
    given.settle()
    added = np.argwhere(given.store.mask("A") & ~before)
    wanted = np.rint(grid.to_index(frame.to_lps_mm(np.array(middle))))
    np.testing.assert_array_equal(added, wanted[np.newaxis])
    mpr.close()


def test_the_other_planes_and_panes_show_a_stroke_when_it_ends(opened):
    given, mpr = opened
    look = given.bench.looking
    look.arrange(4)
    look.go_to((15.0, 22.0, 24.0))
    look.go_to((15.0, 23.0, 25.0))  # the planes moved, the slice of the picture did not
    layers = [view.lesions.layer for view in mpr.views]
    layers += [one.layer for one in look.panes.followers if one.source is given.layer]
    redrawn = set()
    for layer in [given.layer, *layers]:
        layer.events.set_data.connect(lambda _, layer=layer: redrawn.add(layer))
    stroke(mpr.views[1], (12.0, 23.0, 25.0), (15.0, 23.0, 25.0))
    assert redrawn >= {given.layer, *layers}
    redrawn.clear()
    mpr.views[2].lesions.layer.data_setitem(tuple(np.array([[5], [30], [25]])), 1)  # the bucket
    assert redrawn >= {given.layer, *layers}


def test_tool_lesion_and_size_are_one(opened):
    given, mpr = opened
    layers = [view.lesions.layer for view in mpr.views]
    given.layer.mode = "erase"
    given.bench.choose("B")
    given.layer.brush_size, given.layer.preserve_labels = 9, False
    for layer in layers:
        assert (str(layer.mode), layer.selected_label, layer.brush_size) == ("erase", 2, 9)
        assert not layer.preserve_labels
    layers[1].mode, layers[1].brush_size, layers[1].selected_label = "paint", 5, 1
    for layer in [given.layer, *layers]:
        assert (str(layer.mode), layer.selected_label, layer.brush_size) == ("paint", 1, 5)
    layers[2].mode = "transform"  # would move the outlines away from the tissue
    assert str(layers[2].mode) == "pan_zoom"


def test_a_tool_is_put_away_by_taking_the_brush_in_a_plane(opened):
    given, mpr = opened
    given.bench.tools.take("click")
    mpr.views[1].lesions.layer.mode = "paint"
    assert given.bench.tools.tool == ""
    assert str(given.layer.mode) == "paint"


def test_nothing_is_drawn_in_the_planes_while_nothing_may_be_drawn(opened):
    given, mpr = opened
    given.layer.mode = "paint"
    given.bench.stage.hold()
    assert not any(view.lesions.layer.editable for view in mpr.views)
    given.bench.stage.release()
    assert all(view.lesions.layer.editable for view in mpr.views)
    assert {str(view.lesions.layer.mode) for view in mpr.views} == {"paint"}


def test_the_brush_is_as_wide_in_mm_in_each_plane_and_round():
    """Voxels are 3 mm along the slices and 1 mm within; in a sagittal exam the other way round."""
    sagittal = grid_of([[-4, 0, 0], [0, 0, -1], [0, -2, 0]])
    for grid in (axial_grid(), Grid((12, 40, 48), sagittal.lps_from_index, "1.2")):
        given = Given(FakeStore(tiny_exam(CT, grid=grid), tiny_exam("2017-03-02_MR")))
        mpr = Mpr(given.bench.looking, f"{CT}.portal")
        frame, spacing = given.bench.stage.scene.frame, given.bench.stage.scene.frame.spacing_mm
        given.layer.brush_size = 9
        wanted_mm = 9 * min(spacing[1:])
        given.layer.data[...] = 0
        middle = tuple(n // 2 * step for n, step in zip(frame.shape, spacing, strict=True))
        for view in mpr.views:
            before = np.array(given.layer.data)
            view.lesions.layer.paint(view.lesions.layer.world_to_data(middle), 1)
            drawn = np.argwhere(np.asarray(given.layer.data) != before) * spacing
            across = view.plane.order[1:]
            wide = np.ptp(drawn, axis=0)
            assert wide[view.plane.order[0]] == 0.0
            for axis in across:
                assert abs(wide[axis] - wanted_mm) <= spacing[axis] + min(
                    spacing[n] for n in across
                )
            given.layer.data[...] = 0
        mpr.close()


def test_undo_in_a_plane_is_the_undo_of_the_case(opened):
    given, mpr = opened
    before = given.store.mask("A").copy()
    stroke(mpr.views[1], (9.0, 22.0, 30.0), (24.0, 22.0, 30.0))
    given.settle()
    assert not np.array_equal(given.store.mask("A"), before)
    layer = mpr.views[1].lesions.layer
    act = next(act for key, act in layer.keymap.items() if str(key) == "Ctrl+Z")
    act(layer)
    given.settle()
    np.testing.assert_array_equal(given.store.mask("A"), before)
    assert [step.name for step, _, _ in given.store.undone] == ["edit lesion A"]
    assert given.bench.last_message[0] == "undone: edit lesion A"


def test_closed_planes_have_no_hold_on_the_brush():
    given = Given(four_phase_store())
    mpr = Mpr(given.bench.looking, PORTAL)
    mpr.close()
    given.layer.mode = "paint"
    assert str(mpr.views[0].lesions.layer.mode) == "pan_zoom"
    mpr.views[0].lesions.layer.brush_size = 3
    assert given.layer.brush_size != 3


# -- the phase that they show -----------------------------------------------------------------


def phases_of(mpr) -> set[str]:
    return {view.image.metadata.get("series", view.image.name) for view in mpr.views}


def test_the_planes_follow_the_picture_until_a_phase_is_chosen(opened):
    given, mpr = opened
    look, told = given.bench.looking, []
    mpr.changed.connect(lambda: told.append(mpr.key))
    look.show_phase(ARTERIAL)
    assert (mpr.key, told[-1]) == (ARTERIAL, ARTERIAL)
    for view in mpr.views:
        assert np.shares_memory(view.image.data, look.images[ARTERIAL].data)
    mpr.choose(DELAYED)
    look.show_phase(NATIVE)
    assert mpr.key == DELAYED
    mpr.choose("")
    assert mpr.key == NATIVE


def test_panes_do_not_pull_the_planes_about(opened):
    given, mpr = opened
    look = given.bench.looking
    look.arrange(4)
    assert mpr.key == PORTAL
    look.hover((9.0, 20.0, 24.0), key=ARTERIAL)
    assert mpr.key == PORTAL
    look.arrange(2, (NATIVE, ARTERIAL))
    assert mpr.key == NATIVE


def test_a_key_goes_through_the_phases_in_time(opened):
    given, mpr = opened
    look = given.bench.looking
    seen = []
    for _ in range(4):
        look.next_in_planes()
        seen.append(mpr.key)
    assert seen == [DELAYED, NATIVE, ARTERIAL, PORTAL]
    mpr.close()
    look.next_in_planes()  # without planes nothing happens


def test_presets_are_those_of_the_phase_in_the_planes(opened):
    given, mpr = opened
    look = given.bench.looking
    mpr.choose(NATIVE)
    look.windows.together = False
    before = tuple(look.images[PORTAL].contrast_limits)
    look.preset(2)
    assert tuple(look.images[PORTAL].contrast_limits) == (-500.0, 1300.0)
    look.preset(0)
    assert tuple(look.images[PORTAL].contrast_limits) == before
    view = mpr.views[1]
    view._on_move(view.model, _at((9.0, 20.0, 24.0)))
    assert look.window_text().startswith("non contrast")
    look.preset(2)
    assert tuple(look.images[NATIVE].contrast_limits) == (-500.0, 1300.0)
    assert tuple(view.image.contrast_limits) == (-500.0, 1300.0)
    assert tuple(look.images[PORTAL].contrast_limits) == before


def test_a_subtraction_that_goes_leaves_the_planes_on_a_phase(opened):
    given, mpr = opened
    look = given.bench.looking
    look.compare(ARTERIAL, PORTAL)
    look.subtract()
    given.settle()
    assert mpr.key == DIFFERENCE
    mpr.choose(DIFFERENCE)
    look.compare(ARTERIAL, NATIVE)
    look.subtract()
    given.settle()
    assert mpr.key == DIFFERENCE
    for view in mpr.views:
        assert np.shares_memory(view.image.data, look.images[DIFFERENCE].data)


def test_the_cross_hair_of_the_planes_is_switched_with_the_others(opened):
    given, mpr = opened
    look = given.bench.looking
    look.show_cross(False)
    assert not any(view.cross.visible for view in mpr.views)
    look.go_to((9.0, 20.0, 24.0))
    look.show_cross(True)
    for view in mpr.views:
        assert view.cross.visible
        starts = np.asarray(view.cross.data)[:, 0]
        assert np.abs(starts - (9.0, 20.0, 24.0)).max() <= 12.0


def _at(position):
    from types import SimpleNamespace

    return SimpleNamespace(position=position)
