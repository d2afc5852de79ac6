"""Names and numbers of imported label maps."""

import numpy as np
import pytest

from liverseg.errors import InputError
from liverseg.geometry import Code, Grid, Label, LabelMap
from liverseg.workflow.canonical import (
    canonical_segments,
    canonical_structures,
    segment_named,
)

GRID = Grid.axial((1, 1, 4), (1, 1, 1))


def label_map(values, labels=()):
    return LabelMap(np.array([[values]], dtype=np.uint8), GRID, tuple(labels))


@pytest.mark.parametrize(
    ("name", "segment"),
    [
        ("4a", "4a"),
        ("liver_segment_7", "7"),
        ("Segment VIII", "8"),
        ("Segment IVb", "4b"),
        ("S6", "6"),
        ("Liver segment 10", None),
        ("segment 0", None),
        ("spleen", None),
        ("vein", None),
    ],
)
def test_segment_is_read_from_a_name(name, segment):
    assert segment_named(name) == segment


def test_segments_are_numbered_by_their_names():
    labels = label_map([1, 2, 3, 0], [Label(1, "Segment 7"), Label(2, "4b"), Label(3, "Segment 8")])
    assert canonical_segments(labels).array.ravel().tolist() == [7, 9, 8, 0]


def test_segments_without_names_keep_their_numbers():
    labels = label_map([1, 7, 8, 0])
    assert canonical_segments(labels).array.ravel().tolist() == [1, 7, 8, 0]


def test_one_unreadable_name_keeps_all_numbers():
    labels = label_map([1, 2, 0, 0], [Label(1, "Segment 7"), Label(2, "tumour")])
    assert canonical_segments(labels).array.ravel().tolist() == [1, 2, 0, 0]


def test_structures_are_found_by_name_code_and_number():
    named = label_map(
        [5, 6, 0, 0], [Label(5, "Portal vein"), Label(6, "vc", Code("64131007", "SCT", "IVC"))]
    )
    found = canonical_structures(named, where="x")
    assert found.array.ravel().tolist() == [3, 2, 0, 0]
    assert found.name_of(3) == "portal_vein"
    assert canonical_structures(label_map([1, 0, 0, 0]), where="x").name_of(1) == "aorta"


def test_an_unknown_structure_is_named_in_the_error():
    with pytest.raises(InputError, match="pancreas"):
        canonical_structures(label_map([3, 0, 0, 0], [Label(3, "pancreas")]), where="map.nii")
