"""A changed mask: the numbers in the case file are those of a run with that mask."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pytest

from liverseg.case import CaseFile
from liverseg.errors import CaseError, EmptyLabelError, InputError
from liverseg.interop import write_nifti
from liverseg.workflow import (
    add_lesion,
    case_request,
    load_exam,
    measure_masks,
    parse_placed_path,
    remove_lesion,
    run_case,
    update_lesion,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def case(ircad_case, tmp_path):
    copy = tmp_path / "case.liverseg"
    shutil.copy(ircad_case, copy)
    with CaseFile.open(copy) as opened:
        yield opened


def eroded(exam, name):
    lesion = next(item for item in exam.lesions if item.name == name)
    mask = lesion.mask.mask().copy()
    mask[:, :, mask.any(axis=(0, 1)).nonzero()[0][:12]] = False
    return mask


def plain(rows):
    return sorted(
        (r.lesion, r.phase, r.metric, r.segment, r.series_uid, r.value, r.lower, r.upper)
        for r in rows
    )


def test_an_edit_gives_the_numbers_of_a_run_with_the_same_mask(case, shared_data, tmp_path):
    exam = load_exam(case, case.exam_ids()[0])
    before = case.measurements(lesion="livertumor1")
    exam = update_lesion(case, exam, "livertumor1", eroded(exam, "livertumor1"))
    after = case.measurements()
    assert plain(before) != plain(case.measurements(lesion="livertumor1"))
    assert case.outdated() == ()

    lesion = next(item for item in exam.lesions if item.name == "livertumor1")
    mask = write_nifti(lesion.mask, tmp_path / "livertumor1.nii.gz")
    ircad = shared_data / "ircad17"
    again = run_case(
        case_request(
            [ircad / "PATIENT_DICOM"],
            tmp_path / "again",
            liver=[ircad / "MASKS_DICOM" / "liver"],
            lesions=[mask, ircad / "MASKS_DICOM" / "livertumor2"],
            couinaud=[ircad / "couinaud_3Dircadb-17.nii.gz"],
        )
    )
    with CaseFile.open(again) as other:
        assert plain(after) == plain(other.measurements())

    lone = measure_masks([parse_placed_path(str(mask))])
    size = {row.metric: row.value for row in lone}
    stored = {r.metric: r.value for r in after if r.lesion == "livertumor1" and r.metric in size}
    # A grid read from NIfTI is the same up to the last digit.
    assert stored == pytest.approx(size, rel=1e-12)


def test_a_new_lesion_is_measured_and_can_be_taken_out(case):
    exam = load_exam(case, case.exam_ids()[0])
    mask = np.zeros(exam.liver.grid.shape, dtype=bool)
    middle = [int(n) for n in np.argwhere(exam.liver.array)[100_000]]
    mask[tuple(slice(n - 4, n + 5) for n in middle)] = True
    exam = add_lesion(case, exam, "new", mask)
    assert {r.metric for r in case.measurements(lesion="new")} >= {"voxel_volume", "mean"}
    assert case.views(lesion="new")
    with pytest.raises(InputError, match="new"):
        add_lesion(case, exam, "new", mask)
    exam = remove_lesion(case, exam, "new")
    assert case.measurements(lesion="new") == ()
    assert "new" not in case.lesion_names(exam.exam_id)
    with pytest.raises(InputError, match="new"):
        remove_lesion(case, exam, "new")


def test_nothing_changes_when_nothing_is_drawn(case):
    exam = load_exam(case, case.exam_ids()[0])
    revision = case.revision
    with pytest.raises(EmptyLabelError, match="livertumor1"):
        update_lesion(case, exam, "livertumor1", np.zeros(exam.liver.grid.shape, dtype=bool))
    with pytest.raises(InputError, match="nobody"):
        update_lesion(case, exam, "nobody", exam.liver.mask())
    assert case.revision == revision


def test_images_that_have_gone_are_named(case, monkeypatch):
    stored = case.stored_exam(case.exam_ids()[0])
    record = stored.records[0]
    lost = dataclasses.replace(
        record,
        slices=tuple(
            dataclasses.replace(s, path=f"/gone/{n}") for n, s in enumerate(record.slices)
        ),
    )
    monkeypatch.setattr(case, "stored_exam", lambda _: dataclasses.replace(stored, records=(lost,)))
    with pytest.raises(CaseError, match="/gone/0"):
        load_exam(case, stored.exam_id)
