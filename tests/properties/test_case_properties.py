"""Round trips of the case file for any record."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from liverseg.case import CaseFile
from liverseg.case.codec import get_label_map, put_label_map
from liverseg.case.door import connect
from liverseg.case.pack import from_text, to_text
from liverseg.geometry import Code, Grid, Label, LabelMap
from liverseg.records import Claim, Doubt, Measurement, SeriesFacts, SourceKind

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NUMBERS = st.floats(allow_nan=False)
POINTS = st.tuples(NUMBERS, NUMBERS, NUMBERS)
DOUBTS = st.lists(st.builds(Doubt, WORDS, WORDS), max_size=3).map(tuple)

MEASUREMENTS = st.builds(
    Measurement,
    metric=WORDS,
    value=NUMBERS,
    unit=WORDS,
    method=WORDS,
    lesion=WORDS,
    date=WORDS,
    modality=WORDS,
    phase=WORDS,
    series_uid=WORDS,
    slice=st.none() | st.integers(0, 10_000),
    segment=WORDS,
    lower=st.none() | NUMBERS,
    upper=st.none() | NUMBERS,
    endpoints_lps_mm=st.lists(POINTS, max_size=2).map(tuple),
    doubts=DOUBTS,
)

FREE = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(WORDS, inner, max_size=3)
    ),
    max_leaves=6,
)

SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 7), st.integers(1, 7))
LABELS = st.builds(
    Label, st.integers(1, 9), WORDS, st.none() | st.builds(Code, WORDS, WORDS, WORDS)
)


@st.composite
def label_maps(draw: st.DrawFn) -> LabelMap:
    shape = draw(SHAPES)
    kind = draw(st.sampled_from(["u1", "<u2", "<u4", ">u2"]))
    few = st.integers(0, 2)
    array = draw(hnp.arrays(np.dtype(kind), shape, elements=few, fill=st.just(0)))
    matrix = np.eye(4)
    matrix[:3, :3] += draw(hnp.arrays(float, (3, 3), elements=st.floats(-0.2, 0.2)))
    matrix[:3, 3] = draw(hnp.arrays(float, 3, elements=st.floats(-1e4, 1e4)))
    grid = Grid(shape, matrix, draw(st.none() | WORDS))
    return LabelMap(array, grid, tuple(draw(st.lists(LABELS, max_size=3))))


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> sqlite3.Connection:
    path: Path = tmp_path_factory.mktemp("case") / "case.liverseg"
    CaseFile.create(path, case="x").close()
    held = connect(path, mode="rw")
    held.execute("BEGIN")
    yield held
    held.close()


@settings(max_examples=60, deadline=None)
@given(labels=label_maps())
def test_label_maps_come_back_bit_by_bit(db, labels):
    found = get_label_map(db, put_label_map(db, labels))
    assert found.array.dtype == labels.array.dtype
    assert found.array.tobytes() == labels.array.tobytes()
    assert found.labels == labels.labels
    assert found.grid.lps_from_index.tobytes() == labels.grid.lps_from_index.tobytes()
    assert found.grid.shape == labels.grid.shape
    assert found.grid.frame_of_reference == labels.grid.frame_of_reference
    assert put_label_map(db, found) == put_label_map(db, labels)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(MEASUREMENTS, max_size=5))
def test_measurements_come_back_exactly(tmp_path, rows):
    from liverseg.case.results import get_measurements, put_measurements

    path = tmp_path / "case.liverseg"
    if not path.exists():
        CaseFile.create(path, case="x").close()
    held = connect(path, mode="rw")
    held.execute("BEGIN")
    put_measurements(held, 1, "exam", "L1", rows)
    assert get_measurements(held, exam_id="exam", lesion="L1") == tuple(rows)
    held.close()


@settings(max_examples=60, deadline=None)
@given(expects=st.dictionaries(WORDS, FREE, max_size=4), sites=st.lists(WORDS).map(tuple))
def test_claims_keep_what_they_expect(expects, sites):
    claim = Claim("1", "s", SourceKind.TEXT, "p", "2015", sites=sites, expects=expects)
    found = from_text(Claim, to_text(claim))
    assert found == claim
    assert repr(found) == repr(claim)


@settings(max_examples=40, deadline=None)
@given(facts=st.builds(SeriesFacts, delay_s=st.none() | NUMBERS, kvp=st.none() | NUMBERS))
def test_header_facts_come_back_exactly(facts):
    assert from_text(SeriesFacts, to_text(facts)) == facts
