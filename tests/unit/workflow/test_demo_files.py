"""The digital case as files, run once on coarse voxels: names, labels, truth, outputs."""

from __future__ import annotations

import json

import numpy as np
import pydicom
import pytest
from coarse_case import plan_coarse_case

from liverseg.case import CaseFile
from liverseg.couinaud import read_landmarks
from liverseg.errors import InputError
from liverseg.ingest import scan_folder
from liverseg.interop import read_masks
from liverseg.records import FileState
from liverseg.teach import LANDMARKS, plan_case
from liverseg.workflow import (
    Variant,
    demo,
    make_digital_case,
    report_content,
    run_demo,
    write_outputs,
)
from liverseg.workflow.demo import digital_request
from liverseg.workflow.phantom_files import _header, _Names

OUTPUTS = {
    "case.liverseg",
    "comparison.json",
    "ledger.json",
    "measurements.csv",
    "measurements.parquet",
    "report.html",
}
MADE = {"dicom", "masks", "truth.json"}


@pytest.fixture
def no_rendering(monkeypatch):
    """Fail at once where a phantom would be made."""

    def rendered(*_: object, **__: object) -> None:
        raise AssertionError("the phantom was made")

    monkeypatch.setattr(demo, "write_phantom", rendered)


@pytest.mark.parametrize("name", sorted(OUTPUTS | MADE))
def test_a_folder_with_an_earlier_output_is_refused_before_anything_is_made(
    tmp_path, no_rendering, name
):
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=f"already holds {name}") as caught:
        run_demo(tmp_path)
    assert "--overwrite" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_in_the_way_is_refused_before_anything_is_made(tmp_path, no_rendering):
    (tmp_path / "out").touch()
    for make in (run_demo, make_digital_case):
        with pytest.raises(InputError, match="is a file, not a folder"):
            make(tmp_path / "out")


def test_a_demo_that_fails_while_it_is_made_leaves_nothing(tmp_path, no_rendering):
    with pytest.raises(AssertionError, match="was made"):
        run_demo(tmp_path / "new" / "out")
    assert list(tmp_path.iterdir()) == []


def test_everything_is_there_and_nothing_else(coarse_demo):
    assert {path.name for path in coarse_demo.iterdir()} == OUTPUTS | MADE
    dicom = sorted(p.relative_to(coarse_demo).as_posix() for p in coarse_demo.glob("dicom/*/*"))
    assert dicom == [
        "dicom/2015_CT/03_ct_arterial",
        "dicom/2015_CT/04_ct_portal",
        "dicom/2015_MR/07_t1_hepatocyte",
    ]
    for exam in ("2015_CT", "2015_MR"):
        masks = coarse_demo / "masks" / exam
        names = {p.relative_to(masks).as_posix() for p in masks.rglob("*") if p.is_file()}
        assert names == {
            "liver.dcm", "couinaud.dcm", "structures.dcm", "landmarks.yaml",
            "lesions/T4.dcm", "lesions/T5.dcm",
        }  # fmt: skip


def test_every_file_says_that_it_shows_a_phantom(coarse_demo):
    paths = [p for p in coarse_demo.glob("dicom/*/*/*") if p.is_file()]
    assert len(paths) == 3 * 39
    for path in paths:
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        assert str(dataset.PatientName) == "Phantom^Liverseg"
        assert dataset.PatientID == "PHANTOM"
        assert dataset.StudyDescription.startswith("PHANTOM")
        assert "no patient" in dataset.ImageComments
        assert dataset.QualityControlImage == "YES"
    for path in coarse_demo.glob("masks/**/*.dcm"):
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        assert (dataset.PatientID, str(dataset.PatientName)) == ("PHANTOM", "Phantom^Liverseg")
        assert dataset.SeriesDescription.startswith("PHANTOM")


def test_the_series_tell_their_phase_and_share_a_frame_within_an_exam(coarse_demo):
    ledger = scan_folder(coarse_demo / "dicom")
    assert ledger.count(FileState.USED) == len(ledger.entries) == 117
    assert all(record.is_phantom and not record.doubts for record in ledger.series)
    arterial, portal, hepatocyte = ledger.series
    assert arterial.grid.frame_of_reference == portal.grid.frame_of_reference
    assert arterial.grid.frame_of_reference != hepatocyte.grid.frame_of_reference
    assert [record.facts.delay_s for record in ledger.series] == [36.0, 72.0, 1200.0]
    assert [record.facts.contrast_agent for record in ledger.series] == [
        "Iohexol", "Iohexol", "Gadoxetate disodium",
    ]  # fmt: skip
    assert arterial.facts.kvp == 120.0
    assert hepatocyte.facts.repetition_time_ms == 4.1


def test_headers_of_series_without_contrast_and_of_adc():
    names = _Names(Variant.RECONCILED, 3)
    ct, mr, recurrence, _ = plan_case()
    before = _header(ct, ct.series[0], names)
    assert (before.acquisition_time, before.date) == ("101800", "20150601")  # two minutes before
    assert not {key for key in before.more if key.startswith("Contrast")}
    plain = _header(recurrence, recurrence.reference, names)
    assert not {key for key in plain.more if key.startswith("Contrast")}
    adc = _header(mr, mr.series[-1], names)
    assert adc.more["ImageType"] == ["DERIVED", "PRIMARY", "ADC"]
    assert adc.more["RescaleType"] == "10-6 mm2/s"
    assert adc.more["ContrastBolusStartTime"] == "102000"
    assert len({before.frame_uid, plain.frame_uid, adc.frame_uid}) == 3
    assert _header(ct, ct.series[1], names).frame_uid == before.frame_uid


def test_masks_refer_to_the_reference_and_landmarks_are_those_of_the_body(coarse_demo):
    portal = next(r for r in scan_folder(coarse_demo / "dicom").series if r.number == 4)
    masks = coarse_demo / "masks" / "2015_CT"
    (lesion,) = read_masks(masks / "lesions" / "T4.dcm")
    assert (lesion.name, lesion.drawn_on) == ("T4", (portal.series_uid,))
    assert len(read_masks(masks / "couinaud.dcm")) == 9
    points = read_landmarks(masks / "landmarks.yaml").points
    assert dict(points) == dict(LANDMARKS.points)


def test_one_lesion_has_one_tracking_uid_in_all_exams(coarse_demo):
    def tracked(path):
        (item,) = pydicom.dcmread(path, stop_before_pixels=True).SegmentSequence
        return item.TrackingUID

    uids = {
        name: {tracked(p) for p in coarse_demo.glob(f"masks/*/lesions/{name}.dcm")}
        for name in ("T4", "T5")
    }
    assert [len(found) for found in uids.values()] == [1, 1]
    assert uids["T4"] != uids["T5"]


def test_the_truth_beside_the_files(coarse_demo):
    truth = json.loads((coarse_demo / "truth.json").read_text(encoding="utf-8"))
    assert (truth["variant"], truth["seed"]) == ("text", 7)
    ct, mr = truth["exams"]
    assert (ct["exam"], ct["reference"], ct["in_plane_mm"]) == ("2015_CT", "ct_portal", 4.0)
    t4 = ct["lesions"][0]
    assert (t4["name"], t4["segment"], t4["long_axis_mm"]) == ("T4", "4", 22.0)
    assert t4["max_3d_diameter_mm"] == 22.0
    assert t4["volume_ml"] == pytest.approx(4 / 3 * np.pi * 11 * 10 * 10 / 1000)
    assert mr["lesions"] == ct["lesions"]
    on_disk = {record.series_uid for record in scan_folder(coarse_demo / "dicom").series}
    assert {one["series_uid"] for exam in truth["exams"] for one in exam["series"]} == on_disk
    arterial, portal = ct["series"]
    assert portal["shift_mm"] == [0.0, 0.0, 0.0]
    assert 2.0 <= np.linalg.norm(arterial["shift_mm"]) <= 6.0
    assert set(arterial["part_means"]) == {"T4", "T5"}


def test_the_same_seed_gives_the_same_files_and_another_seed_other_series(
    coarse_demo, tmp_path, monkeypatch
):
    def plan_one_series(variant, *, seed):
        return plan_coarse_case(variant, seed=seed, names=("ct_portal", "t1_hepatocyte"))[:1]

    monkeypatch.setattr(demo, "plan_case", plan_one_series)
    told: list[float] = []
    make_digital_case(
        tmp_path / "same", variant=Variant.TEXT, seed=7, progress=lambda _, s: told.append(s)
    )
    assert told == sorted(told)
    assert 0.0 <= told[0] <= told[-1] <= 1.0
    place = "dicom/2015_CT/04_ct_portal"
    for path in sorted((tmp_path / "same" / place).iterdir()):
        assert path.read_bytes() == (coarse_demo / place / path.name).read_bytes()
    make_digital_case(tmp_path / "other", variant=Variant.TEXT, seed=8)
    (record,) = scan_folder(tmp_path / "other" / place).series
    (same,) = scan_folder(tmp_path / "same" / place).series
    assert record.series_uid != same.series_uid


def test_the_request_of_a_demo_names_every_mask(coarse_demo, monkeypatch):
    monkeypatch.setattr(demo, "plan_case", plan_coarse_case)
    asked = digital_request(coarse_demo, variant=Variant.TEXT)
    every = (*asked.liver, *asked.lesions, *asked.couinaud, *asked.structures)
    assert [len(asked.liver), len(asked.lesions)] == [2, 4]
    assert all(placed.path.is_file() and placed.series is None for placed in every)
    assert asked.case == "Phantom (text)"
    assert asked.findings is not None
    assert asked.findings.name == "findings.yaml"


def test_the_content_of_the_report_is_what_the_case_holds(coarse_demo):
    with CaseFile.open(coarse_demo / "case.liverseg", read_only=True) as case:
        content = report_content(case)
        measurements = case.measurements()
    assert (content.case, content.is_phantom) == ("Phantom (text)", True)
    assert [(exam.exam_id, len(exam.series)) for exam in content.exams] == [
        ("2015-06-01_CT", 2),
        ("2015-06-03_MR", 1),
    ]
    arterial, portal = content.exams[0].series
    assert (arterial.phase, portal.phase) == ("late_arterial", "portal_venous")
    assert (portal.is_reference, portal.shift_mm) == (True, (0.0, 0.0, 0.0))
    truth = json.loads((coarse_demo / "truth.json").read_text(encoding="utf-8"))
    planted = truth["exams"][0]["series"][0]["shift_mm"]
    assert np.linalg.norm(np.subtract(arterial.shift_mm, planted)) <= 1.0
    assert arterial.residual_mm is not None
    assert arterial.spacing_mm == pytest.approx((5.0, 4.0, 4.0))
    assert content.measurements == measurements
    assert content.comparison is not None
    assert len(content.comparison.judgements) == 20
    assert len(content.doubts) == len(set(content.doubts))


def test_outputs_made_again_from_the_case_are_the_same(coarse_demo, tmp_path):
    with CaseFile.open(coarse_demo / "case.liverseg", read_only=True) as case:
        write_outputs(case, tmp_path)
    for name in ("measurements.csv", "comparison.json", "report.html"):
        assert (tmp_path / name).read_bytes() == (coarse_demo / name).read_bytes(), name


def test_a_case_without_findings_has_an_empty_comparison(tmp_path):
    with CaseFile.create(tmp_path / "bare.liverseg", case="bare") as case:
        out = tmp_path / "out"
        out.mkdir()
        write_outputs(case, out)
        content = report_content(case)
    assert json.loads((out / "comparison.json").read_text()) == []
    assert (content.comparison, content.findings_title, content.exams) == (None, "", ())
    assert content.is_phantom is False
