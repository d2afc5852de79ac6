"""From a folder of DICOM without any mask to a case that can be drawn on."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from liverseg.case import CaseFile
from liverseg.errors import CaseError, InputError
from liverseg.geometry import Label, LabelMap
from liverseg.interop import write_nifti
from liverseg.workflow import (
    add_lesion,
    add_liver,
    find_study,
    load_exam,
    make_study_case,
    plan_exam,
    suggest_case_path,
    write_outputs,
)

CT, MR = "2015-06-01_CT", "2015-06-03_MR"


@pytest.fixture
def found(coarse_demo):
    return find_study(coarse_demo / "dicom", cache=False)


@pytest.fixture
def made(found, tmp_path) -> Path:
    return make_study_case(found, tmp_path / "new.liverseg")


def ball(exam, *, mm: float = 20.0) -> np.ndarray:
    """A ball in the middle of the reference grid."""
    grid = exam.liver.grid
    middle = grid.to_lps_mm((np.array(grid.shape) - 1) / 2)
    index = np.argwhere(np.ones(grid.shape, bool))
    inside = np.linalg.norm(grid.to_lps_mm(index) - middle, axis=1) <= mm / 2
    return inside.reshape(grid.shape)


def test_the_dynamic_set_is_guessed_with_reasons_and_can_be_overruled(found):
    plan = plan_exam(found, CT)
    phases = [str(plan.files.calls[key].phase) for key in plan.keys]
    assert phases == ["portal_venous", "late_arterial"]
    other = plan.keys[1]
    assert "acquired" in found.calls[other].reason
    changed = found.with_phase(other, "undetermined")
    assert len(plan_exam(changed, CT).keys) == 1
    assert "set by the user" in changed.calls[other].reason
    assert plan_exam(changed.with_phase(other, ""), CT).keys == plan.keys
    with pytest.raises(InputError, match="there is no exam 1999"):
        plan_exam(found, "1999")


def test_a_case_is_made_without_a_mask_and_lesions_can_be_drawn(made):
    with CaseFile.open(made) as case:
        assert case.outdated() == ()
        exam = load_exam(case, CT)
        assert exam.liver.is_empty
        assert len(exam.series) == 2
        add_lesion(case, exam, "one", ball(exam))
        rows = {row.metric: row for row in case.measurements(exam_id=CT, lesion="one")}
        assert rows["long_axis"].value == pytest.approx(20.0, abs=5.0)
        assert "mean" in rows
        assert "liver_mean" not in rows
        said = {doubt.reason for doubt in rows["mean"].doubts}
        assert "there is no liver mask" in said
        assert any("not aligned" in d.reason for shift in exam.shifts for d in shift.doubts)
        write_outputs(case, made.parent)
    assert "one" in (made.parent / "report.html").read_text(encoding="utf-8")


def test_the_first_picture_comes_before_all_is_read(made):
    seen = []
    with CaseFile.open(made, read_only=True) as case:
        exam = load_exam(case, CT, early=seen.append)
    assert [[item.record.key for item in early.series] for early in seen] == [[exam.reference]]
    assert len(exam.series) == 2


def test_a_liver_mask_given_later_makes_a_case_like_any_other(made, coarse_demo, tmp_path):
    with CaseFile.open(coarse_demo / "case.liverseg", read_only=True) as whole:
        stored = whole.stored_exam(CT)
        expected = {
            (row.phase, row.metric): row.value
            for row in whole.measurements(exam_id=CT, lesion="liver")
            if row.metric == "voxel_volume"
        }
    mask = write_nifti(stored.liver, tmp_path / "liver.nii.gz")
    with CaseFile.open(made) as case:
        exam = add_liver(case, load_exam(case, CT), mask)
        rows = {(r.phase, r.metric): r.value for r in case.measurements(lesion="liver")}
        assert rows["portal_venous", "voxel_volume"] == expected["portal_venous", "voxel_volume"]
        assert ("late_arterial", "mean") in rows
        assert [s.series_from_reference.offset_mm for s in exam.shifts] == [
            s.series_from_reference.offset_mm
            for key in (item.series_key for item in exam.shifts)
            for s in stored.shifts
            if s.series_key == key
        ]
        assert case.outdated() == ()
        grid = exam.liver.grid
        empty = LabelMap(np.zeros(grid.shape, np.uint8), grid, (Label(1, "x"),))
        nothing = write_nifti(empty, tmp_path / "e.nii")
        with pytest.raises(InputError, match="empty"):
            add_liver(case, exam, nothing)


def test_a_zip_opens_like_a_folder(coarse_demo, tmp_path):
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted((coarse_demo / "dicom").rglob("*")):
            if file.is_file():
                packed.write(file, file.relative_to(coarse_demo).as_posix())
    found = find_study(archive, cache=False)
    path = make_study_case(found, suggest_case_path(found), exams=[MR])
    assert path == tmp_path / "study.liverseg"
    with CaseFile.open(path, read_only=True) as case:
        assert case.exam_ids() == (MR,)
        assert load_exam(case, MR).series[0].volume.array.any()


def test_the_place_of_a_new_case_is_beside_the_images_and_free(found, tmp_path, monkeypatch):
    folder = found.paths[0]
    assert suggest_case_path(found) == folder.parent / "dicom.liverseg"
    (folder.parent / "dicom.liverseg").touch()
    try:
        assert suggest_case_path(found) == folder.parent / "dicom-2.liverseg"
    finally:
        (folder.parent / "dicom.liverseg").unlink()
    monkeypatch.setattr("liverseg.workflow.study_case.os.access", lambda *_: False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert suggest_case_path(found) == tmp_path / "dicom.liverseg"


def test_an_existing_case_is_kept_unless_one_says_otherwise(found, made):
    before = made.read_bytes()
    with pytest.raises(CaseError, match="already a file"):
        make_study_case(found, made)
    assert made.read_bytes() == before
    make_study_case(found, made, exams=[CT], overwrite=True)
    with CaseFile.open(made, read_only=True) as case:
        assert case.exam_ids() == (CT,)
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_what_holds_no_image_is_said_at_once(tmp_path):
    (tmp_path / "note.txt").write_text("nothing", encoding="utf-8")
    with pytest.raises(InputError, match="no image series can be used"):
        find_study(tmp_path, cache=False)
