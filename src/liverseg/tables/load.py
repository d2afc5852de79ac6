"""Read the TOML tables of this package.

A table file has a ``[about]`` section and rows ``[rows.<name>]``, each with ``value``,
``unit`` (may be ""), ``source`` and ``checked``: "read" (seen in the source),
"known" (common knowledge, not re-read) or "designed" (chosen for this project, nobody
has published it). Other keys are free.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from liverseg.errors import InputError

CHECKED = ("read", "known", "designed")


@dataclass(frozen=True)
class Row:
    """One row: its name, value, unit, source, how far it was checked, and other columns."""

    name: str
    value: Any
    unit: str
    source: str
    checked: str
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A loaded table. `digest` (SHA-256 of the file) goes into the case file."""

    name: str
    digest: str
    rows: Mapping[str, Row]

    def number(self, row: str) -> float:
        """The value of a row as a float; KeyError names the table and the row."""
        return float(self[row].value)

    def __getitem__(self, row: str) -> Row:
        try:
            return self.rows[row]
        except KeyError:
            raise KeyError(f"table {self.name} has no row {row}") from None

    def __contains__(self, row: object) -> bool:
        """Whether there is a row of this name."""
        return row in self.rows

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())


@cache
def load_table(name: str) -> Table:
    """Load ``tables/<name>.toml`` of this package.

    Raises `InputError` for an unknown table or a row without value, source or mark.
    """
    path = resources.files("liverseg.tables") / f"{name}.toml"
    if not path.is_file():
        raise InputError(f"there is no table {name}", where="liverseg.tables")
    text = path.read_bytes()
    return parse_table(name, text)


def parse_table(name: str, text: bytes) -> Table:
    """Turn the bytes of a table file into a `Table`; every row is checked."""
    raw = tomllib.loads(text.decode("utf-8"))
    rows = {key: _parse_row(name, key, dict(body)) for key, body in raw.get("rows", {}).items()}
    return Table(name, hashlib.sha256(text).hexdigest(), rows)


@cache
def load_records(name: str) -> tuple[Mapping[str, str], ...]:
    """The lines of ``tables/<name>.csv`` of this package, by the headings of its first line.

    Lines that begin with "#" say where the file is from. Raises `InputError` for an
    unknown table or a line without a source.
    """
    path = resources.files("liverseg.tables") / f"{name}.csv"
    if not path.is_file():
        raise InputError(f"there is no table {name}", where="liverseg.tables")
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    records = tuple(csv.DictReader(lines))
    bare = [number for number, record in enumerate(records, 1) if not record.get("source")]
    if bare:
        raise InputError("a table row needs a source", where=f"table {name}, record {bare[0]}")
    return records


def _parse_row(table: str, key: str, body: dict[str, Any]) -> Row:
    where = f"table {table}, row {key}"
    if "value" not in body or not body.get("source") or body.get("checked") not in CHECKED:
        raise InputError(
            "a table row needs value, source and checked (" + ", ".join(CHECKED) + ")", where=where
        )
    return Row(
        name=key,
        value=body.pop("value"),
        unit=str(body.pop("unit", "")),
        source=str(body.pop("source")),
        checked=str(body.pop("checked")),
        more=body,
    )


def table_digests() -> dict[str, str]:
    """SHA-256 of every table of this package by name: what a case was judged with."""
    folder = resources.files("liverseg.tables")
    names = sorted(path.name for path in folder.iterdir() if path.name.endswith(".toml"))
    return {
        name.removesuffix(".toml"): load_table(name.removesuffix(".toml")).digest for name in names
    }
