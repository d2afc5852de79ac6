"""Names of phases as users write them, and the order in which phases serve as reference."""

from __future__ import annotations

from liverseg.errors import InputError
from liverseg.phases.text import tokens
from liverseg.records import Phase
from liverseg.tables import load_table


def parse_phase(text: str) -> Phase:
    """The phase that a user means. Raises `InputError` listing the names for anything else.

    >>> parse_phase("arterial")
    <Phase.LATE_ARTERIAL: 'late_arterial'>
    """
    asked = " ".join(tokens(text))
    for row in load_table("phase_names"):
        spellings = [row.name, *row.value]
        if asked in (" ".join(tokens(spelling)) for spelling in spellings):
            return Phase(row.name)
    names = ", ".join(phase.value for phase in Phase)
    raise InputError(
        f'"{text}" is no phase',
        remedy=f"use one of {names} (or arterial, portal, late, hepatocyte)",
    )


def reference_phase_order() -> tuple[Phase, ...]:
    """Phases by how likely a mask was drawn on them, most likely first."""
    return tuple(Phase(name) for name in load_table("reference_phase")["order"].value)
