"""The desk of words, and what its page says; with stand-ins, no window."""

from __future__ import annotations

import pytest
from plugin.given import Given
from plugin.plugin_stand_ins import CT, LOCKED, portrait_of, tiny_exam

from liverseg.records import Measurement, Said
from napari_liverseg.state import curve_of
from napari_liverseg.wording import WordsDesk
from napari_liverseg.words_state import profile_of, word_rows

PORTRAIT = portrait_of(tiny_exam(CT), "A")


@pytest.fixture
def given():
    return Given()


@pytest.fixture
def desk(given):
    """The page is looked at; the words of the table (A and B) are there."""
    desk = WordsDesk(given.bench)
    desk.want()
    given.settle()
    return desk


def test_words_that_are_said_come_first_then_those_in_between():
    rows = word_rows(PORTRAIT.words, all_words=False)
    assert [(row.word, row.answer) for row in rows] == [("ring", "0.95"), ("washout", "0.50")]
    assert [row.said for row in rows] == [Said.YES, Said.INDETERMINATE]
    every = word_rows(PORTRAIT.words, all_words=True)
    assert [row.word for row in every] == ["ring", "washout", "whole", "fades"]
    assert every[-1].share is None
    assert every[-1].answer == ""


def test_the_numbers_that_decided_stand_with_interval_limit_and_source():
    ring, washout = word_rows(PORTRAIT.words, all_words=False)
    assert "arterial pattern: ring is said, P(true) 0.95" in ring.why
    assert "rim minus core 240.0 HU (239.0 to 241.0), wanted from 20.0 HU [a paper]" in ring.why
    assert "course: washout is indeterminate" in washout.why
    assert (ring.phase, washout.phase) == ("late arterial", "course")


def test_the_profile_runs_from_the_surface_inwards_in_time_order():
    found = profile_of(PORTRAIT.profile)
    assert [line.phase for line in found.lines] == ["late arterial", "portal venous"]
    assert found.lines[0].shells == ((0.0, 2.0, 90.0), (2.0, 4.0, 88.0))
    assert found.unit == "HU"
    assert profile_of((), refusal="too small").refusal == "too small"


def test_the_curve_has_rim_core_and_spleen_where_they_were_measured():
    names = {"mean": "A", "rim_mean": "A", "core_mean": "A", "spleen_mean": "liver"}
    rows = [
        Measurement(metric, 50.0, "HU", "test", lesion=owner, phase="portal_venous")
        for metric, owner in names.items()
    ]
    lines = curve_of(rows, "A", parts=True).lines
    assert [(line.name, line.kind) for line in lines] == [
        ("A", "lesion"),
        ("rim", "rim"),
        ("core", "core"),
        ("spleen", "spleen"),
    ]
    assert [line.kind for line in curve_of(rows, "A").lines] == ["lesion"]


def test_words_follow_the_lesion_and_each_stroke(given, desk):
    assert given.store.portrayed == ["A", "B"]
    assert desk.is_current
    given.bench.choose("B")
    assert desk.rows(all_words=True) == ()
    given.settle()
    assert desk.is_current
    assert given.store.portrayed == ["A", "B"]  # the table has them already
    size = int(given.store.mask("B").sum())
    given.stroke((8, 30, 30), 2)
    given.notice()
    given.runner.work()  # written
    given.store.renewed.clear()
    given.runner.work()
    assert given.store.portrayed[2:] == ["B"]  # before anything is renewed, or begun to be
    assert given.store.renewed == []
    assert not given.runner.stopped
    assert given.bench.is_outdated
    given.settle()
    assert given.store.portrayed[2:] == ["B", "A"]
    assert int(given.store.mask("B").sum()) > size
    assert f"{given.store.mask('B').sum():.1f} HU" in desk.rows(all_words=False)[0].why


def test_a_stroke_goes_before_words_and_makes_older_ones_needless(given, desk):
    given.bench.choose("B")
    given.stroke((8, 30, 30), 2)
    given.bench.choose("A")
    given.bench.choose("B")
    given.notice()
    given.settle()
    assert len(given.store.writes) == 1
    assert given.store.portrayed == ["A", "B", "B", "A"]
    assert desk.lesion == "B"
    assert desk.is_current


def test_the_curve_is_there_before_the_words(given, desk):
    seen = []
    desk.changed.connect(lambda: seen.append((desk.is_current, len(desk.curve().lines))))
    given.bench.choose("B")
    assert seen
    assert seen[0] == (False, 3)
    given.settle()
    assert seen[-1][0]


def test_nobody_looking_means_no_work(given, desk):
    desk.want(False)
    given.bench.choose("B")
    given.settle()
    assert desk.lesion == "A"
    desk.want()
    given.settle()
    assert (desk.lesion, desk.is_current) == ("B", True)


def test_a_fault_is_said_on_the_page_and_not_across_the_bench(given, desk):
    told = len(given.told)
    given.store.broken = LOCKED
    given.bench.choose("B")
    given.settle()
    assert "close the other window" in desk.fault
    assert len(given.told) == told


def test_a_lesion_without_a_voxel_has_no_words(given, desk):
    given.bench.new_lesion("C")
    given.settle()
    assert "C" not in given.store.portrayed
    assert desk.rows(all_words=True) == ()
    assert desk.is_current is False
