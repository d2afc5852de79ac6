"""Window presets, and window and level by dragging."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from plugin.given import Given
from plugin.phases import ARTERIAL, DELAYED, NATIVE, PORTAL, four_phase_store
from plugin.plugin_stand_ins import MR

from napari_liverseg.windows import drag_window, window_text


@pytest.fixture
def given():
    return Given(four_phase_store())


def limits(given) -> dict[str, tuple[float, float]]:
    return {key: tuple(layer.contrast_limits) for key, layer in given.bench.looking.images.items()}


def test_a_preset_gives_each_phase_its_own_window(given):
    look = given.bench.looking
    look.preset(1)
    assert set(limits(given).values()) == {(-160.0, 240.0)}
    look.preset(0)
    after = (-35.0, 215.0)
    assert limits(given) == {
        NATIVE: (-40.0, 160.0), ARTERIAL: after, PORTAL: after, DELAYED: after
    }  # fmt: skip


def test_a_preset_can_be_for_the_phase_under_the_mouse_only(given):
    look = given.bench.looking
    look.arrange(4)
    look.windows.together = False
    look.hover((0.0, 0.0, 0.0), key=ARTERIAL)
    before = limits(given)
    look.preset(2)
    assert limits(given) == {**before, ARTERIAL: (-500.0, 1300.0)}
    assert look.window_text() == "late arterial: level 400, width 1800 HU"


def test_lung_reaches_below_what_the_slider_did(given):
    given.bench.looking.preset(3)
    assert limits(given)[PORTAL] == (-1350.0, 150.0)


def test_mr_has_no_window_in_hounsfield_units(given):
    given.bench.load(MR)
    given.settle()
    look = given.bench.looking
    assert [preset.label for preset in look.windows.presets()] == ["Auto", "Whole range"]
    before = limits(given)
    look.preset(1)
    item = given.bench.loaded.exam.series[0].volume.array
    assert limits(given)[f"{MR}.arterial"] == (item.min(), item.max())
    look.preset(4)
    look.preset(0)
    assert limits(given) == before


def test_windows_change_in_relation_to_each(given):
    look = given.bench.looking
    look.drag(2.0, 0.0)
    assert limits(given)[PORTAL] == pytest.approx((-160.0, 340.0))
    assert limits(given)[NATIVE] == pytest.approx((-140.0, 260.0))
    look.drag(1.0, 0.1)
    assert limits(given)[PORTAL] == pytest.approx((-110.0, 390.0))
    for _ in range(40):
        look.drag(0.5, 0.0)
    low, high = limits(given)[PORTAL]
    assert high > low


def drag(viewer, change, *positions, button: int = 2):
    event = SimpleNamespace(button=button, pos=np.array(positions[0]), type="mouse_press")
    event.handled = False
    act = drag_window(viewer, event, change=change)
    seen = []
    try:
        next(act)
        for position in positions[1:]:
            event.handled, event.pos, event.type = False, np.array(position), "mouse_move"
            next(act)
            seen.append(event.handled)
        event.type = "mouse_release"
        next(act)
    except StopIteration:
        pass
    return seen


def test_dragging_to_the_right_widens_and_down_raises(given):
    steps = []
    given.viewer.layers.selection.active = given.layer
    handled = drag(given.viewer, lambda *step: steps.append(step), (10, 10), (210, 10), (210, 310))
    assert steps == [pytest.approx((2.0, 0.0)), pytest.approx((1.0, 1.0))]
    assert handled == [True, True]  # else the camera would zoom


@pytest.mark.parametrize(("mode", "button"), [("paint", 2), ("erase", 2), ("pan_zoom", 1)])
def test_no_window_is_dragged_while_drawing_or_with_the_left_button(given, mode, button):
    steps = []
    given.viewer.layers.selection.active = given.layer
    given.layer.mode = mode
    drag(given.viewer, lambda *step: steps.append(step), (0, 0), (50, 50), button=button)
    assert steps == []


def test_small_values_are_written_with_their_figures():
    assert window_text((0.0, 0.0025), unit="mm2/s") == "level 0.00125, width 0.0025 mm²/s"
