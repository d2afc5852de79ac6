"""The page of inputs in the documentation says what happens now."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "reference" / "ingest_inputs.md"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("table", ROOT / "benchmarks" / "ingest_table.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["table"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def lines():
    return [line for line in PAGE.read_text(encoding="utf-8").splitlines() if "| " in line]


def test_the_page_lists_at_least_sixty_inputs_each_with_a_reason():
    rows = [line.strip("|").split(" | ") for line in lines() if not line.startswith("| input")]
    assert len(rows) >= 60
    for row in rows:
        name, files, states, _, why = (cell.strip() for cell in row)
        counts = [int(part.split()[0]) for part in states.split(", ")]
        assert sum(counts) == int(files) > 0, name
        assert why, name


def test_rows_of_inputs_made_here_are_up_to_date(script, tmp_path):
    made = {script.line_of(row) for row in script.made_rows(tmp_path)}
    assert len(made) > 25
    assert made <= set(lines()), "run: make ingest-table"


def test_rows_of_the_awkward_series_are_up_to_date(script, shared_data):
    for name in script.AWKWARD:
        folder = shared_data / "geometry" / name
        for title, policy in ((name, script.STRICT), (f"{name}, all changes allowed", script.ALL)):
            row = script.judge("Geometry", title, folder, policy)
            assert script.line_of(row) in lines(), "run: make ingest-table"
