import numpy as np
import pytest

from liverseg.lesions import ratios

# The worked arithmetic of the reference: native 50, arterial 110, delayed 79, liver late 95.


def test_worked_arithmetic():
    assert ratios.absolute_enhancement(110.0, 50.0).value == 60.0
    assert ratios.relative_enhancement_hu(110.0, 50.0).value == 120.0
    assert ratios.absolute_washout(50.0, 110.0, 79.0).value == pytest.approx(51.7, abs=0.05)
    assert ratios.relative_washout(110.0, 79.0).value == pytest.approx(28.2, abs=0.05)
    assert ratios.attenuation_ratio(95.0, 79.0).value == pytest.approx(120.3, abs=0.05)
    assert ratios.arterial_drop(110.0, 79.0).value == 31.0


def test_contrasts_against_liver():
    assert ratios.lesion_liver_contrast(80.0, 100.0).value == pytest.approx(-0.2)
    assert ratios.michelson_contrast(80.0, 100.0, unit="au").value == pytest.approx(-1 / 9)
    assert ratios.intensity_ratio(80.0, 100.0).value == pytest.approx(0.8)
    assert ratios.contrast_to_noise(80.0, 100.0, 5.0).value == pytest.approx(-4.0)
    before, after = ratios.intensity_ratio(80.0, 100.0), ratios.intensity_ratio(60.0, 150.0)
    assert ratios.enhancement_ratio(after, before).value == pytest.approx(0.5)
    assert ratios.signal_ratio(102.0, 100.0, hepatocyte_agent=False).value == pytest.approx(102.0)


def test_slope_and_diffusion():
    assert ratios.wash_in_slope(50.0, 110.0, -60.0, 30.0).value == pytest.approx(2.0)
    found = ratios.diffusion_coefficient(1000.0, 1000.0 * np.exp(-0.75), (50.0, 800.0), noise=10.0)
    assert found.value == pytest.approx(1e-3)


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (ratios.relative_enhancement_hu(40.0, 19.0), "less than 20"),
        (ratios.relative_enhancement_signal(40.0, 0.0), "not above 0"),
        (ratios.absolute_washout(50.0, 69.0, 60.0), "below 20"),
        (ratios.relative_washout(19.0, 10.0), "below 20"),
        (ratios.attenuation_ratio(95.0, 20.0), "not above 20"),
        (ratios.signal_ratio(95.0, 80.0, hepatocyte_agent=True), "gadoxetic acid"),
        (ratios.signal_ratio(95.0, 0.0, hepatocyte_agent=False), "no signal"),
        (ratios.lesion_liver_contrast(5.0, 0.0), "not above 0"),
        (ratios.michelson_contrast(60.0, 80.0, unit="HU"), "no true zero"),
        (ratios.michelson_contrast(0.0, 0.0, unit="au"), "no signal"),
        (ratios.contrast_to_noise(60.0, 80.0, 0.0), "no noise"),
        (ratios.wash_in_slope(50.0, 110.0, None, 30.0), "not known"),
        (ratios.wash_in_slope(50.0, 110.0, 0.0, 0.0), "not after"),
        (ratios.diffusion_coefficient(100.0, 29.0, (0.0, 800.0), noise=10.0), "times the noise"),
        (ratios.diffusion_coefficient(100.0, 50.0, (800.0, 0.0), noise=1.0), "order"),
    ],
)
def test_a_ratio_that_is_not_allowed_says_why(ratio, words):
    assert ratio.value is None
    assert words in ratio.refusal


def test_refusal_of_the_first_ratio_is_handed_on():
    refused = ratios.intensity_ratio(60.0, 0.0)
    assert ratios.enhancement_ratio(ratios.intensity_ratio(60.0, 80.0), refused).refusal
