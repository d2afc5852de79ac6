"""A case whose images stay in a zip archive, one of them sheared on request."""

from __future__ import annotations

import zipfile

import dicom_factory as make
import numpy as np
import pytest

from liverseg.case import CaseFile
from liverseg.errors import CaseError
from liverseg.geometry import Label, LabelMap, Translation
from liverseg.ingest import GeometryPolicy, read_study
from liverseg.records import Exam, PhaseShift, SeriesVolume
from liverseg.workflow import load_exam


def test_images_in_an_archive_are_found_again_and_changed_alike(tmp_path):
    make.write_series(tmp_path / "in" / "a", make.ramp(4))
    make.write_series(
        tmp_path / "in" / "b", make.ramp(4, (6, 7)), step=(0.4, 0.6, 2.5),
        SeriesInstanceUID="1.2.3.66",
    )  # fmt: skip
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted((tmp_path / "in").rglob("f*")):
            packed.write(path, path.relative_to(tmp_path / "in"))
    study = read_study(archive, policy=GeometryPolicy(on_tilt="shear"))
    series = tuple(SeriesVolume(v.record, v.volume, v.call) for v in study.volumes)
    assert sum(one.record.resampling is not None for one in series) == 1
    reference = series[0].record
    liver = LabelMap(np.ones(reference.grid.shape, np.uint8), reference.grid, (Label(1, "liver"),))
    exam = Exam(
        exam_id="2015-06-01_CT",
        date="2015-06-01",
        modality="CT",
        reference=reference.key,
        series=series,
        shifts=tuple(PhaseShift(one.record.key, Translation()) for one in series),
        liver=liver,
        lesions=(),
    )
    with CaseFile.create(tmp_path / "case.liverseg", case="zip") as case:
        case.put_exam(exam)
        assert case.check_images(exam.exam_id) == ()
        again = load_exam(case, exam.exam_id)
        for before, after in zip(series, again.series, strict=True):
            assert after.record.resampling == before.record.resampling
            assert [s.path for s in after.record.slices] == [s.path for s in before.record.slices]
            assert np.array_equal(after.volume.array, before.volume.array)
        archive.unlink()
        assert len(case.check_images(exam.exam_id)) == 2
        with pytest.raises(CaseError, match=r"study\.zip!/"):
            load_exam(case, exam.exam_id)
