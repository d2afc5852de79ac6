"""The main job on one coarse exam: what goes in comes out, or nothing is left behind."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from liverseg.case import CaseFile
from liverseg.errors import InputError
from liverseg.interop import merge_labels, read_masks
from liverseg.workflow import CaseRequest, PlacedPath, case_request, run_case

OUTPUTS = [
    "case.liverseg",
    "comparison.json",
    "ledger.json",
    "measurements.csv",
    "measurements.parquet",
    "report.html",
]


@pytest.fixture
def request_mr(coarse_demo, tmp_path) -> CaseRequest:
    """The MR exam of the coarse demo with liver and one lesion, nothing else."""
    masks = coarse_demo / "masks" / "2015_MR"
    return case_request(
        [coarse_demo / "dicom" / "2015_MR"],
        tmp_path / "out",
        liver=[masks / "liver.dcm"],
        lesions=[masks / "lesions" / "T4.dcm"],
    )


def run(request: CaseRequest) -> CaseFile:
    return CaseFile.open(run_case(request), read_only=True)


def assert_nothing_left(request: CaseRequest) -> None:
    assert not request.out.exists()


def test_landmarks_divide_the_liver_as_the_map_does(coarse_demo, request_mr):
    masks = coarse_demo / "masks" / "2015_MR"
    points = PlacedPath(masks / "landmarks.yaml")
    with run(replace(request_mr, landmarks=(points,))) as case:
        stored = case.stored_exam("2015-06-03_MR")
        shares = [row for row in case.measurements(lesion="T4") if row.metric == "couinaud_share"]
    drawn = merge_labels(read_masks(masks / "couinaud.dcm"), where="couinaud")
    assert stored.couinaud is not None
    sizes = {stored.couinaud.name_of(v): int(stored.couinaud.mask(v).sum()) for v in range(1, 10)}
    expected = {drawn.name_of(v): int(drawn.mask(v).sum()) for v in drawn.values}
    assert sizes == expected
    best = max(shares, key=lambda row: row.value)
    assert (best.segment, best.value) == ("4", pytest.approx(1.0, abs=0.05))


def test_without_segments_and_findings_there_are_sizes_and_no_verdict(request_mr):
    told: list[float] = []
    path = run_case(request_mr, progress=lambda _, share: told.append(share))
    assert path == request_mr.out / "case.liverseg"
    assert sorted(p.name for p in request_mr.out.iterdir()) == OUTPUTS
    with CaseFile.open(path, read_only=True) as case:
        assert case.case == "out"  # called like its folder
        metrics = {row.metric for row in case.measurements(lesion="T4")}
        assert case.comparison() is None
    assert {"voxel_volume", "long_axis", "mean"} <= metrics
    assert "couinaud_share" not in metrics
    assert json.loads((request_mr.out / "comparison.json").read_text()) == []
    ledger = json.loads((request_mr.out / "ledger.json").read_text())
    assert (ledger["files"], ledger["used"]) == (39, 39)
    assert all(0.0 <= share <= 1.0 for share in told)


def test_a_named_case_and_a_phase_by_hand(request_mr):
    with run(replace(request_mr, case="patient 7", phases={"7": "delayed"})) as case:
        assert case.case == "patient 7"
        (call,) = case.stored_exam("2015-06-03_MR").calls.values()
        assert (str(call.phase), call.evidence) == ("delayed", "override")
        assert {row.phase for row in case.measurements(lesion="T4")} == {"delayed"}


def test_the_same_request_twice_needs_a_word(request_mr):
    run_case(request_mr)
    before = (request_mr.out / "report.html").read_bytes()
    with pytest.raises(InputError, match="--overwrite"):
        run_case(request_mr)
    assert (request_mr.out / "report.html").read_bytes() == before
    run_case(replace(request_mr, overwrite=True, case="again"))
    assert sorted(p.name for p in request_mr.out.iterdir()) == OUTPUTS
    with CaseFile.open(request_mr.out / "case.liverseg", read_only=True) as case:
        assert case.case == "again"


def test_an_unknown_phase_or_series_leaves_nothing(request_mr):
    for phases in ({"7": "noon"}, {"99": "delayed"}):
        with pytest.raises(InputError):
            run_case(replace(request_mr, phases=phases))
        assert_nothing_left(request_mr)


def test_a_findings_file_that_is_none_leaves_nothing(request_mr, tmp_path):
    findings = tmp_path / "findings.yaml"
    findings.write_text("title: only this\n")
    with pytest.raises(InputError, match="findings"):
        run_case(replace(request_mr, findings=findings))
    assert_nothing_left(request_mr)


def test_a_folder_without_images_says_what_it_holds(request_mr, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("text")
    with pytest.raises(InputError, match="no image series can be used"):
        run_case(replace(request_mr, paths=(tmp_path / "notes",)))
    assert_nothing_left(request_mr)


def test_two_patients_are_no_case(coarse_demo, request_mr, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for path in (coarse_demo / "dicom" / "2015_CT" / "04_ct_portal").iterdir():
        dataset = pydicom.dcmread(path)
        dataset.PatientID = "somebody"
        dataset.save_as(other / path.name)
    with pytest.raises(InputError, match="2 different patients"):
        run_case(replace(request_mr, paths=(*request_mr.paths, other)))
    assert_nothing_left(request_mr)


def test_a_failure_while_measuring_leaves_nothing(request_mr, monkeypatch):
    import liverseg.workflow.run as module

    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "measure_exam", broken)
    with pytest.raises(OSError, match="No space"):
        run_case(request_mr)
    assert_nothing_left(request_mr)


def test_the_liver_row_is_the_volume_of_its_mask(coarse_demo, request_mr):
    (liver,) = read_masks(Path(coarse_demo / "masks" / "2015_MR" / "liver.dcm"))
    counted_ml = np.count_nonzero(liver.labels.array) * 5.0 * 4.0 * 4.0 / 1000.0
    with run(request_mr) as case:
        rows = {row.metric: row for row in case.measurements(lesion="liver")}
    assert rows["voxel_volume"].value == pytest.approx(counted_ml, rel=1e-6)
    assert 1200.0 < counted_ml < 2000.0
