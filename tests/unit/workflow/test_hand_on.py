"""Report, table and masks of a case into a folder: all files or none."""

from __future__ import annotations

import csv

import nibabel as nib
import numpy as np
import pydicom
import pytest

from liverseg.case import CaseFile
from liverseg.errors import InputError, InteropError
from liverseg.interop import read_masks
from liverseg.workflow import hand_on, planned_files

CT = "2015-06-01_CT"


@pytest.fixture
def case(coarse_case_file):
    with CaseFile.open(coarse_case_file, read_only=True) as opened:
        yield opened


@pytest.mark.parametrize("kind", ["report", "table", "nifti", "seg"])
def test_the_planned_files_are_written_and_no_other(case, tmp_path, kind):
    out = tmp_path / "out"
    planned = planned_files(case, kind, out, exam_id=CT)
    assert not out.exists()
    assert hand_on(case, kind, out, exam_id=CT) == planned
    assert sorted(out.iterdir()) == sorted(planned)
    with pytest.raises(InputError, match="already holds"):
        hand_on(case, kind, out, exam_id=CT)
    hand_on(case, kind, out, exam_id=CT, overwrite=True)
    assert sorted(out.iterdir()) == sorted(planned)


def test_masks_come_back_voxel_by_voxel(case, tmp_path):
    exam = case.stored_exam(CT)
    lesion = exam.lesions[0]
    hand_on(case, "nifti", tmp_path / "n", exam_id=CT)
    hand_on(case, "seg", tmp_path / "s", exam_id=CT)
    image = nib.load(tmp_path / "n" / f"{CT}_{lesion.name}.nii.gz")
    assert np.array_equal(np.asarray(image.dataobj).T, lesion.mask.array)
    path = tmp_path / "s" / f"{CT}_{lesion.name}.dcm"
    (mask,) = read_masks(path)
    assert np.count_nonzero(mask.labels.array) == np.count_nonzero(lesion.mask.array)
    assert pydicom.dcmread(path).SegmentSequence[0].TrackingUID == lesion.tracking_uid


def test_every_exam_unless_one_is_named(case, tmp_path):
    files = planned_files(case, "nifti", tmp_path)
    assert {file.name.rpartition("_")[0] for file in files} == set(case.exam_ids())


def test_the_table_holds_every_row(case, tmp_path):
    path, _ = hand_on(case, "table", tmp_path)
    with path.open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(case.measurements())


def test_what_cannot_be_handed_on_is_said_in_a_sentence(case, tmp_path):
    with pytest.raises(InputError, match="nothing is handed on as 'pdf'"):
        planned_files(case, "pdf", tmp_path)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(InputError, match="is a file, not a folder"):
        hand_on(case, "report", file)


def test_a_full_disk_leaves_nothing_behind(case, tmp_path, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("liverseg.workflow.handing_on.write_html", full)
    with pytest.raises(InteropError, match="No space left on device"):
        hand_on(case, "report", tmp_path / "out")
    assert not (tmp_path / "out").exists()
