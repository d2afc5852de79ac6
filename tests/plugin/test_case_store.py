"""The store on a real case file: tools, steps, and two windows on one file. No window needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from coarse_case import plan_coarse_case

from liverseg.case import CaseFile
from liverseg.errors import CaseError, InputError
from liverseg.geometry import Translation
from liverseg.records import Caliper, Stroke, StrokeKind
from liverseg.workflow import (
    Variant,
    demo,
    find_series,
    load_exam,
    measure,
    measure_exam,
    move_lesion,
    run_demo,
)
from napari_liverseg.case_store import CaseStore
from napari_liverseg.store import StepRow

CT, MR = "2015-06-01_CT", "2015-06-03_MR"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("coarse") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "plan_case", plan_coarse_case)
        run_demo(out, variant=Variant.TEXT, seed=7)
    return out / "case.liverseg"


@pytest.fixture
def path(finished, tmp_path) -> Path:
    with CaseFile.open(finished, read_only=True) as case:
        return case.copy_to(tmp_path / "case.liverseg")


def opened(path: Path, exam_id: str = CT) -> CaseStore:
    store = CaseStore(path)
    store.load(exam_id)
    return store


def less(store: CaseStore, name: str, exam_id: str = CT) -> np.ndarray:
    mask = store.masks(exam_id)[name].copy()
    mask[np.flatnonzero(mask.any(axis=(1, 2)))[-1]] = False
    return mask


def last_action(path: Path) -> str:
    with CaseFile.open(path, read_only=True) as case:
        return case.events()[-1].action


def test_a_tool_s_mask_is_stored_under_its_name_and_taken_back(path):
    store = opened(path)
    before = store.masks(CT)
    loaded_steps = store.load(CT).numbers.steps
    assert (loaded_steps.undo, loaded_steps.redo) == (None, None)
    made = store.reshape(CT, "T4", "grow")
    written = store.write(CT, {"T4": made.mask}, made={"T4": made})
    assert not written.failures
    step = written.numbers.steps.undo
    assert step is not None
    assert (step.name, step.exam_id, step.lesions) == (made.step, CT, ("T4",))
    assert last_action(path) == "grow lesion T4 by 4 mm"
    coming = store.coming("undo")
    assert coming is not None
    assert coming.step == step
    np.testing.assert_array_equal(coming.masks["T4"], before["T4"])
    undone = store.turn("undo", CT, step)
    assert undone.numbers.steps.redo is not None
    np.testing.assert_array_equal(store.masks(CT)["T4"], before["T4"])
    assert store.coming("undo") is None
    assert set(undone.numbers.views) == {"T4", "T5"}


def test_strokes_draw_correct_and_are_kept(path):
    store = opened(path)
    truth = store.masks(CT)["T4"]
    store.remove(CT, "T4")
    exam = store.load(CT).exam
    middle = tuple(np.argwhere(truth).mean(axis=0).round())
    x, y, z = (float(v) for v in exam.liver.grid.to_lps_mm(middle))
    made = store.draw(CT, "L1", (Stroke(StrokeKind.CLICK, ((x, y, z),)),))
    written = store.write(CT, {"L1": made.mask}, made={"L1": made})
    assert written.numbers.lesions == ("T5", "L1")
    more = store.correct(CT, "L1", Stroke(StrokeKind.ADD, ((x + 8.0, y, z),)))
    store.write(CT, {"L1": more.mask}, made={"L1": more})
    store.write(CT, {"L1": less(store, "L1")})  # by the brush: the strokes stay
    with CaseFile.open(path, read_only=True) as case:
        lesion = next(one for one in case.stored_exam(CT).lesions if one.name == "L1")
    assert [stroke.kind for stroke in lesion.strokes] == [StrokeKind.CLICK, StrokeKind.ADD]


def test_a_length_by_hand_is_a_step(path):
    store = opened(path)
    ends = ((-90.0, 10.0, 0.0), (-90.0, 20.0, 0.0))
    written = store.set_calipers(CT, "T4", (Caliper("length", ends),))
    (row,) = [one for one in written.numbers.rows_of("T4") if one.metric == "length_by_hand"]
    assert row.value == 10.0
    step = written.numbers.steps.undo
    assert step is not None
    assert store.turn("undo", CT, step).numbers.outdated
    back = store.renew(CT).numbers.rows_of("T4")
    assert not [one for one in back if one.metric == "length_by_hand"]


@pytest.mark.parametrize("added", [False, True])
def test_undo_and_redo_measure_what_changed_and_say_what_a_whole_measuring_says(
    path, added, monkeypatch
):
    store = opened(path)
    store.renew(CT)
    if added:  # a lesion that comes and goes
        spare = np.roll(store.masks(CT)["T5"], 3, axis=0)
        store.write(CT, {"new": spare & ~store.masks(CT)["T5"]})
    else:
        store.write(CT, {"T4": less(store, "T4")})
    store.renew(CT)
    sized, measure_size = [], measure.measure_size

    def counted(mask):
        sized.append(mask)
        return measure_size(mask)

    monkeypatch.setattr(measure, "measure_size", counted)
    for word in ("undo", "redo", "undo"):
        coming = store.coming(word)
        assert coming is not None
        turned = store.turn(word, CT, coming.step).numbers
        assert turned.outdated
        with CaseFile.open(path, read_only=True) as case:
            whole = measure_exam(load_exam(case, CT))
            sized.clear()
            names = case.lesion_names(CT)
        assert turned.lesions == names
        for name in coming.step.lesions:
            # Sizes and own values are there at once; those against liver come with the rest.
            final = [row for row in whole.get(name, ()) if "liver" not in row.metric]
            assert [r for r in turned.rows_of(name) if "liver" not in r.metric] == final
        renewed = store.renew(CT).numbers
        assert not renewed.outdated
        assert sized == []  # no mask that was measured before, or just now
        for name in names:
            assert renewed.rows_of(name) == whole[name]
        assert renewed.rows_of("liver") == whole["liver"]


def test_two_windows_on_one_file_never_undo_each_other_unseen(path):
    first, second = opened(path), opened(path)
    own = first.write(CT, {"T4": less(first, "T4")}).numbers.steps.undo
    assert own is not None
    second.write(CT, {"T5": less(second, "T5")})
    with pytest.raises(CaseError, match="'edit lesion T5'"):
        first.turn("undo", CT, own)
    coming = first.coming("undo")
    assert coming is not None
    assert coming.step.lesions == ("T5",)
    done = first.turn("undo", CT, coming.step)
    assert done.elsewhere == ()
    np.testing.assert_array_equal(first.masks(CT)["T5"], opened(path).masks(CT)["T5"])
    assert first.turn("undo", CT, own).numbers.steps.undo is None
    # The second window learns of it before it writes, and is not allowed to write over it.
    refused = second.write(CT, {"T5": less(first, "T5")})
    assert isinstance(refused.failures["T5"], CaseError)


def test_a_step_of_another_exam_is_undone_from_here(path):
    other = opened(path, MR)
    other.write(MR, {"T4": less(other, "T4", MR)})
    store = opened(path, CT)
    step = store.load(CT).numbers.steps.undo
    assert isinstance(step, StepRow)
    assert step.exam_id == MR
    before = store.masks(CT)
    done = store.turn("undo", CT, step)
    assert done.numbers.exam_id == CT
    for name, mask in store.masks(CT).items():
        np.testing.assert_array_equal(mask, before[name])
    assert store.load(MR).numbers.steps.undo is None


def test_a_move_is_a_step_and_gives_the_numbers_of_a_script(path, tmp_path):
    with CaseFile.open(path, read_only=True) as case:
        script = case.copy_to(tmp_path / "script.liverseg")
        plain = case.measurements()
    store = opened(path)
    store.renew(CT)  # as a window does before the first edit
    key = find_series_key(script)
    written = store.move(CT, "T4", key, (4.0, -8.0, 5.0))
    assert written.numbers.moves == {"T4": {key: Translation((4.0, -8.0, 5.0))}}
    assert written.numbers.outdated
    now = {(row.phase, row.metric): row.value for row in written.numbers.rows_of("T4")}
    store.renew(CT)
    with CaseFile.open(script) as case:
        move_lesion(case, load_exam(case, CT), "T4", key, (4.0, -8.0, 5.0))
        by_script = case.measurements()
    with CaseFile.open(path, read_only=True) as case:
        assert case.measurements() == by_script != plain
    (mean,) = (
        row.value
        for row in by_script
        if (row.lesion, row.phase, row.metric, row.modality)
        == ("T4", "late_arterial", "mean", "CT")
    )
    assert now["late_arterial", "mean"] == mean  # at once, before all else was measured
    edited = store.write(CT, {"T4": less(store, "T4")})
    assert edited.numbers.moves == written.numbers.moves
    other = opened(path)
    step = other.write(CT, {"T5": less(other, "T5")}).numbers.steps.undo
    assert step is not None
    for _ in range(3):
        assert step is not None
        back = other.turn("undo", CT, step).numbers
        step = back.steps.undo
    assert back.moves == {}
    other.renew(CT)
    with CaseFile.open(path, read_only=True) as case:
        assert case.measurements() == plain
    with pytest.raises(InputError, match="reference"):
        store.move(CT, "T4", store.load(CT).exam.reference, (0.0, 0.0, 1.0))


def find_series_key(path: Path) -> str:
    with CaseFile.open(path, read_only=True) as case:
        return find_series(case, "T4", "arterial", exam_id=CT)[1]
