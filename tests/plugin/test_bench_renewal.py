"""Masks first, numbers after: in which order the bench has things done."""

from __future__ import annotations

import pytest
from plugin.given import Given
from plugin.plugin_stand_ins import CT, LOCKED, MR


@pytest.fixture
def given() -> Given:
    held = Given()
    held.store.renewed.clear()
    return held


def test_a_stroke_is_stored_before_numbers_are_renewed(given):
    given.stroke((4, 20, 15), 1)
    given.notice()
    given.runner.work()
    assert len(given.store.writes) == 1
    assert given.store.renewed == []
    assert given.bench.is_outdated
    assert not given.bench.is_idle
    given.runner.wait()
    assert given.store.renewed == [CT]
    assert not given.bench.is_outdated
    assert given.bench.is_idle


def test_a_stroke_drawn_while_numbers_are_renewed_goes_first(given):
    given.stroke((4, 20, 15), 1)
    given.notice()
    given.runner.work()
    given.stroke((8, 30, 30), 2)
    given.notice()
    assert given.runner.stopped  # the renewal on its way was asked to end
    given.runner.work()
    given.runner.work()
    assert [names for _, names in given.store.writes] == [
        {"A": given.store.mask("A").sum()},
        {"B": given.store.mask("B").sum()},
    ]
    assert given.store.renewed == []
    given.runner.wait()
    assert given.store.renewed == [CT]
    assert given.bench.last_message[1] != "error"


def test_an_order_goes_before_numbers(given):
    done = []
    given.stroke((4, 20, 15), 1)
    given.notice()
    given.runner.work()
    given.bench.order(lambda _: len(given.store.renewed), done.append)
    assert given.runner.stopped
    given.runner.wait()
    assert done == [0]
    assert given.store.renewed == [CT]


def test_what_was_drawn_and_not_looked_at_yet_is_work_left(given):
    given.stroke((4, 20, 15), 1)
    assert not given.store.writes
    assert not given.bench.is_idle  # the throttle has not let it through
    given.settle()
    assert given.store.writes
    assert given.bench.is_idle
    given.bench.stage.in_stroke = True
    assert not given.bench.is_idle


def test_numbers_that_cannot_be_renewed_are_told_and_the_mask_is_kept(given):
    given.stroke((4, 20, 15), 1)
    given.notice()
    given.runner.work()
    given.store.broken = LOCKED
    given.runner.wait()
    assert given.bench.is_outdated
    assert given.bench.unsaved == ()
    assert given.told[-1][0].startswith("what is drawn is stored, its numbers are not")
    given.store.broken = None
    given.stroke((8, 30, 30), 2)
    given.settle()
    assert not given.bench.is_outdated


def test_closing_waits_for_the_numbers_of_a_stroke(given):
    given.stroke((4, 20, 15), 1)
    given.bench.close()
    assert given.store.renewed == [CT]


def test_closing_does_not_wait_where_all_numbers_are_there(given):
    given.bench.load(CT)
    given.runner.work()  # read; its first measuring waits
    given.bench.close()
    assert given.store.renewed == []


def test_another_exam_is_read_after_the_numbers_of_the_present_one(given):
    given.stroke((4, 20, 15), 1)
    given.bench.load(MR)
    given.settle()
    assert given.store.renewed == [CT, MR]
    assert given.bench.exam_id == MR
