"""A lesion moved in one phase, by stand-ins: shown there at once, stored as one step."""

from __future__ import annotations

import numpy as np
import pytest
from plugin.given import Given
from plugin.phases import ARTERIAL, DELAYED, NATIVE, PORTAL, four_phase_store
from plugin.plugin_stand_ins import CT, LOCKED
from plugin.test_tools import drag, press

from napari_liverseg.moved_outlines import HIDDEN, MOVED

ALT = ("Alt",)
#: In the tiny exam right is left (x), down is back (y), a slice further is 3 mm to the head.
A, B = 1, 2


@pytest.fixture
def given() -> Given:
    made = Given(four_phase_store())
    made.viewer.scene.camera.zoom = 4.0
    made.bench.choose("A")
    return made


def seen(given: Given, key: str, number: int) -> np.ndarray:
    """Where a lesion is seen on a phase, (slice, down, right) as displayed."""
    found = np.zeros(np.shape(given.layer.data), bool)
    for layer in labels_of(given, key):
        if layer.visible and layer.colormap.color_dict[number][3] > 0:
            found |= np.asarray(layer.data) == number
    return found


def drawn(given: Given, number: int, *steps: int) -> np.ndarray:
    """The mask of a lesion, moved by (slices, down, right)."""
    return np.roll(np.asarray(given.layer.data) == number, steps or (0, 0, 0), axis=(0, 1, 2))


def labels_of(given: Given, key: str):
    """Label layers that show lesions on a phase: napari draws what is in no pane in the first."""
    looking, layers = given.bench.looking, list(given.viewer.layers)
    extra = [one for one in layers if one.name == MOVED]
    if key == looking.keys[0]:
        return [given.layer, *extra]
    (own,) = layers[(at := layers.index(looking.images[key]) + 1) : at + 1]
    assert own is given.layer or own.metadata["follows"] == "lesions"
    return [own]


def offset(given: Given, name: str = "A", key: str = ARTERIAL):
    lesion = next(one for one in given.store.exams[CT].lesions if one.name == name)
    move = lesion.moves.get(key)
    return None if move is None else move.offset_mm


def alone(given: Given, key: str) -> None:
    given.bench.looking.arrange(1, (key,))


def test_a_drag_moves_the_outline_in_that_phase_and_stores_one_step(given):
    alone(given, ARTERIAL)
    before = np.asarray(given.layer.data).copy()
    # From (down 12, right 15) by 3.4 mm down and 5.2 mm to the left, over two points.
    assert drag(given, (12.0, 12.0, 15.0), (12.0, 14.0, 12.0), (12.0, 15.4, 9.8), modifiers=ALT)
    wanted = drawn(given, A, 0, 3, -5)
    np.testing.assert_array_equal(seen(given, ARTERIAL, A), wanted)  # the worker has not begun
    np.testing.assert_array_equal(seen(given, ARTERIAL, B), drawn(given, B))
    assert ("A, late arterial: moved 5.8 mm", "info") in given.told
    assert offset(given) is None
    given.settle()
    assert offset(given) == (-5.0, 3.0, 0.0)
    np.testing.assert_array_equal(seen(given, ARTERIAL, A), wanted)
    np.testing.assert_array_equal(np.asarray(given.layer.data), before)  # no mask has changed
    assert given.bench.undoing.label("undo") == "Undo: move A"
    assert [row.text for row in given.bench.tools.moving.rows()] == ["late arterial: moved 5.8 mm"]
    # Another phase shows it where it is drawn.
    alone(given, PORTAL)
    np.testing.assert_array_equal(seen(given, PORTAL, A), before == A)
    alone(given, ARTERIAL)
    np.testing.assert_array_equal(seen(given, ARTERIAL, A), wanted)


def test_keys_move_by_pixels_and_slices_and_are_stored_when_still(given):
    alone(given, ARTERIAL)
    later = []
    given.bench.tools.moving.store_later = lambda: later.append(1)
    for key in ("Alt-Right", "Alt-Right", "Alt-Up", "Alt-PageUp", "Alt-Down", "Alt-Down"):
        press(given, key)
    assert len(later) == 6
    np.testing.assert_array_equal(seen(given, ARTERIAL, A), drawn(given, A, 1, 1, 2))
    assert offset(given) is None
    assert not given.store.done
    given.bench.tools.moving.store()
    given.settle()
    assert offset(given) == (2.0, 1.0, 3.0)
    assert len(given.store.done) == 1
    # A second series of keys goes on from there, and back again is no move.
    for key in ("Alt-Left", "Alt-Left", "Alt-PageDown", "Alt-Up"):
        press(given, key)
    given.bench.tools.moving.store()
    given.settle()
    assert offset(given) is None
    assert len(given.store.done) == 2
    np.testing.assert_array_equal(seen(given, ARTERIAL, A), drawn(given, A))
    assert given.bench.tools.moving.rows() == ()


def test_keys_that_are_not_still_yet_are_stored_before_anything_else(given):
    alone(given, ARTERIAL)
    given.bench.tools.moving.store_later = lambda: None
    press(given, "Alt-Right")
    given.bench.undoing.undo()  # takes back what is seen, not the step before
    given.settle()
    assert [step.name for step, _, _ in given.store.undone] == ["move A"]
    assert offset(given) is None
    np.testing.assert_array_equal(seen(given, ARTERIAL, A), drawn(given, A))
    given.bench.undoing.redo()
    given.settle()
    assert offset(given) == (1.0, 0.0, 0.0)
    np.testing.assert_array_equal(seen(given, ARTERIAL, A), drawn(given, A, 0, 0, 1))
    press(given, "Alt-Right")
    assert given.bench.flush()
    assert offset(given) == (2.0, 0.0, 0.0)


def test_side_by_side_each_pane_has_its_own(given):
    looking = given.bench.looking
    looking.arrange(4)
    looking.hover((12.0, 12.0, 15.0), key=ARTERIAL)
    press(given, "Alt-Down")
    looking.hover((12.0, 12.0, 15.0), key=DELAYED)
    press(given, "Alt-PageUp")
    given.bench.tools.moving.store()
    given.settle()
    assert (offset(given), offset(given, key=DELAYED)) == ((0.0, 1.0, 0.0), (0.0, 0.0, 3.0))
    assert set(looking.keys) == {NATIVE, ARTERIAL, PORTAL, DELAYED}
    moves = {ARTERIAL: (0, 1, 0), DELAYED: (1, 0, 0), NATIVE: (0, 0, 0), PORTAL: (0, 0, 0)}
    for first in (NATIVE, PORTAL, ARTERIAL, DELAYED):
        looking.put(first, 0)  # phases change places, and the moves go with them
        assert looking.keys[0] == first
        for key, steps in moves.items():
            np.testing.assert_array_equal(seen(given, key, A), drawn(given, A, *steps))
            np.testing.assert_array_equal(seen(given, key, B), drawn(given, B))
    rows = given.bench.tools.moving.rows()
    assert [row.text for row in rows] == ["late arterial: moved 1.0 mm", "delayed: moved 3.0 mm"]
    given.bench.tools.moving.reset(DELAYED)
    given.settle()
    assert offset(given, key=DELAYED) is None
    np.testing.assert_array_equal(seen(given, DELAYED, A), drawn(given, A))
    np.testing.assert_array_equal(seen(given, ARTERIAL, A), drawn(given, A, 0, 1, 0))


def test_two_lesions_are_moved_apart_from_each_other(given):
    alone(given, ARTERIAL)
    press(given, "Alt-Right")
    given.bench.choose("B")
    press(given, "Alt-Left")
    given.bench.tools.moving.store()
    given.settle()
    assert (offset(given, "A"), offset(given, "B")) == ((1.0, 0.0, 0.0), (-1.0, 0.0, 0.0))
    for number, step in ((A, 1), (B, -1)):
        wanted = drawn(given, number, 0, 0, step)
        np.testing.assert_array_equal(seen(given, ARTERIAL, number), wanted)


@pytest.mark.parametrize("panes", [1, 4])
def test_a_stroke_on_a_moved_lesion_is_shown_there_too_and_keeps_the_move(given, panes):
    given.bench.looking.arrange(panes, (ARTERIAL,) if panes == 1 else ())
    given.bench.looking.focus = ARTERIAL
    for _ in range(2):
        press(given, "Alt-Right")
    given.bench.tools.moving.store()
    given.settle()
    given.layer.mode = "paint"
    if panes == 1:  # the brush draws in the mask's place: that is shown, too
        both = drawn(given, A) | drawn(given, A, 0, 0, 2)
        np.testing.assert_array_equal(seen(given, ARTERIAL, A), both)
    given.stroke((4, 11, 15), A)
    given.stroke((4, 20, 15), A)
    given.settle()
    given.layer.mode = "pan_zoom"
    assert offset(given) == (2.0, 0.0, 0.0)
    assert drawn(given, A)[4, 20, 15]
    np.testing.assert_array_equal(seen(given, ARTERIAL, A), drawn(given, A, 0, 0, 2))


def test_the_reference_phase_and_other_refusals_say_why(given):
    def told_last() -> tuple[str, str]:
        return given.told[-1]

    alone(given, PORTAL)
    assert drag(given, (12.0, 12.0, 15.0), (12.0, 12.0, 19.0), modifiers=ALT)
    text, level = told_last()
    assert level == "error"
    assert "lesion A is drawn in the portal venous phase, the reference" in text
    press(given, "Alt-Right")
    assert told_last() == (text, level)
    given.bench.looking.arrange(4)
    given.bench.looking.focus = ""
    press(given, "Alt-Right")
    assert "put the mouse over the phase" in told_last()[0]
    alone(given, ARTERIAL)
    given.bench.begin_lesion("new")
    press(given, "Alt-Right")
    assert "choose a lesion that is drawn" in told_last()[0]
    given.bench.drop_lesion("new")
    given.bench.choose("A")
    given.bench.read_only = "for reading only"
    press(given, "Alt-Right")
    assert told_last() == ("for reading only", "error")
    given.settle()
    assert not given.store.done
    assert not any(layer.name == MOVED for layer in given.viewer.layers)


def test_what_the_library_refuses_springs_back(given):
    alone(given, ARTERIAL)
    drag(given, (12.0, 12.0, 15.0), (12.0, 12.0, 18.0), modifiers=ALT)
    given.settle()
    drag(given, (12.0, 5.0, 5.0), (12.0, 38.0, 5.0), modifiers=ALT)
    given.settle()
    assert "more than a lesion moves" in given.told[-1][0]
    assert offset(given) == (3.0, 0.0, 0.0)
    np.testing.assert_array_equal(seen(given, ARTERIAL, A), drawn(given, A, 0, 0, 3))
    given.store.broken = LOCKED
    press(given, "Alt-Right")
    given.bench.tools.moving.store()
    given.settle()
    assert "locked" in given.told[-1][0]
    np.testing.assert_array_equal(seen(given, ARTERIAL, A), drawn(given, A, 0, 0, 3))
    assert given.bench.is_idle


def test_moves_are_there_when_the_exam_is_shown_again_and_only_there(given):
    alone(given, ARTERIAL)
    drag(given, (12.0, 12.0, 15.0), (12.0, 12.0, 18.0), modifiers=ALT)
    given.settle()
    given.bench.load("2017-03-02_MR")
    given.settle()
    assert not any(layer.name == MOVED for layer in given.viewer.layers)
    assert HIDDEN not in given.layer.metadata
    given.bench.load(CT)
    given.settle()
    alone(given, ARTERIAL)
    np.testing.assert_array_equal(seen(given, ARTERIAL, A), drawn(given, A, 0, 0, 3))
    given.bench.close()
    assert not any("Moving" in repr(act) for act in given.viewer.mouse_drag_callbacks)


def test_alt_is_left_to_the_brush_and_other_buttons_to_others(given):
    alone(given, ARTERIAL)
    given.layer.mode = "paint"
    moving = given.bench.tools.moving
    for how in ({"modifiers": ALT}, {"modifiers": ()}, {"modifiers": ALT, "button": 2}):
        drag(given, (12.0, 12.0, 15.0), (12.0, 12.0, 18.0), **how)
    given.layer.mode = "pan_zoom"
    drag(given, (12.0, 12.0, 15.0), (12.0, 12.0, 18.0), modifiers=("Alt", "Control"))
    given.settle()
    assert moving.rows() == ()
    assert offset(given) is None


def test_a_phase_that_is_not_linked_is_not_a_place_to_move_to():
    given = Given(four_phase_store(delayed_frame="another", delayed_shift=False))
    given.bench.choose("A")
    alone(given, DELAYED)
    press(given, "Alt-Right")
    assert "this phase is not linked" in given.told[-1][0]
    assert given.bench.tools.moving.rows() == ()
