"""What is seen in every pane besides phases and lesions: cross-hair, axes, numerals, landmarks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from plugin.given import Given
from plugin.phases import four_phase_store, four_phases
from plugin.plugin_stand_ins import CT, FakeStore, tiny_exam
from plugin.test_segmenting import POINTS

from liverseg.records import Measurement
from napari_liverseg.crosshair import CrossHair
from napari_liverseg.keys import all_keys, words_of
from napari_liverseg.marks import GAP_MM, LINE_PX, MARKS, cross_arms
from napari_liverseg.segment_layers import LANDMARKS, NUMERALS
from napari_liverseg.segmenting import SegmentDesk


@pytest.fixture
def given():
    return Given(four_phase_store())


def shown_in(given, name: str) -> list:
    """The layers of this name that can be seen, pane by pane."""
    return [
        layer
        for layer in given.viewer.layers
        if layer.visible and (layer.name == name or layer.name.startswith(f"{name}: "))
    ]


def arms_in(layer) -> np.ndarray:
    """Start and end of each line of a layer, (down, right) mm."""
    data = np.asarray(layer.data) * np.asarray(layer.scale)
    return np.stack([data[:, 0], data[:, 0] + data[:, 1]], axis=1)


def press(given, key: str) -> None:
    act = next(act for bound, act in given.viewer.keymap.items() if str(bound) == key)
    act(given.viewer)


def with_axis(given, *, slice_: int = 4) -> None:
    """The exam read again with a measured long axis of lesion A."""
    row = Measurement(
        lesion="A",
        metric="long_axis",
        value=9.0,
        unit="mm",
        method="test",
        slice=slice_,
        endpoints_lps_mm=tuple(
            given.bench.tools.lps((3.0 * slice_, 12.0, right)) for right in (10.0, 19.0)
        ),
    )
    numbers = given.store.numbers
    given.store.numbers = lambda exam_id: replace(numbers(exam_id), measurements=(row,))
    given.bench.load(CT)
    given.settle()


@pytest.mark.parametrize("count", [2, 4])
def test_the_cross_hair_is_in_every_pane_with_a_gap(given, count):
    look = given.bench.looking
    look.arrange(count)
    look.go_to((12.0, 20.0, 24.0))
    layers = shown_in(given, MARKS)
    assert len(layers) == count
    for layer in layers:
        arms = arms_in(layer)
        assert sorted(arms[..., 0].ravel())[:2] == [0.0, 20.0 - GAP_MM]
        assert sorted(arms[..., 1].ravel())[-2:] == [24.0 + GAP_MM, 47.0]
        away = np.linalg.norm(arms - (20.0, 24.0), axis=2)
        assert away.min() == pytest.approx(GAP_MM)
        assert len(layer.edge_color) == len(arms) == 4


def test_an_arm_that_would_leave_the_picture_is_not_drawn(given):
    frame = given.bench.stage.scene.frame
    arms = cross_arms((0.0, GAP_MM / 2, 24.0), (1, 2), frame)
    assert len(arms) == 3
    assert (arms[:, 0] + arms[:, 1]).min() == 0.0


def test_a_step_to_another_slice_moves_the_cross_hair_and_redraws_no_line(given):
    look = given.bench.looking
    look.arrange(4)
    look.go_to((12.0, 20.0, 24.0))
    redrawn = []
    for layer in shown_in(given, MARKS):
        layer.events.set_data.connect(redrawn.append)
    given.viewer.dims.set_current_step(0, 7)
    assert look.point_mm == (21.0, 20.0, 24.0)
    assert redrawn == []


def test_one_picture_has_a_cross_hair_only_beside_planes(given):
    look = given.bench.looking
    (layer,) = shown_in(given, MARKS)
    assert len(layer.data) == 0
    planes = object()
    look.take_planes(planes)
    assert len(layer.data) == 4
    look.take_planes(None)
    assert len(layer.data) == 0


def test_the_key_hides_the_cross_hair_and_shows_it_again(given):
    look, changed = given.bench.looking, []
    look.changed.connect(lambda: changed.append(look.cross))
    look.arrange(2)
    changed.clear()
    press(given, "H")
    assert [len(layer.data) for layer in shown_in(given, MARKS)] == [0, 0]
    press(given, "H")
    assert [len(layer.data) for layer in shown_in(given, MARKS)] == [4, 4]
    assert changed == [False, True]
    assert "cross-hair" in words_of("H")
    assert "H" not in [key for key, _ in all_keys()]  # bound by `Looking`, like all of its keys


def test_a_series_of_unknown_place_has_no_lines():
    given = Given(four_phase_store(delayed_frame="9.9", delayed_shift=False))
    given.bench.looking.arrange(4)
    assert [layer.name for layer in shown_in(given, MARKS)].count(f"{MARKS}: delayed") == 0
    assert len(shown_in(given, MARKS)) == 3


def test_lines_are_as_wide_at_any_zoom_in_every_pane(given):
    given.bench.looking.arrange(4)
    for zoom in (0.5, 3.0):
        given.viewer.scene.camera.zoom = zoom
        widths = [layer.edge_width * layer.scale[-1] * zoom for layer in shown_in(given, MARKS)]
        np.testing.assert_allclose(widths, [LINE_PX] * 4)


def test_axes_are_in_every_pane_in_their_slice_only(given):
    given.bench.looking.show_cross(False)
    given.bench.looking.arrange(4)
    with_axis(given)
    for position, count in ((4, 1), (5, 0), (4, 1)):
        given.viewer.dims.set_current_step(0, position)
        assert [len(layer.data) for layer in shown_in(given, MARKS)] == [count] * 4
    for layer in shown_in(given, MARKS):
        np.testing.assert_allclose(arms_in(layer), [[(12.0, 10.0), (12.0, 19.0)]])
    press(given, "T")
    assert [len(layer.data) for layer in shown_in(given, MARKS)] == [0] * 4


def test_lines_and_cross_hair_keep_their_colours_apart(given):
    with_axis(given)
    given.bench.looking.arrange(2)
    given.viewer.dims.set_current_step(0, 4)
    for layer in shown_in(given, MARKS):
        colours = np.unique(np.round(layer.edge_color, 2), axis=0)
        assert (len(layer.data), len(colours)) == (5, 2)


def test_an_end_of_an_axis_is_pulled_in_any_pane(given):
    """The place that the mouse is over is the same in all panes, so any of them will do."""
    with_axis(given)
    given.bench.looking.arrange(4)
    given.viewer.dims.set_current_step(0, 4)
    axes = given.bench.axes
    end = axes.end_at((12.0, 12.0, 19.0))
    assert end is not None
    axes.pull(end, (12.0, 12.0, 24.0))
    for layer in shown_in(given, MARKS):
        same = np.isclose(arms_in(layer), [(12.0, 10.0), (12.0, 24.0)]).all(axis=(1, 2))
        assert same.sum() == 1


def test_lengths_are_written_in_one_picture_only(given):
    with_axis(given)
    lengths = given.viewer.layers["lengths"]
    assert lengths.visible
    assert list(lengths.features["label"]) == ["long 9.0 mm"]
    given.bench.looking.arrange(2)
    assert not lengths.visible
    given.bench.looking.arrange(1)
    assert lengths.visible


@pytest.fixture
def segmented():
    """Two phases with segments and landmarks, side by side, and the desk of segments."""
    given = Given(FakeStore(replace(four_phases(), landmarks=POINTS), tiny_exam("2017-03-02_MR")))
    desk = SegmentDesk(given.bench)
    desk.want()
    given.settle()
    given.bench.looking.arrange(2)
    return given, desk


def test_numerals_stand_in_every_pane_that_is_tinted(segmented):
    given, _ = segmented
    assert shown_in(given, NUMERALS) == []
    given.bench.stage.segments.visible = True
    first, second = shown_in(given, NUMERALS)
    np.testing.assert_array_equal(first.data, second.data)
    assert list(first.features["segment"]) == list(second.features["segment"])
    assert second.text.values.tolist() == first.text.values.tolist()
    given.bench.stage.segments.visible = False
    assert shown_in(given, NUMERALS) == []


def test_what_comes_into_the_panes_later_takes_out_nothing(segmented):
    given, _ = segmented
    look = given.bench.looking
    before = {one.layer for one in look.panes.followers}
    given.bench.stage.segments.visible = True
    after = {one.layer for one in look.panes.followers}
    assert before < after
    stride = given.viewer.canvas.grid.stride
    assert stride == 1 + len(look.panes.labels)
    layers = list(given.viewer.layers)
    for pane, key in enumerate(look.keys):
        assert layers[pane * stride] is look.images[key]
        group = [
            name.split(": ")[0] for name in map(str, layers[pane * stride + 1 :][: stride - 1])
        ]
        assert group == [layer.name for layer in look.panes.labels]


def test_a_map_that_is_taken_away_leaves_the_panes(segmented):
    given, _ = segmented
    given.bench.stage.segments.visible = True
    given.bench.stage.put_segments(None, {})
    given.bench.refreshed.emit()
    look = given.bench.looking
    assert given.viewer.canvas.grid.stride == 1 + len(look.panes.labels)
    assert not [layer for layer in given.viewer.layers if layer.name.startswith("Couinaud")]


def test_landmarks_stand_in_every_pane_and_move_together(segmented):
    given, desk = segmented
    desk.show_landmarks(True)
    first, second = shown_in(given, LANDMARKS)
    own, copy = (first, second) if first is desk.layers.points else (second, first)
    assert list(copy.features["landmark"]) == list(own.features["landmark"])
    assert not copy.editable
    # As napari does while a point is dragged: voxels in place, then it tells of features only.
    own.data[0] += (0.0, 2.0, 3.0)
    own.events.features()
    np.testing.assert_array_equal(copy.data, own.data)
    assert given.viewer.layers.selection.active is own
    desk.show_landmarks(False)
    assert shown_in(given, LANDMARKS) == []


def test_the_cross_hair_begins_in_the_middle_of_the_picture(given):
    frame = given.bench.stage.scene.frame
    fresh = CrossHair(given.viewer, given.bench.stage)
    fresh.begin(frame)
    middle = [n // 2 * step for n, step in zip(frame.shape, frame.spacing_mm, strict=True)]
    assert fresh.point_mm == (given.viewer.dims.point[0], *middle[1:])
