"""Panes, flicker, subtraction and cross-hair on the models, without a window."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from plugin.given import Given
from plugin.phases import (
    ARTERIAL,
    DELAYED,
    NATIVE,
    PORTAL,
    four_phase_store,
    four_phases,
)
from plugin.plugin_stand_ins import CT, FakeStore

from liverseg.lesions import subtract_series
from liverseg.records import Phase, SeriesFacts
from liverseg.tables import load_table
from napari_liverseg.claiming import show_claim
from napari_liverseg.difference import DIFFERENCE
from napari_liverseg.looking import KEYS
from napari_liverseg.marks import MARKS
from napari_liverseg.panes import PaneText
from napari_liverseg.scene import LESIONS, SEGMENTS

MR = "2017-03-02_MR"


@pytest.fixture
def given():
    return Given(four_phase_store())


def names(given) -> list[str]:
    return [layer.name for layer in given.viewer.layers]


def lesion_followers(look) -> list:
    return [one for one in look.panes.followers if one.source is look.stage.lesions]


def visible(given) -> list[str]:
    return [key for key, layer in given.bench.looking.images.items() if layer.visible]


def test_one_picture_shows_the_reference_first(given):
    look = given.bench.looking
    assert (look.count, look.keys, visible(given)) == (1, (PORTAL,), [PORTAL])
    assert not given.viewer.canvas.grid.enabled


def test_phases_are_suggested_in_time_order_and_never_without_the_reference(given):
    look = given.bench.looking
    assert look.suggest(1) == (PORTAL,)
    assert look.suggest(2) == (ARTERIAL, PORTAL)
    assert look.suggest(4) == look.suggest(6) == (NATIVE, ARTERIAL, PORTAL, DELAYED)


def test_four_panes_hold_each_phase_with_lesions_on_the_same_voxels(given):
    given.bench.looking.arrange(4)
    grid = given.viewer.canvas.grid
    assert (grid.enabled, grid.shape, grid.stride) == (True, (2, 2), 3)
    layers = list(given.viewer.layers)
    for pane, key in enumerate((NATIVE, ARTERIAL, PORTAL, DELAYED)):
        image, labels, lines = layers[3 * pane : 3 * pane + 3]
        assert lines.name.startswith(MARKS)
        assert image is given.bench.stage.phases[key]
        assert image.visible
        assert image.name_overlay.visible
        assert np.shares_memory(labels.data, given.layer.data)
        assert labels.contour == given.layer.contour
    assert given.viewer.layers.selection.active is given.layer


def test_a_pane_says_how_surely_its_phase_is_linked(given):
    given.viewer.canvas.size = (800, 1600)
    given.bench.looking.arrange(4)
    assert names(given)[::3][:4] == [
        "non contrast (resampled for display), ±0.4 mm",
        "late arterial, ±0.1 mm",
        "portal venous",
        "delayed, not aligned",
    ]


@pytest.mark.parametrize(
    ("width", "lines"), [(400, "late arterial, ±0.1 mm"), (120, "late arterial\n±0.1 mm")]
)
def test_a_narrow_pane_names_its_phase_in_two_lines(width, lines):
    assert PaneText("late arterial", "±0.1 mm").lines(width) == lines


def test_segments_stand_in_the_panes_only_while_they_are_shown(given):
    look, segments = given.bench.looking, given.bench.stage.segments
    look.arrange(2)
    assert given.viewer.canvas.grid.stride == 3
    segments.visible = True
    assert given.viewer.canvas.grid.stride == 4
    assert [name.split(":")[0] for name in names(given)[:8]] == [
        "late arterial, ±0.1 mm",
        SEGMENTS,
        LESIONS,
        MARKS,
        "portal venous",
        SEGMENTS,
        LESIONS,
        MARKS,
    ]
    shown = [layer for layer in given.viewer.layers if layer.name.startswith(SEGMENTS)]
    assert [layer.visible for layer in shown] == [True, True]
    segments.visible = False
    assert [layer.visible for layer in shown] == [False, False]
    look.arrange(4)
    assert given.viewer.canvas.grid.stride == 3


def test_back_to_one_picture_all_is_as_it_was(given):
    before = names(given)
    given.bench.looking.arrange(4)
    given.bench.looking.arrange(1)
    assert names(given) == before
    assert not given.viewer.canvas.grid.enabled
    assert not any(layer.name_overlay.visible for layer in given.viewer.layers)
    assert given.viewer.canvas.overlays.text.position == "top_left"


def test_what_is_drawn_shows_in_every_pane_whichever_way_it_came(given):
    look = given.bench.looking
    look.arrange(4)
    layers = [follower.layer for follower in lesion_followers(look)]
    redrawn: set = set()
    for layer in layers:
        layer.events.set_data.connect(lambda _, layer=layer: redrawn.add(layer))
    at = given.viewer.dims.current_step[0]

    def all_redrawn() -> bool:
        done = redrawn == set(layers)
        redrawn.clear()
        return done

    given.stroke((at, 5, 5), 1)
    assert all_redrawn()
    given.layer.undo()
    assert all_redrawn()
    given.layer.data[at, 8, 8] = 2
    given.layer.refresh()
    assert all_redrawn()


def test_looks_of_the_lesions_are_those_of_every_pane(given):
    given.bench.looking.arrange(2)
    given.layer.opacity, given.layer.contour, given.layer.visible = 0.5, 0, False
    (follower,) = lesion_followers(given.bench.looking)
    shown = (follower.layer.opacity, follower.layer.contour, follower.layer.visible)
    assert shown == (0.5, 0, False)


def test_a_copy_cannot_be_drawn_on_and_stands_for_the_lesions(given):
    given.bench.looking.arrange(2)
    (follower,) = lesion_followers(given.bench.looking)
    assert not follower.layer.editable
    given.viewer.layers.selection.active = follower.layer
    assert given.viewer.layers.selection.active is given.layer


def test_a_phase_put_where_another_stands_changes_places_with_it(given):
    look = given.bench.looking
    look.arrange(2)
    look.put(PORTAL, 0)
    assert look.keys == (PORTAL, ARTERIAL)
    look.put(DELAYED, 1)
    assert look.keys == (PORTAL, DELAYED)
    assert visible(given) == [PORTAL, DELAYED]
    first, second = names(given)[:2], names(given)[3:5]
    assert [name.replace("\n", ", ") for name in (*first, *second)] == [
        "portal venous",
        LESIONS,
        "delayed, not aligned",
        "lesions: delayed",
    ]
    assert given.bench.stage.phases[ARTERIAL].name == "late arterial"
    assert not given.bench.stage.phases[ARTERIAL].name_overlay.visible
    look.arrange(1)
    assert names(given)[-3:] == [LESIONS, MARKS, "lengths"]


def test_a_claim_brings_its_phase_into_a_pane(given):
    look = given.bench.looking
    look.arrange(2, (PORTAL, DELAYED))
    show_claim(given.bench, given.bench.claims()[0])
    assert look.keys == (PORTAL, ARTERIAL)
    look.arrange(1)
    given.bench.stage.show_phase(DELAYED)
    assert visible(given) == [DELAYED]


def test_another_exam_takes_the_panes_over(given):
    given.bench.looking.arrange(4)
    given.bench.load(MR)
    given.settle()
    look = given.bench.looking
    assert look.keys == (f"{MR}.arterial", f"{MR}.portal")
    # Two phases, two of lesions, two of lines, hidden segments and lengths.
    assert len(given.viewer.layers) == 8
    given.bench.load(CT)
    given.settle()
    assert look.keys == (NATIVE, ARTERIAL, PORTAL, DELAYED)


def test_a_phase_of_unknown_place_has_no_outlines():
    given = Given(four_phase_store(delayed_frame="9.9", delayed_shift=False))
    look = given.bench.looking
    look.arrange(4)
    shown = {follower.layer.name: follower.layer.visible for follower in lesion_followers(look)}
    assert shown == {
        "lesions: late arterial": True,
        "lesions: portal venous": True,
        "lesions: delayed": False,
    }
    assert "delayed, not linked" in [name.replace("\n", ", ") for name in names(given)]


def test_flicker_shows_one_phase_then_the_other_in_the_same_place(given):
    look = given.bench.looking
    look.arrange(4)
    given.viewer.dims.set_current_step(0, 4)
    look.compare(ARTERIAL, PORTAL)
    seen = []
    for _ in range(3):
        look.flick()
        seen.append(visible(given))
    assert seen == [[ARTERIAL], [PORTAL], [ARTERIAL]]
    assert given.viewer.dims.current_step[0] == 4


def test_a_subtraction_is_shown_and_says_what_it_is(given):
    look = given.bench.looking
    look.compare(ARTERIAL, PORTAL)
    look.subtract()
    given.settle()
    assert look.keys == (DIFFERENCE,)
    layer = look.images[DIFFERENCE]
    assert layer.name == "late arterial − portal venous (for display only)"
    assert "(for display only)" in given.viewer.canvas.overlays.text.text
    wanted = subtract_series(given.bench.loaded.exam, ARTERIAL, baseline=PORTAL).array
    inside = np.isfinite(wanted)
    np.testing.assert_array_equal(np.asarray(layer.data)[inside], wanted[inside])
    assert given.viewer.layers.selection.active is given.layer
    look.arrange(2, (PORTAL, DIFFERENCE))
    assert visible(given) == [PORTAL, DIFFERENCE]
    given.bench.load(MR)
    given.settle()
    assert DIFFERENCE not in look.images
    assert layer not in given.viewer.layers


def test_a_subtraction_that_means_nothing_is_refused_with_the_reason():
    exam = four_phases()
    facts = [SeriesFacts(kvp=100.0 if n == 1 else 120.0) for n in range(4)]
    made = tuple(
        replace(item, record=replace(item.record, facts=fact))
        for item, fact in zip(exam.series, facts, strict=True)
    )
    given = Given(FakeStore(replace(exam, series=made)))
    look = given.bench.looking
    look.compare(ARTERIAL, PORTAL)
    look.subtract()
    given.settle()
    text, level = given.bench.last_message
    assert level == "error"
    assert "tube voltage" in text
    assert look.keys == (PORTAL,)


def test_the_cross_hair_stands_on_a_voxel_and_takes_the_slice_with_it(given):
    look, gone = given.bench.looking, []
    look.went.connect(gone.append)
    look.go_to((13.1, 7.4, 9.6))
    assert look.point_mm == gone[-1] == (12.0, 7.0, 10.0)
    assert given.viewer.dims.current_step[0] == 4
    given.viewer.dims.set_current_step(0, 6)
    assert gone[-1] == (18.0, 7.0, 10.0)
    given.bench.choose("B")
    assert gone[-1] == (21.0, 15.5, 20.5) or gone[-1] == look.point_mm
    assert given.layer.data[tuple(np.rint(np.divide(gone[-1], (3, 1, 1))).astype(int))] == 2


@pytest.mark.parametrize(("mode", "moves"), [("pan_zoom", True), ("paint", False)])
def test_shift_and_a_click_put_the_cross_hair_there_unless_one_draws(given, mode, moves):
    look = given.bench.looking
    given.viewer.layers.selection.active = given.layer
    given.layer.mode = mode
    event = SimpleNamespace(
        button=1, modifiers=("Shift",), position=(12.0, 7.2, 9.8), viewbox=(0, 0), handled=False
    )
    look._on_drag(given.viewer, event)
    assert (look.point_mm == (12.0, 7.0, 10.0)) is moves
    assert event.handled is moves


def test_the_keys_do_what_the_table_says(given):
    look = given.bench.looking
    done = []
    for key, _, _ in KEYS:
        given.viewer.keymap[next(k for k in given.viewer.keymap if _same_key(k, key))](given.viewer)
        done.append((key, look.count))
    assert dict(done)["Control-4"] == 4
    assert dict(done)["Control-1"] == 1


def test_closing_gives_the_viewer_back(given):
    viewer, look = given.viewer, given.bench.looking
    before = list(viewer.layers)
    look.arrange(4)
    given.bench.close()
    assert not viewer.canvas.grid.enabled
    assert list(viewer.layers) == before
    bound = [key for key, act in viewer.keymap.items() if act is not None]
    assert not any(_same_key(one, key) for one in bound for key, _, _ in KEYS)
    assert look._on_drag not in viewer.mouse_drag_callbacks
    assert viewer.canvas.background_color_override is None


def _same_key(bound, key: str) -> bool:
    return str(bound).replace("Ctrl+", "Control-") == key


def test_every_phase_has_its_rank_among_the_panes():
    assert set(load_table("display")["pane_phases"].value) == {str(phase) for phase in Phase}
