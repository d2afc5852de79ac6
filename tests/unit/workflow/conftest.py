"""The coarse case open for writing, and its CT with voxels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from liverseg.case import CaseFile
from liverseg.records import Exam
from liverseg.workflow import load_exam


@pytest.fixture
def case(coarse_case_file) -> Iterator[CaseFile]:
    with CaseFile.open(coarse_case_file) as opened:
        yield opened


@pytest.fixture
def exam(case) -> Exam:
    return load_exam(case, "2015-06-01_CT")
