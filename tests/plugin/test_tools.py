"""Tools by stand-ins: strokes reach the library in LPS, masks come back and are stored."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from plugin.given import Given
from plugin.plugin_stand_ins import CT, LOCKED, axial_grid

from liverseg.records import StrokeKind
from napari_liverseg import keys
from napari_liverseg.axes import LENGTHS
from napari_liverseg.marks import MARKS


@pytest.fixture
def given() -> Given:
    made = Given()
    made.viewer.scene.camera.zoom = 4.0
    return made


def drag(given: Given, *points_mm, button: int = 1, modifiers=()) -> bool:
    """A drag over points of the display frame in mm, slice first; whether it was taken."""
    viewer = given.viewer
    event = SimpleNamespace(
        type="mouse_press",
        button=button,
        modifiers=modifiers,
        handled=False,
        position=points_mm[0],
        pos=(0, 0),
        viewbox=None,
    )
    answers = [act(viewer, event) for act in viewer.mouse_drag_callbacks]
    moves = [answer for answer in answers if answer is not None]
    for move in moves:
        next(move, None)
    for point in points_mm[1:]:
        event.type, event.position = "mouse_move", point
        for move in moves:
            next(move, None)
    event.type = "mouse_release"
    for move in moves:
        next(move, None)
    return event.handled


def press(given: Given, key: str) -> None:
    """Press a key as napari does: the active layer's keys first, then the viewer's."""
    next(act for name, act in keys.all_keys() if name == key)(given.bench)


def lps(slice_mm: float, down: float, right: float):
    """The tiny exam's display frame lies at its grid's origin, along LPS."""
    return (right - 20.0, down - 30.0, slice_mm + 100.0)


def test_a_click_makes_a_lesion_with_a_name_of_its_own(given):
    press(given, "N")
    assert given.bench.tools.tool == "click"
    assert drag(given, (6.0, 30.0, 35.0))
    given.settle()
    assert [row.name for row in given.bench.lesions()] == ["A", "B", "L1"]
    ((stroke,),) = given.store.strokes
    assert stroke.kind is StrokeKind.CLICK
    np.testing.assert_allclose(stroke.points_lps_mm, [lps(6.0, 30.0, 35.0)])
    expected = np.zeros(axial_grid().shape, bool)
    expected[1:4, 29:32, 34:37] = True
    np.testing.assert_array_equal(given.store.mask("L1"), expected)
    np.testing.assert_array_equal(given.layer.data == 3, expected)
    assert given.bench.lesion == "L1"
    assert given.bench.undoing.label("undo") == "Undo: draw lesion L1 from a click"
    given.bench.undoing.undo()
    given.settle()
    assert not (np.asarray(given.layer.data) == 3).any()


def test_a_lesion_that_was_named_gets_the_stroke(given):
    given.bench.new_lesion("seg 8")
    press(given, "S")
    drag(given, (6.0, 30.0, 33.0), (6.0, 30.0, 33.5), (6.0, 30.0, 36.0))
    given.settle()
    assert given.store.mask("seg 8").any()
    ((stroke,),) = given.store.strokes
    assert stroke.kind is StrokeKind.SCRIBBLE
    assert len(stroke.points_lps_mm) == 2  # the shake in between says nothing new


def test_a_diameter_is_dragged_or_clicked(given):
    press(given, "R")
    drag(given, (6.0, 30.0, 30.0), (6.0, 30.0, 33.0), (6.0, 30.0, 38.0))
    given.settle()
    assert given.bench.tools.tool == ""
    press(given, "R")
    drag(given, (15.0, 30.0, 30.0))
    assert len(given.store.strokes) == 1
    drag(given, (15.0, 34.0, 30.0))
    given.settle()
    for (stroke,), ends in zip(
        given.store.strokes,
        [((6.0, 30.0, 30.0), (6.0, 30.0, 38.0)), ((15.0, 30.0, 30.0), (15.0, 34.0, 30.0))],
        strict=True,
    ):
        assert stroke.kind is StrokeKind.LINE
        np.testing.assert_allclose(stroke.points_lps_mm, [lps(*end) for end in ends])
    assert [row.name for row in given.bench.lesions()] == ["A", "B", "L1", "L2"]


def test_scribbles_add_and_take_off_one_after_another(given):
    before = given.store.mask("A").copy()
    press(given, "A")
    drag(given, (12.0, 20.0, 12.0))
    drag(given, (12.0, 20.0, 16.0))  # before the first one came back
    given.settle()
    more = given.store.mask("A").copy()
    assert more[4, 19:22, 11:14].all()
    assert more[4, 19:22, 15:18].all()
    press(given, "D")
    drag(given, (12.0, 14.0, 14.0))
    given.settle()
    less = given.store.mask("A")
    assert before[4, 14, 14]
    assert not less[4, 14, 14]
    assert [row.name for row, _, _ in given.store.done] == ["add A", "add A", "remove A"]
    assert given.bench.tools.tool == "remove"


def test_other_lesions_keep_their_voxels(given):
    before = given.store.mask("B").copy()
    press(given, "A")
    drag(given, (21.0, 12.0, 12.0))
    given.settle()
    np.testing.assert_array_equal(given.store.mask("B"), before)
    assert not (given.store.mask("A") & before).any()
    np.testing.assert_array_equal(given.layer.data == 2, before)


@pytest.mark.parametrize("key", [key for key, _, _ in keys.SHAPE_KEYS if key != "Shift-S"])
def test_whole_changes_by_key(given, key):
    press(given, key)
    given.settle()
    assert given.store.mask("A").any(axis=(1, 2)).nonzero()[0].tolist() == [3]
    assert given.bench.undoing.label("undo").endswith("lesion A")


def test_what_leaves_nothing_is_refused_in_a_sentence(given):
    before = given.store.mask("A").copy()
    given.layer.mode = "paint"
    press(given, "Shift-S")
    given.settle()
    assert given.told[-1] == ("nothing would be left of the lesion", "error")
    np.testing.assert_array_equal(given.store.mask("A"), before)
    assert given.layer.mode == "paint"


def test_a_start_that_fails_leaves_no_lesion_behind(given):
    press(given, "N")
    drag(given, (0.0, 0.0, 0.0))
    given.settle()
    assert "outside the image" in given.told[-1][0]
    assert [row.name for row in given.bench.lesions()] == ["A", "B"]
    assert given.bench.lesion == "A"


def test_tools_give_way_to_the_brush_and_need_a_lesion(given):
    press(given, "A")
    given.layer.mode = "paint"
    assert given.bench.tools.tool == ""
    assert not drag(given, (12.0, 20.0, 12.0))
    given.bench.new_lesion("C")
    press(given, "A")
    assert given.told[-1] == ("choose a lesion that is drawn, then add", "error")
    press(given, "N")
    press(given, "N")
    assert given.bench.tools.tool == ""
    press(given, "N")
    press(given, "Escape")
    assert given.bench.tools.tool == ""
    given.bench.tools.take("click")
    assert not drag(given, (6.0, 30.0, 35.0), button=3)
    assert not drag(given, (6.0, 30.0, 35.0), modifiers=("Control",))


def test_unsaved_lesions_are_not_changed_by_tools(given):
    given.store.broken = LOCKED
    given.stroke((4, 20, 15), 1)
    given.settle()
    press(given, "Shift-G")
    assert given.told[-1] == ("A is not saved: save it first", "error")


def with_axes(given: Given) -> None:
    """A's long axis as a row with ends, in slice 4."""
    real = given.store.numbers

    def numbers(exam_id):
        from dataclasses import replace

        found = real(exam_id)
        ends = (lps(12.0, 12.0, 10.0), lps(12.0, 12.0, 19.0))
        rows = tuple(
            replace(row, value=9.0, endpoints_lps_mm=ends, slice=4)
            if (row.lesion, row.metric) == ("A", "long_axis")
            else row
            for row in found.measurements
        )
        return replace(found, measurements=rows)

    given.store.numbers = numbers
    given.bench.load(CT)
    given.settle()
    given.viewer.scene.camera.zoom = 4.0


def test_the_measured_axis_is_drawn_and_its_end_pulls_a_caliper(given):
    with_axes(given)
    (line,) = given.bench.axes.lines()
    assert line.label == "long 9.0 mm"
    np.testing.assert_allclose(line.ends, [(12.0, 12.0, 10.0), (12.0, 12.0, 19.0)])
    lines = given.viewer.layers[MARKS]
    np.testing.assert_allclose(lines.data, [[(12.0, 10.0), (0.0, 9.0)]])
    assert drag(given, (12.0, 12.5, 18.5), (12.0, 12.0, 22.0), (12.0, 12.0, 24.0))
    given.settle()
    (caliper,) = given.store.calipers[CT, "A"]
    assert (caliper.axis, caliper.slice) == ("long_axis", 4)
    np.testing.assert_allclose(caliper.ends_lps_mm, [lps(12.0, 12.0, 10.0), lps(12.0, 12.0, 24.0)])
    assert [one.label for one in given.bench.axes.lines()] == [
        "long 9.0 mm",
        "long by hand 14.0 mm",
    ]
    drag(given, (12.0, 12.0, 24.0), (12.0, 12.0, 21.0))
    given.settle()
    assert [one.label for one in given.bench.axes.lines()][1] == "long by hand 11.0 mm"
    assert len(given.store.calipers[CT, "A"]) == 1


def test_a_caliper_anywhere_and_all_gone_again(given):
    press(given, "Q")
    drag(given, (9.0, 5.0, 5.0), (9.0, 5.0, 8.0), (9.0, 8.0, 9.0))
    given.settle()
    assert [one.label for one in given.bench.axes.lines()] == ["by hand 5.0 mm"]
    layer = given.viewer.layers[LENGTHS]
    assert "by hand 5.0 mm" in list(layer.features["label"])
    press(given, "T")
    assert not any(layer.features["label"])
    press(given, "T")
    assert "by hand 5.0 mm" in list(layer.features["label"])
    press(given, "Shift-Q")
    given.settle()
    assert given.bench.axes.lines() == ()


def test_every_key_is_given_once_and_none_is_taken_from_the_label_tools():
    names = [key for group in keys.GROUPS.values() for key, _, _ in group]
    assert len(names) == len(set(names))
    ours = {key for key, _ in keys.all_keys()}
    assert not ours & set("1234567BCEFLMPVXZ")
    assert all(words for group in keys.GROUPS.values() for _, words, _ in group)
    assert keys.spoken("Control-Shift-Z") == "Ctrl+Shift+Z"


def test_keys_reach_the_bench_through_viewer_and_layer(given):
    given.stroke((4, 20, 15), 1)
    given.settle()
    for keymap, owner in ((given.layer.keymap, given.layer), (given.viewer.keymap, given.viewer)):
        act = next(act for key, act in keymap.items() if str(key) == "Ctrl+Z")
        act(owner)
        given.settle()
    assert len(given.store.undone) == 1
    given.bench.close()
    assert not [key for key in given.viewer.keymap if str(key) in ("Ctrl+Z", "A")]
