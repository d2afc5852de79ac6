"""Freed memory goes back to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

from napari_liverseg import memory

#: In a process of its own: what malloc does with one array rests on all that came before.
#: The first array teaches glibc to keep such sizes; then, as in the window, another thread
#: measures, and a small piece of that stays.
PROGRAM = """
import threading
from pathlib import Path
import numpy as np
from napari_liverseg.memory import give_memory_back

def resident_mb():
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 2**20

def measure():
    large = [np.ones(8_500_000, dtype=np.uint8) for _ in range(6)]
    kept.append(np.ones(100_000, dtype=np.uint8))
    del large
    found.append(resident_mb() - before)
    give_memory_back()
    found.append(resident_mb() - before)

kept, found = [], []
np.ones(30_000_000, dtype=np.uint8)
before = resident_mb()
thread = threading.Thread(target=measure)
thread.start()
thread.join()
print(*found)
"""


@pytest.mark.skipif(memory._glibc() is None, reason="only glibc keeps it")
def test_after_a_long_job_the_process_is_as_small_as_before():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    kept_mb, left_mb = (float(word) for word in done.stdout.split())
    assert kept_mb > 40  # else this shows nothing
    assert left_mb < 10


def test_where_there_is_no_glibc_nothing_is_called(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "win32")
    memory._glibc.cache_clear()
    try:
        assert memory._glibc() is None
        memory.give_memory_back()
    finally:
        monkeypatch.undo()
        memory._glibc.cache_clear()
