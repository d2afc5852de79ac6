"""Memory that was freed goes back to the system. No Qt, no napari."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from typing import Any

#: Names of glibc's `malloc.h`.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
#: What glibc comes to by itself once it has seen large arrays: smaller ones, and so much of
#: what is free, are kept for the thread. Numbers after a stroke come a third faster so, bytes.
KEEP_ARRAYS, KEEP_FREE = 32 << 20, 64 << 20
#: Between two long jobs so much may stay free, and a piece to free that makes glibc look, bytes.
SPARE, PIECE = 1 << 20, 1 << 17


def give_memory_back() -> None:
    """Give back what this thread has freed; elsewhere than on glibc nothing.

    Reading and measuring an exam take arrays of many megabytes for moments. glibc keeps
    their memory for the thread that asked, so the window would stay as large as its worst
    moment. For the end of a long job, in its thread; takes some milliseconds.
    """
    library = _glibc()
    if library is None:
        return
    library.mallopt(M_TRIM_THRESHOLD, SPARE)
    # The end of a thread's memory goes only when it frees something, which `malloc_trim`
    # does not count as.
    library.free(ctypes.c_void_p(library.malloc(ctypes.c_size_t(PIECE))))
    library.malloc_trim(ctypes.c_size_t(0))
    # Whoever sets one of the two sets both: glibc learns no more.
    library.mallopt(M_TRIM_THRESHOLD, KEEP_FREE)
    library.mallopt(M_MMAP_THRESHOLD, KEEP_ARRAYS)


@cache
def _glibc() -> Any | None:
    """The C library where it is glibc: others have no such calls, and need them less."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        version = os.confstr("CS_GNU_LIBC_VERSION")
    except ValueError:
        return None
    if not version or not version.startswith("glibc"):
        return None
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    return library
