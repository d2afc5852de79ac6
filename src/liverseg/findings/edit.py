"""Change one finding of a report; every change is read by the reader of findings files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from liverseg.errors import InputError
from liverseg.findings.read import parse_findings
from liverseg.findings.write import findings_values
from liverseg.records import ReportedFindings

#: What errors call the place of an entry that is in no file.
FORM = "this finding"


def put_claim(
    reported: ReportedFindings, values: Mapping[str, Any], *, instead_of: str = ""
) -> ReportedFindings:
    """The findings with one entry more, or with another one in the place of `instead_of`.

    `values` are the fields of an entry of a findings file (`findings_schema`). A new id of
    an old finding is carried to what refers to it. Raises `InputError` as `read_findings`
    does, in the same words, and for an `instead_of` that is not there.
    """
    file = findings_values(reported)
    entries, new = file["findings"], dict(values)
    if not instead_of:
        entries.append(new)
    else:
        entries[_at(reported, instead_of)] = new
        named = str(new.get("id", ""))
        if named and named != instead_of:
            _rename(file, instead_of, named)
    return parse_findings(file, where=FORM)


def drop_claim(reported: ReportedFindings, claim_id: str) -> ReportedFindings:
    """The findings without one; what refers to it no longer does.

    Raises `InputError` when there is no such finding.
    """
    at = _at(reported, claim_id)
    claims = tuple(
        replace(claim, contradicts=tuple(one for one in claim.contradicts if one != claim_id))
        for number, claim in enumerate(reported.claims)
        if number != at
    )
    clashes = tuple(
        replace(one, between=tuple(name for name in one.between if name != claim_id))
        for one in reported.contradictions
    )
    return replace(reported, claims=claims, contradictions=clashes)


def _at(reported: ReportedFindings, claim_id: str) -> int:
    ids = [claim.id for claim in reported.claims]
    if claim_id not in ids:
        raise InputError(
            f"there is no finding {claim_id!r}",
            where=FORM,
            remedy="the ids are " + (", ".join(ids) or "none so far"),
        )
    return ids.index(claim_id)


def _rename(file: dict[str, Any], old: str, new: str) -> None:
    for entry in file["findings"]:
        if old in entry.get("contradicts", ()):
            entry["contradicts"] = [new if one == old else one for one in entry["contradicts"]]
    for clash in file.get("contradictions", ()):
        clash["between"] = [new if one == old else one for one in clash["between"]]
