"""Lesions of a stored case changed, added and taken out; everything else follows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liverseg.case import CaseFile
from liverseg.errors import CaseError, EmptyLabelError, InputError
from liverseg.geometry import Mask
from liverseg.interop import uid_of
from liverseg.records import Exam, Verdict
from liverseg.workflow import (
    Ruler,
    add_lesion,
    load_exam,
    measure_exam,
    put_mask,
    remove_lesion,
    renew_case,
    renew_exam,
    reread_masks,
    take_out,
    update_lesion,
)

CT, MR = "2015-06-01_CT", "2015-06-03_MR"
VOXEL_ML = 5.0 * 4.0 * 4.0 / 1000.0


def half_of(exam: Exam, name: str) -> Mask:
    """The upper slices of a lesion."""
    mask = next(one.mask for one in exam.lesions if one.name == name).mask().copy()
    mask[: int(np.argwhere(mask)[:, 0].mean()) + 1] = False
    return mask


def cube(exam: Exam, *, size: int = 5) -> Mask:
    """A cube in the liver, away from the lesions."""
    mask = np.zeros(exam.liver.grid.shape, dtype=bool)
    middle = np.rint(exam.liver.grid.to_index((-95.0, -5.0, 10.0))).astype(int)
    mask[tuple(slice(n - size // 2, n - size // 2 + size) for n in middle)] = True
    assert exam.liver.mask()[mask].all()
    return mask


def values(case: CaseFile, exam_id: str = CT) -> dict[tuple[str, str, str, str], float]:
    date, _, modality = exam_id.rpartition("_")
    return {
        (row.lesion, row.phase, row.metric, row.segment): row.value
        for row in case.measurements()
        if (row.date, row.modality) == (date, modality)
    }


def verdict(case: CaseFile, claim_id: str) -> Verdict:
    comparison = case.comparison()
    assert comparison is not None
    return next(one.verdict for one in comparison.judgements if one.claim.id == claim_id)


def test_an_exam_comes_back_with_its_voxels_and_masks(case, exam):
    stored = case.stored_exam(CT)
    assert [item.record.key for item in exam.series] == [r.key for r in stored.records]
    assert (exam.reference, exam.date, exam.modality) == (stored.reference, "2015-06-01", "CT")
    liver = exam.by_key(exam.reference).volume.array[exam.liver.mask()]
    assert float(np.median(liver)) == pytest.approx(118.0, abs=2.0)
    assert [lesion.name for lesion in exam.lesions] == ["T4", "T5"]
    assert exam.structures is not None
    assert exam.couinaud is not None


def test_a_smaller_mask_gives_the_volume_of_its_voxels_and_leaves_other_sizes(case, exam):
    before = values(case)
    other_exam = values(case, MR)
    mask = half_of(exam, "T4")
    revision = case.revision
    edited = update_lesion(case, exam, "T4", mask)
    assert case.revision > revision
    after = values(case)
    key = ("T4", "portal_venous", "voxel_volume", "")
    assert after[key] == pytest.approx(np.count_nonzero(mask) * VOXEL_ML, rel=1e-9)
    assert after[key] < before[key]
    same = ("T5", "portal_venous", "voxel_volume", "")
    assert after[same] == before[same]
    assert values(case, MR) == other_exam
    lesion = next(one for one in edited.lesions if one.name == "T4")
    assert np.array_equal(lesion.mask.mask(), mask)
    assert np.array_equal(
        next(one for one in case.stored_exam(CT).lesions if one.name == "T4").mask.mask(), mask
    )
    assert lesion.tracking_uid == case.tracking_uid("T4")
    assert case.outdated() == ()


def test_the_views_of_a_changed_lesion_show_its_new_mask(case, exam):
    def drawn(name: str) -> int:
        views = [v for v in case.views(lesion=name) if v.exam_id == CT]
        return sum(int((view.labels == 1).sum()) for view in views)

    before, other = drawn("T4"), drawn("T5")
    update_lesion(case, exam, "T4", half_of(exam, "T4"))
    assert 0 < drawn("T4") < before
    assert drawn("T5") == other


def test_verdicts_follow(case, exam):
    assert verdict(case, "2") is Verdict.AGREES  # multiple liver metastases
    exam = remove_lesion(case, exam, "T5")
    assert [lesion.name for lesion in exam.lesions] == ["T4"]
    assert verdict(case, "2") is Verdict.CONFLICTS
    assert case.lesion_names(CT) == ("T4",)
    assert not [key for key in values(case) if key[0] == "T5"]
    assert [key for key in values(case, MR) if key[0] == "T5"]
    add_lesion(case, exam, "new", cube(exam))
    assert verdict(case, "2") is Verdict.AGREES


def test_a_new_lesion_has_the_uid_of_its_name_in_every_exam(case, exam):
    add_lesion(case, exam, "new", cube(exam))
    mr = load_exam(case, MR)
    add_lesion(case, mr, "new", cube(mr))
    uids = {
        lesion.tracking_uid
        for exam_id in (CT, MR)
        for lesion in case.stored_exam(exam_id).lesions
        if lesion.name == "new"
    }
    studies = {r.study_uid for exam_id in (CT, MR) for r in case.stored_exam(exam_id).records}
    assert uids == {uid_of(*sorted(studies), "new")}
    volume = values(case)["new", "portal_venous", "voxel_volume", ""]
    assert volume == pytest.approx(125 * VOXEL_ML, rel=1e-9)
    stored = next(one for one in case.stored_exam(CT).lesions if one.name == "new")
    assert (stored.drawn_on, stored.source) == (exam.reference, "drawn")


def test_a_name_that_was_taken_out_of_one_exam_keeps_its_uid(case, exam):
    uid = case.tracking_uid("T4")
    exam = remove_lesion(case, exam, "T4")
    exam = add_lesion(case, exam, "T4", cube(exam))
    assert next(one for one in exam.lesions if one.name == "T4").tracking_uid == uid


@pytest.mark.parametrize("name", ["", "  ", "liver", "T4"])
def test_names_that_cannot_be_given(case, exam, name):
    revision = case.revision
    with pytest.raises(InputError, match="cannot be called"):
        add_lesion(case, exam, name, cube(exam))
    assert case.revision == revision


def test_a_lesion_that_is_not_there(case, exam):
    with pytest.raises(InputError, match=r"no lesion T9 .* T4, T5"):
        update_lesion(case, exam, "T9", cube(exam))
    with pytest.raises(InputError, match="no lesion T9"):
        remove_lesion(case, exam, "T9")


@pytest.mark.parametrize("name", ["T4", "new"])
def test_nothing_drawn_changes_nothing(case, exam, name):
    before, revision = values(case), case.revision
    nothing = np.zeros(exam.liver.grid.shape, dtype=bool)
    change = update_lesion if name == "T4" else add_lesion
    with pytest.raises(EmptyLabelError, match=f"{name} would have no voxel left"):
        change(case, exam, name, nothing)
    assert (values(case), case.revision) == (before, revision)


def test_another_program_wrote_in_between(case, exam):
    seen = case.revision
    update_lesion(case, exam, "T4", half_of(exam, "T4"), revision=seen)
    before = values(case)
    for change in (
        lambda: update_lesion(case, exam, "T5", half_of(exam, "T5"), revision=seen),
        lambda: add_lesion(case, exam, "new", cube(exam), revision=seen),
        lambda: remove_lesion(case, exam, "T5", revision=seen),
    ):
        with pytest.raises(CaseError):
            change()
    assert values(case) == before
    assert case.lesion_names(CT) == ("T4", "T5")


def test_masks_are_read_again_without_the_voxels(case, exam):
    mask = half_of(exam, "T4")
    update_lesion(case, exam, "T4", mask)
    fresh = reread_masks(case, exam)
    assert fresh.series is exam.series
    assert np.array_equal(fresh.lesions[0].mask.mask(), mask)
    fewer = replace(exam, series=exam.series[:1])
    with pytest.raises(CaseError, match="other series"):
        reread_masks(case, fewer)


def test_images_that_have_gone_are_counted_and_the_first_is_named(case, monkeypatch):
    stored = case.stored_exam(CT)
    record = stored.records[0]
    slices = tuple(replace(s, path=f"/gone/{n}") for n, s in enumerate(record.slices))
    lost = replace(stored, records=(replace(record, slices=slices),))
    monkeypatch.setattr(case, "stored_exam", lambda _: lost)
    with pytest.raises(CaseError, match=f"{len(slices)} image files .* first /gone/0"):
        load_exam(case, CT)


def test_a_ruler_gives_the_numbers_of_a_fresh_measurement_to_the_last_digit(exam):
    ruler = Ruler()
    assert ruler.measure_now(exam, "T4") is None
    assert ruler.measure(exam) == measure_exam(exam)
    lesions = tuple(
        replace(one, mask=replace(one.mask, array=half_of(exam, "T4").astype(np.uint8)))
        if one.name == "T4"
        else one
        for one in exam.lesions
    )
    edited = replace(exam, lesions=lesions)
    at_once = ruler.measure_now(edited, "T4")
    fresh = measure_exam(edited)
    # Against the liver as it was: all but the comparisons with it are final.
    of_liver = {"liver_mean", "lesion_liver_difference", "lesion_liver_ratio"}
    assert [row for row in at_once if row.metric not in of_liver] == [
        row for row in fresh["T4"] if row.metric not in of_liver
    ]
    assert at_once != fresh["T4"]
    assert ruler.measure(edited) == fresh


def test_a_mask_alone_leaves_its_numbers_to_be_renewed(case, exam):
    before = values(case)
    edited = put_mask(case, exam, "T4", half_of(exam, "T4"))
    assert np.array_equal(case.stored_exam(CT).lesions[0].mask.mask(), half_of(exam, "T4"))
    assert values(case) == before
    assert (CT, "T4") in case.outdated()
    assert (CT, "T5") in case.outdated()  # T4 is left out of its liver
    renew_exam(case, edited, lesions=["T4"], revision=case.revision)
    assert case.outdated() == ()
    mine = {(row.lesion, row.metric): row.value for row in case.measurements(exam_id=CT)}
    theirs = [row for rows in measure_exam(edited).values() for row in rows]
    assert mine == {(row.lesion, row.metric): row.value for row in theirs}
    assert case.events()[-1].action == f"measure {CT}"


def test_after_a_sudden_end_between_mask_and_numbers_the_case_is_made_whole(case, exam):
    add_lesion(case, exam, "new", cube(exam))
    whole = values(case)
    take_out(case, load_exam(case, CT), "new")
    put_mask(case, load_exam(case, CT), "new", cube(exam))
    assert values(case) != whole
    assert renew_case(case) == (CT,)
    assert values(case) == whole
    assert renew_case(case) == ()


def test_renewing_can_be_stopped_and_writes_nothing_then(case, exam):
    edited = put_mask(case, exam, "T4", half_of(exam, "T4"))
    before, revision = values(case), case.revision

    def stop(text: str, _share: float) -> None:
        if text == "measuring T5":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        renew_exam(case, edited, progress=stop)
    assert (values(case), case.revision) == (before, revision)
    with pytest.raises(CaseError, match="another window"):
        renew_exam(case, edited, revision=revision - 1)
