"""What a form must ask for each rule: its fields, as the schema has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liverseg.errors import InputError
from liverseg.findings.expectations import MODELS
from liverseg.findings.source_text import parse_yaml

#: Rules whose fields hold other rules; a form takes them as text.
NESTED = ("all_of",)


@dataclass(frozen=True)
class RuleField:
    """A field of a rule: what it is called, its kind and whether it must be given.

    `kind` is "choice" (one of `choices`), "number", "whole", "numbers" (a list) or "flag".
    """

    name: str
    kind: str
    required: bool
    choices: tuple[str, ...] = ()


def rule_names() -> tuple[str, ...]:
    """All rules, in the order of the documentation."""
    return tuple(MODELS)


def fields_of_rule(rule: str) -> tuple[RuleField, ...]:
    """The fields of a rule besides its name; empty for a rule of rules (`all_of`).

    >>> [field.name for field in fields_of_rule("count")], fields_of_rule("vessel")[0].kind
    (['at_least', 'at_most'], 'flag')
    """
    if rule in NESTED:
        return ()
    schema = MODELS[rule].model_json_schema()
    required = schema.get("required", ())
    return tuple(
        _field(name, part, required=name in required)
        for name, part in schema["properties"].items()
        if name != "rule"
    )


def describe_rule(rule: str) -> str:
    """What a rule tests, in one sentence.

    >>> describe_rule("count")
    'Number of separate lesions.'
    """
    return (MODELS[rule].__doc__ or "").split("\n\n")[0].replace("\n    ", " ").strip()


def parse_test(text: str, *, where: str) -> Mapping[str, Any]:
    """A test written as YAML, as plain values. Raises `InputError` when it is no group of fields.

    Whether its fields are right says the reader of findings, when the finding is read.
    """
    values = parse_yaml(text, where).values
    if not isinstance(values, dict):
        raise InputError(
            "the test is no group of fields",
            where=where,
            remedy="write one field a line, the first one such as `rule: all_of`",
        )
    return values


def _field(name: str, part: Mapping[str, Any], *, required: bool) -> RuleField:
    options = [one for one in part.get("anyOf", [part]) if one.get("type") != "null"]
    first = options[0]
    choices = first.get("enum") or ([first["const"]] if "const" in first else [])
    if choices:
        return RuleField(name, "choice", required, tuple(choices))
    kinds = {"number": "number", "integer": "whole", "array": "numbers", "boolean": "flag"}
    return RuleField(name, kinds[first["type"]], required)
