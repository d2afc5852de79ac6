"""A fault in a findings file as one sentence: which field, what is wrong, what to write."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from liverseg.errors import InputError
from liverseg.findings.expectations import MODELS, Strict
from liverseg.findings.schema import ContradictionEntry, FindingEntry, FindingsFile
from liverseg.findings.source_text import SourceText
from liverseg.findings.words import did_you_mean

_LISTS = {"findings": "finding", "contradictions": "contradiction"}
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a group of fields",
    "model_type": "a group of fields",
    "model_attributes_type": "a group of fields",
}
Steps = tuple[str | int, ...]


def explain(error: ValidationError, source: SourceText) -> InputError:
    """The error to raise for a file that does not fit the schema: its first fault, in words.

    An unknown field comes first: the missing one beside it is most often the same typo.
    """
    faults = sorted(_own(error.errors()), key=lambda fault: fault["type"] != "extra_forbidden")
    fault = faults[0]
    steps = field_steps(fault["loc"])
    what, remedy = _sentence(fault, steps)
    place = place_of(steps, source.values)
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return InputError(
        f"{place}: {what}{more}" if place else f"{what}{more}",
        where=source.where(steps),
        remedy=remedy,
    )


def _own(faults: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Faults without lists that are only too short because of a fault in one of their items."""

    def follows(fault: ErrorDetails) -> bool:
        at = len(fault["loc"])
        deeper = (len(one["loc"]) > at and one["loc"][:at] == fault["loc"] for one in faults)
        return fault["type"] == "too_short" and any(deeper)

    return [fault for fault in faults if not follows(fault)]


def field_steps(loc: Sequence[str | int]) -> Steps:
    """Path in the file: pydantic puts the rule's name into it, which is no field."""
    return tuple(step for at, step in enumerate(loc) if not _is_rule(loc, at))


def _is_rule(loc: Sequence[str | int], at: int) -> bool:
    if at == 0 or loc[at] not in MODELS:
        return False
    return loc[at - 1] == "test" or (at > 1 and loc[at - 2] == "parts")


def place_of(steps: Steps, values: Any) -> str:
    """Such as "finding 7" by its id, or "entry 7 of findings" where it has none."""
    if len(steps) < 2 or steps[0] not in _LISTS or not isinstance(steps[1], int):
        return ""
    try:
        name = values[steps[0]][steps[1]]["id"]
    except (KeyError, TypeError):
        return f"entry {steps[1] + 1} of {steps[0]}"
    return f"{_LISTS[str(steps[0])]} {name}"


def _sentence(fault: ErrorDetails, steps: Steps) -> tuple[str, str | None]:
    """What is wrong, and what to write instead."""
    kind, field = fault["type"], _field(steps)
    if kind == "extra_forbidden":
        known = known_fields(fault["loc"][:-1])
        hint = did_you_mean(str(steps[-1]), known)
        return f"there is no field '{steps[-1]}'{hint}", f"the fields here are {', '.join(known)}"
    if kind == "missing":
        return f"the field '{field}' is missing", "add it"
    if kind == "union_tag_not_found":
        return f"'{field}' names no rule", f"add 'rule', one of {', '.join(MODELS)}"
    allowed = _allowed(kind, fault.get("ctx", {}))
    if allowed:
        given = fault["input"]
        shown = given.get("rule") if isinstance(given, dict) else given
        name = "rule" if kind == "union_tag_invalid" else field
        hint = did_you_mean(str(shown), allowed)
        return f"'{name}' is {_shown(shown)}{hint}", f"use one of {', '.join(allowed)}"
    return _other(fault, field)


def _other(fault: ErrorDetails, field: str) -> tuple[str, str | None]:
    if fault["type"] in _EXPECTED:
        return f"'{field}' is {_shown(fault['input'])}, not {_EXPECTED[fault['type']]}", None
    if isinstance(fault["input"], dict) or not field:
        return fault["msg"], None
    if field == "date":
        remedy = "write 2015, 2015-06 or 2015-06-01, or a span such as 2015/2019"
        return f"'date' is {_shown(fault['input'])}, no date", remedy
    told = fault["msg"][:1].lower() + fault["msg"][1:]
    return f"'{field}' is {_shown(fault['input'])}: {told}", None


def _allowed(kind: str, context: Mapping[str, Any]) -> tuple[str, ...]:
    """Values that would have been right, where there is a list of them."""
    if kind == "unknown_phase":
        return tuple(context["allowed"])
    if kind == "literal_error":
        return tuple(re.findall(r"'([^']*)'", str(context["expected"])))
    if kind == "union_tag_invalid":
        return tuple(re.findall(r"'([^']*)'", str(context["expected_tags"])))
    return ()


def _field(steps: Steps) -> str:
    """Name of the field, of a list's item the name of the list."""
    return next((str(step) for step in reversed(steps) if isinstance(step, str)), "")


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a group of fields"
    return "a list" if isinstance(value, list) else f"'{value}'"


def known_fields(loc: Sequence[str | int]) -> tuple[str, ...]:
    """Fields that may stand at a place of the file."""
    model: type[Strict] = FindingsFile
    for at, step in enumerate(loc):
        if at == 0 and step in _LISTS:
            model = FindingEntry if step == "findings" else ContradictionEntry
        elif _is_rule(loc, at):
            model = MODELS[str(step)]
    return tuple(model.model_fields)
