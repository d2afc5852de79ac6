"""The findings file: its fields, its types, and its JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from liverseg.findings.dates import DATE_PATTERN, runs_forward
from liverseg.findings.expectations import (
    NEEDS_PHASE,
    Strict,
    Test,
    needs_sites,
    single_tests,
)
from liverseg.findings.words import parse_phase_word, phase_words

_TEXT_OR_NUMBER: dict[str, Any] = {"type": ["string", "integer"]}


def _text_of_number(value: Any) -> Any:
    """YAML reads 7 and 2015 as numbers; as ids, segments and dates they are text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _stored_phase(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    phase = parse_phase_word(value)
    if phase is None:
        raise PydanticCustomError("unknown_phase", "unknown phase", {"allowed": phase_words()})
    return str(phase)


Text = Annotated[str, Field(min_length=1)]
Id = Annotated[
    str,
    BeforeValidator(_text_of_number),
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"),
    WithJsonSchema(_TEXT_OR_NUMBER),
]
Date = Annotated[
    str,
    BeforeValidator(_text_of_number),
    Field(pattern=DATE_PATTERN),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": DATE_PATTERN}, {"type": "integer"}]}),
]
Segment = Annotated[
    Literal["1", "2", "3", "4", "5", "6", "7", "8", "4a", "4b"],
    BeforeValidator(_text_of_number),
    WithJsonSchema({"enum": [*(str(n) for n in range(1, 9)), *range(1, 9), "4a", "4b"]}),
]
PhaseWord = Annotated[
    str, BeforeValidator(_stored_phase), WithJsonSchema({"enum": list(phase_words())})
]


class FindingEntry(Strict):
    """One reported statement and how it is tested, or why images cannot show it."""

    id: Id = Field(description="Number or short name, used once.")
    statement: Text = Field(description="What the report says, in your words.")
    source: Literal["text", "figure", "text_and_figure", "pathology", "operation"] = Field(
        description="Kind of source."
    )
    place: Text = Field(description="Where in the report, such as 'Fig. 1A'.")
    date: Date | None = Field(
        default=None, description="Year, month or day (2015, 2015-06-01), or a span 2015/2019."
    )
    modality: Literal["CT", "MR", "CT or MR"] | None = Field(
        default=None, description="Left out when the statement is not about one."
    )
    phase: PhaseWord | None = Field(
        default=None, description="Phase or sequence, in the report's word or the stored name."
    )
    sites: tuple[Segment, ...] = Field(default=(), description="Couinaud segments named.")
    test: Test | None = Field(default=None, description="The rule that decides it.")
    not_assessable: Text | None = Field(
        default=None, description="Why images cannot show it, instead of a test."
    )
    contradicts: tuple[Id, ...] = Field(
        default=(), description="Findings that clash with it; its own id when it does so itself."
    )
    caveat: Id | None = Field(
        default=None, description="A contradiction to be shown with its verdict as a doubt."
    )

    @model_validator(mode="after")
    def _test_or_reason(self) -> FindingEntry:
        if (self.test is None) == (self.not_assessable is None):
            raise PydanticCustomError(
                "test_or_reason", "give either 'test' or 'not_assessable', and not both"
            )
        return self

    @model_validator(mode="after")
    def _test_has_what_it_needs(self) -> FindingEntry:
        for test in () if self.test is None else single_tests(self.test):
            rule = str(getattr(test, "rule", ""))
            if needs_sites(test) and not self.sites:
                raise PydanticCustomError("needs_sites", f"the test {rule} needs 'sites'")
            if rule in NEEDS_PHASE and self.phase is None:
                raise PydanticCustomError("needs_phase", f"the test {rule} needs 'phase'")
        return self

    @model_validator(mode="after")
    def _span_runs_forward(self) -> FindingEntry:
        if not runs_forward(self.date or ""):
            raise PydanticCustomError("span_backwards", "the span in 'date' ends before it begins")
        return self


class ContradictionEntry(Strict):
    """A clash inside the report, or two statements that only seem to clash."""

    id: Id
    between: tuple[Id, ...] = Field(
        default=(), description="Findings; empty when the clash is in none of them."
    )
    clash: Text = Field(description="What clashes.")
    handling: Text = Field(description="What a program should do about it.")
    is_clash: bool = Field(default=True, description="False: they agree after all.")


class FindingsFile(Strict):
    """Reported findings of one patient, made comparable."""

    title: Text
    source: Text = Field(description="Where the report is published or kept.")
    note: Text | None = None
    findings: tuple[FindingEntry, ...] = Field(min_length=1)
    contradictions: tuple[ContradictionEntry, ...] = ()


def findings_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a findings file, for editors and other programs.

    It cannot say that ids are unique and known, nor which tests need sites or a phase;
    `read_findings` checks these too, and takes phase words in any case.
    """
    schema = FindingsFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
