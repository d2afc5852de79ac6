"""What a kill, a full disk and a second process do to a fetch: nothing that lasts."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest
from dicom_factory import ramp, write_series
from sample_store import BUCKET, PIECE, in_step_with, store_series, write_registry

from liverseg.errors import InputError
from liverseg.samples import fetch_sample, sample_named, verify_sample

FETCH = (
    "import sys; from pathlib import Path; from liverseg.samples import fetch_sample, sample_named;"
    "fetch_sample(sample_named(sys.argv[1]), Path(sys.argv[2]))"
)
KILLS = 20
SERIES = 4
SLICES = 52


def liverseg(*arguments: object, before: str = "") -> subprocess.CompletedProcess:
    """The program in a process of its own, after some lines of Python."""
    code = f"{before}\nimport sys; from liverseg.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def assert_one_line(done: subprocess.CompletedProcess, *told: str) -> None:
    assert (done.returncode, done.stdout) == (2, ""), done
    (line,) = done.stderr.strip().splitlines()
    for word in told:
        assert word in line


@pytest.fixture
def study(store, tmp_path, monkeypatch):
    """A study of 208 DICOM files of 20 kB in four series on the server; bytes by key."""
    series, bodies = [], {}
    for number in range(1, SERIES + 1):
        folder = tmp_path / "made" / str(number)
        paths = write_series(
            folder,
            ramp(SLICES, (100, 100), start=number),
            StudyInstanceUID="1.2.3",
            SeriesInstanceUID=f"1.2.3.{number}",
            SeriesNumber=number,
            SeriesDescription=f"phase {number}",
        )
        files = [path.read_bytes() for path in paths]
        prefix = f"series-{number}/{number}"
        bodies |= dict(zip(store_series(store, prefix, files), files, strict=True))
        one = {"uid": f"1.2.3.{number}", "modality": "CT", "description": f"phase {number}"}
        # An IDC prefix ends with the slash; the number in front keeps the names apart.
        series.append({**one, "files": files, "prefix": f"series-{number}/"})
    registry = write_registry(tmp_path / "registry", "killed", series)
    monkeypatch.setenv("LIVERSEG_SAMPLE_REGISTRY", str(registry))
    store.log.clear()
    return bodies


def test_twenty_kills_lose_nothing_and_fetch_nothing_twice(study, store, tmp_path):
    into = tmp_path / "samples"
    choose = random.Random(2021)
    child: subprocess.Popen | None = None
    store.hold = in_step_with(into, lambda: child is not None and child.poll() is None)
    for _ in range(KILLS):
        # A moment is so many answers and pieces after the start, so that a slow machine
        # kills as often in the middle of a file as a fast one.
        moment = store.events + choose.randint(1, 90)
        child = subprocess.Popen([sys.executable, "-c", FETCH, "killed", str(into)])
        while store.events < moment and child.poll() is None:
            time.sleep(0.001)
        assert child.poll() is None, "the fetch ended before it was killed"
        child.send_signal(signal.SIGKILL)
        child.wait()
        # The answers to the dead must have ended before the next one asks.
        while store.sending:
            time.sleep(0.001)
        assert not (into / "killed").exists()
        for path in into.glob("killed.partial/*/*.dcm"):
            key = f"series-{path.name[0]}/{path.name}"
            assert path.read_bytes() == study[key], "a final name that is not whole"
    store.hold = lambda _key, _at: None
    done = liverseg("samples", "fetch", "killed", "-o", into, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["files"] == SERIES * SLICES == 208
    assert report["scan"] == {"used": 208, "split": 0, "skipped": 2, "refused": 0}
    assert report["received_bytes"] < sum(map(len, study.values()))

    verified = verify_sample(into / "killed")
    assert verified.right
    for file in verified.manifest.files:
        body = study[file.source.removeprefix(f"s3://{BUCKET}/")]
        assert file.sha256 == hashlib.sha256(body).hexdigest()
        assert "MD5" in file.checked_by

    answers = defaultdict(list)
    for one in store.gets():
        answers[one.key].append(one)
    assert set(answers) == set(study)
    for key, body in study.items():
        assert sum(one.whole for one in answers[key]) <= 1, f"{key} was fetched twice whole"
        # A kill costs of a file under way the one piece that was not yet on the disk, and
        # every answer but the last was ended by a kill.
        again = sum(one.sent for one in answers[key]) - len(body)
        assert 0 <= again <= (len(answers[key]) - 1) * PIECE, answers[key]
    continued = [one for one in store.gets() if one.asked_range]
    assert len(continued) >= KILLS / 2, "the kills met no file in the middle"


def test_a_second_process_is_kept_out(small, store, tmp_path):
    into = tmp_path / "samples"
    gate = tmp_path / "gate"

    def until_opened(_key: str, at: int) -> None:
        for _ in range(30_000):
            if at == 0 or gate.exists():
                return
            time.sleep(0.001)

    store.hold = until_opened
    first = subprocess.Popen([sys.executable, "-c", FETCH, "small-1", str(into)])
    while not list(into.glob("*/*/*.part")) and first.poll() is None:
        time.sleep(0.001)
    assert first.poll() is None
    with pytest.raises(InputError, match="another process is fetching small-1") as told:
        fetch_sample(small.sample, into)
    assert told.value.where == str(into)
    gate.touch()
    assert first.wait() == 0
    assert verify_sample(into / "small-1").right
    assert sum(one.sent for one in store.gets()) == sum(map(len, small.bodies.values()))


def test_two_processes_that_start_at_once_end_with_one_right_sample(small, store, tmp_path):
    into = tmp_path / "samples"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", FETCH, "small-1", str(into)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    errors = [one.communicate()[1] for one in both]
    # The later one is kept out, or comes when the first has ended and finds all there.
    assert 0 in [one.returncode for one in both]
    for one, error in zip(both, errors, strict=True):
        assert one.returncode == 0 or "another process is fetching" in error
    assert verify_sample(into / "small-1").right
    assert sum(one.sent for one in store.gets()) == sum(map(len, small.bodies.values()))


def test_a_full_disk_as_a_limit_on_files(small, store, tmp_path):
    into = tmp_path / "samples"
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))"
    done = liverseg("samples", "fetch", "small-1", "-o", into, "--json", before=limit)
    assert_one_line(done, "the disk is full", "goes on where it stopped")
    assert not (into / "small-1").exists()
    assert not list(into.rglob("*.dcm"))
    done = liverseg("samples", "fetch", "small-1", "-o", into, "--json")
    # Random bytes are no DICOM, and the fetch says what it fetched all the same.
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["received_bytes"] < sum(map(len, small.bodies.values()))


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 64 kB, or a skip."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(f"no small file system can be mounted: {made.stderr.decode()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_too_full_is_told_before_anything_is_fetched(small, store, tiny_disk):
    with pytest.raises(InputError, match=r"too full: 0.1 MB are needed and 0.1 MB are free"):
        fetch_sample(small.sample, tiny_disk)
    assert store.gets() == []
    assert not (tiny_disk / "small-1").exists()


def test_a_disk_that_fills_while_fetching(small, store, tiny_disk, monkeypatch):
    usage = shutil.disk_usage(tiny_disk)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=10**9))
    with pytest.raises(InputError, match="the disk is full") as told:
        fetch_sample(small.sample, tiny_disk)
    assert "free some space" in told.value.remedy
    assert not (tiny_disk / "small-1").exists()
    subprocess.run(["mount", "-o", "remount,size=1m", str(tiny_disk)], check=True)
    fetched = fetch_sample(sample_named("small-1"), tiny_disk)
    assert verify_sample(fetched.folder).right
    assert fetched.received_bytes < sum(map(len, small.bodies.values()))


def test_a_file_system_that_can_only_be_read(small, tiny_disk):
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    with pytest.raises(InputError, match="cannot be written: Read-only file system"):
        fetch_sample(small.sample, Path(tiny_disk) / "samples")
