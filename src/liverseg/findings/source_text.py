"""YAML to plain values, with the line of every field and no surprises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from liverseg.errors import InputError


class _Loader(yaml.SafeLoader):
    """Safe, and a date stays the text that it was."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class SourceText:
    """Plain values of a YAML file, and where each stands.

    `node` is None for values that were not read from a text; then `path` is their place.
    """

    path: Path | str
    values: Any
    node: yaml.Node | None

    def where(self, steps: Sequence[str | int] = ()) -> str:
        """File and line of a field, as far as it can be found: "findings.yaml, line 12"."""
        if self.node is None:
            return str(self.path)
        return f"{self.path}, line {_line(self.node, steps) + 1}"


def _line(root: yaml.Node, steps: Sequence[str | int]) -> int:
    node, line = root, root.start_mark.line
    for step in steps:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line
        elif isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
    return int(line)


def read_yaml(path: Path) -> SourceText:
    """Read a YAML file. Raises `InputError` naming file, line and column for anything wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise InputError(f"cannot read the findings: {reason}", where=str(path)) from None
    except UnicodeDecodeError:
        raise InputError(
            "the findings are no text in UTF-8", where=str(path), remedy="save the file as UTF-8"
        ) from None
    return parse_yaml(text, path)


def parse_yaml(text: str, path: Path | str) -> SourceText:
    """The same for a text; `path` is what errors call it."""
    try:
        for event in yaml.parse(text, _Loader):
            if isinstance(event, yaml.AliasEvent):
                raise _fault("references (*name) are not taken here", event.start_mark)
        node = yaml.compose(text, _Loader)
        if node is None:
            raise InputError("the findings file is empty", where=str(path))
        _refuse_repeats(node)
        return SourceText(path, yaml.load(text, _Loader), node)
    except yaml.YAMLError as error:
        raise InputError(
            f"not valid YAML: {_problem(error)}",
            where=f"{path}{_place(error)}",
            remedy="correct the file there, or in the line above",
        ) from None
    except RecursionError:
        raise InputError("the findings are nested too deeply", where=str(path)) from None


def _refuse_repeats(node: yaml.Node) -> None:
    """YAML itself keeps the last of two equal keys without a word."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeats(item)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise _fault(f"the field '{name}' stands twice", key.start_mark)
            seen.add(name)
            _refuse_repeats(value)


def _fault(problem: str, mark: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _problem(error: yaml.YAMLError) -> str:
    told = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    return " ".join(str(told).split())


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return "" if mark is None else f", line {mark.line + 1}, column {mark.column + 1}"
