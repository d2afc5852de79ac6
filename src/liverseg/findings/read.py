"""A findings file to `ReportedFindings`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from liverseg.errors import InputError
from liverseg.findings.faults import explain
from liverseg.findings.schema import ContradictionEntry, FindingEntry, FindingsFile
from liverseg.findings.source_text import SourceText, read_yaml
from liverseg.findings.words import did_you_mean
from liverseg.records import Claim, Contradiction, ReportedFindings, SourceKind


def read_findings(path: Path | str) -> ReportedFindings:
    """Read the reported findings of one patient from a YAML file.

    `contradicts` is made symmetric: it is enough that one of two findings names the
    other. Schema: `findings_schema`.

    Raises `InputError` in one sentence with file, line, finding, field and the likely
    cure: for text that is no YAML, unknown or missing fields, wrong values, ids used
    twice, and ids that nothing has.
    """
    return _findings(read_yaml(Path(path)))


def parse_findings(values: object, *, where: str) -> ReportedFindings:
    """The same for plain values, such as those of a form; errors call their place `where`."""
    return _findings(SourceText(where, values, None))


def _findings(source: SourceText) -> ReportedFindings:
    if not isinstance(source.values, dict):
        raise InputError(
            "a findings file is a group of fields", where=source.where(), remedy=_FIELDS
        )
    try:
        # By way of JSON, because strict models take lists and names only from there.
        file = FindingsFile.model_validate_json(json.dumps(source.values))
    except ValidationError as error:
        raise explain(error, source) from None
    except (TypeError, ValueError):
        raise InputError(
            "the findings hold a value that is no text, number or list", where=source.where()
        ) from None
    _require_unique(source, "findings", [entry.id for entry in file.findings])
    _require_unique(source, "contradictions", [entry.id for entry in file.contradictions])
    _require_known(source, file)
    clashes = _both_ways(file.findings)
    return ReportedFindings(
        title=file.title,
        source=file.source,
        claims=tuple(_claim(entry, clashes[entry.id]) for entry in file.findings),
        contradictions=tuple(_contradiction(entry) for entry in file.contradictions),
    )


_FIELDS = f"the fields are {', '.join(FindingsFile.model_fields)}"


def _require_unique(source: SourceText, name: str, ids: list[str]) -> None:
    twice = [item for item, count in Counter(ids).items() if count > 1]
    if twice:
        last = len(ids) - 1 - ids[::-1].index(twice[0])
        raise InputError(
            f"the id '{twice[0]}' stands for two {name}",
            where=source.where((name, last, "id")),
            remedy="give each an id of its own",
        )


def _require_known(source: SourceText, file: FindingsFile) -> None:
    findings = [entry.id for entry in file.findings]
    contradictions = [entry.id for entry in file.contradictions]
    for steps, title, named, known in _references(file, findings, contradictions):
        if named not in known:
            raise InputError(
                f"{title} names '{named}', which is no {_kind(steps)} of this "
                f"file{did_you_mean(named, known)}",
                where=source.where(steps),
                remedy=f"the ids are {', '.join(known) or 'none so far'}",
            )


Reference = tuple[tuple[str | int, ...], str, str, list[str]]


def _references(
    file: FindingsFile, findings: list[str], contradictions: list[str]
) -> Iterator[Reference]:
    """Path, owner, id and the ids it may be, for every id that refers to something."""
    for at, entry in enumerate(file.findings):
        for named in entry.contradicts:
            yield ("findings", at, "contradicts"), f"finding {entry.id}", named, findings
        if entry.caveat is not None:
            steps = ("findings", at, "caveat")
            yield steps, f"finding {entry.id}", entry.caveat, contradictions
    for at, clash in enumerate(file.contradictions):
        for named in clash.between:
            yield ("contradictions", at, "between"), f"contradiction {clash.id}", named, findings


def _kind(steps: tuple[str | int, ...]) -> str:
    return "contradiction" if steps[-1] == "caveat" else "finding"


def _both_ways(entries: Iterable[FindingEntry]) -> dict[str, tuple[str, ...]]:
    """Ids that clash with each finding, in the order of the file."""
    entries = tuple(entries)
    pairs = {(entry.id, other) for entry in entries for other in entry.contradicts}
    pairs |= {(other, one) for one, other in pairs}
    return {
        entry.id: tuple(other.id for other in entries if (entry.id, other.id) in pairs)
        for entry in entries
    }


def _claim(entry: FindingEntry, contradicts: tuple[str, ...]) -> Claim:
    expects: dict[str, object] = {}
    rule = ""
    if entry.test is not None:
        expects = entry.test.model_dump(exclude_none=True)
        rule = str(expects.pop("rule"))
    if entry.caveat is not None:
        expects["caveat"] = entry.caveat
    return Claim(
        id=entry.id,
        statement=entry.statement,
        source=SourceKind(entry.source),
        place=entry.place,
        date=entry.date or "",
        modality=entry.modality or "",
        phase=entry.phase or "",
        sites=tuple(dict.fromkeys(entry.sites)),
        test=rule,
        untestable=entry.not_assessable or "",
        expects=expects,
        contradicts=contradicts,
    )


def _contradiction(entry: ContradictionEntry) -> Contradiction:
    return Contradiction(entry.id, entry.between, entry.clash, entry.handling, entry.is_clash)
