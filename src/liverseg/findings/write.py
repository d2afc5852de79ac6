"""`ReportedFindings` back to a findings file: what was written can be read again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

from liverseg.errors import InputError
from liverseg.records import Claim, Contradiction, ReportedFindings

CAVEAT = "caveat"
#: Width of a line in the file.
_WIDTH = 96


def findings_values(reported: ReportedFindings) -> dict[str, Any]:
    """Plain values of a findings file; `parse_findings` makes the same findings of them."""
    values: dict[str, Any] = {
        "title": reported.title,
        "source": reported.source,
        "findings": [claim_values(claim) for claim in reported.claims],
    }
    if reported.contradictions:
        values["contradictions"] = [_contradiction(one) for one in reported.contradictions]
    return values


def claim_values(claim: Claim) -> dict[str, Any]:
    """One entry of a findings file; fields that say nothing are left out."""
    expects = {name: _plain(value) for name, value in claim.expects.items() if name != CAVEAT}
    values: dict[str, Any] = {
        "id": claim.id,
        "statement": claim.statement,
        "source": str(claim.source),
        "place": claim.place,
        "date": claim.date,
        "modality": claim.modality,
        "phase": claim.phase,
        "sites": list(claim.sites),
        "test": {"rule": claim.test, **expects} if claim.test else {},
        "not_assessable": claim.untestable,
        "contradicts": list(claim.contradicts),
        "caveat": str(claim.expects.get(CAVEAT, "")),
    }
    return {name: value for name, value in values.items() if value}


def write_findings(reported: ReportedFindings, path: Path | str) -> Path:
    """Write a findings file (YAML), whole or not at all; returns its path.

    Raises `InputError` when there is no finding to write, or the place cannot be written to.
    """
    path = Path(path)
    if not reported.claims:
        raise InputError("there is no finding to write", where=str(path), remedy="add one first")
    text = yaml.safe_dump(
        findings_values(reported), sort_keys=False, allow_unicode=True, width=_WIDTH
    )
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise InputError(
            f"the findings cannot be written: {error.strerror}",
            where=str(path),
            remedy="choose a folder that can be written to",
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return path


def _contradiction(one: Contradiction) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": one.id,
        "between": list(one.between),
        "clash": one.clash,
        "handling": one.handling,
    }
    return values if one.is_clash else {**values, "is_clash": False}


def _plain(value: object) -> Any:
    """Tuples to lists, all the way down: YAML and JSON know no tuples."""
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value
