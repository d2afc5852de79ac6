"""Scene and drawing: lesions to labels and back, overlaps kept, changes found."""

from __future__ import annotations

import numpy as np
import pytest
from plugin.plugin_stand_ins import CT, FRAME, MR, axial_grid, tiny_exam

from liverseg.geometry import Grid, Volume
from liverseg.report import display_window
from napari_liverseg.drawing import Drawing
from napari_liverseg.scene import CT_RANGE_HU, build_scene, contrast_range


def flipped_grid() -> Grid:
    matrix = np.eye(4)
    matrix[:3, :3] = [[0, 0, 1.0], [0, -1.0, 0], [-3.0, 0, 0]]
    return Grid((12, 40, 48), matrix, FRAME)


@pytest.mark.parametrize("grid", [axial_grid(), flipped_grid()], ids=["axial", "flipped"])
def test_every_mask_comes_back_as_it_was(grid):
    exam = tiny_exam(grid=grid)
    scene = build_scene(exam)
    drawing = Drawing(scene.lesions)
    for number, name in scene.lesions.names.items():
        stored = next(item.mask.array for item in exam.lesions if item.name == name)
        back = scene.frame.turn.stored(drawing.mask_of(number))
        np.testing.assert_array_equal(back, stored != 0)


def test_overlapping_lesions_keep_their_voxels_and_say_so():
    exam = tiny_exam(overlap=True)
    scene = build_scene(exam)
    assert ["overlap" in doubt.reason for doubt in scene.doubts] == [True]
    drawing = Drawing(scene.lesions)
    np.testing.assert_array_equal(drawing.mask_of(1), exam.lesions[0].mask.array != 0)
    np.testing.assert_array_equal(drawing.mask_of(2), exam.lesions[1].mask.array != 0)
    # Drawn as A where B covered it, then erased: A lost it on purpose.
    data = scene.lesions.array
    data[5, 12, 12] = 1
    assert drawing.take_changes(data) == {1, 2}
    data[5, 12, 12] = 0
    drawing.take_changes(data)
    assert not drawing.mask_of(1)[5, 12, 12]
    assert drawing.mask_of(1)[5, 13, 13]


def test_changes_are_found_by_what_differs_and_only_once():
    scene = build_scene(tiny_exam())
    drawing, data = Drawing(scene.lesions), scene.lesions.array
    assert drawing.take_changes(data) == frozenset()
    data[4, 10, 10] = 0
    data[11, 0, 0] = 2
    assert drawing.take_changes(data) == {1, 2}
    assert drawing.take_changes(data) == frozenset()


def test_a_number_without_a_lesion_gets_a_name_of_its_own():
    drawing = Drawing(build_scene(tiny_exam()).lesions)
    assert drawing.next_free() == 3
    drawing.names[4] = "lesion-3"
    assert drawing.name_for(3) == "lesion-3a"
    assert drawing.name_for(1) == "A"
    assert drawing.number_of("B") == 2
    assert drawing.number_of("nobody") is None


def test_the_contrast_slider_reaches_all_values():
    grid = axial_grid()
    signal = np.linspace(5, 900, np.prod(grid.shape)).reshape(grid.shape).astype(np.float32)
    assert contrast_range(Volume(signal, grid, "HU")) == CT_RANGE_HU
    assert contrast_range(Volume(signal, grid, "au")) == pytest.approx((5, 900), rel=0.01)
    flat = Volume(np.zeros(grid.shape, np.int16), grid, "au")
    assert contrast_range(flat) == (0.0, 1.0)


@pytest.mark.parametrize("exam_id", [CT, MR])
def test_each_phase_starts_with_the_window_of_the_report(exam_id):
    exam = tiny_exam(exam_id)
    for image, item in zip(build_scene(exam).images, exam.series, strict=True):
        assert image.contrast_limits == display_window(exam, item)
        low, high = image.contrast_range
        assert low <= image.contrast_limits[0] < image.contrast_limits[1] <= high


def test_layers_are_named_by_phase_and_the_moved_one_is_moved_back():
    scene = build_scene(tiny_exam(CT))
    assert [image.name for image in scene.images] == ["late arterial", "portal venous"]
    assert scene.images[0].placed.translate == pytest.approx((0, 0, 0))
    assert scene.segment_names[8] == "8"


def test_only_noticed_slices_are_looked_at_until_all_are_asked_for():
    scene = build_scene(tiny_exam())
    drawing, data = Drawing(scene.lesions), scene.lesions.array
    data[2, 5, 5] = 1
    data[4, 5, 5] = 2
    drawing.notice([2])
    assert drawing.take_noticed(data) == {1}
    assert drawing.take_noticed(data) == frozenset()
    drawing.notice(None)
    assert drawing.take_noticed(data) == {2}


def test_a_mask_grows_with_what_is_drawn_far_away():
    scene = build_scene(tiny_exam())
    drawing, data = Drawing(scene.lesions), scene.lesions.array
    data[0, 0, 0] = data[-1, -1, -1] = 1
    drawing.take_changes(data)
    np.testing.assert_array_equal(drawing.mask_of(1), data == 1)
    data[data == 1] = 0
    drawing.take_changes(data)
    assert not drawing.mask_of(1).any()
