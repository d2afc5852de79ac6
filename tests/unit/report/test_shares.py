"""The bar of segment shares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liverseg.records import Measurement
from liverseg.report.figures import SEGMENT_COLOURS
from liverseg.report.rows import Rows
from liverseg.report.shares import share_bar


def rows_of(shares):
    return Rows(
        tuple(
            Measurement("couinaud_share", share, "1", "m", segment=segment)
            for segment, share in shares.items()
        )
    )


def test_no_segments_no_bar():
    assert share_bar(Rows((Measurement("mean", 1.0, "HU", "m"),))) is None


def test_the_largest_share_comes_first_with_the_colour_of_the_map():
    bar = share_bar(rows_of({"8": 0.17, "7": 0.83}))
    assert bar.words == "S7 83\u00a0%, S8 17\u00a0%"
    assert [(part.name, part.inside, part.colour) for part in bar.parts] == [
        ("S7", "S7", SEGMENT_COLOURS[6]),
        ("S8", "S8", SEGMENT_COLOURS[7]),
    ]


def test_halves_of_4_have_the_colours_of_labels_4_and_9():
    parts = share_bar(rows_of({"4a": 0.6, "4b": 0.4})).parts
    assert [part.colour for part in parts] == [SEGMENT_COLOURS[3], SEGMENT_COLOURS[8]]


def test_what_lies_outside_narrows_the_others_but_keeps_their_words():
    bar = share_bar(rows_of({"7": 1.0, "outside": 0.2}))
    assert bar.words == "S7 100\u00a0%, outside the segments 20\u00a0%"
    assert [part.share for part in bar.parts] == pytest.approx([0.8, 0.2])
    assert bar.parts[1].inside == ""
    assert bar.parts[1].colour not in SEGMENT_COLOURS


def test_a_narrow_part_carries_no_number():
    parts = share_bar(rows_of({"7": 0.941, "8": 0.059})).parts
    assert [part.inside for part in parts] == ["S7", ""]
    assert parts[1].text == "S8 6\u00a0%"


@given(
    st.lists(st.floats(0.01, 1.0), min_size=1, max_size=8),
    st.floats(0, 0.9),
)
def test_the_bar_is_always_a_whole(weights, outside):
    total = sum(weights)
    shares = {str(n + 1): weight / total for n, weight in enumerate(weights)}
    bar = share_bar(rows_of({**shares, "outside": outside}))
    assert sum(part.share for part in bar.parts) == pytest.approx(1.0)
    inside = [part.share for part in bar.parts if part.name != "outside the segments"]
    assert inside == sorted(inside, reverse=True)
