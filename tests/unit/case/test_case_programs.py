"""Several programs on one case file, and programs that are killed."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import numpy as np
import pytest

from liverseg.case import CaseFile
from liverseg.errors import CaseError

EXAM = "2015-06-01_CT"

#: Writes mask after mask, each filled with its own number, and tells each commit.
WRITER = """
import sys
from dataclasses import replace
import numpy as np
from liverseg.case import CaseFile
from liverseg.geometry import LabelMap
from liverseg.records import Measurement

path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with CaseFile.open(path) as case:
    old = case.stored_exam("2015-06-01_CT").lesions[0]
    first = int(sys.argv[4])
    for number in range(first, first + count):
        noise = np.random.default_rng(number).integers(0, 60000, (6, 200, 240), dtype=np.uint16)
        noise[0, 0, 0] = number
        grid = old.mask.grid.cropped((0, 0, 0), noise.shape)
        lesion = replace(old, name=name, mask=LabelMap(noise, grid))
        with case.transaction(f"stroke {number}"):
            case.put_lesion("2015-06-01_CT", lesion)
            row = Measurement("mean", float(number), "HU", "m", name)
            case.put_measurements("2015-06-01_CT", name, [row])
        print(number, flush=True)
"""


def start(path, name, count, first=1):
    command = [sys.executable, "-c", WRITER, str(path), name, str(count), str(first)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def expected(number):
    noise = np.random.default_rng(number).integers(0, 60000, (6, 200, 240), dtype=np.uint16)
    noise[0, 0, 0] = number
    return noise


def test_a_program_killed_at_any_moment_leaves_a_whole_file(filled):
    """Ten times kill -9: opens, passes the check, and every told commit is there."""
    filled.close()
    seeded = random.Random(11)
    first, rolled_back = 1, 0
    for _ in range(10):
        writer = start(filled.path, "K", 100000, first)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(seeded.uniform(0.0, 0.25))
        os.kill(writer.pid, signal.SIGKILL)
        out, err = writer.communicate()
        assert err == ""
        last = max([first, *(int(line) for line in out.split())])
        rolled_back += filled.path.with_name(filled.path.name + "-journal").exists()
        with CaseFile.open(filled.path) as case:
            said = case._link.db.execute("PRAGMA integrity_check").fetchone()[0]
            mask = case.stored_exam(EXAM).lesions[-1].mask.array
            rows = case.measurements(lesion="K")
            action = case.events()[-1].action
            assert case._link.db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert said == "ok"
        number = int(mask[0, 0, 0])
        assert number in (last, last + 1)  # committed, killed before it was told
        assert np.array_equal(mask, expected(number))
        assert [row.value for row in rows] == [float(number)]
        assert action == f"stroke {number}"
        first = number + 1
    with CaseFile.open(filled.path) as case:
        case.put_tables({})
    assert not filled.path.with_name(filled.path.name + "-journal").exists()
    print(f"{rolled_back} of 10 kills fell into a write; {first - 1} strokes")


def test_reading_alone_also_rolls_back_what_a_killed_program_left(filled, make):
    filled.close()
    writer = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, signal, sqlite3, sys\n"
            "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
            "db.execute('PRAGMA cache_size = 2')\n"  # spills into the file before the commit
            "db.execute('BEGIN IMMEDIATE')\n"
            "db.execute('DELETE FROM head')\n"
            "for n in range(400):\n"
            "    db.execute('INSERT INTO meta VALUES (?, ?)', (f'x{n}', 'y' * 4000))\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n",
            str(filled.path),
        ],
        check=False,
    )
    assert writer.returncode == -signal.SIGKILL
    assert filled.path.with_name(filled.path.name + "-journal").stat().st_size > 0
    with CaseFile.open(filled.path, read_only=True) as case:
        assert case.lesion_names(EXAM) == ("L1",)
        with pytest.raises(CaseError, match="for reading only"):
            case.put_tables({})
    assert not filled.path.with_name(filled.path.name + "-journal").exists()


def test_two_programs_writing_at_once_lose_nothing(filled):
    filled.close()
    writers = [start(filled.path, name, 15) for name in ("A", "B")]
    outs = [writer.communicate(timeout=60) for writer in writers]
    assert [err for _, err in outs] == ["", ""]
    with CaseFile.open(filled.path) as case:
        assert case.revision == 2 + 30
        assert [e.number for e in case.events()] == list(range(1, 33))
        stored = {lesion.name: lesion.mask.array for lesion in case.stored_exam(EXAM).lesions}
        for name in ("A", "B"):
            assert np.array_equal(stored[name], expected(15))
            assert [row.value for row in case.measurements(lesion=name)] == [15.0]


def test_a_write_waits_for_another_and_then_gives_up_with_a_reason(filled, make):
    other = sqlite3.connect(filled.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with CaseFile.open(filled.path, wait_s=0.1) as case:
        began = time.monotonic()
        with pytest.raises(CaseError, match="another program is writing") as caught:
            case.put_tables({"a": "b"})
        assert 0.05 < time.monotonic() - began < 5
        assert str(filled.path) in str(caught.value)
        assert case.exam_ids() == (EXAM,)  # reading goes on
        other.execute("ROLLBACK")
        case.put_tables({"a": "b"})
    other.close()
    assert filled.tables() == {"a": "b"}


def test_a_reader_that_holds_on_delays_a_commit_but_loses_nothing(filled):
    other = sqlite3.connect(filled.path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM event").fetchone()
    with CaseFile.open(filled.path, wait_s=0.1) as case:
        with pytest.raises(CaseError, match="another program"):
            case.put_tables({"a": "b"})
        other.execute("ROLLBACK")
        case.put_tables({"a": "b"})
        assert case.tables() == {"a": "b"}
    other.close()


def test_a_change_by_another_window_can_be_seen_and_refused(filled, make):
    with CaseFile.open(filled.path, who="second") as second:
        seen, version = filled.revision, filled.data_version
        assert filled.data_version == version
        second.put_lesion(EXAM, make.lesion(make.grid(), "L2"))
        assert filled.data_version != version
        assert filled.revision == seen + 1
        with (
            pytest.raises(CaseError, match="another window has changed the case file"),
            filled.transaction("edit", revision=seen),
        ):
            filled.put_tables({"never": "written"})
        with filled.transaction("edit", revision=filled.revision):
            filled.put_tables({"a": "b"})
    assert filled.tables() == {"a": "b"}
    assert filled.lesion_names(EXAM) == ("L1", "L2")


def test_reads_see_one_state_while_another_program_writes(filled, make):
    with CaseFile.open(filled.path, wait_s=0.1) as second, filled._link.reading():
        assert filled.lesion_names(EXAM) == ("L1",)
        with pytest.raises(CaseError, match="another program"):
            second.put_lesion(EXAM, make.lesion(make.grid(), "L2"))
        assert filled.lesion_names(EXAM) == ("L1",)
