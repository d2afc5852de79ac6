"""`Descriptor`: a radiologist's word for a lesion, how sure it is, and the numbers behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from liverseg.records.doubt import Doubt


class Said(StrEnum):
    """Whether a word is said of a lesion."""

    YES = "yes"
    NO = "no"
    INDETERMINATE = "indeterminate"
    NOT_ASSESSABLE = "not_assessable"


@dataclass(frozen=True)
class Deciding:
    """A number that decided, beside its limit.

    `lower` and `upper` hold it in 95 % of the resamples; `source` is that of the limit.
    """

    name: str
    value: float
    unit: str
    limit: float
    wanted: str
    lower: float
    upper: float
    source: str


@dataclass(frozen=True)
class Descriptor:
    """One word about one lesion.

    Attributes
    ----------
    slot, term
        What is described ("arterial pattern") and the word ("ring").
    said
        Yes, no, indeterminate (in between) or not assessable.
    probability
        P(true), 0 to 1: share of resamples in which the rule of the word holds. None
        where it is not assessable.
    reason
        One sentence: the numbers that decided, or why there is no answer.
    phase
        The phase that the word is about, "" for a course over phases.
    """

    slot: str
    term: str
    said: Said
    probability: float | None
    reason: str
    phase: str = ""
    lesion: str = ""
    date: str = ""
    modality: str = ""
    numbers: tuple[Deciding, ...] = ()
    doubts: tuple[Doubt, ...] = ()
