"""The desk of segments: landmarks, brush, volumes, remnant; with stand-ins, no window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from plugin.given import Given
from plugin.plugin_stand_ins import CT, LOCKED, MR, FakeStore, axial_grid, tiny_exam

from liverseg.couinaud import known_landmarks
from napari_liverseg.segment_layers import LANDMARKS, NUMERALS
from napari_liverseg.segmenting import SegmentDesk
from napari_liverseg.store import ChangedElsewhereError

GRID = axial_grid()
REQUIRED = known_landmarks()[:10]


def point(row: int, column: int, slice_: int = 5) -> tuple[float, float, float]:
    x, y, z = GRID.to_lps_mm((slice_, row, column)).tolist()
    return x, y, z


#: All landmarks at one place but `mhv`, through which the stand-in draws its first border.
POINTS = {name: point(20, 30) for name in REQUIRED} | {"mhv": point(20, 18)}


@pytest.fixture
def given():
    exams = [replace(tiny_exam(CT), landmarks=POINTS), tiny_exam(MR)]
    return Given(FakeStore(*exams))


@pytest.fixture
def desk(given):
    desk = SegmentDesk(given.bench)
    desk.want()
    given.settle()
    return desk


def drag(desk, name: str, to: tuple[float, float, float]) -> None:
    """Move a landmark in its layer as napari does at the end of a drag."""
    from napari.layers.base import ActionType

    layer, frame = desk.layers.points, desk.bench.stage.scene.frame
    at = list(layer.features["landmark"]).index(name)
    layer.data[at] = frame.to_shown_mm(np.array(to)) / np.array(frame.spacing_mm)
    layer.events.data(value=layer.data, action=ActionType.CHANGED, data_indices=(at,))


def test_rows_have_volumes_and_the_remnant_follows_the_ticks(desk):
    rows = {row.name: row for row in desk.rows()}
    assert set(rows) == {str(n) for n in range(1, 9)}
    whole = desk.remnant()
    desk.resect("1", True)
    desk.resect("2", True)
    left = desk.remnant()
    assert left.resected == ("1", "2")
    assert left.remnant_ml + left.resected_ml == pytest.approx(whole.remnant_ml)
    desk.resect("1", False)
    assert desk.remnant().resected == ("2",)


def test_numbers_stand_on_the_map_and_hide_with_it(given, desk):
    layer, numerals = given.bench.stage.segments, given.viewer.layers[NUMERALS]
    for at, name in zip(numerals.data.astype(int), numerals.features["segment"], strict=True):
        assert layer.data[tuple(at)] == int(name)
    for on in (True, False):
        layer.visible = on
        assert numerals.visible is on


def test_a_dragged_landmark_redraws_the_map_first_and_stores_it_then(given, desk):
    desk.show_landmarks(True)
    before = np.array(given.bench.stage.segments.data)
    drag(desk, "mhv", point(20, 30))
    given.runner.work()  # the division
    after = np.array(given.bench.stage.segments.data)
    assert (after != before).any()
    assert set(np.unique(after[:, :, :30])) == {0, 5}
    assert given.store.exams[CT].landmarks == POINTS  # nothing is stored yet
    given.settle()
    stored = given.store.exams[CT]
    assert stored.landmarks["mhv"] == pytest.approx(point(20, 30))
    frame = given.bench.stage.scene.frame
    np.testing.assert_array_equal(frame.turn.shown(stored.couinaud.array), after)
    rows = {row.name: row.volume for row in desk.rows()}
    assert {name for name, volume in rows.items() if volume != "0"} == {"3", "4", "5"}
    assert len(rows) == 8


def test_only_the_last_of_several_quick_moves_is_divided_and_stored(given, desk):
    desk.show_landmarks(True)
    for column in (20, 25, 30):
        drag(desk, "mhv", point(20, column))
    divided = []
    divide = given.store.divide
    given.store.divide = lambda *a: divided.append(a) or divide(*a)
    given.settle()
    assert len(divided) == 1
    assert given.store.exams[CT].landmarks["mhv"] == pytest.approx(point(20, 30))


def test_points_that_make_no_division_are_kept_and_the_map_stays(given, desk):
    before = given.store.exams[CT].couinaud
    far = point(20, 40)
    desk.put_landmarks({**POINTS, "ivc": (far[0] - 200, far[1], far[2])})
    given.settle()
    assert "the map was not changed: mhv comes too early" in given.told[-1][0]
    assert given.told[-1][1] == "error"
    assert given.store.exams[CT].couinaud is before
    assert given.store.exams[CT].landmarks["ivc"][0] == far[0] - 200


def test_landmarks_are_placed_one_after_the_other_in_an_exam_without_a_map():
    given = Given(FakeStore(replace(tiny_exam(CT), couinaud=None)))
    desk = SegmentDesk(given.bench)
    desk.want()
    given.settle()
    assert desk.rows() == ()
    assert desk.remnant() is None
    desk.place(REQUIRED[0])
    for number, name in enumerate(REQUIRED):
        assert desk.placing == name
        assert given.bench.last_message[0].startswith(f"click {name}: ")
        desk.layers._asked(POINTS[name])
        given.settle()
        stored = given.store.exams[CT]
        assert list(stored.landmarks) == list(REQUIRED[: number + 1])
        assert (stored.couinaud is not None) == (name == REQUIRED[-1])
    assert desk.placing == ""
    assert given.bench.stage.segments.visible
    assert set(np.unique(given.bench.stage.segments.data)) == {0, 2, 3, 4, 5}
    names = [layer.name for layer in given.viewer.layers]
    assert names.index("Couinaud segments") < names.index("lesions")


def test_a_point_that_napari_adds_by_itself_is_no_landmark(given, desk):
    desk.show_landmarks(True)
    desk.layers.points.add((5.0, 20.0, 20.0))
    given.settle()
    assert list(desk.layers.points.features["landmark"]) == list(POINTS)
    assert len(desk.layers.points.data) == len(POINTS)
    assert given.store.exams[CT].landmarks == POINTS


def test_a_landmark_deleted_with_the_key_is_taken_out(given, desk):
    desk.show_landmarks(True)
    desk.layers.points.selected_data = {list(POINTS).index("gb")}
    desk.layers.points.remove_selected()
    given.settle()
    assert set(POINTS) - set(given.store.exams[CT].landmarks) == {"gb"}


def test_a_landmark_taken_out_is_missing_and_the_map_stays(given, desk):
    before = given.store.exams[CT].couinaud
    desk.put_landmarks({name: p for name, p in POINTS.items() if name != "gb"})
    given.settle()
    assert "gb" not in given.store.exams[CT].landmarks
    assert given.store.exams[CT].couinaud is before
    assert next(row for row in desk.landmark_rows() if row.name == "gb").slice is None
    assert "missing: gb" in given.told[-1][0]


def test_a_map_without_landmarks_misses_none_until_one_is_placed():
    given = Given()
    desk = SegmentDesk(given.bench)
    assert not any(row.required for row in desk.landmark_rows())
    assert desk.missing() == REQUIRED
    desk.put_landmarks({"ivc": POINTS["ivc"]})
    given.settle()
    assert sum(row.required for row in desk.landmark_rows()) == len(REQUIRED)


def test_going_to_a_landmark_shows_its_slice(given, desk):
    desk.put_landmarks({**POINTS, "gb": point(20, 30, 9)})
    desk.go_to("gb")
    assert given.bench.stage.slice == 9


def paint(given, box, number: int) -> None:
    layer = given.bench.stage.segments
    index = np.meshgrid(*(np.arange(s.start, s.stop) for s in box), indexing="ij")
    layer.data_setitem(tuple(axis.ravel() for axis in index), number)


def test_a_stroke_on_the_map_is_stored_inside_the_liver_only(given, desk):
    desk.edit(8)
    assert given.bench.stage.segments.mode == "paint"
    assert given.bench.stage.segments.selected_label == 8
    before = np.array(given.store.exams[CT].couinaud.array)
    box = (slice(5, 6), slice(0, 10), slice(10, 20))  # rows 0 and 1 lie outside the liver
    paint(given, box, 8)
    given.settle()
    after = given.store.exams[CT].couinaud.array
    assert (after[5, 2:10, 10:20] == 8).all()
    np.testing.assert_array_equal(after[5, :2], before[5, :2])
    shown = given.bench.stage.scene.frame.turn.shown(after)
    np.testing.assert_array_equal(given.bench.stage.segments.data, shown)
    assert "20 drawn voxels lie outside the liver" in given.told[-1][0]
    desk.edit(0)
    assert given.viewer.layers.selection.active is given.bench.stage.lesions


def test_what_is_erased_comes_back(given, desk):
    desk.edit(3)
    before = np.array(given.store.exams[CT].couinaud.array)
    paint(given, (slice(4, 7), slice(5, 9), slice(8, 12)), 0)
    given.settle()
    np.testing.assert_array_equal(given.store.exams[CT].couinaud.array, before)
    np.testing.assert_array_equal(desk.layers.drawn(), before)


def test_undo_of_the_layer_is_a_change_like_any_other(given, desk):
    desk.edit(8)
    before = np.array(given.store.exams[CT].couinaud.array)
    paint(given, (slice(5, 6), slice(5, 9), slice(8, 12)), 8)
    given.settle()
    assert (given.store.exams[CT].couinaud.array != before).any()
    given.bench.stage.segments.undo()
    given.settle()
    np.testing.assert_array_equal(given.store.exams[CT].couinaud.array, before)


def test_a_stroke_that_could_not_be_stored_is_tried_again_with_the_next_thing(given, desk):
    desk.edit(8)
    given.store.broken = LOCKED
    paint(given, (slice(5, 6), slice(5, 9), slice(8, 12)), 8)
    given.settle()
    assert given.told[-1] == (str(LOCKED), "error")
    given.store.broken = None
    given.bench.hand_on()
    given.settle()
    assert (given.store.exams[CT].couinaud.array[5, 5:9, 8:12] == 8).all()


@pytest.mark.parametrize("change", ["brush", "landmark", "landmarks alone"])
def test_a_change_that_is_not_saved_is_named_before_the_window_closes(given, desk, change):
    given.store.broken = LOCKED
    if change == "brush":
        desk.edit(8)
        paint(given, (slice(5, 6), slice(5, 9), slice(8, 12)), 8)
    else:
        desk.show_landmarks(True)
        moved = {**POINTS, "mhv": tuple(np.add(POINTS["mhv"], (3.0, 0.0, 0.0)))}
        if change == "landmarks alone":
            del moved["rhv"]
        desk.put_landmarks(moved)
        given.store.broken = None if change == "landmark" else LOCKED
        given.runner.work()  # a map is made of them, and cannot be written
        given.store.broken = LOCKED
    given.settle()
    assert given.bench.unsaved == ("the segment map",)
    assert not given.bench.flush()
    given.bench.load(MR)  # another exam would lose it as well
    given.settle()
    assert given.bench.exam_id == CT
    assert "the segment map: save it first" in given.told[-1][0]
    given.store.broken = None
    given.bench.save_again()
    given.settle()
    assert given.bench.unsaved == ()
    assert given.bench.flush()
    stored = given.store.exams[CT]
    if change == "brush":
        assert (stored.couinaud.array[5, 5:9, 8:12] == 8).all()
    else:
        assert stored.landmarks == moved


def test_going_on_without_it_forgets_it(given, desk):
    desk.edit(8)
    given.store.broken = LOCKED
    paint(given, (slice(5, 6), slice(5, 9), slice(8, 12)), 8)
    given.settle()
    given.store.broken = None
    given.bench.lookers.clear()  # a person says: go on and lose it
    given.bench.load(MR, may_lose=True)
    given.settle()
    assert given.bench.exam_id == MR
    assert given.bench.unsaved == ()


def test_a_map_that_another_window_changed_is_shown_not_written_over(given, desk):
    desk.edit(8)
    other = np.array(given.store.exams[CT].couinaud.array)
    other[3, 10:20, 10:20] = 7
    exam = given.store.exams[CT]
    given.store.exams[CT] = replace(exam, couinaud=replace(exam.couinaud, array=other))

    def refuse(*_):
        raise ChangedElsewhereError("another window has changed the segments")

    given.store.correct_segments = refuse
    paint(given, (slice(5, 6), slice(5, 9), slice(8, 12)), 8)
    given.settle()
    np.testing.assert_array_equal(desk.layers.drawn(), other)


def test_another_exam_begins_anew(given, desk):
    desk.resect("1", True)
    desk.edit(8)
    given.bench.load(MR)
    given.settle()
    assert (desk.resected, desk.editing, desk.landmarks) == (set(), False, {})
    assert LANDMARKS not in given.viewer.layers
    assert [layer.name for layer in given.viewer.layers].count(NUMERALS) == 1


def test_a_case_for_reading_only_changes_nothing(given, desk):
    given.store.read_only = "for reading only"
    given.bench.load(CT)
    given.settle()
    desk.edit(8)
    desk.place("ivc")
    desk.put_landmarks({**POINTS, "mhv": point(20, 40)})
    given.settle()
    assert not desk.editing
    assert desk.placing == ""
    assert given.store.exams[CT].landmarks == POINTS


def test_closing_writes_the_last_stroke_and_leaves_nothing_to_do(given, desk):
    desk.edit(8)
    paint(given, (slice(5, 6), slice(5, 9), slice(8, 12)), 8)
    given.bench.close()
    given.bench.stage.clear()
    assert (given.store.exams[CT].couinaud.array[5, 5:9, 8:12] == 8).all()
    desk.edit(0)
    desk.show_landmarks(False)
    desk.want(False)
    assert not desk.editing


def test_clearing_the_stage_takes_every_layer_away(given, desk):
    desk.show_landmarks(True)
    assert {NUMERALS, LANDMARKS} <= {layer.name for layer in given.viewer.layers}
    given.bench.stage.clear()
    assert len(given.viewer.layers) == 0
