"""Each command's exit code and what it prints."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from dicom_factory import ramp, write_series

from liverseg.case import CaseFile
from liverseg.cli import open_case
from liverseg.geometry import Grid, LabelMap
from liverseg.interop import write_nifti

VERDICTS = ("agrees", "partly", "borderline", "conflicts", "not assessable")


@pytest.fixture
def mixed(tmp_path) -> Path:
    """A CT series, a report, a text file and a broken image."""
    folder = tmp_path / "mixed"
    write_series(
        folder / "ct",
        ramp(5),
        SeriesDescription="Liver portal venous",
        SeriesNumber=4,
        AcquisitionTime="102112",
        ContrastBolusStartTime="102000",
        ContrastBolusAgent="Iohexol",
    )
    (folder / "notes.txt").write_text("nothing to see")
    (folder / "cut.dcm").write_bytes((folder / "ct" / "f000").read_bytes()[:300])
    return folder


@pytest.fixture
def block(tmp_path) -> Path:
    """A lesion of 3 x 4 x 5 voxels of 2 x 1 x 1.5 mm: 0.18 ml."""
    array = np.zeros((8, 9, 10), dtype=np.uint8)
    array[2:5, 3:7, 2:7] = 1
    grid = Grid.axial(array.shape, (2.0, 1.0, 1.5))
    return write_nifti(LabelMap(array, grid), tmp_path / "L1.nii.gz")


def test_scan_as_json_counts_every_file_once(liverseg, mixed):
    done = liverseg("scan", mixed, "--json")
    assert (done.code, done.err) == (0, "")
    ledger = json.loads(done.out)
    states = [entry["state"] for entry in ledger["entries"]]
    assert ledger["files"] == len(states) == 7
    for state in ("used", "split", "skipped", "refused"):
        assert ledger[state] == states.count(state)
    assert ledger["used"] == 5
    assert ledger["skipped"] + ledger["refused"] == 2
    assert {entry["path"] for entry in ledger["entries"]} >= {"notes.txt", "cut.dcm", "ct/f000"}
    assert all(entry["reason"] for entry in ledger["entries"])
    (series,) = ledger["series"]
    assert (series["slices"], series["description"]) == (5, "Liver portal venous")


def test_scan_as_a_table(liverseg, mixed):
    done = liverseg("scan", mixed)
    assert (done.code, done.err) == (0, "")
    assert re.search(r"2015-06-01 +│ CT +│ 4 Liver portal venous +│ portal_venous", done.out)
    assert "2.5 x 0.8 x 0.7" in done.out
    (line,) = [text for text in done.out.splitlines() if text.startswith("7 files: ")]
    counts = [int(number) for number in re.findall(r"(\d+) (?:used|split|skipped|refused)", line)]
    assert len(counts) == 4
    assert sum(counts) == 7


def test_scan_of_a_folder_without_images_lists_the_reasons(liverseg, tmp_path):
    (tmp_path / "a.txt").write_text("text")
    done = liverseg("scan", tmp_path)
    assert done.code == 0
    assert "Volumes" not in done.out
    assert "1 files: 0 used, 0 split, 1 skipped, 0 refused" in done.out


def test_scan_says_by_what_a_series_was_split(liverseg, tmp_path):
    for time in (1, 2):
        write_series(
            tmp_path / str(time), ramp(4), AcquisitionNumber=time, AcquisitionTime=f"10200{time}"
        )
    done = liverseg("scan", tmp_path)
    assert "(split by" in done.out
    assert "8 files: 0 used, 8 split, 0 skipped, 0 refused" in done.out


def test_measure_as_json(liverseg, block):
    done = liverseg("measure", "--lesion", block, "--json")
    assert (done.code, done.err) == (0, "")
    rows = {row["metric"]: row for row in json.loads(done.out)}
    assert rows["voxel_volume"]["value"] == pytest.approx(0.18)
    assert rows["voxel_volume"]["unit"] == "ml"
    assert {row["lesion"] for row in rows.values()} == {"L1"}
    assert all(value not in ("", None, []) for row in rows.values() for value in row.values())


def test_measure_as_a_table(liverseg, block):
    done = liverseg("measure", "--lesion", block)
    assert (done.code, done.err) == (0, "")
    assert re.search(r"L1 +│ +│ voxel_volume +│ 0\.18 +│ ml", done.out)
    assert re.search(r"long_axis +│ \S+ +│ mm +│ \S+ to \S+", done.out)


def test_measure_with_images_and_liver(liverseg, coarse_demo):
    masks = coarse_demo / "masks" / "2015_MR"
    done = liverseg(
        "measure", "--lesion", masks / "lesions" / "T4.dcm", "--liver", masks / "liver.dcm",
        "--image", coarse_demo / "dicom" / "2015_MR", "--json",
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    rows = json.loads(done.out)
    assert {row["phase"] for row in rows} == {"hepatobiliary"}
    assert {row["unit"] for row in rows if row["metric"] == "mean"} == {"au"}


def test_compare_prints_every_statement_and_a_sum(liverseg, coarse_demo):
    case = coarse_demo / "case.liverseg"
    as_json = json.loads(liverseg("compare", case, "--json").out)
    assert as_json == json.loads((coarse_demo / "comparison.json").read_text(encoding="utf-8"))
    done = liverseg("compare", case)
    assert (done.code, done.err) == (0, "")
    assert sorted(set(map(int, re.findall(r"^│ +(\d+) │", done.out, re.MULTILINE)))) == [
        *range(1, 21)
    ]
    (line,) = [text for text in done.out.splitlines() if text.startswith("20 statements: ")]
    counts = {word: int(re.search(rf"(\d+) {word}", line)[1]) for word in VERDICTS}
    assert sum(counts.values()) == 20
    assert re.search(r"\d+ contradictions inside the report", line)


def test_compare_with_other_findings(liverseg, coarse_demo, tmp_path):
    findings = tmp_path / "findings.yaml"
    findings.write_text(
        "title: mine\nsource: nowhere\nfindings:\n"
        "  - {id: 1, statement: two lesions on CT, source: text, place: page 1, date: 2015,\n"
        "     modality: CT, test: {rule: count, at_least: 2}}\n"
        "  - {id: 2, statement: five lesions on CT, source: text, place: page 1, date: 2015,\n"
        "     modality: CT, test: {rule: count, at_least: 5}}\n"
    )
    before = (coarse_demo / "case.liverseg").read_bytes()
    done = liverseg("compare", coarse_demo / "case.liverseg", "--findings", findings)
    assert done.code == 0
    assert "mine: reported and measured" in done.out
    assert "2 statements: 1 agrees, 0 partly, 0 borderline, 1 conflicts" in done.out
    assert (coarse_demo / "case.liverseg").read_bytes() == before


def test_report_beside_the_case_and_elsewhere(liverseg, coarse_demo, coarse_case_file, tmp_path):
    done = liverseg("report", coarse_case_file)
    assert (done.code, done.out) == (0, f"report: {tmp_path / 'report.html'}\n")
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == [
        "case.liverseg", "comparison.json", "measurements.csv", "measurements.parquet",
        "report.html",
    ]  # fmt: skip
    assert liverseg("report", coarse_case_file, "-o", tmp_path / "new" / "out").code == 0
    for name in ("report.html", "measurements.csv", "comparison.json"):
        remade = (tmp_path / "new" / "out" / name).read_bytes()
        assert remade == (tmp_path / name).read_bytes() == (coarse_demo / name).read_bytes()


def test_run_prints_the_outcome(liverseg, coarse_demo, tmp_path):
    masks = coarse_demo / "masks" / "2015_MR"
    out = tmp_path / "out"
    findings = tmp_path / "findings.yaml"
    findings.write_text(
        "title: mine\nsource: nowhere\nfindings:\n"
        "  - {id: 1, statement: in segment 4, source: text, place: page 1, date: 2015,\n"
        "     modality: MR, sites: [4], test: {rule: site_set}}\n"
    )
    done = liverseg(
        "run", coarse_demo / "dicom" / "2015_MR", "--liver", masks / "liver.dcm",
        "--lesion", masks / "lesions" / "T4.dcm", "--landmarks", masks / "landmarks.yaml",
        "--structures", masks / "structures.dcm", "--findings", findings,
        "--phase", "7=hepatobiliary", "--case", "number 7", "-o", out,
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    assert "1 statements: 1 agrees" in done.out
    assert "1 exams, 1 lesions measured" in done.out
    assert f"report: {out / 'report.html'}" in done.out
    assert "diagnos" in done.out  # what it is not made for
    with CaseFile.open(out / "case.liverseg", read_only=True) as case:
        assert (case.case, case.lesion_names("2015-06-03_MR")) == ("number 7", ("T4",))
    with (out / "measurements.csv").open(encoding="utf-8") as file:
        assert {row["lesion"] for row in csv.DictReader(file)} == {"T4", "liver"}


def test_open_hands_the_case_to_the_viewer(liverseg, coarse_case_file, monkeypatch):
    seen = []

    class Viewer:
        name = "a viewer"

        def load(self):
            return lambda path, *, exam_id: seen.append((path, exam_id))

    monkeypatch.setattr(open_case, "entry_points", lambda *, group: [Viewer()])
    assert liverseg("open", coarse_case_file, "--exam", "2015-06-03_MR").code == 0
    assert seen == [(coarse_case_file, "2015-06-03_MR")]


@pytest.mark.parametrize("command", ["scan", "run", "measure", "compare", "report", "open", "demo"])
def test_help_of_a_command_says_what_it_does(liverseg, command):
    done = liverseg(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert f"liverseg {command}" in done.out
    assert command in liverseg("-h").out


def test_without_a_command_there_is_help(liverseg):
    done = liverseg()
    assert "Usage" in done.out + done.err
    assert "scan" in done.out + done.err


def test_the_module_runs_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "liverseg", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"liverseg {version('liverseg')}"
    assert done.stderr == ""


@pytest.mark.parametrize("path", ["folder", None])
def test_open_takes_a_study_or_nothing(liverseg, coarse_demo, monkeypatch, path):
    shown = []

    class Viewer:
        name = "test"

        def load(self):
            return lambda where, *, exam_id: shown.append((where, exam_id))

    monkeypatch.setattr(open_case, "entry_points", lambda *, group: [Viewer()])
    where = None if path is None else coarse_demo / "dicom"
    arguments = ["open"] if where is None else ["open", where]
    assert liverseg(*arguments).code == 0
    assert shown == [(where, None)]


def test_open_says_what_cannot_be_opened(liverseg, tmp_path):
    done = liverseg("open", tmp_path / "gone")
    assert (done.code, "there is no file or folder" in done.err) == (2, True)
    done = liverseg("open", tmp_path)
    assert (done.code, "there is no DICOM file" in done.err) == (2, True)
