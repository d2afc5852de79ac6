"""The answer: how the reported statements fared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liverseg.findings import tolerance_parts
from liverseg.records import Comparison, Contradiction, Judgement, Verdict
from liverseg.report.words import (
    SOURCES,
    VERDICTS,
    counted,
    listed,
    phase_word,
    unit_word,
)

#: What a reader must look at first, gravest first.
_LOOK = (Verdict.CONFLICTS, Verdict.BORDERLINE, Verdict.PARTLY)
#: How a number of statements with this verdict is put in a sentence.
_SENTENCES = {
    Verdict.CONFLICTS: ("conflicts with the images", "conflict with the images"),
    Verdict.BORDERLINE: ("is borderline", "are borderline"),
    Verdict.PARTLY: ("agrees only in part", "agree only in part"),
    Verdict.AGREES: ("agrees", "agree"),
    Verdict.NOT_ASSESSABLE: (
        "cannot be assessed on these images",
        "cannot be assessed on these images",
    ),
}


@dataclass(frozen=True)
class Count:
    """A part of the bar of verdicts."""

    verdict: Verdict
    sign: str
    word: str
    number: int


@dataclass(frozen=True)
class ClaimRow:
    """A line of the claim table.

    `tolerance` has (rule, source) pairs; `lesions` are (name, anchor or "").
    """

    id: str
    anchor: str
    statement: str
    place: str
    verdict: Verdict
    sign: str
    word: str
    measured: str
    tolerance: tuple[tuple[str, str], ...]
    phase: str
    lesions: tuple[tuple[str, str], ...]
    slice: int | None
    reason: str
    contradicts: tuple[str, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class ClashRow:
    """A contradiction inside the report."""

    anchor: str
    item: Contradiction


@dataclass(frozen=True)
class Answer:
    """The first part of the page. `anchors` say where each statement stands, by its id."""

    title: str
    total: int
    headline: str
    counts: tuple[Count, ...]
    look: tuple[ClaimRow, ...]
    rows: tuple[ClaimRow, ...]
    clashes: tuple[ClashRow, ...]
    no_clashes: tuple[ClashRow, ...]
    anchors: Mapping[str, str]


def build_answer(comparison: Comparison, anchors: Mapping[str, str]) -> Answer:
    """Counts, table and contradictions of a comparison; `anchors` of lesions by name."""
    rows = tuple(
        _row(item, f"claim-{n}", anchors) for n, item in enumerate(comparison.judgements, start=1)
    )
    clashes = tuple(
        ClashRow(f"clash-{n}", item) for n, item in enumerate(comparison.contradictions, start=1)
    )
    counts = tuple(
        Count(verdict, sign, word, comparison.count(verdict))
        for verdict, (sign, word) in VERDICTS.items()
    )
    return Answer(
        title=comparison.title,
        total=len(rows),
        headline=_headline(comparison),
        counts=counts,
        look=tuple(row for verdict in _LOOK for row in rows if row.verdict is verdict),
        rows=rows,
        clashes=tuple(row for row in clashes if row.item.is_clash),
        no_clashes=tuple(row for row in clashes if not row.item.is_clash),
        anchors={row.id: row.anchor for row in rows},
    )


def _headline(comparison: Comparison) -> str:
    """One sentence, gravest verdict first.

    "Of 20 statements 1 agrees only in part, 15 agree and 4 cannot be assessed ..."
    """
    total = len(comparison.judgements)
    if not total:
        return "The report makes no statement."
    parts = []
    for verdict in (*_LOOK, Verdict.AGREES, Verdict.NOT_ASSESSABLE):
        number = comparison.count(verdict)
        if number:
            parts.append(f"{number} {_SENTENCES[verdict][number != 1]}")
    return f"Of {counted(total, 'statement')} {listed(parts)}."


def _row(item: Judgement, anchor: str, anchors: Mapping[str, str]) -> ClaimRow:
    claim = item.claim
    sign, word = VERDICTS[item.verdict]
    source = f"{SOURCES[claim.source]}: {claim.place}" if claim.place else SOURCES[claim.source]
    measured = f"{item.value}\u00a0{unit_word(item.unit)}".strip() if item.value else ""
    return ClaimRow(
        id=claim.id,
        anchor=anchor,
        statement=claim.statement,
        place=" · ".join(filter(None, (claim.date.replace("/", " to "), source))),
        verdict=item.verdict,
        sign=sign,
        word=word,
        measured=measured,
        tolerance=tolerance_parts(item.tolerance),
        phase=phase_word(item.phase) if item.phase else "",
        lesions=_lesions(item.lesion, anchors),
        slice=item.slice,
        reason=item.reason,
        contradicts=claim.contradicts,
        doubts=tuple(dict.fromkeys(doubt.reason for doubt in item.doubts)),
    )


def _lesions(names: str, anchors: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Lesions that a judgement names, each with its place on the page where it has one."""
    if names in anchors:
        return ((names, anchors[names]),)
    parts = [part.strip() for part in names.replace(";", ",").split(",")]
    return tuple((part, anchors.get(part, "")) for part in parts if part)
