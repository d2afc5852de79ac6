"""No output of the program names the patient: a search over every byte, packed ones unpacked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import patient_files as given
import pytest
from patient_search import every_byte, named_folder, named_in
from unit.cli.program import Program, program_of

from liverseg.case import CaseFile
from liverseg.ingest import read_volume, scan_folder
from liverseg.workflow import load_exam


@pytest.fixture
def liverseg(monkeypatch, capsys, tmp_path) -> Program:
    monkeypatch.setenv("LIVERSEG_CACHE", str(tmp_path / "cache"))
    return program_of(monkeypatch, capsys)


@pytest.fixture
def folder(tmp_path) -> Path:
    return named_folder(tmp_path)


def run_it(liverseg: Program, folder: Path, out: Path, *more: str) -> Path:
    mask = next((folder / "masks").glob("*tumour.nii.gz"))
    done = liverseg(
        "run", folder / "dicom", "--liver", folder / "masks/liver.nii.gz",
        "--lesion", mask, "--phase", "3=late_arterial", "-o", out, *more,
    )  # fmt: skip
    assert done.code == 0, done
    return out


def test_the_input_of_these_tests_names_the_patient(folder):
    assert {given.NAME, given.BIRTH_DATE, given.PATIENT_ID} <= set(named_in(every_byte(folder)))


def test_no_output_of_scan_run_report_and_measure_names_the_patient(liverseg, folder, tmp_path):
    scanned = liverseg("scan", "--json", "--parquet", tmp_path / "rows.parquet", folder)
    assert scanned.code == 0
    shown = liverseg("scan", folder)
    out = run_it(liverseg, folder, tmp_path / "out")
    again = liverseg("report", out / "case.liverseg", "-o", tmp_path / "again")
    mask = next((folder / "masks").glob("*tumour*"))
    measured = liverseg(
        "measure", "--lesion", f"{mask}@3", "--image", folder / "dicom",
        "--liver", f"{folder / 'masks/liver.nii.gz'}@3", "--json",
    )  # fmt: skip
    assert (again.code, measured.code) == (0, 0), (again, measured)
    for printed in (scanned, shown, measured):
        assert named_in((printed.out + printed.err).encode()) == []
    written = every_byte(out) + every_byte(tmp_path / "again") + every_byte(tmp_path / "cache")
    assert named_in(written + (tmp_path / "rows.parquet").read_bytes()) == []
    ledger = json.loads((out / "ledger.json").read_text())
    assert len({entry["path"] for entry in ledger["entries"]}) == ledger["files"] == 40
    assert {one["description"] for one in ledger["series"]} == {
        "Leber arteriell [hidden] *[hidden]",
        "Leber portalvenös [hidden] *[hidden]",
    }


def test_a_remembered_scan_hides_as_well_as_the_first(liverseg, folder):
    for path in folder.rglob("*.dcm"):
        path.touch()
    first = liverseg("scan", "--json", folder)
    assert liverseg("scan", "--json", folder).out == first.out
    assert named_in(first.out.encode()) == []


def test_images_are_found_again_behind_a_hidden_path(liverseg, folder, tmp_path):
    out = run_it(liverseg, folder, tmp_path / "out")
    with CaseFile.open(out / "case.liverseg", read_only=True) as case:
        records = case.stored_exam(case.exam_ids()[0]).records
    truth = {one.series_uid: one for one in scan_folder(folder / "dicom").series}
    for record in records:
        assert [s.path for s in record.slices] == [s.path for s in truth[record.series_uid].slices]
        assert np.array_equal(
            read_volume(record).array, read_volume(truth[record.series_uid]).array
        )


def test_a_case_that_is_written_again_stays_without_the_name(liverseg, folder, tmp_path):
    case = run_it(liverseg, folder, tmp_path / "out") / "case.liverseg"
    with CaseFile.open(case) as opened:
        for exam_id in opened.exam_ids():
            opened.put_exam(load_exam(opened, exam_id))
    assert named_in(every_byte(tmp_path / "out")) == []


def test_identifiers_are_shown_when_asked(liverseg, folder, tmp_path):
    scanned = liverseg("scan", "--json", "--with-identifiers", folder)
    (patient,) = {one["patient"] for one in json.loads(scanned.out)["series"]}
    assert patient == f"{given.PATIENT_ID} ({given.NAME}^{given.GIVEN})"
    assert given.NAME in liverseg("scan", "--with-identifiers", folder).out
    assert not list(Path(tmp_path / "cache").glob("*.zst"))
    out = run_it(liverseg, folder, tmp_path / "out", "--with-identifiers")
    assert {given.NAME, given.PATIENT_ID} <= set(named_in(every_byte(out)))


def test_two_exams_of_one_patient_stay_together_without_her_name(tmp_path):
    for series, day in ((3, "20150601"), (4, "20160601")):
        given.write_patient(
            tmp_path / str(series),
            series=series,
            StudyDate=day,
            StudyInstanceUID=f"1.2.{series}",
            SeriesInstanceUID=f"1.2.{series}.1",
        )
    patients = {record.patient for record in scan_folder(tmp_path).series}
    assert len(patients) == 1
    assert given.PATIENT_ID not in patients.pop()
