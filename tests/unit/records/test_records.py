"""Records: small answers that other rooms rely on."""

import dataclasses

import numpy as np
import pytest

from liverseg.geometry import Grid, LabelMap, Translation, Volume
from liverseg.records import (
    Claim,
    Comparison,
    Doubt,
    Exam,
    FileState,
    Judgement,
    Ledger,
    LedgerEntry,
    Measurement,
    Phase,
    PhaseCall,
    PhaseShift,
    SeriesRecord,
    SeriesVolume,
    SourceKind,
    Verdict,
)

GRID = Grid.axial((2, 3, 4), (1.0, 1.0, 1.0))


def record(key="1.2.3", number=4, description="portal"):
    return SeriesRecord(key, key, "9", "CT", "2015-06-01", number, description, "", (), GRID, "HU")


@pytest.fixture
def exam():
    volume = Volume(np.zeros(GRID.shape), GRID, "HU")
    series = SeriesVolume(record(), volume, PhaseCall(Phase.PORTAL_VENOUS, "said", "override"))
    shift = PhaseShift("1.2.3", Translation())
    liver = LabelMap(np.ones(GRID.shape, np.uint8), GRID)
    return Exam("e", "2015-06-01", "CT", "1.2.3", (series,), (shift,), liver)


def test_exam_finds_series_and_shift_by_key(exam):
    assert exam.by_key("1.2.3") is exam.series[0]
    assert exam.shift_of("1.2.3") is exam.shifts[0]
    with pytest.raises(KeyError):
        exam.by_key("1.2.4")
    with pytest.raises(KeyError):
        exam.shift_of("1.2.4")


@pytest.mark.parametrize(
    ("number", "description", "title"),
    [
        (4, "portal", 'series 4 "portal"'),
        (None, "portal", '"portal"'),
        (4, "", "series 4"),
        (None, "", "series 1.2.3"),
    ],
)
def test_series_title_uses_what_there_is(number, description, title):
    assert record(number=number, description=description).title == title


def test_ledger_counts_by_fate():
    states = [FileState.USED, FileState.USED, FileState.REFUSED]
    entries = tuple(LedgerEntry(str(i), state, "") for i, state in enumerate(states))
    ledger = Ledger(("/x",), entries, ())
    assert [ledger.count(s) for s in FileState] == [2, 0, 0, 1]


def test_comparison_counts_by_verdict():
    claim = Claim("1", "one lesion", SourceKind.TEXT, "p. 1", "2015")
    judged = tuple(
        Judgement(claim, verdict, "why")
        for verdict in (Verdict.AGREES, Verdict.AGREES, Verdict.CONFLICTS)
    )
    comparison = Comparison("r", judged)
    assert comparison.count(Verdict.AGREES) == 2
    assert comparison.count(Verdict.PARTLY) == 0


def test_stored_names_stay():
    assert [str(v) for v in Verdict] == [
        "agrees",
        "partly",
        "borderline",
        "conflicts",
        "not_assessable",
    ]
    assert {str(p) for p in Phase} >= {
        "non_contrast",
        "early_arterial",
        "late_arterial",
        "portal_venous",
        "delayed",
        "transitional",
        "hepatobiliary",
        "t2",
        "dwi",
        "adc",
    }


def test_records_are_frozen():
    row = Measurement("mean", 1.0, "HU", "x", doubts=(Doubt("d", "w"),))
    with pytest.raises(dataclasses.FrozenInstanceError):
        row.value = 2.0
