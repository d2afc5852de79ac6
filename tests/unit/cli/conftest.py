"""The program as a fixture."""

from __future__ import annotations

import pytest
from unit.cli.program import Program, program_of


@pytest.fixture
def liverseg(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    return program_of(monkeypatch, capsys)
