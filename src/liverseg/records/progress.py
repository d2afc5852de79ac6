"""`Progress`: how slow steps say where they are."""

from __future__ import annotations

from collections.abc import Callable

#: Called with a short message and the share done, 0 to 1.
Progress = Callable[[str, float], None]
