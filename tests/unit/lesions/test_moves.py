"""A lesion that breathing took elsewhere in one phase than its liver."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.lesions.shapes import ball, exam_of, grid_round, lesion_of, positions, series

from liverseg.errors import InputError
from liverseg.geometry import LabelMap, Translation
from liverseg.lesions import (
    describe_lesion,
    detail_enhancement,
    lesion_shift_to,
    liver_reference,
    measure_enhancement,
    measure_intervals,
    measure_size,
    measure_viable_part,
    move_in_series,
    moves_text,
    portray_lesion,
)
from liverseg.lesions.samples import sample_lesion

LESION_MM, RIM_MM = 24.0, 3.6  # rim: 0.15 of the diameter
CT = {  # liver, rim, core
    "non_contrast": (58.0, 48.0, 42.0),
    "late_arterial": (78.0, 112.0, 68.0),
    "portal_venous": (118.0, 128.0, 88.0),
}
ARTERIAL = "1.2.late_arterial"
#: Whole voxels (slice, row, column) by which the lesion lies elsewhere: further than the
#: reference's margin of 5 mm.
STEPS = (4, -3, 2)


def paint(grid, levels, *, voxels=(0, 0, 0)):
    """Liver of 100 mm with noise that stays, and a lesion `voxels` further, all by its voxels."""
    radius = np.linalg.norm(positions(grid), axis=-1)
    liver, rim, core = levels
    values = np.where(radius <= 50, liver, -100.0)
    values += np.random.default_rng(3).normal(0.0, 4.0, grid.shape)
    inside = np.argwhere(radius <= LESION_MM / 2)
    own = np.where(radius[tuple(inside.T)] <= LESION_MM / 2 - RIM_MM, core, rim)
    own += np.random.default_rng(4).normal(0.0, 4.0, len(inside))
    values[tuple((inside + voxels).T)] = own
    return values.astype(np.float32)


@pytest.fixture(scope="module")
def grid():
    return grid_round(100.0, (2.0, 1.4, 1.4), oblique=True)


@pytest.fixture(scope="module")
def offset_mm(grid):
    x, y, z = (float(part) for part in grid.lps_from_index[:3, :3] @ STEPS)
    assert np.linalg.norm((x, y, z)) > 7.0
    return x, y, z


def exam_with(grid, *, voxels=(0, 0, 0)):
    """An exam whose lesion lies `voxels` further in the arterial phase, and only there."""
    items = [
        series(
            paint(grid, CT[name], voxels=voxels if "arterial" in name else (0, 0, 0)), grid, name
        )
        for name in ("portal_venous", "non_contrast", "late_arterial")
    ]
    lesion = lesion_of(ball(LESION_MM, grid), items[0].record.key)
    return exam_of(items, ball(100.0, grid), lesion)


def moved(exam, key, offset_mm):
    lesion = move_in_series(exam, exam.lesions[0], key, offset_mm)
    return replace(exam, lesions=(lesion,))


def reference_of(exam):
    return liver_reference(exam.liver, [one.mask for one in exam.lesions], None)


def values_of(exam, *, but=()):
    """Every number that is taken in a series of the lesion, by phase and metric."""
    lesion, reference = exam.lesions[0], reference_of(exam)
    rows = [
        *measure_enhancement(exam, lesion, reference),
        *detail_enhancement(exam, lesion, reference).rows,
        *measure_viable_part(exam, lesion).rows,
        *measure_intervals(exam, lesion),
        *portray_lesion(exam, lesion, reference).profile,
    ]
    return {
        (row.phase, row.metric): (row.value, row.lower, row.upper)
        for row in rows
        if row.metric not in but
    }


def words_of(exam):
    words = describe_lesion(exam, exam.lesions[0], reference_of(exam))
    return {(word.slot, word.term, word.phase): (word.said, word.probability) for word in words}


def test_with_the_move_every_number_is_the_planted_one_and_without_it_is_wrong(grid, offset_mm):
    planted = exam_with(grid)
    shifted = exam_with(grid, voxels=STEPS)
    # These compare with liver, of which another part is left out where the lesion lies.
    liver = {"liver_mean", "lesion_liver_difference", "lesion_liver_ratio", "perilesional_mean"}
    liver |= {"rir", "llc", "llcr", "cnr", "rer"}
    truth = values_of(planted, but=liver)
    found = values_of(moved(shifted, ARTERIAL, offset_mm), but=liver)
    assert found.keys() == truth.keys()
    # Other readers' masks reach into liver, whose noise is another one there.
    off = {
        key
        for key, value in truth.items()
        if found[key] != pytest.approx(value, abs=0.3 if "interval" in key[1] else 1e-9)
    }
    assert off == set()
    without = values_of(shifted, but=liver)
    for metric, least in (
        ("mean", 5.0),
        ("rim_mean", 10.0),
        ("rim_mean_interval", 10.0),
        ("enhancement", 5.0),
        ("viable_volume", 0.2),
        ("shell_2_4_mm_mean", 10.0),
    ):
        key = ("late_arterial", metric)
        assert abs(without[key][0] - truth[key][0]) > least, metric
    assert words_of(moved(shifted, ARTERIAL, offset_mm)) == words_of(planted)
    assert words_of(shifted) != words_of(planted)


def test_liver_stays_and_never_holds_the_lesion(grid, offset_mm):
    shifted = moved(exam_with(grid, voxels=STEPS), ARTERIAL, offset_mm)
    lesion, reference = shifted.lesions[0], reference_of(shifted)
    rows = {(row.phase, row.metric): row for row in measure_enhancement(shifted, lesion, reference)}
    planted = exam_with(grid)
    still = {
        (row.phase, row.metric): row.value
        for row in measure_enhancement(planted, planted.lesions[0], reference)
    }
    liver = rows["late_arterial", "liver_mean"].value
    assert liver == pytest.approx(CT["late_arterial"][0], abs=0.1)
    assert liver != still["late_arterial", "liver_mean"]  # other voxels, the same liver
    for phase in ("non_contrast", "portal_venous"):
        assert rows[phase, "liver_mean"].value == still[phase, "liver_mean"]
    samples = {str(one.phase): one for one in sample_lesion(shifted, lesion, reference).samples}
    for name in ("liver", "perilesional"):
        tissue = samples["late_arterial"].tissue[name]
        assert tissue.mean == pytest.approx(CT["late_arterial"][0], abs=0.3)
        assert tissue.sd == pytest.approx(4.0, abs=0.3)  # noise, no voxel of the lesion


def test_liver_beside_a_moved_lesion_is_that_where_it_lies_and_spares_its_neighbour(
    grid, offset_mm
):
    exam = moved(exam_with(grid, voxels=STEPS), ARTERIAL, offset_mm)
    near = LabelMap(
        ball(8.0, grid, centre=np.multiply(offset_mm, 2.6)).array, grid
    )  # in the window round the lesion where it lies
    arterial = exam.by_key(ARTERIAL)
    array = arterial.volume.array.copy()
    array[near.array != 0] = 400.0
    items = tuple(
        replace(one, volume=replace(one.volume, array=array)) if one is arterial else one
        for one in exam.series
    )
    both = replace(exam, series=items, lesions=(*exam.lesions, lesion_of(near, name="L2")))
    reference = reference_of(both)
    tissue = next(
        one.tissue["perilesional"]
        for one in sample_lesion(both, both.lesions[0], reference).samples
        if one.series.record.key == ARTERIAL
    )
    assert tissue.mean == pytest.approx(CT["late_arterial"][0], abs=0.5)
    assert tissue.sd == pytest.approx(4.0, abs=0.5)


def test_sizes_stay_and_methods_tell_the_move(grid, offset_mm):
    exam = moved(exam_with(grid, voxels=STEPS), ARTERIAL, offset_mm)
    lesion = exam.lesions[0]
    assert measure_size(lesion.mask) == measure_size(exam_with(grid).lesions[0].mask)
    length = f"{np.linalg.norm(offset_mm):.1f} mm"
    rows = measure_enhancement(exam, lesion, reference_of(exam))
    told = {(row.phase, row.metric) for row in rows if "moved by hand" in row.method}
    of_phase = {(row.phase, row.metric) for row in rows if row.phase == "late_arterial"}
    assert told == of_phase - {("late_arterial", "liver_mean")}
    row = next(row for row in rows if (row.phase, row.metric) == ("late_arterial", "mean"))
    assert f"; lesion moved by hand {length} (" in row.method
    assert row.method.endswith("LPS) in late arterial off the registration")
    # What is taken against a series before contrast that was moved rests on that move too.
    native = moved(exam_with(grid), "1.2.non_contrast", (0.0, 0.0, 1.0))
    rows = measure_enhancement(native, native.lesions[0], reference_of(native))
    told = {(row.phase, row.metric) for row in rows if "moved by hand" in row.method}
    assert ("portal_venous", "enhancement") in told
    assert ("portal_venous", "mean") not in told
    assert moves_text(lesion, exam.series[:1]) == ""


OFFSET = st.tuples(*[st.floats(-9.0, 9.0).map(lambda x: round(x, 3))] * 3)
GRIDS = st.tuples(
    st.tuples(st.floats(1.0, 3.0), st.floats(0.8, 2.0), st.floats(0.8, 2.0)),
    st.floats(0.0, 0.3),
    st.tuples(*[st.floats(-0.5, 0.5)] * 3),
)


@settings(max_examples=25, deadline=None)
@given(seen=GRIDS, breath=OFFSET, own=OFFSET)
def test_a_move_on_top_of_a_breath_is_one_longer_breath_to_the_lesion(seen, breath, own):
    """On any oblique, sheared grid: what is the lesion's own is that of the sum of both."""
    drawn = grid_round(44.0, (2.0, 1.5, 1.5), oblique=True)
    spacing, shear, corner = seen
    other = grid_round(70.0, spacing, oblique=True, shear=shear, offset=corner)
    noise = np.random.default_rng(1).normal(60.0, 20.0, other.shape).astype(np.float32)
    items = [
        series(np.zeros(drawn.shape, np.float32), drawn, "portal_venous"),
        series(noise, other, "late_arterial"),
    ]
    lesion, liver = lesion_of(ball(22.0, drawn)), ball(44.0, drawn)
    both = exam_of(items, liver, lesion, shifts={ARTERIAL: breath})
    sum_mm = Translation(breath).then(Translation(own)).offset_mm
    whole = exam_of(items, liver, lesion, shifts={ARTERIAL: sum_mm})
    stepped = move_in_series(both, lesion, ARTERIAL, own)
    assert lesion_shift_to(both, stepped, items[1]).offset_mm == sum_mm
    none = LabelMap(np.zeros(drawn.shape, np.uint8), drawn, ())
    first = measure_enhancement(replace(both, lesions=(stepped,)), stepped, none)
    second = measure_enhancement(whole, lesion, none)
    assert [(row.phase, row.metric, row.value) for row in first] == [
        (row.phase, row.metric, row.value) for row in second
    ]
    assert any(row.phase == "late_arterial" and row.metric == "sd" for row in first)


def test_none_and_zero_are_as_registered_and_other_moves_stay(grid):
    exam = exam_with(grid)
    lesion = move_in_series(exam, exam.lesions[0], ARTERIAL, (0.0, 0.0, -4.0))
    lesion = move_in_series(exam, lesion, "1.2.non_contrast", (1.0, 0.0, 0.0))
    assert lesion.moves == {
        ARTERIAL: Translation((0.0, 0.0, -4.0)),
        "1.2.non_contrast": Translation((1.0, 0.0, 0.0)),
    }
    for nothing in (None, (0.0, 0.0, 0.0)):
        back = move_in_series(exam, lesion, ARTERIAL, nothing)
        assert list(back.moves) == ["1.2.non_contrast"]


@pytest.mark.parametrize(
    ("key", "offset_mm", "told"),
    [
        ("9.9", (0.0, 0.0, 1.0), r"exam has no series 9\.9 .* 1\.2\.late_arterial \(late arterial"),
        ("1.2.portal_venous", (0.0, 0.0, 1.0), "portal venous phase, the reference: it lies there"),
        ("1.2.portal_venous", None, "the reference"),
        (ARTERIAL, (0.0, float("nan"), 1.0), "a move by 0.0, nan, 1.0 mm is nowhere"),
        (ARTERIAL, (float("inf"), 0.0, 1.0), "is nowhere"),
        (ARTERIAL, (0.0, 0.0, -30.1), r"30\.1 mm off the registration .*limit 30 mm"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(grid, key, offset_mm, told):
    exam = exam_with(grid)
    with pytest.raises(InputError, match=told):
        move_in_series(exam, exam.lesions[0], key, offset_mm)


def test_a_lesion_is_not_moved_out_of_the_image(grid):
    exam = exam_with(grid)
    arterial = exam.by_key(ARTERIAL)
    short = arterial.volume.grid.cropped((0, 0, 0), (grid.shape[0] // 2 + 7, *grid.shape[1:]))
    cut = series(arterial.volume.array[: short.shape[0]], short, "late_arterial")
    exam = replace(exam, series=(*exam.series[:-1], cut))
    along = grid.lps_from_index[:3, 0]  # a slice further
    fits = tuple(float(part) for part in along * 2)
    assert move_in_series(exam, exam.lesions[0], ARTERIAL, fits).moves
    away = tuple(float(part) for part in along * 9)
    with pytest.raises(InputError, match=r"only \d+% of the lesion would lie inside .*50% are"):
        move_in_series(exam, exam.lesions[0], ARTERIAL, away)
