"""Contrast phases: how they are called, and which one a series is."""

from liverseg.phases.names import parse_phase, reference_phase_order
from liverseg.phases.recognise import recognise_phases
from liverseg.phases.sequences import sequence_in_text
from liverseg.phases.text import fold, tokens

__all__ = [
    "fold",
    "parse_phase",
    "recognise_phases",
    "reference_phase_order",
    "sequence_in_text",
    "tokens",
]
