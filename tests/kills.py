"""Kill an annotator at random moments, again and again, and look at what is left.

    python tests/kills.py [--kills 200] [--windows 5] [--seed 1]

After each ``kill -9``: the case file opens, SQLite finds it whole, and what was drawn more
than a second before is in it. All kills hit the same case file, so its history grows. At
the end its numbers must be those of a fresh measurement. Exits 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kills_annotator
from kills_annotator import annotate, digest

#: At most what was drawn in this time before a kill may be missing, s.
BAR_S = 1.0
#: A kill comes within this time after the first stroke could be drawn, s.
LATEST_S = 2.5
START_S = 120.0


@dataclass
class Tally:
    """What came of the kills; `lost_s` is the age of the oldest change that was missing."""

    kills: int = 0
    damaged: list[str] = field(default_factory=list)
    lost_s: float = 0.0
    worst: str = ""
    changes: int = 0
    outdated: int = 0
    wrong_numbers: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether every bar was met."""
        return not self.damaged and not self.wrong_numbers and self.lost_s <= BAR_S


def kill_again_and_again(
    case: Path,
    scratch: Path,
    *,
    kills: int,
    seed: int,
    windows: int = 0,
    latest_s: float = LATEST_S,
) -> Tally:
    """Kill `kills` annotators of the case, `windows` of them with a real window.

    Each within `latest_s` of the moment from which it could draw.
    """
    kills_annotator.import_all()
    moments, tally = random.Random(seed), Tally()
    for number in range(kills):
        log = scratch / f"{number}.log"
        shown = number < windows
        process = (
            _start_window(case, log, seed + number) if shown else _fork(case, log, seed + number)
        )
        _wait_for_first(log, process)
        time.sleep(moments.uniform(0.05, latest_s))
        killed_at = time.monotonic()
        process.kill()
        entries = _entries(log)
        tally.kills += 1
        tally.changes += len(entries) - 1
        _judge(case, entries, killed_at, tally, where=f"kill {number + 1}")
        log.unlink()
    return tally


def check_numbers(case: Path, tally: Tally) -> None:
    """Make the case whole as opening does, and compare it with a fresh measurement."""
    from liverseg.case import CaseFile
    from liverseg.workflow import load_exam, measure_exam, renew_case

    with CaseFile.open(case) as held:
        renew_case(held)
        for exam_id in held.exam_ids():
            fresh = measure_exam(load_exam(held, exam_id))
            for lesion, rows in fresh.items():
                if held.measurements(exam_id=exam_id, lesion=lesion) != tuple(rows):
                    tally.wrong_numbers.append(f"{lesion} in {exam_id}")
        if held.outdated():
            tally.wrong_numbers.append(f"outdated: {held.outdated()}")


def _judge(case: Path, entries: Sequence[Any], killed_at: float, tally: Tally, where: str) -> None:
    from liverseg.case import CaseFile
    from liverseg.errors import LiversegError

    try:
        with CaseFile.open(case) as held:
            exam = held.stored_exam(held.exam_ids()[0])
            found = {lesion.name: digest(lesion.mask.array) for lesion in exam.lesions}
            tally.outdated += bool(held.outdated())
        with closing(sqlite3.connect(case)) as db:
            (said,) = db.execute("PRAGMA integrity_check").fetchone()
    except (LiversegError, sqlite3.Error) as error:
        tally.damaged.append(f"{where}: {error}")
        return
    if said != "ok":
        tally.damaged.append(f"{where}: {said}")
    names = {name for entry in entries for name in entry["masks"]} | set(found)
    for name in names:
        states = [entry["masks"].get(name) for entry in entries]
        there = [n for n, state in enumerate(states) if state == found.get(name)]
        if not there:
            tally.damaged.append(f"{where}: {name} is in a state that nobody drew")
            continue
        missing = [n for n in range(there[-1] + 1, len(states)) if states[n] != states[there[-1]]]
        age_s = killed_at - entries[missing[0]]["at"] if missing else 0.0
        if age_s > tally.lost_s:
            tally.lost_s, tally.worst = age_s, f"{where}, {len(missing)} changes of {name}"


class _Forked:
    """A child of this process, which has imported everything already."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def poll(self) -> int | None:
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        return status if pid else None

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


class _Window:
    """A program of its own."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(command)
        self.poll: Callable[[], int | None] = self._process.poll

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def _fork(case: Path, log: Path, seed: int) -> _Forked:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            annotate(case, log, seed)
        except BaseException as error:  # noqa: BLE001  a child must never return
            sys.stderr.write(f"the annotator failed: {error!r}\n")
        finally:
            os._exit(status)
    return _Forked(pid)


def _start_window(case: Path, log: Path, seed: int) -> _Window:
    program = kills_annotator.__file__
    return _Window([sys.executable, program, str(case), str(log), str(seed)])


def _wait_for_first(log: Path, process: Any) -> None:
    stop = time.monotonic() + START_S
    while time.monotonic() < stop:
        if log.exists() and _entries(log):
            return
        if process.poll() is not None:
            raise SystemExit("the annotator ended by itself")
        time.sleep(0.01)
    raise SystemExit("the annotator did not start in time")


def _entries(log: Path) -> list[Any]:
    """Whole lines only: the kill may have come while one was written."""
    lines = log.read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in lines]


def make_case(folder: Path) -> Path:
    """A small digital case with findings, made in seconds."""
    from coarse_case import plan_coarse_case

    from liverseg.workflow import demo

    demo.plan_case = plan_coarse_case
    demo.run_demo(folder / "demo", variant=demo.Variant.TEXT)
    return folder / "demo" / "case.liverseg"


def main() -> int:
    """Print kills, damaged files and lost seconds; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--windows", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="liverseg-kills-") as name:
        folder = Path(name)
        case = make_case(folder)
        tally = kill_again_and_again(
            case, folder, kills=wanted.kills, seed=wanted.seed, windows=wanted.windows
        )
        check_numbers(case, tally)
    print(f"kills         {tally.kills} ({wanted.windows} of them with a window)")
    print(f"changes drawn {tally.changes}")
    print(f"damaged       {len(tally.damaged)}")
    print(f"lost seconds  {tally.lost_s:.2f} (bar {BAR_S:g}; {tally.worst or 'nothing'})")
    print(
        f"numbers to be renewed on opening  {tally.outdated}, wrong afterwards "
        f"{len(tally.wrong_numbers)}"
    )
    for line in (*tally.damaged, *tally.wrong_numbers):
        print(f"  {line}")
    return 0 if tally.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
