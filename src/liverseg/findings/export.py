"""A comparison as plain values for JSON."""

from __future__ import annotations

import re
from typing import Any

from liverseg.records import Comparison, Judgement

_INTEGER = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?\d+\.\d+")


def comparison_json(comparison: Comparison) -> list[dict[str, Any]]:
    """The list that `comparison.json` holds, one entry a statement in the report's order.

    `value` is a number where it is one, text where it is several, None where there is
    none. `slice` counts acquired slices from 0, or is None.
    """
    return [_entry(judgement) for judgement in comparison.judgements]


def _entry(judgement: Judgement) -> dict[str, Any]:
    claim = judgement.claim
    return {
        "id": claim.id,
        "statement": claim.statement,
        "verdict": str(judgement.verdict),
        "value": plain_value(judgement.value),
        "unit": judgement.unit,
        "tolerance": judgement.tolerance,
        "phase": judgement.phase,
        "lesion": judgement.lesion,
        "reason": judgement.reason,
        "contradicts": list(claim.contradicts),
        "place": claim.place,
        "date": claim.date,
        "slice": judgement.slice,
        "series_uid": judgement.series_uid,
    }


def plain_value(text: str) -> float | int | str | None:
    """A number where the text is one, None where it is empty, else the text.

    >>> [plain_value(text) for text in ("35.2", "5", "24 to 26", "")]
    [35.2, 5, '24 to 26', None]
    """
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text or None
