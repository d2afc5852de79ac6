"""A small findings file as text, and what reading it gives."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from liverseg.errors import InputError
from liverseg.findings import read_findings
from liverseg.records import ReportedFindings

#: Two findings and a contradiction; `text_of` replaces parts of it.
FILE = """\
title: A made-up report
source: nowhere
findings:
  - id: 1
    statement: one lesion in segment 7
    source: text
    place: Section 2
    date: 2015
    modality: CT
    phase: early
    sites: [7]
    test: {rule: site}
    caveat: C1
  - id: 2
    statement: primary tumour removed
    source: pathology
    place: Fig. 4
    not_assessable: images do not show it
    contradicts: [1]
contradictions:
  - id: C1
    between: [1, 2]
    clash: place
    handling: both are shown
"""
Read = Callable[..., ReportedFindings]
Fault = Callable[..., str]


def text_of(*changes: tuple[str, str]) -> str:
    """The file with parts replaced; each part must be there once."""
    text = FILE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.fixture
def read(tmp_path) -> Read:
    """Read the small file after changes of (old, new) text."""

    def read_changed(*changes: tuple[str, str]) -> ReportedFindings:
        path = tmp_path / "findings.yaml"
        path.write_text(text_of(*changes), encoding="utf-8")
        return read_findings(path)

    return read_changed


@pytest.fixture
def fault(read) -> Fault:
    """The message for the small file after changes: one line that names the file."""

    def message(*changes: tuple[str, str]) -> str:
        with pytest.raises(InputError) as caught:
            read(*changes)
        told = str(caught.value)
        assert "\n" not in told
        assert "findings.yaml" in told
        return told

    return message
