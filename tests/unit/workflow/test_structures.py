"""Names and numbers of imported structure maps."""

import numpy as np
import pytest

from liverseg.errors import InputError
from liverseg.geometry import Code, Grid, Label, LabelMap
from liverseg.workflow.structures import canonical_structures

GRID = Grid.axial((1, 1, 4), (1, 1, 1))


def label_map(values, labels=()):
    return LabelMap(np.array([[values]], dtype=np.uint8), GRID, tuple(labels))


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
