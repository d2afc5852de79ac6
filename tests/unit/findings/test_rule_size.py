"""Rules on size and shape: long_axis, extents and shape."""

import math
from dataclasses import replace

import pytest
from findings_rows import RIM_P1, Made, MadeExam, changed, claim, judge, smooth, without
from hypothesis import given
from hypothesis import strategies as st

from liverseg.findings.expectations import LongAxisTest
from liverseg.findings.rules.size import diameter_limits

AXES = (35.0, 32.0, 30.0)
ONE = MadeExam("2015-06-01", "CT", (smooth("T7", "7", AXES),)).rows()


def long_axis(mm, lesions="all", **more):
    return claim("long_axis", lesions=lesions, mm=mm, **more)


@pytest.mark.parametrize(
    ("measured", "reported", "verdict"),
    [
        (42.0, 35.0, "agrees"),  # 20 % of 35 mm
        (42.1, 35.0, "borderline"),
        (45.5, 35.0, "borderline"),  # 30 %
        (45.6, 35.0, "conflicts"),
        (28.0, 35.0, "agrees"),
        (24.4, 35.0, "conflicts"),
        (13.0, 10.0, "agrees"),  # at least 3 mm
        (15.0, 10.0, "borderline"),  # at least 5 mm
        (15.1, 10.0, "conflicts"),
    ],
)
def test_a_diameter_agrees_within_a_fifth_or_three_millimetres(measured, reported, verdict):
    judged = judge(long_axis(reported), changed(ONE, "long_axis", measured))
    assert judged.verdict == verdict
    assert (judged.value, judged.unit, judged.slice) == (f"{measured:.1f}", "mm", 40)
    side = "more" if measured >= reported else "less"
    off = f"{abs(measured - reported):.1f} mm {side} than the {reported:g} mm reported"
    assert f"T7 {measured:.1f} mm, {off}" in judged.reason
    fits = "fits" if verdict == "agrees" else "does not fit"
    assert judged.reason.startswith(f"the long axis {fits} {reported:g} mm in the one lesion: ")


@pytest.mark.parametrize(
    ("measured", "verdict"), [(36, "agrees"), (37, "borderline"), (37.1, "conflicts")]
)
def test_a_finding_may_bring_its_own_limits(measured, verdict):
    made = long_axis(35, agrees_within_mm=1, borderline_within_mm=2)
    judged = judge(made, changed(ONE, "long_axis", measured))
    assert judged.verdict == verdict
    assert judged.tolerance == (
        "within 1 mm agrees, up to 2 mm borderline. Source: the findings file"
    )


@given(st.floats(0.5, 300))
def test_limits_of_a_diameter_grow_with_it_and_never_cross(mm):
    near, far = diameter_limits(LongAxisTest(rule="long_axis", lesions="all", mm=mm))
    assert near == max(3.0, 0.2 * mm)
    assert far == max(5.0, 0.3 * mm)
    assert near < far


def test_limits_of_the_phase_stand_beside_the_general_ones():
    judged = judge(long_axis(35), ONE)
    assert "two readers of the portal venous phase differ by -7.9 to +7.1 mm" in judged.tolerance
    assert "Yoon 2016" in judged.tolerance
    assert "Huh 2018, Korean J Radiol 19(6): portal venous phase" in judged.tolerance
    late = [replace(row, phase="delayed") for row in ONE]
    assert "two readers" not in judge(long_axis(35), late).tolerance


def test_a_diameter_drawn_on_another_phase_than_reported_is_a_doubt():
    judged = judge(long_axis(35, phase="delayed"), ONE)
    assert judged.verdict == "agrees"
    assert [(doubt.reason, doubt.where) for doubt in judged.doubts] == [
        (
            "drawn on the portal venous phase, the report names the delayed phase; "
            "diameters differ between phases",
            "T7",
        )
    ]
    for phase in ("", "portal_venous"):
        assert judge(long_axis(35, phase=phase), ONE).doubts == ()


def test_a_long_axis_that_is_missing():
    judged = judge(long_axis(35), without(ONE, metric="long_axis"))
    assert judged.verdict == "not_assessable"
    assert judged.reason == "its long axis is not measured"


def test_of_several_lesions_the_nearest_diameter_decides():
    lesions = (smooth("A", "5", (20, 18, 16)), smooth("B", "7", (33, 30, 28)))
    rows = MadeExam("2015-06-01", "CT", lesions).rows()
    near = judge(long_axis(30, "any"), rows)
    assert (near.verdict, near.value, near.lesion) == ("agrees", "33.0", "B")
    far = judge(long_axis(80, "any"), rows)
    assert far.verdict == "conflicts"
    assert far.reason == (
        "no matching lesion: the long axis fits 80 mm in none of 2 lesions; "
        "the nearest is B with 33.0 mm, 47.0 mm less than the 80 mm reported"
    )
    assert (far.value, far.lesion) == ("", "")


def shape_rows(solidity, sphericity):
    return changed(changed(ONE, "solidity", solidity), "sphericity", sphericity)


YES = "the shape is irregular in the one lesion"
IRREGULAR = claim("shape", lesions="all", shape="irregular")


@pytest.mark.parametrize(
    ("solidity", "sphericity", "verdict", "value"),
    [
        (0.849, 0.95, "agrees", "0.85"),
        (0.85, 0.65, "conflicts", "0.85"),
        (0.99, 0.64, "agrees", "0.64"),
        (0.70, 0.60, "agrees", "0.70"),
    ],
)
def test_low_solidity_or_low_sphericity_is_irregular(solidity, sphericity, verdict, value):
    judged = judge(IRREGULAR, shape_rows(solidity, sphericity))
    assert (judged.verdict, judged.value) == (verdict, value)
    word = "is irregular" if verdict == "agrees" else "is not irregular"
    assert judged.reason == (
        f"the shape {word} in the one lesion: "
        f"T7 solidity {solidity:.2f}, sphericity {sphericity:.2f}"
    )


def test_the_shape_of_a_small_lesion_is_not_rated():
    for axis, verdict in ((15.0, "agrees"), (14.9, "not_assessable")):
        judged = judge(IRREGULAR, changed(shape_rows(0.5, 0.5), "long_axis", axis))
        assert judged.verdict == verdict
    assert judged.reason == "shape is not rated below 15 mm"


@pytest.mark.parametrize(
    ("missing", "other", "verdict", "reason"),
    [
        ("solidity", 0.95, "not_assessable", "its solidity is not measured (slices too far apart)"),
        ("solidity", 0.60, "agrees", f"{YES}: T7 sphericity 0.60"),
        ("sphericity", 0.95, "not_assessable", "its sphericity is not measured"),
        ("sphericity", 0.60, "agrees", f"{YES}: T7 solidity 0.60"),
    ],
)  # fmt: skip
def test_one_of_both_numbers_may_say_irregular_but_not_smooth(missing, other, verdict, reason):
    judged = judge(IRREGULAR, without(shape_rows(other, other), metric=missing))
    assert (judged.verdict, judged.reason) == (verdict, reason)


def specimen(*axes, volume=None, more=()):
    """Rows of a lesion of these extents, and of others."""
    lesion = Made("A", {"7": 1.0}, axes, RIM_P1, RIM_P1, volume=volume)
    return MadeExam("2015-06-01", "CT", (lesion, *more)).rows()


def extents(*mm):
    return claim("extents", mm=list(mm))


ELLIPSOID_ML = math.pi / 6 * math.prod(AXES) / 1000


@pytest.mark.parametrize(
    ("axes", "verdict"),
    [
        (AXES, "agrees"),
        ((30.0, 35.0, 32.0), "agrees"),  # in any order
        ((42.0, 32.0, 30.0), "agrees"),  # 20 % of 35 mm
        ((42.1, 32.0, 30.0), "conflicts"),
        ((35.0, 32.0, 36.1), "agrees"),  # each is compared with its like in size
        ((35.0, 32.0, 23.9), "conflicts"),
    ],
)
def test_each_sorted_extent_must_fit(axes, verdict):
    judged = judge(extents(35, 32, 30), specimen(*axes, volume=ELLIPSOID_ML))
    assert judged.verdict == verdict


@pytest.mark.parametrize(
    ("share", "verdict"), [(1.25, "agrees"), (1.26, "partly"), (0.74, "partly")]
)
def test_the_volume_must_be_that_of_the_ellipsoid(share, verdict):
    judged = judge(extents(*AXES), specimen(*AXES, volume=share * ELLIPSOID_ML))
    assert judged.verdict == verdict
    assert judged.reason == (
        f"A fits 35 x 32 x 30 mm best: 35.0 x 32.0 x 30.0 mm and {share * ELLIPSOID_ML:.2f} ml"
    )
    assert (judged.value, judged.unit, judged.slice) == ("35.0 x 32.0 x 30.0", "mm", 40)
    assert f"{ELLIPSOID_ML:.2f} ml" in judged.tolerance
    assert judged.doubts == ()


def test_small_extents_may_differ_by_four_millimetres():
    assert judge(extents(10, 10, 10), specimen(14, 10, 10)).verdict != "conflicts"
    assert judge(extents(10, 10, 10), specimen(14.1, 10, 10)).verdict == "conflicts"


def test_the_lesion_that_fits_best_is_matched_by_size_with_a_doubt():
    rows = specimen(36, 33, 31, more=(smooth("B", "5", AXES), smooth("C", "6", (16, 15, 14))))
    judged = judge(extents(*AXES), rows)
    assert (judged.verdict, judged.lesion) == ("agrees", "B")
    assert [doubt.reason for doubt in judged.doubts] == [
        "the report does not say which lesion measured 35 x 32 x 30 mm: B is matched by size, of 3"
    ]


def test_no_lesion_of_that_size():
    judged = judge(extents(90, 80, 70), specimen(*AXES, more=(smooth("B", "5", (16, 15, 14)),)))
    assert judged.verdict == "conflicts"
    assert judged.reason.startswith(
        "no matching lesion: none of 2 measures 90 x 80 x 70 mm; "
        "the nearest is A with 35.0 x 32.0 x 30.0 mm and "
    )
    assert (judged.value, judged.lesion) == ("", "")


def test_a_lesion_without_extents_may_be_the_one():
    rows = specimen(*AXES, more=(smooth("B", "5", (16, 15, 14)),))
    lacking = without(rows, lesion="B", metric="extent_2")
    far = judge(extents(90, 80, 70), lacking)
    assert far.verdict == "not_assessable"
    assert far.reason == "the extents of B are not measured"
    assert judge(extents(*AXES), lacking).verdict == "agrees"
