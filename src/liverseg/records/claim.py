"""`Claim`, `Judgement`, `Comparison`: what a report says, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from liverseg.records.doubt import Doubt


class Verdict(StrEnum):
    """The five answers, and no sixth."""

    AGREES = "agrees"
    PARTLY = "partly"
    BORDERLINE = "borderline"
    CONFLICTS = "conflicts"
    NOT_ASSESSABLE = "not_assessable"


class SourceKind(StrEnum):
    """Where in a report a statement stands."""

    TEXT = "text"
    FIGURE = "figure"
    TEXT_AND_FIGURE = "text_and_figure"
    PATHOLOGY = "pathology"
    OPERATION = "operation"


@dataclass(frozen=True)
class Claim:
    """A reported statement made comparable.

    Attributes
    ----------
    id, statement
        Number as text, and our wording of the statement.
    source, place
        Kind of source and where in it ("Fig. 1A").
    date
        ISO date or a part of it ("2015"), or a span "2015/2019".
    modality
        "CT", "MR", "CT or MR", or "" when it is not about an image.
    phase
        Stored phase name, or "" when not stated.
    sites
        Couinaud segments named ("7"; "4", "5"...). Empty when not stated.
    test
        Name of the rule in `findings.compare` that decides it, or "" when images
        cannot show it; then `untestable` says why.
    expects
        What the rule needs (segments, sizes in mm, count ...).
    contradicts
        Ids of claims of the same report that clash with this one; its own id when
        the statement clashes with itself.
    """

    id: str
    statement: str
    source: SourceKind
    place: str
    date: str
    modality: str = ""
    phase: str = ""
    sites: tuple[str, ...] = ()
    test: str = ""
    untestable: str = ""
    expects: Mapping[str, object] = field(default_factory=dict)
    contradicts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contradiction:
    """A clash inside a report: between which claims, what clashes, what a program should do."""

    id: str
    between: tuple[str, ...]
    clash: str
    handling: str
    is_clash: bool = True


@dataclass(frozen=True)
class ReportedFindings:
    """A report made comparable: its claims in order and the clashes among them."""

    title: str
    source: str
    claims: tuple[Claim, ...]
    contradictions: tuple[Contradiction, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """A claim beside what was measured.

    `value` is text for people (one number, or a list); `lesion` names the lesions
    looked at; `slice` is the acquired slice where it can be seen; `reason` always says
    why this verdict.
    """

    claim: Claim
    verdict: Verdict
    reason: str
    value: str = ""
    unit: str = ""
    tolerance: str = ""
    phase: str = ""
    lesion: str = ""
    slice: int | None = None
    series_uid: str = ""
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """All judgements of one report, in its order, with its contradictions."""

    title: str
    judgements: tuple[Judgement, ...]
    contradictions: tuple[Contradiction, ...] = ()

    def count(self, verdict: Verdict) -> int:
        """How many claims got this verdict."""
        return sum(j.verdict is verdict for j in self.judgements)
