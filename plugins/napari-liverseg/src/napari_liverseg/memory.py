"""Memory that was freed goes back to the system. No Qt, no napari."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from typing import Any

#: Arrays from this size on go back when they are freed, bytes. Slices of a CT are smaller:
#: they come and go with each step of the wheel, and fresh memory for each would take time.
LARGE_BYTES = 4 << 20
#: What may stay free at the end of a thread's memory, bytes.
SPARE_BYTES = 8 << 20
#: Names of glibc's `malloc.h`.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


def give_memory_back() -> None:
    """Give what was freed back to the system, now and in future; elsewhere than on glibc nothing.

    Reading and measuring an exam take arrays of many megabytes for moments. glibc learns
    from the first ones to keep such memory for the thread that asked, so the window would
    stay as large as its worst moment. Takes some milliseconds: for the end of a long job,
    not for each stroke.
    """
    library = _glibc()
    if library is not None:
        _keep_little()
        library.malloc_trim(0)


@cache
def _keep_little() -> None:
    """Once in a process: large arrays get memory of their own, which ends with them."""
    library = _glibc()
    if library is not None:
        library.mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        library.mallopt(M_TRIM_THRESHOLD, SPARE_BYTES)


@cache
def _glibc() -> Any | None:
    """The C library where it is glibc: others have no such calls, and need them less."""
    if not sys.platform.startswith("linux") or not hasattr(os, "confstr"):
        return None
    try:
        version = os.confstr("CS_GNU_LIBC_VERSION")
    except ValueError:
        return None
    return ctypes.CDLL(None) if version and version.startswith("glibc") else None
