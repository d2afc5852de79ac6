"""`liverseg deidentify`: a folder in, a folder out, every file accounted for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import patient_files as given
import pyarrow.parquet as pq
import pytest
from dicom_factory import dcmread, ramp, save
from pydicom.fileset import FileSet
from unit.cli.program import Program, assert_one_line, program_of

from liverseg.geometry import Label, LabelMap
from liverseg.ingest import read_study, scan_folder
from liverseg.interop import SegHeader, uid_of, write_seg

SECRETS = (*given.SECRETS, given.STUDY_UID)


@pytest.fixture
def liverseg(monkeypatch, capsys) -> Program:
    monkeypatch.delenv("LIVERSEG_DEIDENTIFY_KEY", raising=False)
    return program_of(monkeypatch, capsys)


@pytest.fixture
def key(tmp_path) -> Path:
    path = tmp_path / "key.txt"
    path.write_text("0123456789abcdef0123456789abcdef\n")
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two series, a note, a copy, a picture with a name in it, and a damaged file."""
    root = tmp_path / f"{given.NAME}_{given.GIVEN}"
    for series in (3, 4):
        given.write_patient(
            root / str(series),
            series=series,
            SeriesInstanceUID=f"{given.STUDY_UID}.{series}",
            SeriesDescription=("Leber arteriell", "Leber portalvenös")[series - 3],
        )
    (root / "note.txt").write_text(f"call {given.NAME}")
    first = next((root / "3").iterdir())
    (root / "copy.dcm").write_bytes(first.read_bytes())
    (root / "cut.dcm").write_bytes(first.read_bytes()[:-20])
    screen = given.patient_slice(
        ramp(1)[0], position=(0, 0, 0), BurnedInAnnotation="YES", SOPInstanceUID="1.2.3.99"
    )
    save(screen, root / "screen.dcm")
    return root


def files_of(out: Path) -> list[Path]:
    return sorted(path for path in out.rglob("*") if path.is_file())


def named_in(out: Path) -> list[tuple[str, str]]:
    """Secrets in the bytes and the names of all files."""
    return [
        (path.name, secret)
        for path in files_of(out)
        for secret in SECRETS
        if secret.lower().encode() in path.read_bytes().lower()
        or secret.lower() in str(path.relative_to(out)).lower()
    ]


def test_every_file_is_accounted_for_and_nothing_names_the_patient(liverseg, folder, tmp_path):
    out = tmp_path / "out"
    done = liverseg("deidentify", folder, "-o", out, "--json")
    assert done.code == 0, done
    report = json.loads(done.out)
    counts = (report["written"], report["skipped"], report["refused"])
    assert counts == (12, 2, 2)
    assert sum(counts) == report["files"] == 16
    assert (report["patients"], report["studies"], report["series"]) == (1, 1, 2)
    assert {row["reason"] for row in report["not_written"]} == {
        "is not a DICOM file",
        "is a copy of a file that was written",
        "says that text is burned into its pixels (BurnedInAnnotation YES)",
        "damaged: it is cut short, a value ends before its stated length",
    }
    assert json.loads((out / "privacy_report.json").read_text()) == report
    assert "entries" not in report
    assert named_in(out) == []
    assert not [secret for secret in SECRETS if secret in done.out + done.err]
    assert len(list((out / "dicom").rglob("*.dcm"))) == 12


def test_the_report_tells_what_was_done_without_old_values(liverseg, folder, tmp_path):
    out = tmp_path / "out"
    shown = liverseg("deidentify", folder, "-o", out)
    text = (out / "privacy_report.txt").read_text()
    assert "16 files: 12 written, 2 skipped, 2 refused" in text
    assert "16 files: 12 written, 2 skipped, 2 refused" in shown.out
    actions = {(a["attribute"], a["action"]): a["count"] for a in json.loads(
        (out / "privacy_report.json").read_text())["actions"]}  # fmt: skip
    assert actions["PatientName", "replaced by a pseudonym"] == 12
    assert actions["PatientBirthDate", "emptied"] == 12
    assert actions["private attribute", "removed"] == 36
    assert actions["SeriesDescription", "cleaned"] == 12
    assert actions["SoftwareVersions", "replaced: it repeated a removed value"] == 12


def test_the_output_reads_like_the_input(liverseg, folder, tmp_path, key):
    out = tmp_path / "out"
    assert liverseg("deidentify", folder, "-o", out, "--key", key).code == 0
    before, after = read_study([folder / "3", folder / "4"]), read_study(out)
    assert len(before.volumes) == len(after.volumes) == 2
    for one, other in zip(before.volumes, after.volumes, strict=True):
        assert np.array_equal(one.array, other.array)
        assert np.array_equal(one.grid.lps_from_index, other.grid.lps_from_index)
        assert one.phase is other.phase
        assert one.series_uid != other.series_uid
    grids = {volume.grid.frame_of_reference for volume in after.volumes}
    assert len(grids) == 1
    assert given.STUDY_UID not in grids.pop()


def test_one_key_gives_the_same_output_in_two_runs_and_another_key_another(
    liverseg, folder, tmp_path, key
):
    other_key = tmp_path / "other.txt"
    other_key.write_text("another key, long enough for this")
    for name, file in (("a", key), ("b", key), ("c", other_key)):
        assert liverseg("deidentify", folder, "-o", tmp_path / name, "--key", file).code == 0
    a, b, c = ([p.read_bytes() for p in files_of(tmp_path / n / "dicom")] for n in "abc")
    assert a == b
    (one, *_), (other, *_) = files_of(tmp_path / "a/dicom"), files_of(tmp_path / "c/dicom")
    mine, theirs = dcmread(one), dcmread(other)
    for keyword in ("StudyInstanceUID", "SOPInstanceUID", "PatientID", "StudyDate"):
        assert mine[keyword].value != theirs[keyword].value
    assert mine.StudyDate not in ("", "20150601")
    assert a != c


def test_without_a_key_two_runs_cannot_be_related_and_dates_go(liverseg, folder, tmp_path):
    for name in "ab":
        assert liverseg("deidentify", folder, "-o", tmp_path / name).code == 0
    one, other = (dcmread(files_of(tmp_path / n / "dicom")[0]) for n in "ab")
    assert one.StudyInstanceUID != other.StudyInstanceUID
    assert one.StudyDate == ""


@pytest.mark.parametrize(
    ("options", "date"),
    [
        (("--keep-dates",), "20150601"),
        (("--shift-dates", "-31"), "20150501"),
        (("--shift-dates", "1"), "20150602"),
        (("--remove-dates",), ""),
    ],
)
def test_dates_are_what_was_asked_for(liverseg, folder, tmp_path, key, options, date):
    out = tmp_path / "out"
    assert liverseg("deidentify", folder, "-o", out, "--key", key, *options).code == 0
    assert {dcmread(path).StudyDate for path in (out / "dicom").rglob("*.dcm")} == {date}


def test_the_map_back_is_written_on_request_alone(liverseg, folder, tmp_path, key):
    out, way_back = tmp_path / "out", tmp_path / "map.json"
    done = liverseg("deidentify", folder, "-o", out, "--key", key, "--write-map", way_back)
    assert done.code == 0
    content = json.loads(way_back.read_text())
    (patient,) = content["patients"]
    assert patient["patient"] == [given.PATIENT_ID]
    assert content["uids"][given.STUDY_UID].startswith("2.25.")
    assert len(content["files"]) == 12
    assert way_back.stat().st_mode & 0o077 == 0
    assert named_in(out) == []
    assert {path.name for path in tmp_path.iterdir()} == {folder.name, "key.txt", "out", "map.json"}


def test_pictures_with_text_are_written_when_asked_with_a_warning(liverseg, folder, tmp_path):
    done = liverseg("deidentify", folder, "-o", tmp_path / "out", "--pass-burned-in")
    assert "13 written" in done.out
    assert "look before sharing: 1 files, each says that text is burned" in done.out


def test_input_files_are_named_on_the_screen_when_asked(liverseg, folder, tmp_path):
    done = liverseg(
        "deidentify", folder, "-o", tmp_path / "out", "--json", "--with-identifiers"
    )  # fmt: skip
    entries = json.loads(done.out)["entries"]
    assert len({entry["path"] for entry in entries}) == 16
    assert "entries" not in json.loads((tmp_path / "out/privacy_report.json").read_text())


def test_a_zip_and_a_dicomdir_are_taken_as_scan_takes_them(liverseg, folder, tmp_path):
    archive = tmp_path / "cd.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for path in sorted((folder / "3").iterdir()):
            opened.write(path, f"images/{path.name}")
    done = liverseg("deidentify", archive, "-o", tmp_path / "out", "--json")
    report = json.loads(done.out)
    assert (report["written"], report["skipped"]) == (6, 1)
    assert named_in(tmp_path / "out") == []
    disc = FileSet()
    for path in sorted((folder / "4").iterdir()):
        ds = dcmread(path)
        ds.InstanceNumber = ds.InstanceNumber or 1
        disc.add(ds)
    disc.write(tmp_path / "disc")
    done = liverseg("deidentify", tmp_path / "disc/DICOMDIR", "-o", tmp_path / "out2", "--json")
    report = json.loads(done.out)
    assert (report["written"], report["skipped"]) == (6, 1)
    assert not list((tmp_path / "out2").rglob("DICOMDIR"))


def test_reasons_in_the_report_name_no_file(liverseg, folder, tmp_path):
    disc = FileSet()
    for path in sorted((folder / "4").iterdir())[:2]:
        disc.add(dcmread(path))
    disc.write(tmp_path / given.NAME)
    next(path for path in (tmp_path / given.NAME).rglob("*") if path.name.startswith("IM")).unlink()
    (folder / "disc").symlink_to(tmp_path / given.NAME)
    (folder / "damaged.dcm").write_bytes(bytes(128) + b"DICM" + given.NAME.encode() * 9)
    done = liverseg("deidentify", folder, tmp_path / given.NAME, "-o", tmp_path / "out", "--json")
    reasons = {row["reason"] for row in json.loads(done.out)["not_written"]}
    assert "is listed in a DICOMDIR but is not there" in reasons
    assert named_in(tmp_path / "out") == []
    assert not [secret for secret in SECRETS if secret in done.out]


def test_a_folder_in_use_is_refused_and_replaced_when_asked(liverseg, folder, tmp_path):
    out = tmp_path / "out"
    assert liverseg("deidentify", folder, "-o", out).code == 0
    assert_one_line(liverseg("deidentify", folder, "-o", out), "not empty", "--overwrite")
    assert liverseg("deidentify", folder / "3", "-o", out, "--overwrite").code == 0
    assert len(list((out / "dicom").rglob("*.dcm"))) == 6


def test_input_and_output_may_not_lie_in_one_another(liverseg, folder):
    for out in (folder / "out", folder, folder.parent):
        done = liverseg("deidentify", folder, "-o", out, "--overwrite")
        assert_one_line(done, "lie in one another")
    assert not (folder / "out").exists()


def test_nothing_to_write_is_one_line_and_leaves_nothing(liverseg, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text("hello")
    done = liverseg("deidentify", tmp_path / "in", "-o", tmp_path / "out")
    assert_one_line(done, "none of 1 files", "1 is not a DICOM file")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--keep-dates", "--shift-dates", "3"), "not two of these"),
        (("--shift-dates", "soon"), "not a whole number"),
        (("--shift-dates", "0"), "--keep-dates"),
        (("--key", "no-such-file"), "no-such-file"),
    ],
)
def test_wrong_options_are_one_line(liverseg, folder, tmp_path, options, told):
    done = liverseg("deidentify", folder, "-o", tmp_path / "out", *options)
    assert_one_line(done, told)
    assert not (tmp_path / "out").exists()


def test_a_map_is_not_written_into_what_is_shared(liverseg, folder, tmp_path):
    out = tmp_path / "out"
    done = liverseg("deidentify", folder, "-o", out, "--write-map", out / "map.json")
    assert_one_line(done, "map back", "outside the output folder")
    assert not out.exists()


def test_a_run_that_is_killed_leaves_nothing_that_looks_complete(tmp_path):
    for number in range(6):
        given.write_patient(tmp_path / "in" / str(number), slices=20, series=number + 1)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "liverseg", "deidentify", tmp_path / "in", "-o", out]
    running = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL)
    while not list(out.glob(".partial-*/dicom/*/*/*/*.dcm")) and running.poll() is None:
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert [path for path in out.iterdir() if not path.name.startswith(".partial-")] == []
    assert subprocess.run([*command, "--json"], capture_output=True, check=False).returncode == 0
    assert len(scan_folder(out / "dicom", cache=False).entries) == 120


@pytest.mark.parametrize("dates", ["--remove-dates", "--keep-dates", "--shift-dates=key"])
def test_the_main_job_runs_on_the_output_with_the_same_numbers(liverseg, tmp_path, key, dates):
    """Images and a SEG of the liver go in together: their references still fit."""
    folder = tmp_path / "in"
    given.write_patient(
        folder, slices=20, shape=(12, 13), SeriesDescription=f"Leber portalvenös {given.NAME}"
    )
    (record,) = scan_folder(folder).series
    array = np.zeros(record.grid.shape, dtype=np.uint8)
    array[4:12, 2:10, 2:10] = 1
    labels = LabelMap(array, record.grid, (Label(1, "liver"),))
    header = SegHeader("liver", uid_of("series"), uid_of("instance"))
    write_seg(labels, record, folder / "liver.dcm", header=header)
    assert liverseg("deidentify", folder, "-o", tmp_path / "out", "--key", key, dates).code == 0
    (seg,) = (
        path
        for path in (tmp_path / "out/dicom").rglob("*.dcm")
        if dcmread(path, specific_tags=["Modality"]).Modality == "SEG"
    )
    rows = []
    for name, images, liver in (
        ("before", folder, folder / "liver.dcm"),
        ("after", tmp_path / "out/dicom", seg),
    ):
        out = tmp_path / name
        done = liverseg("run", images, "--liver", liver, "-o", out)
        assert done.code == 0, done
        table = pq.read_table(out / "measurements.parquet").to_pylist()
        rows.append([(row["metric"], row["value"], row["phase"]) for row in table])
    assert rows[0] == rows[1]
    assert rows[0]
    assert named_in(tmp_path / "after") == []
