"""The bench without a window: layers, slices, strokes on their way to the case."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from plugin.given import Given
from plugin.plugin_stand_ins import CT, MR, SHAPE, SPACING_MM, FakeStore, tiny_exam

from napari_liverseg.axes import LENGTHS
from napari_liverseg.claiming import show_claim
from napari_liverseg.marks import MARKS
from napari_liverseg.scene import LESIONS, SEGMENTS


@pytest.fixture
def given() -> Given:
    return Given()


def test_an_exam_is_phases_segments_and_lesions_in_one_world(given):
    names = [layer.name for layer in given.viewer.layers]
    assert names == ["late arterial", "portal venous", SEGMENTS, LESIONS, MARKS, LENGTHS]
    assert all(str(unit) == "millimeter" for layer in given.viewer.layers for unit in layer.units)
    assert all(layer.locked for layer in given.viewer.layers)
    visible = [layer.visible for layer in given.viewer.layers]
    assert visible == [False, True, False, True, True, False]
    assert given.viewer.layers.selection.active is given.layer
    assert given.viewer.layers["portal venous"].contrast_limits == [-35, 215]
    assert given.bench.is_idle


def test_tissue_of_a_moved_phase_lies_under_the_same_cursor(given):
    world = (4 * SPACING_MM[0], 20.0, 30.0)
    portal, arterial = (given.bench.stage.phases[f"{CT}.{p}"] for p in ("portal", "arterial"))
    arterial.visible = True
    assert arterial.get_value(world, world=True) - portal.get_value(world, world=True) == 30


def test_the_slider_counts_acquired_slices_even_when_a_phase_reaches_further():
    exam = tiny_exam()
    same_table = tuple(
        replace(item, volume=replace(item.volume, grid=exam.liver.grid)) for item in exam.series
    )
    given = Given(FakeStore(replace(exam, series=same_table)))
    low, high, step = given.viewer.dims.range[0]
    assert (low, high, step) == (0, (SHAPE[0] - 1) * SPACING_MM[0], SPACING_MM[0])
    given.bench.stage.go_to_slice(5)
    assert given.viewer.dims.point[0] == pytest.approx(15.0)
    assert given.viewer.dims.current_step[0] == given.bench.stage.slice == 5
    given.viewer.add_points(
        [[100, 0, 0]], units=("mm",) * 3, axis_labels=("slice", "down", "right")
    )
    assert given.viewer.dims.range[0][1] == high


def test_a_stroke_reaches_the_case_as_exactly_that_mask(given):
    before = given.store.mask("A").copy()
    given.stroke((4, 20, 15), 1)
    given.settle()
    after = given.store.mask("A")
    assert after.sum() > before.sum()
    np.testing.assert_array_equal(after, np.asarray(given.layer.data) == 1)
    assert [set(masks) for _, masks in given.store.writes] == [{"A"}]
    assert given.bench.lesions()[0].volume == f"{after.sum() / 1000:.2f}"
    assert given.bench.claims()[0].word == "conflicts"


def test_on_a_turned_grid_the_stored_mask_is_turned_back():
    from plugin.test_drawing import flipped_grid

    exam = tiny_exam(grid=flipped_grid())
    given = Given(FakeStore(exam))
    shown = (2, 5, 7)
    given.layer.data_setitem(tuple(np.array([n]) for n in shown), 1)
    given.settle()
    s, r, _ = SHAPE
    grid = exam.liver.grid
    stored = (s - 1 - shown[0], r - 1 - shown[1], shown[2])
    added = np.argwhere(given.store.mask("A") & (exam.lesions[0].mask.array == 0))
    np.testing.assert_array_equal(added, [stored])
    # Towards the head and the back, as the display says.
    assert grid.to_lps_mm(stored)[2] == grid.to_lps_mm((s - 1, 0, 0))[2] + 2 * 3


def test_strokes_during_a_running_write_are_written_next(given):
    given.stroke((4, 20, 15), 1)
    given.notice()
    assert given.bench.note_of("A") == "saving"
    given.stroke((8, 30, 30), 2)
    given.stroke((4, 30, 15), 1)
    given.notice()
    assert given.store.writes == []
    given.runner.work()
    assert given.store.mask("A").sum() < (np.asarray(given.layer.data) == 1).sum()
    given.settle()
    assert len(given.store.writes) == 2
    for name, number in (("A", 1), ("B", 2)):
        np.testing.assert_array_equal(given.store.mask(name), given.layer.data == number)
    assert given.bench.is_idle


def test_the_brush_spares_other_lesions(given):
    before = given.store.mask("B").copy()
    given.stroke((8, 14, 12), 1)
    given.settle()
    assert [set(masks) for _, masks in given.store.writes] == [{"A"}]
    np.testing.assert_array_equal(given.store.mask("B"), before)


def test_painting_over_another_lesion_changes_both_when_it_is_not_spared(given):
    given.layer.preserve_labels = False
    given.stroke((8, 14, 14), 1)
    given.settle()
    assert [set(masks) for _, masks in given.store.writes] == [{"A", "B"}]


def test_also_undo_and_redo_of_napari_itself_reach_the_case(given):
    before = given.store.mask("A").copy()
    given.stroke((4, 20, 15), 1)
    given.settle()
    drawn = given.store.mask("A").copy()
    given.layer.undo()
    given.settle()
    np.testing.assert_array_equal(given.store.mask("A"), before)
    given.layer.redo()
    given.settle()
    np.testing.assert_array_equal(given.store.mask("A"), drawn)


def test_a_new_lesion_is_stored_with_its_first_stroke(given):
    assert given.bench.new_lesion(" C ")
    assert [row.name for row in given.bench.lesions()] == ["A", "B", "C"]
    assert given.bench.note_of("C") == "not drawn yet"
    assert given.layer.selected_label == 3
    assert given.layer.mode == "paint"
    assert given.store.writes == []
    given.stroke((2, 30, 30), 3)
    given.settle()
    np.testing.assert_array_equal(given.store.mask("C"), given.layer.data == 3)
    assert given.bench.note_of("C") == ""
    assert not given.bench.new_lesion("C")
    assert given.told[-1][1] == "error"
    assert not given.bench.new_lesion("  ")


def test_a_label_drawn_without_a_name_is_stored_all_the_same(given):
    given.stroke((2, 30, 30), 7)
    given.settle()
    np.testing.assert_array_equal(given.store.mask("lesion-7"), given.layer.data == 7)
    assert ("label 7 had no lesion; it is stored as lesion-7", "warning") in given.told


def test_a_removed_lesion_is_gone_and_undo_brings_it_back(given):
    before = given.store.mask("B").copy()
    given.bench.remove_lesion("B")
    given.settle()
    assert [row.name for row in given.bench.lesions()] == ["A"]
    assert not (given.layer.data == 2).any()
    given.bench.undoing.undo()
    given.settle()
    np.testing.assert_array_equal(given.store.mask("B"), before)
    np.testing.assert_array_equal(given.layer.data == 2, before)
    given.bench.remove_lesion("nobody")
    given.notice()
    assert given.bench.is_idle


def test_another_exam_is_read_after_what_was_drawn_is_written(given):
    given.stroke((4, 20, 15), 1)
    drawn = np.asarray(given.layer.data) == 1
    given.bench.load(MR)
    assert not given.layer.editable
    given.settle()
    assert given.bench.exam_id == MR
    np.testing.assert_array_equal(given.store.mask("A", CT), drawn)
    assert len(given.viewer.layers) == 6
    assert given.layer.editable
    given.stroke((4, 20, 15), 1)
    given.settle()
    assert given.store.writes[-1][0] == MR


def test_choosing_a_lesion_takes_its_label_and_slice(given):
    given.bench.choose("B")
    assert given.layer.selected_label == 2
    assert given.bench.stage.slice == 7
    assert given.bench.curve().lines[0].name == "B"
    given.bench.choose("nobody")
    assert given.bench.lesion == "B"


def test_a_claim_leads_to_lesion_phase_and_slice(given):
    given.bench.choose("B")
    size, pathology = given.bench.claims()
    show_claim(given.bench, size)
    assert given.bench.lesion == "A"
    assert given.bench.stage.phase == f"{CT}.arterial"
    assert given.bench.stage.slice == 4
    show_claim(given.bench, pathology)
    assert given.bench.stage.slice == 4
    given.bench.load(MR)
    given.settle()
    show_claim(given.bench, size)
    assert "another exam" in given.told[-1][0]


def wheel(given, turns: float, *modifiers: str) -> SimpleNamespace:
    event = SimpleNamespace(
        delta=(0.0, turns), modifiers=modifiers, handled=False, position=(0.0, 10.0, 10.0)
    )
    given.viewer.mouse_wheel_callbacks[0](given.viewer, event)
    return event


def test_the_wheel_steps_slices_and_with_ctrl_it_zooms(given):
    given.bench.stage.go_to_slice(4)
    assert wheel(given, 1).handled
    assert given.bench.stage.slice == 5
    wheel(given, -1)
    wheel(given, -1)
    assert given.bench.stage.slice == 3
    wheel(given, 0.5)
    assert given.bench.stage.slice == 3
    wheel(given, 0.5)
    assert given.bench.stage.slice == 4
    zoom = given.viewer.scene.camera.zoom
    wheel(given, 1, "Control")
    assert given.viewer.scene.camera.zoom > zoom
    assert given.bench.stage.slice == 4
    assert not wheel(given, 1, "Alt").handled


def test_the_corner_names_exam_phase_and_slice(given):
    given.bench.stage.go_to_slice(4)
    text = given.viewer.canvas.overlays.text.text
    assert text == "2015-06-01 CT\nportal venous\nslice 4 (0 to 11)"


def test_the_edges_carry_the_patient_directions(given):
    overlays = given.viewer.canvas.overlays
    places = ("top_center", "bottom_center", "middle_left", "middle_right")
    assert [overlays[f"liverseg {place}"].text for place in places] == ["A", "P", "R", "L"]
