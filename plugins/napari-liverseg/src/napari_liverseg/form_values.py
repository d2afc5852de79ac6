"""What was typed into the form of a finding, as the fields of a findings file. No Qt.

Nothing is judged here: what cannot be read as a number stays the text that it is, so that
the reader of findings files says what is wrong with it, in its own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from liverseg.findings import RuleField, claim_values, fields_of_rule, parse_test
from liverseg.records import Claim, Phase, SourceKind

#: The choice that stands for "no rule": images cannot show it.
NO_RULE = "not_assessable"
#: Fields that are one text, in the order of the form.
TEXTS = ("id", "statement", "source", "place", "date", "modality", "phase")
#: Fields that are lists, typed with commas between.
LISTS = ("sites", "contradicts")
SOURCES = tuple(str(kind) for kind in SourceKind)
MODALITIES = ("", "CT", "MR", "CT or MR")
PHASES = ("", *(str(phase) for phase in Phase if phase is not Phase.UNDETERMINED))
_BETWEEN = re.compile(r"[,;×x\s]+")


def entry_of(
    texts: Mapping[str, str], *, rule: str, details: Mapping[str, str], where: str
) -> dict[str, Any]:
    """The entry of a findings file that these texts mean; what is empty is left out.

    `details` are the fields of the rule; for `NO_RULE` the text "reason", for a rule of
    rules the text "yaml". Raises `InputError` for a text that is no YAML.
    """
    values: dict[str, Any] = {name: texts.get(name, "").strip() for name in TEXTS}
    values |= {name: split(texts.get(name, "")) for name in LISTS}
    values["caveat"] = texts.get("caveat", "").strip()
    if rule == NO_RULE:
        values["not_assessable"] = details.get("reason", "").strip()
    elif not fields_of_rule(rule) and details.get("yaml", "").strip():
        values["test"] = dict(parse_test(details["yaml"], where=where))
    else:
        found = {
            field.name: _value(field, details.get(field.name, "").strip())
            for field in fields_of_rule(rule)
        }
        values["test"] = {"rule": rule, **{k: v for k, v in found.items() if v not in ("", [])}}
    return {name: value for name, value in values.items() if value not in ("", [])}


def texts_of(claim: Claim) -> tuple[dict[str, str], str, dict[str, str]]:
    """The way back: texts, rule and details that show a finding in the form."""
    values = claim_values(claim)
    texts = {name: str(values.get(name, "")) for name in (*TEXTS, "caveat")}
    texts |= {name: ", ".join(values.get(name, ())) for name in LISTS}
    test = values.get("test")
    if test is None:
        return texts, NO_RULE, {"reason": str(values.get("not_assessable", ""))}
    rule = str(test["rule"])
    if any(
        isinstance(item, dict) for part in test.values() if isinstance(part, list) for item in part
    ):
        return texts, rule, {"yaml": yaml.safe_dump(test, sort_keys=False, allow_unicode=True)}
    details = {
        name: ", ".join(f"{one:g}" for one in value) if isinstance(value, list) else _text(value)
        for name, value in test.items()
        if name != "rule"
    }
    return texts, rule, details


def split(text: str) -> list[str]:
    """Parts of a list as people type it: "4, 5", "4 5", "4;5"."""
    return [part for part in re.split(r"[,;\s]+", text.strip()) if part]


def _value(field: RuleField, text: str) -> Any:
    if field.kind == "numbers":
        return [_number(part) for part in _BETWEEN.split(text) if part]
    if field.kind == "flag":
        return {"yes": True, "no": False}.get(text, text)
    return _number(text) if field.kind in ("number", "whole") else text


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
