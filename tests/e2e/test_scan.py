"""`liverseg scan` accounts for every file of the real data."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from liverseg.cli.app import app


@pytest.mark.slow
def test_scan_of_the_real_data_accounts_for_every_file(shared_data):
    result = CliRunner().invoke(app, ["scan", str(shared_data), "--json"])
    assert result.exit_code == 0
    ledger = json.loads(result.stdout)
    on_disk = {p.relative_to(shared_data).as_posix() for p in shared_data.rglob("*") if p.is_file()}
    listed = [entry["path"] for entry in ledger["entries"]]
    assert len(listed) == len(set(listed))
    assert set(listed) == on_disk
    states = [entry["state"] for entry in ledger["entries"]]
    for state in ("used", "split", "skipped", "refused"):
        assert ledger[state] == states.count(state)
    assert sum(ledger[s] for s in ("used", "split", "skipped", "refused")) == ledger["files"]
    assert ledger["files"] == len(on_disk)
    assert all(entry["reason"] for entry in ledger["entries"])


def test_scan_prints_a_table(shared_data):
    folder = shared_data / "cmb_liver_mr"
    result = CliRunner().invoke(app, ["scan", str(folder)])
    assert result.exit_code == 0
    assert "adc" in result.stdout
    assert "151 used" in result.stdout
