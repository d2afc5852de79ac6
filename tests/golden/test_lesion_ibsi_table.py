"""`make ibsi`: every reference value of both IBSI phantoms within its tolerance."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import ibsi_table
import pytest

SCRIPT = Path(ibsi_table.__file__)
#: 6 columns of 23 morphology and 18 intensity features.
EXPECTED = 6 * (23 + 18)


@pytest.fixture(scope="module")
def lines(shared_data):
    folder = shared_data / "ibsi"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    return list(ibsi_table.compare(folder))


def test_every_value_is_within_its_tolerance(lines):
    assert len(lines) == EXPECTED
    off = [line for line in lines if not line.agrees]
    assert not off


def test_the_comparison_can_fail(lines):
    for line in lines:
        width = max(line.tolerance, 0.02 * abs(line.reference), 0.02)
        assert not replace(line, value=line.reference + 1.01 * width).agrees, line
        assert not replace(line, value=float("nan")).agrees


def test_the_command_says_when_there_are_no_data(tmp_path):
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env=os.environ | {"LIVERSEG_TEST_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout.strip().count("\n") == 0
    assert "LIVERSEG_TEST_DATA" in done.stdout
    assert done.stderr == ""


def test_the_command_prints_the_table(lines):
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=True)
    printed = done.stdout.splitlines()
    assert len(printed) == EXPECTED + 2
    assert printed[-1] == f"{EXPECTED} of {EXPECTED} values within tolerance"
    assert len(lines) == EXPECTED
