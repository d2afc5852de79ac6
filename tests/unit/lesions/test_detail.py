from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liverseg.errors import MeasurementError
from liverseg.lesions import detail_enhancement, liver_reference, subtract_native, subtract_series
from liverseg.lesions.ratios import attenuation_ratio
from liverseg.teach import pattern_scene


def detail_of(scene, exam=None):
    exam = exam or scene.exam
    reference = liver_reference(exam.liver, [scene.truth], exam.structures)
    return detail_enhancement(exam, exam.lesions[0], reference)


def values(detail):
    return {(row.phase, row.metric): row.value for row in detail.rows}


@pytest.fixture(scope="module")
def scene():
    return pattern_scene(
        "HCC", diameter_mm=26.0, spacing_mm=(1.0, 1.0, 1.0), noise_sd=4.0, breath_mm=3.0
    )


def test_ratios_of_planted_levels(scene):
    found = values(detail_of(scene))
    # 50, 110, 105, 79 in liver of 58, 78, 118, 95; the edge holds a little liver.
    assert found["late_arterial", "absolute_enhancement"] == pytest.approx(60.0, abs=3.0)
    assert found["late_arterial", "relative_enhancement"] == pytest.approx(120.0, abs=7.0)
    assert found["delayed", "absolute_washout"] == pytest.approx(51.7, abs=3.0)
    assert found["delayed", "relative_washout"] == pytest.approx(28.2, abs=2.0)
    assert found["delayed", "arterial_drop"] == pytest.approx(31.0, abs=3.0)
    assert found["delayed", "par"] == pytest.approx(attenuation_ratio(95.0, 79.0).value, abs=3.0)
    assert found["late_arterial", "rir"] == pytest.approx(1.41, abs=0.05)
    assert found["late_arterial", "rer"] == pytest.approx(1.41 / 0.862, abs=0.08)
    assert found["late_arterial", "llc"] == pytest.approx(0.41, abs=0.05)
    assert found["late_arterial", "cnr"] == pytest.approx(8.0, abs=1.0)
    assert found["late_arterial", "wash_in_slope"] == pytest.approx(60.0 / 36.0, abs=0.1)
    for name, level in (("spleen", 150), ("muscle", 60), ("aorta", 345), ("portal_vein", 130)):
        assert found["late_arterial", f"{name}_mean"] == pytest.approx(level, rel=0.02)
    assert found["portal_venous", "perilesional_mean"] == pytest.approx(118.0, abs=1.0)


def test_what_is_refused_says_why(scene):
    reasons = {doubt.reason for doubt in detail_of(scene).refusals}
    assert any("no llcr" in reason and "HU" in reason for reason in reasons)
    facts = replace(scene.exam.series[1].record.facts, kernel="B70f")
    series = list(scene.exam.series)
    series[1] = replace(series[1], record=replace(series[1].record, facts=facts))
    detail = detail_of(scene, replace(scene.exam, series=tuple(series)))
    assert ("late_arterial", "absolute_enhancement") not in values(detail)
    assert any("absolute_enhancement" in d.reason and "kernel" in d.reason for d in detail.refusals)


def test_gadoxetate_refuses_psr_and_fluid_refuses_relative_enhancement():
    mr = pattern_scene(
        "HCC", modality="MR", diameter_mm=16.0, spacing_mm=(2.0, 1.5, 1.5), noise_sd=2.0
    )
    detail = detail_of(mr)
    assert any("no psr" in d.reason and "gadoxetic" in d.reason for d in detail.refusals)
    found = values(detail)
    assert found["t2", "t2_ratio"] == pytest.approx(1.4, abs=0.06)
    assert ("hepatobiliary", "llcr") in found
    cyst = detail_of(
        pattern_scene("cyst", diameter_mm=16.0, spacing_mm=(2.0, 1.5, 1.5), noise_sd=2.0)
    )
    assert any(
        "relative_enhancement" in d.reason and "less than 20" in d.reason for d in cyst.refusals
    )


def test_shells_go_from_rim_to_core_by_mm_and_by_share():
    ring = pattern_scene("abscess", diameter_mm=30.0, spacing_mm=(1.0, 1.0, 1.0), noise_sd=2.0)
    found = values(detail_of(ring))
    by_mm = [found["portal_venous", f"shell_{a}_{b}_mm_mean"] for a, b in ((2, 4), (6, 8), (8, 10))]
    assert by_mm[0] == pytest.approx(108.0, abs=6.0)
    assert by_mm[1:] == pytest.approx([21.0, 21.0], abs=4.0)
    by_share = [
        found["portal_venous", f"shell_{a}_{b}_percent_mean"]
        for a, b in ((0, 20), (20, 40), (40, 60), (60, 80), (80, 100))
    ]
    assert by_share[0] > 90.0 > by_share[2]
    assert (
        sum(1 for phase, name in found if phase == "delayed" and name.startswith("sector_")) == 36
    )


def test_sectors_tell_nodules_from_what_lies_between():
    spots = pattern_scene("haemangioma", diameter_mm=36.0, spacing_mm=(1.0, 1.0, 1.0), noise_sd=4.0)
    found = values(detail_of(spots))
    sectors = np.array(
        [v for (phase, name), v in found.items() if phase == "late_arterial" and "sector" in name]
    )
    assert len(sectors) == 36
    assert (sectors > 140).mean() == pytest.approx(spots.nodule_share, abs=0.2)
    assert (sectors < 80).mean() > 0.3


def test_subtraction_shows_what_contrast_added(scene):
    key = "ct_arterial"
    picture = subtract_native(scene.exam, key)
    assert picture.grid is scene.exam.by_key(key).volume.grid
    # The arterial series has moved against the reference: take the middle of the lesion there.
    shift = scene.exam.shift_of(key).series_from_reference
    place = np.rint(picture.grid.to_index(shift.apply(scene.centre_lps_mm))).astype(int)
    middle = picture.array[tuple(slice(n - 3, n + 4) for n in place)]
    assert np.nanmean(middle) == pytest.approx(60.0, abs=2.0)
    series = tuple(s for s in scene.exam.series if s.record.key != "ct_non_contrast")
    with pytest.raises(MeasurementError, match="no subtraction"):
        subtract_native(replace(scene.exam, series=series), key)


def test_any_two_phases_of_the_same_settings_can_be_subtracted(scene):
    one, other = "ct_portal", "ct_arterial"
    there, back = (
        subtract_series(scene.exam, a, baseline=b) for a, b in ((one, other), (other, one))
    )

    def middle(volume, key):
        shift = scene.exam.shift_of(key).series_from_reference
        place = np.rint(volume.grid.to_index(shift.apply(scene.centre_lps_mm))).astype(int)
        return np.nanmean(volume.array[tuple(slice(n - 3, n + 4) for n in place)])

    assert middle(there, one) == pytest.approx(-middle(back, other), abs=2.0)
    np.testing.assert_array_equal(
        subtract_series(scene.exam, other, baseline="ct_non_contrast").array,
        subtract_native(scene.exam, other).array,
    )
    with pytest.raises(MeasurementError, match="from itself"):
        subtract_series(scene.exam, one, baseline=one)


def test_phases_of_other_settings_are_not_subtracted(scene):
    series = tuple(
        replace(item, record=replace(item.record, facts=replace(item.record.facts, kvp=80.0)))
        if item.record.key == "ct_arterial"
        else replace(item, record=replace(item.record, facts=replace(item.record.facts, kvp=120.0)))
        for item in scene.exam.series
    )
    exam = replace(scene.exam, series=series)
    with pytest.raises(MeasurementError, match="tube voltage"):
        subtract_series(exam, "ct_portal", baseline="ct_arterial")


def test_a_fatty_liver_is_said():
    scene = pattern_scene("HCC", diameter_mm=16.0, spacing_mm=(2.0, 1.5, 1.5), noise_sd=2.0)
    assert not any("fatty" in doubt.reason for doubt in detail_of(scene).refusals)
    native = scene.exam.series[0]
    dark = replace(native.volume, array=native.volume.array - np.int16(25))
    series = (replace(native, volume=dark), *scene.exam.series[1:])
    found = detail_of(scene, replace(scene.exam, series=series)).refusals
    assert any("33 HU before contrast" in doubt.reason for doubt in found)
