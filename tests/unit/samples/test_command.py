"""`liverseg samples`: what it prints, how it ends, and that its study can be run."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time

import pydicom
import pytest
from sample_store import store_series, write_registry
from unit.cli.program import assert_one_line, program_of

from liverseg.case import CaseFile
from liverseg.samples import list_samples


@pytest.fixture
def liverseg(monkeypatch, capsys):
    return program_of(monkeypatch, capsys)


def test_list_shows_every_sample_with_size_licence_and_lesson(liverseg, monkeypatch):
    monkeypatch.delenv("LIVERSEG_SAMPLE_REGISTRY", raising=False)
    done = liverseg("samples", "list")
    assert (done.code, done.err) == (0, "")
    for sample in list_samples():
        (row,) = [line for line in done.out.splitlines() if f" {sample.name} " in line]
        assert f"{sample.size_mb:.0f}" in row
        assert str(sample.instances) in row
        assert sample.licences[0] in row
    rows = json.loads(liverseg("samples", "list", "--json").out)
    assert [row["name"] for row in rows] == [sample.name for sample in list_samples()]
    assert all(row["teaches"] and row["licences"] and row["dois"] for row in rows)
    (one,) = [row for row in rows if row["name"] == "hcc-018"]
    assert (one["files"], one["size_mb"], one["modalities"]) == (146, 84.7, ["CT", "SEG"])


def test_fetch_shows_the_licence_before_it_asks_for_anything(liverseg, small, tmp_path):
    done = liverseg(
        "samples", "fetch", "small-1", "-o", tmp_path, "--endpoint", "http://127.0.0.1:9"
    )
    assert done.code == 2
    assert "no connection to http://127.0.0.1:9" in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert "5 files, 0.1 MB" in done.out
    assert "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/): 2 series" in done.out
    assert "Tester T (2020)" in done.out
    assert "Do not try to identify" in done.out


def test_a_wrong_name_is_one_line_with_those_like_it(liverseg, small, tmp_path):
    done = liverseg("samples", "fetch", "smal-1", "-o", tmp_path / "out")
    assert_one_line(done, "no sample 'smal-1'", "did you mean small-1?")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [["samples", "fetch"], ["samples", "nonsense"]])
def test_wrong_usage(liverseg, arguments):
    done = liverseg(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Usage" in done.err


def test_verify_says_right_incomplete_and_damaged(liverseg, small, store, tmp_path):
    into = tmp_path / "samples"
    store.change = lambda request, answer: (
        ("404 Not Found", [], b"") if request["PATH_INFO"].endswith("bb-2/0001.dcm") else answer
    )
    assert liverseg("samples", "fetch", "small-1", "-o", into, "--json").code == 2
    partial = into / "small-1.partial"
    assert_one_line(liverseg("samples", "verify", partial), "small-1 is not complete", into)
    store.change = lambda _request, answer: answer

    assert liverseg("samples", "fetch", "small-1", "-o", into, "--json").code == 0
    done = liverseg("samples", "verify", into / "small-1")
    assert (done.code, done.err) == (0, "")
    assert "all 5 files of small-1 are as they were fetched (0.1 MB)" in done.out
    row = json.loads(liverseg("samples", "verify", into / "small-1", "--json").out)
    assert row == {
        "sample": "small-1",
        "folder": str(into / "small-1"),
        "complete": True,
        "right": True,
        "files": 5,
        "wrong": [],
    }

    path = into / "small-1" / "01_CT_Liver_3_mm" / "0002.dcm"
    path.write_bytes(path.read_bytes()[::-1])
    said = "1 of 5 files are not as they were fetched, the first 01_CT_Liver_3_mm/0002.dcm"
    assert_one_line(
        liverseg("samples", "verify", into / "small-1"), f"{said} (wrong content)", "fetch small-1"
    )
    done = liverseg("samples", "verify", into / "small-1", "--json")
    assert done.code == 2
    wrong = json.loads(done.out)
    assert (wrong["right"], wrong["wrong"]) == (
        False,
        [{"path": "01_CT_Liver_3_mm/0002.dcm", "state": "wrong content"}],
    )
    assert_one_line(liverseg("samples", "verify", tmp_path), "no fetched sample")


def test_a_sample_of_which_only_the_size_is_known_says_so(liverseg, store, tmp_path, monkeypatch):
    files = [b"x" * 5000]
    store_series(store, "plain/", files)
    one = {"uid": "1.2", "modality": "SEG", "description": "s", "files": files, "prefix": "plain/"}
    registry = write_registry(tmp_path / "registry", "plain", [one])
    monkeypatch.setenv("LIVERSEG_SAMPLE_REGISTRY", str(registry))

    def without_checksums(request, answer):
        status, headers, body = answer
        kept = [
            (k, v) for k, v in headers if not k.lower().startswith(("x-amz-checksum", "content-l"))
        ]
        kept = [(k, '"opaque"' if k.lower() == "etag" else v) for k, v in kept]
        if "list-type" in request["QUERY_STRING"]:
            start, end = body.index(b"<ETag>"), body.index(b"</ETag>")
            body = body[:start] + b"<ETag>&quot;opaque&quot;" + body[end:]
        request_body = b"" if status.startswith("412") else body
        return status, [*kept, ("Content-Length", str(len(request_body)))], request_body

    def matching(request, answer):
        # The server compares with its own ETag, which this test hides.
        if answer[0].startswith("412"):
            body = files[0]
            return without_checksums(request, ("200 OK", [], body))
        return without_checksums(request, answer)

    store.change = matching
    done = liverseg("samples", "fetch", "plain", "-o", tmp_path / "out")
    assert done.code == 0, done.err
    assert "1 files were compared by size only" in done.out
    assert "masks that come with it:" in done.out
    assert "01_SEG_s/0000.dcm" in done.out
    again = json.loads(liverseg("samples", "fetch", "plain", "-o", tmp_path / "out", "--json").out)
    assert again["compared_by_size_only"] == 1
    assert again["received_bytes"] == 0


#: Where the tests run in the background, Ctrl-C is ignored, and children inherit that.
HEARS_CTRL_C = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("liverseg", run_name="__main__", alter_sys=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_ctrl_c_ends_with_130_and_can_be_gone_on_from(small, store, tmp_path, liverseg):
    into = tmp_path / "samples"
    interrupted = threading.Event()

    def until_interrupted(_key: str, at: int) -> None:
        if at > 0:
            interrupted.wait(timeout=60)

    store.hold = until_interrupted
    child = subprocess.Popen(
        [sys.executable, "-c", HEARS_CTRL_C, "samples", "fetch", "small-1", "-o", str(into)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(into.glob("*/*/*.part")) and child.poll() is None:
        time.sleep(0.001)
    child.send_signal(signal.SIGINT)
    interrupted.set()
    _out, error = child.communicate()
    assert (child.returncode, error) == (130, "")
    assert not (into / "small-1").exists()
    assert liverseg("samples", "fetch", "small-1", "-o", into, "--json").code == 0


def test_a_fetched_study_is_accounted_for_and_run(
    liverseg, coarse_demo, store, tmp_path, monkeypatch
):
    """The CT of the digital case on coarse voxels goes to the server, comes back, and is run."""
    by_series: dict[tuple[str, str], list[bytes]] = {}
    for path in sorted((coarse_demo / "dicom" / "2015_CT").rglob("IM*")):
        head = pydicom.dcmread(path, stop_before_pixels=True)
        key = (str(head.SeriesInstanceUID), str(head.SeriesDescription))
        by_series.setdefault(key, []).append(path.read_bytes())
        study = str(head.StudyInstanceUID)
    series = []
    for number, ((uid, description), files) in enumerate(by_series.items()):
        store_series(store, f"uuid-{number}/", files)
        one = {"uid": uid, "study": study, "modality": "CT", "description": description}
        series.append({**one, "files": files, "prefix": f"uuid-{number}/"})
    registry = write_registry(tmp_path / "registry", "phantom", series)
    monkeypatch.setenv("LIVERSEG_SAMPLE_REGISTRY", str(registry))

    done = liverseg("samples", "fetch", "phantom", "-o", tmp_path)
    assert done.code == 0, done.err
    folder = tmp_path / "phantom"
    count = sum(len(one["files"]) for one in series)
    assert f"all {count} files are in {folder}" in done.out
    assert f"measure: liverseg run {folder} --liver LIVER_MASK" in done.out

    ledger = json.loads(liverseg("scan", folder, "--json").out)
    assert (ledger["used"], ledger["refused"], ledger["skipped"]) == (count, 0, 2)
    skipped = {entry["path"] for entry in ledger["entries"] if entry["state"] == "skipped"}
    assert skipped == {"LICENSE.txt", "manifest.json"}

    masks = coarse_demo / "masks" / "2015_CT"
    (lesion, *_others) = sorted((masks / "lesions").glob("*.dcm"))
    done = liverseg(
        *("run", folder, "--liver", masks / "liver.dcm", "--lesion", lesion),
        *("-o", tmp_path / "result"),
    )
    assert done.code == 0, done.err
    assert values_of(tmp_path / "result" / "case.liverseg", lesion.stem) == values_of(
        coarse_demo / "case.liverseg", lesion.stem
    )


def values_of(case_file, lesion: str) -> dict[tuple, float]:
    """What is measured on the CT of a lesion in its own phase; other exams may not share it."""
    with CaseFile.open(case_file, read_only=True) as case:
        values = {
            (row.phase, row.metric, row.segment, row.slice): row.value
            for row in case.measurements(lesion=lesion)
            if row.modality == "CT" and row.metric in ("voxel_volume", "long_axis", "mean")
        }
    assert values
    return values
