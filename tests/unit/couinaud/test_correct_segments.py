"""What a brush may do to a segment map, and where its numbers are written."""

import numpy as np
import pytest

from liverseg.couinaud import (
    correct_segments,
    divide_liver,
    landmark_places,
    missing_landmarks,
    parse_landmarks,
    place_numerals,
)
from liverseg.errors import GeometryError, InputError
from liverseg.geometry import LabelMap
from liverseg.testing.worked_liver import WORKED_POINTS, worked_grid, worked_liver

GRID = worked_grid(step_mm=6.0)
LIVER = worked_liver(GRID)


@pytest.fixture(scope="module")
def segments():
    return divide_liver(LIVER, parse_landmarks(WORKED_POINTS))[0]


def test_a_stroke_changes_the_liver_it_touches_and_nothing_else(segments):
    drawn = segments.array.copy()
    stroke = (slice(10, 12), slice(8, 24), slice(0, GRID.shape[2]))
    drawn[stroke] = 8
    found, refused = correct_segments(segments, drawn, LIVER)
    touched = np.zeros(GRID.shape, dtype=bool)
    touched[stroke] = True
    inside = LIVER.mask()
    assert (found.array[touched & inside] == 8).all()
    np.testing.assert_array_equal(found.array[~touched], segments.array[~touched])
    assert refused == np.count_nonzero(touched & ~inside) > 0
    np.testing.assert_array_equal(found.mask(), LIVER.mask())
    assert found.name_of(9) == "4b"


def test_what_is_erased_keeps_its_segment(segments):
    found, refused = correct_segments(segments, np.zeros_like(segments.array), LIVER)
    np.testing.assert_array_equal(found.array, segments.array)
    assert refused == np.count_nonzero(LIVER.array)


def test_nothing_drawn_is_the_very_same_map(segments):
    assert correct_segments(segments, segments.array.copy(), LIVER) == (segments, 0)


def test_a_number_that_is_no_segment_is_refused(segments):
    drawn = segments.array.copy()
    drawn[LIVER.mask()] = 12
    with pytest.raises(InputError, match=r"holds 12, no segment.*1, 2, 3, 4, 5, 6, 7, 8, 9"):
        correct_segments(segments, drawn, LIVER)


def test_an_unsplit_map_has_no_number_nine():
    whole, _ = divide_liver(LIVER, parse_landmarks(WORKED_POINTS), split_four=False)
    drawn = whole.array.copy()
    drawn[LIVER.mask()] = 9
    with pytest.raises(InputError, match="holds 9"):
        correct_segments(whole, drawn, LIVER)


def test_a_drawing_of_another_shape_is_refused(segments):
    with pytest.raises(GeometryError, match="the drawing is"):
        correct_segments(segments, segments.array[1:], LIVER)


def test_a_numeral_stands_in_its_segment_away_from_the_border(segments):
    found = place_numerals(segments)
    assert set(found.names) == {"1", "2", "3", "4a", "4b", "5", "6", "7", "8"}
    for (number, row, column), name in zip(found.index, found.names, strict=True):
        assert segments.name_of(segments.array[number, row, column]) == name
    pairs = {(at[0], name) for at, name in zip(found.index.tolist(), found.names, strict=True)}
    assert len(pairs) == len(found.names)


def test_a_numeral_keeps_away_from_lesions_where_there_is_room(segments):
    plain = place_numerals(segments)
    avoid = np.zeros(GRID.shape, dtype=bool)
    for number, row, column in plain.index:
        avoid[number, row - 1 : row + 2, column - 1 : column + 2] = True
    found = place_numerals(segments, avoid=avoid)
    assert found.names == plain.names  # none is lost
    moved = ~avoid[tuple(found.index.T)]
    assert moved.mean() > 0.5


def test_an_empty_map_has_no_numerals():
    found = place_numerals(LabelMap(np.zeros(GRID.shape, dtype=np.uint8), GRID))
    assert found.index.shape == (0, 3)
    assert found.names == ()


def test_every_landmark_says_where_it_is_clicked():
    places = landmark_places()
    assert [one.name for one in places if one.required] == list(
        missing_landmarks(parse_landmarks({}))
    )
    assert all(one.place and one.title for one in places)
    assert missing_landmarks(parse_landmarks(WORKED_POINTS)) == ()
