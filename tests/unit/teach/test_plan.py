"""The plan of the digital case: literal numbers of its design, and its breaths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liverseg.errors import InputError
from liverseg.findings import read_findings
from liverseg.records import Phase
from liverseg.teach import PlantedLesion, Variant, case_findings, plan_case, planted_lesions

#: Lesion: Couinaud segment, axes in mm (two in the axial plane, then along z).
SMOOTH = {
    "text": {
        "T4": ("4", (22.0, 20.0, 20.0)),
        "T5": ("5", (18.0, 18.0, 17.0)),
        "T6": ("6", (20.0, 19.0, 18.0)),
        "T8": ("8", (16.0, 16.0, 15.0)),
    },
    "figures": {},
    "reconciled": {
        "R4": ("4", (22.0, 20.0, 20.0)),
        "R5": ("5", (18.0, 18.0, 17.0)),
        "R6": ("6", (20.0, 19.0, 18.0)),
        "R8": ("8", (16.0, 16.0, 15.0)),
    },
    "recurrence_2017": {"P4S3": ("3", (18.0, 16.0, 15.0)), "P4S4": ("4", (20.0, 17.0, 16.0))},
    "recurrence_2019": {"P5S8": ("8", (19.0, 18.0, 17.0))},
}
JAGGED = {"figures": "F7", "reconciled": "R7"}
TISSUE = {
    "text": "metastasis_whole",
    "figures": "metastasis_ring",
    "reconciled": "metastasis_both",
    "recurrence_2017": "metastasis_both",
    "recurrence_2019": "metastasis_both",
}


def axes_mm(lesion: PlantedLesion) -> tuple[float, ...]:
    return tuple(2.0 * half for half in lesion.outline.half_axes_mm)


@pytest.mark.parametrize("phantom", list(SMOOTH))
def test_lesions_are_those_of_the_design(phantom):
    lesions = planted_lesions(phantom)
    smooth = {one.name: (one.segment, axes_mm(one)) for one in lesions if not one.outline.bumps}
    assert smooth == SMOOTH[phantom]
    assert [one.name for one in lesions if one.outline.bumps] == [
        name for name in [JAGGED.get(phantom)] if name
    ]
    assert {one.tissue for one in lesions} == {TISSUE[phantom]}


@pytest.mark.parametrize("phantom", list(JAGGED))
def test_the_jagged_lesion_is_that_of_segment_7(phantom):
    (lesion,) = [one for one in planted_lesions(phantom) if one.outline.bumps]
    assert lesion.segment == "7"
    # 35 x 32 x 30 mm as published; dents take volume away from its box.
    assert np.ptp(lesion.outline.surface_mm, axis=0) == pytest.approx((35, 32, 30), abs=2.0)
    assert 14.5 <= lesion.outline.volume_ml <= 17.6
    assert lesion.outline.solidity <= 0.82


def test_a_rim_is_as_thick_as_measured_ones_are_cut():
    """15 % of the diameter of the ball of the same volume, at least 2 mm."""
    by_name = {one.name: one for one in planted_lesions("reconciled")}
    assert by_name["R4"].rim_mm == pytest.approx(0.15 * (22.0 * 20.0 * 20.0) ** (1 / 3), rel=1e-6)
    assert by_name["R8"].rim_mm == pytest.approx(0.15 * (16.0 * 16.0 * 15.0) ** (1 / 3), rel=1e-6)
    assert by_name["R7"].rim_mm == pytest.approx(4.72, abs=0.01)


@pytest.mark.parametrize(
    ("variant", "planted"),
    [
        (Variant.TEXT, {"2015_CT": 4, "2015_MR": 4}),
        (Variant.FIGURES, {"2015_CT": 1, "2015_MR": 1}),
        (Variant.RECONCILED, {"2015_CT": 5, "2015_MR": 5, "2017_MR": 2, "2019_MR": 1}),
    ],
)
def test_exams_of_a_variant_in_order_of_date(variant, planted):
    exams = plan_case(variant)
    assert {exam.name: len(exam.lesions) for exam in exams} == planted
    assert [exam.date for exam in exams] == sorted(exam.date for exam in exams)
    for exam in exams:
        assert exam.name == f"{exam.date[:4]}_{exam.modality}"
        assert exam.gallbladder == exam.date.startswith("2015")  # taken out in that year
        assert exam.study_description.startswith("PHANTOM")


def test_series_phases_and_references():
    phases = {exam.name: [(one.number, one.phase) for one in exam.series] for exam in plan_case()}
    assert phases["2015_CT"] == [
        (2, Phase.NON_CONTRAST),
        (3, Phase.LATE_ARTERIAL),
        (4, Phase.PORTAL_VENOUS),
        (5, Phase.DELAYED),
    ]
    assert phases["2015_MR"] == [
        (3, Phase.NON_CONTRAST),
        (4, Phase.LATE_ARTERIAL),
        (5, Phase.PORTAL_VENOUS),
        (6, Phase.TRANSITIONAL),
        (7, Phase.HEPATOBILIARY),
        (8, Phase.T2),
        (9, Phase.ADC),
    ]
    assert phases["2017_MR"] == phases["2019_MR"] == [(3, Phase.T2)]
    references = {exam.name: exam.reference.phase for exam in plan_case()}
    assert references == {
        "2015_CT": Phase.PORTAL_VENOUS,
        "2015_MR": Phase.HEPATOBILIARY,
        "2017_MR": Phase.T2,
        "2019_MR": Phase.T2,
    }


def test_grids_are_fine_and_hold_the_body():
    for exam in plan_case():
        for series in exam.series:
            grid = series.grid
            low, high = grid.to_lps_mm((0, 0, 0)), grid.to_lps_mm(np.array(grid.shape) - 1)
            assert (low <= (-170.0, -123.0, -94.0)).all()
            assert (high >= (170.0, 126.0, 94.0)).all()
            assert {one.grid.frame_of_reference for one in exam.series} == {exam.name}
            if exam.modality == "CT":
                slice_mm, row_mm, column_mm = grid.spacing_mm
                assert max(row_mm, column_mm) <= 0.8
                assert slice_mm <= 1.5


@given(st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_breaths_are_2_to_6_mm_mostly_along_the_body_and_the_reference_holds_still(seed):
    for exam in plan_case(seed=seed):
        for series in exam.series:
            x, y, z = series.shift_mm
            if series is exam.reference:
                assert series.shift_mm == (0.0, 0.0, 0.0)
                continue
            assert 2.0 - 1e-9 <= np.linalg.norm(series.shift_mm) <= 6.0 + 1e-9
            assert abs(x) <= 0.8
            assert abs(y) <= 1.5
            assert abs(z) >= 1.0


def breaths(seed: int) -> dict[tuple[str, str], tuple[float, float, float]]:
    return {
        (exam.name, one.name): one.shift_mm for exam in plan_case(seed=seed) for one in exam.series
    }


@given(st.integers(0, 10**6), st.integers(1, 10**6))
@settings(max_examples=10, deadline=None)
def test_the_seed_decides_the_breaths_and_nothing_else(seed, more):
    assert breaths(seed) == breaths(seed)
    one, other = breaths(seed), breaths(seed + more)
    assert one.keys() == other.keys()
    changed = [key for key in one if one[key] != other[key]]
    assert sorted(changed) == sorted(key for key in one if one[key] != (0.0, 0.0, 0.0))
    for before, after in zip(plan_case(seed=seed), plan_case(seed=seed + more), strict=True):
        assert before.lesions == after.lesions
        for here, there in zip(before.series, after.series, strict=True):
            assert here.grid.is_same_place(there.grid, tolerance_mm=0.0)
            assert here.delay_s == there.delay_s


def test_no_two_series_of_an_exam_share_a_breath():
    shifts = [shift for shift in breaths(2021).values() if shift != (0.0, 0.0, 0.0)]
    assert len(shifts) == 9
    assert len(set(shifts)) == len(shifts)


def test_the_findings_of_the_published_case_come_along():
    reported = read_findings(case_findings())
    assert [claim.id for claim in reported.claims] == [str(n) for n in range(1, 21)]
    with pytest.raises(InputError, match="nobody1999"):
        case_findings("nobody1999")
