"""The main job on a real CT: masks with other study UIDs, no frame of reference, JPEG 2000."""

from __future__ import annotations

import json

import pandas as pd
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def table(ircad_case):
    return pd.read_csv(ircad_case.parent / "measurements.csv", dtype={"segment": str})


def value(table, lesion, metric):
    rows = table[(table.lesion == lesion) & (table.metric == metric)]
    assert len(rows) == 1, (lesion, metric, len(rows))
    return rows.value.iloc[0]


def test_volumes(table):
    assert value(table, "liver", "voxel_volume") == pytest.approx(1860.6, rel=0.005)
    assert value(table, "livertumor1", "voxel_volume") == pytest.approx(85.64, rel=0.005)
    assert value(table, "livertumor2", "voxel_volume") == pytest.approx(78.64, rel=0.005)


def test_lengths(table):
    assert value(table, "livertumor1", "long_axis") == pytest.approx(64.99, abs=0.1)
    assert value(table, "livertumor2", "long_axis") == pytest.approx(77.56, abs=0.1)
    assert value(table, "livertumor1", "max_3d_diameter") == pytest.approx(69.03, abs=0.1)
    assert value(table, "livertumor2", "max_3d_diameter") == pytest.approx(78.29, abs=0.1)


@pytest.mark.parametrize(("lesion", "segment"), [("livertumor1", "8"), ("livertumor2", "2")])
def test_segments(table, lesion, segment):
    rows = table[
        (table.lesion == lesion) & (table.metric == "couinaud_share") & (table.segment == segment)
    ]
    assert rows.value.iloc[0] >= 0.99


def test_columns_are_the_ones_scripts_rely_on(table):
    assert list(table.columns) == [
        "case",
        "date",
        "lesion",
        "phase",
        "metric",
        "value",
        "unit",
        "lower",
        "upper",
        "method",
        "series_uid",
        "slice",
        "segment",
    ]


def test_the_ledger_accounts_for_every_file(ircad_case):
    ledger = json.loads((ircad_case.parent / "ledger.json").read_text(encoding="utf-8"))
    assert ledger["files"] == 119 == ledger["used"]
    assert ledger["split"] == ledger["skipped"] == ledger["refused"] == 0


def test_no_name_of_the_patient_leaves(ircad_case):
    for path in ircad_case.parent.iterdir():
        content = path.read_bytes()
        assert b"liver_17^" not in content, path.name
