"""Lesions drawn from strokes, corrected by strokes, and changed as a whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liverseg.errors import EmptyLabelError, InputError
from liverseg.geometry import LabelMap
from liverseg.records import Caliper, Exam, Stroke, StrokeKind
from liverseg.testing import dice, first_click
from liverseg.workflow import (
    RESHAPING,
    add_lesion,
    correct_lesion,
    delineate_exam,
    draw_lesion,
    find_lesion,
    load_exam,
    remove_lesion,
    reshape_lesion,
    set_calipers,
    undo,
    update_lesion,
)

CT = "2015-06-01_CT"


def without(exam: Exam, name: str) -> Exam:
    return replace(exam, lesions=tuple(one for one in exam.lesions if one.name != name))


def stroke_at(exam: Exam, kind: StrokeKind, index) -> Stroke:
    x, y, z = (float(v) for v in exam.liver.grid.to_lps_mm(index))
    return Stroke(kind, ((x, y, z),))


def test_a_click_draws_the_lesion_and_is_stored_with_it(case, exam):
    truth = find_lesion(exam, "T4").mask
    bare = remove_lesion(case, exam, "T4")
    drawn = draw_lesion(bare, "T4", (first_click(truth),))
    assert dice(LabelMap(drawn.mask, truth.grid), truth) > 0.7
    assert drawn.step == "draw lesion T4 from a click"
    add_lesion(case, bare, "T4", drawn.mask, step=drawn.step, strokes=drawn.strokes)
    assert case.events()[-1].action == drawn.step
    assert find_lesion(load_exam(case, CT), "T4").strokes == (first_click(truth),)


def test_a_new_lesion_never_takes_voxels_of_another(exam):
    taken = find_lesion(exam, "T4").mask
    with pytest.raises(EmptyLabelError, match="another lesion holds this place"):
        # All that the click marks is given to the lesion that is there.
        everything = replace(find_lesion(exam, "T4"), mask=LabelMap(exam.liver.mask(), taken.grid))
        draw_lesion(replace(exam, lesions=(everything,)), "new", (first_click(taken),))
    drawn = draw_lesion(exam, "new", (first_click(taken),))
    assert not (drawn.mask & taken.mask()).any()


def test_corrections_add_up_and_equal_all_strokes_at_once(case, exam):
    truth = find_lesion(exam, "T4").mask
    click = first_click(truth)
    now = remove_lesion(case, exam, "T4")
    first = draw_lesion(now, "T4", (click,))
    now = add_lesion(case, now, "T4", first.mask, strokes=first.strokes)
    edge = np.argwhere(first.mask)[-1] + (0, 2, 2)
    add = stroke_at(exam, StrokeKind.ADD, edge)
    second = correct_lesion(now, "T4", add)
    assert second.step == "add to lesion T4 by a stroke"
    assert second.strokes == (click, add)
    at_once = delineate_exam(now, (click, add)).mask() & ~find_lesion(now, "T5").mask.mask()
    np.testing.assert_array_equal(second.mask, at_once)
    now = update_lesion(case, now, "T4", second.mask, step=second.step, strokes=second.strokes)
    remove = stroke_at(exam, StrokeKind.REMOVE, np.argwhere(first.mask)[0])
    third = correct_lesion(now, "T4", remove)
    assert not third.mask[tuple(np.argwhere(first.mask)[0])]
    assert third.strokes == (click, add, remove)


def test_work_by_hand_survives_a_correction_elsewhere(exam):
    lesion = find_lesion(exam, "T4")
    mask = lesion.mask.array.copy()
    far = tuple(np.argwhere(mask)[0] - (2, 3, 3))
    mask[far] = 1
    by_hand = replace(lesion, mask=LabelMap(mask, lesion.mask.grid))
    lesions = tuple(by_hand if one.name == "T4" else one for one in exam.lesions)
    edge = np.argwhere(lesion.mask.array)[-1] + (0, 1, 1)
    drawn = correct_lesion(
        replace(exam, lesions=lesions), "T4", stroke_at(exam, StrokeKind.ADD, edge)
    )
    assert drawn.mask[far]
    assert drawn.mask[tuple(edge)]
    assert drawn.strokes[0].kind is StrokeKind.CLICK


def test_a_start_does_not_correct(exam):
    start = first_click(find_lesion(exam, "T4").mask)
    with pytest.raises(InputError, match="a click starts a lesion"):
        correct_lesion(exam, "T4", start)


@pytest.mark.parametrize("tool", sorted(RESHAPING))
def test_whole_lesions_change_and_neighbours_stay(case, exam, tool):
    before = find_lesion(exam, "T4").mask.mask().copy()
    if tool == "interpolate":
        middle = np.flatnonzero(before.any(axis=(1, 2)))[1]
        before[middle] = False
    if tool == "fill holes":
        before[tuple(np.argwhere(before)[before.sum() // 2])] = False
    if tool == "largest piece":
        before[tuple(np.argwhere(before)[0] - (2, 0, 0))] = True
    now = update_lesion(case, exam, "T4", before)
    drawn = reshape_lesion(now, "T4", tool)
    assert (drawn.mask != before).any() or tool == "smooth"
    assert not (drawn.mask & find_lesion(now, "T5").mask.mask()).any()
    assert "lesion T4" in drawn.step
    assert drawn.strokes is None


def test_the_step_says_how_far(exam):
    assert reshape_lesion(exam, "T4", "grow").step == "grow lesion T4 by 4 mm"
    assert reshape_lesion(exam, "T4", "shrink", distance_mm=4.5).step.endswith("by 4.5 mm")
    with pytest.raises(EmptyLabelError):
        reshape_lesion(exam, "T4", "shrink", distance_mm=90.0)
    with pytest.raises(InputError, match="no tool 'melt'"):
        reshape_lesion(exam, "T4", "melt")


def test_lengths_by_hand_are_rows_of_their_own_and_can_be_undone(case, exam):
    ends = ((-90.0, 10.0, 0.0), (-90.0, 22.5, 0.0))
    rows = case.measurements(exam_id=CT, lesion="T4")
    edited = set_calipers(case, exam, "T4", (Caliper("long_axis", ends, 7),))
    more = case.measurements(exam_id=CT, lesion="T4")
    (own,) = [row for row in more if row.metric == "long_axis_by_hand"]
    assert (own.value, own.unit, own.slice, own.endpoints_lps_mm) == (12.5, "mm", 7, ends)
    assert [row for row in more if row is not own] == list(rows)
    mask = find_lesion(edited, "T4").mask.mask()
    shifted = update_lesion(case, edited, "T4", np.roll(mask, 1, axis=1))
    assert find_lesion(shifted, "T4").calipers == (Caliper("long_axis", ends, 7),)
    undo(case)
    assert undo(case).step.name == "measure lesion T4 by hand"
    assert case.measurements(exam_id=CT, lesion="T4") == rows
