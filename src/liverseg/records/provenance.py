"""`Provenance`: who wrote something, when, with what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Provenance:
    """`who` is a user name, `when` an ISO 8601 time in UTC, `program` name and version."""

    who: str
    when: str
    program: str
