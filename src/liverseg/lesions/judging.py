"""Rules as tests of numbers against limits, over all resamples at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liverseg.errors import InputError
from liverseg.lesions.hull import Float
from liverseg.records import Deciding
from liverseg.tables import Row, Table, load_table, parse_table

Bools = NDArray[np.bool_]
TABLES = ("descriptor_rules", "enhancement_rules", "size_rules")


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits of all rules, jittered in the resamples, as arrays (copies + 1,).

    A limit is moved by normal noise whose standard deviation is the row's `jitter` (a
    share of the limit; row `jitter` of `descriptor_rules` where it has none): nobody
    knows it better. The first entry is the limit itself.
    """

    tables: tuple[Table, ...]
    copies: int
    seed: int
    #: Noise that was drawn already: the same name has the same noise each time.
    _drawn: dict[str, Float] = field(default_factory=dict, repr=False)

    def row(self, name: str) -> Row:
        """The row of this name in the first table that has it; KeyError if none has."""
        for table in self.tables:
            if name in table.rows:
                return table[name]
        raise KeyError(f"no table of rules has a row {name}")

    def number(self, name: str, index: int | None = None) -> float:
        """The limit itself."""
        value = self.row(name).value
        return float(value if index is None else value[index])

    def of(self, name: str, index: int | None = None) -> Float:
        """The limit in every resample; `index` picks one end of a band."""
        row, value = self.row(name), self.number(name, index)
        jitter = float(row.more.get("jitter", self.number("jitter")))
        end = "" if index is None else f" {index}"
        return value + jitter * abs(value) * self.noise(f"limit {name}{end}")

    def noise(self, name: str) -> Float:
        """(copies + 1,) normal numbers that belong to a name; the first is 0."""
        if name not in self._drawn:
            rng = np.random.default_rng([self.seed, *name.encode()])
            noise = np.concatenate([[0.0], rng.standard_normal(self.copies)])
            noise.flags.writeable = False
            self._drawn[name] = noise
        return self._drawn[name]


def load_limits(path: Path | None = None, *, copies: int = 0, seed: int = 0) -> Limits:
    """Limits of the tables of this package; rows of the table file `path` replace theirs.

    Raises `InputError` for a row that no rule has.
    """
    tables = tuple(load_table(name) for name in TABLES)
    if path is None:
        return Limits(tables, copies, seed)
    own = parse_table(path.stem, path.read_bytes())
    known = {row.name for table in tables for row in table}
    unknown = sorted(set(own.rows) - known)
    if unknown:
        raise InputError(
            f"no rule has a row {', '.join(unknown)}",
            where=str(path),
            remedy=f"use row names of the tables {', '.join(TABLES)}",
        )
    return Limits((own, *tables), copies, seed)


@dataclass(frozen=True, eq=False)
class Test:
    """Whether a rule holds, in the measurement (first entry) and in each resample.

    A single test has `values`, `limit` and `above` (wanted at least or above the limit,
    else at most or below); a joint one has `parts`, joined by `kind` "all", "any" or
    "not".
    """

    __test__ = False  # not a test of pytest

    holds: Bools
    name: str = ""
    values: Float | None = None
    limit: Float | None = None
    above: bool = True
    unit: str = ""
    source: str = ""
    kind: str = "one"
    parts: tuple[Test, ...] = field(default=())

    @property
    def probability(self) -> float:
        """Share of the resamples in which it holds; without resamples 0 or 1."""
        return float((self.holds[1:] if self.holds.size > 1 else self.holds).mean())

    def decisive(self, *, turned: bool = False) -> Iterator[tuple[Test, bool]]:
        """Single tests that made the answer what it is, each with whether it is turned round.

        Of parts of which one is enough those that hold, of parts that all must hold those
        that fail, if there are any; else all of them.
        """
        if self.kind == "one":
            yield self, turned
            return
        wanted = self.kind != "all"
        telling = [part for part in self.parts if bool(part.holds[0]) is wanted]
        if self.kind == "not":
            telling = list(self.parts)
        for part in telling or self.parts:
            yield from part.decisive(turned=turned is not (self.kind == "not"))

    def deciding(self) -> tuple[Deciding, ...]:
        """The numbers that decided with their limits, each once."""
        found = {}
        for one, turned in self.decisive():
            assert one.values is not None
            assert one.limit is not None
            drawn = one.values[1:] if one.values.size > 1 else one.values
            low, high = np.quantile(drawn, (0.025, 0.975))
            above = one.above is not turned
            found[one.name, float(one.limit[0]), above] = Deciding(
                name=one.name,
                value=float(one.values[0]),
                unit=one.unit,
                limit=float(one.limit[0]),
                wanted="from" if above else "up to",
                lower=float(low),
                upper=float(high),
                source=one.source,
            )
        return tuple(found.values())


def at_least(name: str, values: Float, limit: Float, unit: str, source: str = "") -> Test:
    """The number is at or above its limit."""
    return Test(values >= limit, name, values, limit, True, unit, source)


def at_most(name: str, values: Float, limit: Float, unit: str, source: str = "") -> Test:
    """The number is below its limit, or at it."""
    return Test(values <= limit, name, values, limit, False, unit, source)


def all_of(*parts: Test) -> Test:
    """Every part holds."""
    return Test(np.logical_and.reduce([p.holds for p in parts]), kind="all", parts=parts)


def any_of(*parts: Test) -> Test:
    """At least one part holds."""
    return Test(np.logical_or.reduce([p.holds for p in parts]), kind="any", parts=parts)


def not_(part: Test) -> Test:
    """The part does not hold."""
    return Test(~part.holds, kind="not", parts=(part,))


def within(
    name: str, values: Float, band: tuple[Float, Float], unit: str, source: str = ""
) -> Test:
    """The number lies in a band, ends included."""
    return all_of(
        at_least(name, values, band[0], unit, source), at_most(name, values, band[1], unit, source)
    )


def margin(planted: Test, measured: Test) -> float:
    """How far planted numbers lie on the side where the rule holds, in standard errors.

    Both tests must come from the same rule; the errors are those of the measured one.
    Below 0 the rule does not hold; between -1 and 1 it is within one standard error. NaN
    where a part could be measured in one of the two only.
    """
    if planted.kind == "one":
        assert planted.values is not None
        assert planted.limit is not None
        assert measured.values is not None
        gap = float(planted.values[0] - planted.limit[0]) * (1.0 if planted.above else -1.0)
        return gap / max(float(np.std(measured.values[1:])), 1e-9)
    if len(planted.parts) != len(measured.parts):
        return float("nan")
    parts: Sequence[float] = [
        margin(one, other) for one, other in zip(planted.parts, measured.parts, strict=True)
    ]
    if planted.kind == "not":
        return -parts[0]
    return min(parts) if planted.kind == "all" else max(parts)
