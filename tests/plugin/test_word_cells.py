"""The words in the lesion table: when they are made, and what the cell says meanwhile."""

from __future__ import annotations

import pytest
from plugin.given import Given
from plugin.plugin_stand_ins import CT, LOCKED, MR, FakeStore, tiny_exam

from liverseg.lesions import Portrait
from liverseg.records import Descriptor, Said
from napari_liverseg.words_state import BLANK, MAKING, word_cell


@pytest.fixture
def given():
    return Given()


def texts(given) -> list[str]:
    return [given.bench.words.cell(row.name).text for row in given.bench.lesions()]


def test_every_lesion_of_the_exam_has_its_words_the_chosen_one_first():
    given = Given(FakeStore(tiny_exam(CT)))
    assert given.store.portrayed == ["A", "B"]
    assert texts(given) == ["ring", "ring"]
    given.bench.choose("B")
    given.stroke((8, 30, 30), 2)
    given.settle()
    assert given.store.portrayed[2:] == ["B", "A"]


def test_the_tip_has_probability_and_the_numbers_that_decided(given):
    cell = given.bench.words.cell("A")
    size = float(given.store.mask("A").sum())
    assert cell.known
    assert cell.hint.splitlines() == [
        "RING",
        "arterial pattern: ring is said, P(true) 0.95",
        f"• rim minus core {size:.1f} HU ({size - 1:.1f} to {size + 1:.1f}), "
        "wanted from 20.0 HU [a paper]",
    ]


def test_words_wait_for_the_exam_the_stroke_and_the_numbers():
    given = Given(FakeStore(tiny_exam(CT)))
    given.store.renewed.clear()
    given.stroke((4, 20, 15), 1)
    given.notice()
    assert texts(given) == ["ring", "ring"]  # as the case has it
    given.runner.work()
    assert len(given.store.writes) == 1
    assert texts(given) == ["…", "…"]  # both are left out of the liver
    assert given.store.portrayed == ["A", "B"]
    given.runner.work()
    assert given.store.renewed == [CT]
    assert given.store.portrayed == ["A", "B"]
    given.runner.work()
    assert given.store.portrayed[2:] == ["A"]
    assert texts(given) == ["ring", "…"]
    given.runner.work()
    assert texts(given) == ["ring", "ring"]
    assert given.bench.is_idle


def test_a_stroke_ends_the_making_of_words_which_begins_anew(given):
    given.stroke((4, 20, 15), 1)
    given.notice()
    given.runner.work()
    given.runner.work()
    made = len(given.store.portrayed)
    given.stroke((8, 30, 30), 2)  # while the words of A are on their way
    given.notice()
    assert given.runner.stopped
    given.runner.work()
    assert len(given.store.portrayed) == made
    given.runner.work()
    assert len(given.store.writes) == 2
    assert len(given.store.portrayed) == made
    given.settle()
    assert given.store.portrayed[made:] == ["A", "B"]
    assert texts(given) == ["ring", "ring"]
    assert given.bench.last_message[1] != "error"


@pytest.mark.parametrize("urgent", ["order", "exam"])
def test_orders_and_another_exam_go_before_words(given, urgent):
    given.stroke((4, 20, 15), 1)
    given.notice()
    given.runner.work()
    given.runner.work()
    made = len(given.store.portrayed)
    done = []
    if urgent == "order":
        given.bench.order(lambda _: len(given.store.portrayed), done.append)
    else:
        given.bench.load(MR)
    assert given.runner.stopped
    given.runner.wait()
    assert done == ([made] if urgent == "order" else [])
    assert texts(given) == ["ring", "ring"]
    assert given.bench.exam_id == (CT if urgent == "order" else MR)


def test_what_words_do_not_rest_on_makes_no_new_ones(given):
    made = list(given.store.portrayed)
    given.bench.order(lambda _: given.store.set_calipers(CT, "A", ()), given.bench.accept)
    given.settle()
    assert given.store.portrayed == made
    assert texts(given) == ["ring", "ring"]


def test_a_fault_stands_in_the_cell_once_and_goes_with_the_next_change(given):
    given.stroke((4, 20, 15), 1)
    given.notice()
    given.runner.work()
    given.runner.work()
    told = len(given.told)
    given.store.broken = LOCKED
    given.runner.wait()
    assert texts(given) == ["—", "—"]
    cell = given.bench.words.cell("A")
    assert not cell.known
    assert "no words: the case file is locked" in cell.hint
    assert len(given.told) == told  # nothing is lost: no error across the window
    given.store.broken = None
    given.stroke((8, 30, 30), 2)
    given.settle()
    assert texts(given) == ["ring", "ring"]


def test_nothing_can_be_said_and_the_reason(given):
    found = (
        Descriptor("arterial pattern", "ring", Said.NOT_ASSESSABLE, None, "no arterial phase"),
        Descriptor("T2", "high", Said.NO, 0.1, "no", "t2"),
    )
    cell = word_cell(Portrait(found, ()).words)
    assert (cell.text, cell.known) == ("—", False)
    assert "no arterial phase" in cell.hint


def test_words_of_a_lesion_that_is_not_drawn_yet(given):
    given.bench.new_lesion("C")
    given.settle()
    assert given.bench.words.cell("C") is BLANK
    assert given.bench.words.cell("A") is not MAKING


def test_closing_does_not_wait_for_words(given):
    given.stroke((4, 20, 15), 1)
    given.notice()
    given.runner.work()
    given.runner.work()  # numbers are renewed, words on their way
    made = len(given.store.portrayed)
    given.bench.close()
    assert len(given.store.portrayed) == made


def test_words_go_on_when_closing_was_called_off(given):
    given.store.broken = LOCKED
    given.stroke((4, 20, 15), 1)
    assert not given.bench.flush()
    given.store.broken = None
    given.bench.save_again()
    given.settle()
    assert texts(given) == ["ring", "ring"]
