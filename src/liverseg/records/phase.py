"""`Phase`: contrast phases of one exam, and the sequences that have none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """Stored names. `UNDETERMINED` is an answer, not a gap: evidence was too weak."""

    NON_CONTRAST = "non_contrast"
    EARLY_ARTERIAL = "early_arterial"
    LATE_ARTERIAL = "late_arterial"
    PORTAL_VENOUS = "portal_venous"
    DELAYED = "delayed"
    TRANSITIONAL = "transitional"
    HEPATOBILIARY = "hepatobiliary"
    T2 = "t2"
    DWI = "dwi"
    ADC = "adc"
    UNDETERMINED = "undetermined"


#: Phases after contrast, in order of time.
CONTRAST_PHASES = (
    Phase.EARLY_ARTERIAL,
    Phase.LATE_ARTERIAL,
    Phase.PORTAL_VENOUS,
    Phase.DELAYED,
    Phase.TRANSITIONAL,
    Phase.HEPATOBILIARY,
)
#: Phases of a dynamic series, in order of time; T2, DWI and ADC measure something else.
DYNAMIC_PHASES = (Phase.NON_CONTRAST, *CONTRAST_PHASES)


@dataclass(frozen=True)
class PhaseCall:
    """What phase a series is, and why.

    `evidence` names the kind that decided: "override", "time", "attribute",
    "description", "none". `reason` is one sentence for people.
    """

    phase: Phase
    reason: str
    evidence: str
