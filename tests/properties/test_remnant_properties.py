"""What must hold for every resection, every moved landmark, every stroke."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from liverseg.couinaud import (
    build_planes,
    correct_segments,
    divide_liver,
    parse_landmarks,
    plan_remnant,
    segment_volumes,
)
from liverseg.errors import GeometryError
from liverseg.geometry import LabelMap
from liverseg.testing.worked_liver import WORKED_POINTS, worked_grid, worked_liver

GRID = worked_grid(step_mm=9.0)
LIVER = worked_liver(GRID)
SEGMENTS, _ = divide_liver(LIVER, parse_landmarks(WORKED_POINTS))
NAMES = ("1", "2", "3", "4a", "4b", "5", "6", "7", "8")
boxes = st.tuples(*(st.integers(0, n - 1) for n in GRID.shape), st.integers(1, 6))


def lesion(box):
    array = np.zeros(GRID.shape, dtype=np.uint8)
    array[tuple(slice(at, at + box[3]) for at in box[:3])] = 1
    return LabelMap(array, GRID)


@given(st.sets(st.sampled_from(NAMES)), st.lists(boxes, max_size=3))
@settings(max_examples=60, deadline=None)
def test_remnant_and_resected_are_the_liver_without_tumour(resected, lesions):
    volumes = segment_volumes(LIVER, SEGMENTS, [lesion(box) for box in lesions])
    found = plan_remnant(volumes, sorted(resected))
    assert found.remnant_ml + found.resected_ml == pytest.approx(found.liver_ml - found.tumour_ml)
    assert found.liver_ml == pytest.approx(
        np.count_nonzero(LIVER.array) * GRID.voxel_volume_mm3 / 1000
    )
    assert 0.0 <= found.share <= 1.0
    rest = plan_remnant(volumes, [name for name in NAMES if name not in resected])
    assert rest.remnant_ml == pytest.approx(found.resected_ml)


@given(st.floats(-20.0, 20.0), st.floats(-20.0, 20.0))
@settings(max_examples=40, deadline=None)
def test_the_main_border_runs_through_the_middle_hepatic_vein_wherever_it_is_moved(x, y):
    moved = np.add(WORKED_POINTS["mhv"], (x, y, 0.0))
    landmarks = parse_landmarks({**WORKED_POINTS, "mhv": tuple(moved)})
    try:
        planes = build_planes(landmarks)
        segments, _ = divide_liver(LIVER, landmarks)
    except GeometryError:
        assume(False)
    assert planes.main.distance_mm(moved) == pytest.approx(0.0, abs=1e-6)
    centres = GRID.to_lps_mm(np.argwhere(LIVER.array))
    found = segments.array[LIVER.array != 0]
    left = planes.main.distance_mm(centres) >= -1e-6
    assert set(found[left].tolist()) <= {1, 2, 3, 4, 9}
    assert set(found[~left].tolist()) <= {1, 5, 6, 7, 8}


@given(arrays.arrays(np.uint8, GRID.shape, elements=st.integers(0, 9), fill=st.just(0)))
@settings(max_examples=40, deadline=None)
def test_whatever_is_drawn_labels_stay_inside_the_liver(drawn):
    found, refused = correct_segments(SEGMENTS, drawn, LIVER)
    np.testing.assert_array_equal(found.mask(), LIVER.mask())
    changed = drawn != SEGMENTS.array
    taken = found.array != SEGMENTS.array
    assert not (taken & ~changed).any()
    assert refused == np.count_nonzero(changed & ~taken)
