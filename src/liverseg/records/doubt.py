"""`Doubt`: something is usable, but a reader should know this about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Doubt:
    """Uncertainty is no error: a doubt travels with the record to the page.

    `reason` is one sentence; `where` names the file, series, lesion or phase.
    """

    reason: str
    where: str
