"""True masks and true values of the digital case."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from liverseg.couinaud import divide_liver
from liverseg.geometry import LabelMap
from liverseg.records import Doubt
from liverseg.teach import (
    LANDMARKS,
    PlannedExam,
    PlantedLesion,
    TrueMasks,
    Variant,
    plan_case,
    true_masks,
    true_means,
)

EXAMS = [(variant, exam) for variant in Variant for exam in plan_case(variant)]
#: Label numbers of a Couinaud segment; 4 is split in 4a and 4b.
NUMBERS = {"4": {4, 9}}


@pytest.fixture(
    scope="module", params=EXAMS, ids=[f"{variant}-{exam.name}" for variant, exam in EXAMS]
)
def made(request) -> tuple[PlannedExam, TrueMasks]:
    exam = request.param[1]
    return exam, true_masks(exam)


def doubts_of(liver: LabelMap) -> tuple[Doubt, ...]:
    return divide_liver(liver, LANDMARKS)[1]


def least_depth_mm(lesion: LabelMap, liver: LabelMap) -> float:
    """Smallest distance from a voxel centre of the lesion to one outside the liver."""
    room = [int(np.ceil(6.0 / step)) for step in liver.grid.spacing_mm]
    box = tuple(
        slice(max(0, part.start - more), part.stop + more)
        for part, more in zip(lesion.box(), room, strict=True)
    )
    depth = ndimage.distance_transform_edt(liver.mask()[box], sampling=liver.grid.spacing_mm)
    return float(depth[lesion.mask()[box]].min())


def test_every_lesion_lies_deep_in_its_segment_and_out_of_the_vessels(made):
    exam, masks = made
    assert set(masks.lesions) == {lesion.name for lesion in exam.lesions}
    for lesion in exam.lesions:
        drawn = masks.lesions[lesion.name]
        held = set(np.unique(masks.couinaud.array[drawn.mask()]).tolist())
        assert held <= NUMBERS.get(lesion.segment, {int(lesion.segment)}), lesion.name
        assert not masks.structures.array[drawn.mask()].any(), lesion.name
        assert least_depth_mm(drawn, masks.liver) >= 3.0, lesion.name


def test_voxels_of_a_lesion_hold_the_volume_of_its_formula(made):
    exam, masks = made
    for lesion in exam.lesions:
        drawn = masks.lesions[lesion.name]
        counted_ml = drawn.mask().sum() * drawn.grid.voxel_volume_mm3 / 1000.0
        assert counted_ml == pytest.approx(lesion.outline.volume_ml, rel=0.01), lesion.name
        middle = drawn.grid.to_lps_mm(np.argwhere(drawn.mask())).mean(axis=0)
        if not lesion.outline.bumps:
            assert middle == pytest.approx(lesion.centre_lps_mm, abs=0.3), lesion.name


def test_the_liver_divides_without_a_doubt(made):
    _, masks = made
    assert doubts_of(masks.liver) == ()
    assert masks.couinaud.values == (1, 2, 3, 4, 5, 6, 7, 8, 9)
    assert np.array_equal(masks.couinaud.mask(), masks.liver.mask())
    volume_ml = masks.liver.mask().sum() * masks.liver.grid.voxel_volume_mm3 / 1000.0
    assert 1200.0 <= volume_ml <= 2000.0


def test_masks_lie_on_the_reference_and_name_what_they_hold(made):
    exam, masks = made
    every = (masks.liver, masks.couinaud, masks.structures, *masks.lesions.values())
    assert all(labels.grid.is_same_place(exam.reference.grid) for labels in every)
    assert masks.liver.name_of(1) == "liver"
    names = {masks.structures.name_of(value) for value in masks.structures.values}
    always = {"spleen", "kidneys", "portal_vein", "hepatic_veins", "ivc", "aorta"}
    assert names == (always | {"gallbladder"} if exam.gallbladder else always)
    aorta = masks.structures.mask(masks.structures.value_of("aorta"))
    index = np.rint(masks.structures.grid.to_index((14.0, 36.0, 20.0))).astype(int)
    assert aorta[tuple(index)]


def planted(variant: Variant, exam: str, name: str) -> tuple[PlannedExam, PlantedLesion]:
    found = next(one for one in plan_case(variant) if one.name == exam)
    return found, next(lesion for lesion in found.lesions if lesion.name == name)


@pytest.mark.parametrize(
    ("variant", "exam", "name", "rim", "core"),
    [
        # Planted levels by series: non-contrast, arterial, portal, delayed.
        (Variant.TEXT, "2015_CT", "T4", (46, 108, 126, 120), (46, 108, 126, 120)),
        (Variant.FIGURES, "2015_CT", "F7", (48, 112, 128, 125), (42, 48, 72, 88)),
        (Variant.RECONCILED, "2015_CT", "R6", (48, 112, 128, 125), (42, 68, 88, 98)),
    ],
)
def test_true_means_are_the_planted_levels_but_for_the_blur_of_the_edges(
    variant, exam, name, rim, core
):
    found, lesion = planted(variant, exam, name)
    liver = (58, 78, 118, 95)
    for series, shell, inside, outside in zip(found.series, rim, core, liver, strict=True):
        means = true_means(found, series, lesion)
        # An edge of 0.38 mm blur lends a shell of 3 mm at most a tenth of each step at its walls.
        room = 0.1 * (abs(shell - outside) + abs(shell - inside)) + 0.01
        assert abs(means.rim_mean - shell) <= room, series.name
        assert abs(means.core_mean - inside) <= 0.1 * abs(shell - inside) + 0.01, series.name


def test_true_means_of_mr_are_in_the_unit_of_the_series():
    exam, lesion = planted(Variant.TEXT, "2015_MR", "T6")
    core = {series.name: true_means(exam, series, lesion).core_mean for series in exam.series}
    expected = {
        "t1_pre": 280.0,
        "t1_arterial": 740.0,
        "t1_portal": 780.0,
        "t1_transitional": 720.0,
        "t1_hepatocyte": 312.0,
        "t2_2015": 800.0,
        "adc_2015": 0.00105,  # mm2/s
    }
    assert core == pytest.approx(expected, rel=0.002)


def test_true_means_do_not_depend_on_the_breath():
    """They are those of the exam at rest: the same for any seed."""
    one, other = (plan_case(Variant.TEXT, seed=seed)[0] for seed in (1, 2))
    assert one.series[1].shift_mm != other.series[1].shift_mm
    means = true_means(one, one.series[1], one.lesions[0])
    assert true_means(other, other.series[1], other.lesions[0]) == means
    assert means.core_mean == pytest.approx(108.0, abs=0.01)
    assert 105.0 < means.rim_mean < 108.0  # the liver around has 78
