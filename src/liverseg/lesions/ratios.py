"""Published ratios of enhancement as plain functions; each says when it is not allowed.

Every function returns a `Ratio`: a value, or the reason why there is none. HU on CT, signal
in arbitrary units on MR. Formulas: reference table of metrics; names of one formula in two
meanings (LLCR) always carry the formula. Limits: table `enhancement_rules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from liverseg.tables import load_table

Number = TypeVar("Number", float, NDArray[np.float64])


@dataclass(frozen=True)
class Ratio:
    """A value, or None and why."""

    value: float | None
    refusal: str = ""


def relative_enhancement(after: Number, before: Number) -> Number:
    """Enhancement in % of the value before contrast, which must be above 0.

    >>> relative_enhancement(110.0, 50.0)
    120.0
    """
    return 100.0 * (after - before) / before


def absolute_enhancement(after: float, before: float) -> Ratio:
    """AE in HU."""
    return Ratio(after - before)


def relative_enhancement_hu(after: float, before: float) -> Ratio:
    """RE on CT in %; refused from below 20 HU before contrast, where it divides by little."""
    least = _rule("relative_hu_min")
    if before < least:
        return Ratio(None, f"{before:.0f} HU before contrast, less than {least:g}")
    return Ratio(relative_enhancement(after, before))


def relative_enhancement_signal(after: float, before: float) -> Ratio:
    """RE on MR in %."""
    if before <= 0:
        return Ratio(None, "signal before contrast is not above 0")
    return Ratio(relative_enhancement(after, before))


def arterial_drop(arterial: float, delayed: float) -> Ratio:
    """DROP in HU: arterial minus delayed; at least 10 HU in HCC (Ann Acad Med Singapore 2011)."""
    return Ratio(arterial - delayed)


def absolute_washout(before: float, peak: float, delayed: float) -> Ratio:
    """AWO in %: drop from the peak over the rise to it.

    >>> round(absolute_washout(50.0, 110.0, 79.0).value, 1)
    51.7
    """
    least = _rule("washout_rise_min")
    if peak - before < least:
        return Ratio(
            None, f"the peak lies {peak - before:.0f} HU above the native value, below {least:g}"
        )
    return Ratio(100.0 * (peak - delayed) / (peak - before))


def relative_washout(peak: float, delayed: float) -> Ratio:
    """RWO in %: drop from the peak over the peak.

    >>> round(relative_washout(110.0, 79.0).value, 1)
    28.2
    """
    least = _rule("washout_rise_min")
    if peak < least:
        return Ratio(None, f"the peak is {peak:.0f} HU, below {least:g}")
    return Ratio(100.0 * (peak - delayed) / peak)


def attenuation_ratio(liver: float, lesion: float) -> Ratio:
    """PAR in %, delayed CT: liver over lesion; at least 107 in HCC (Liu 2013).

    >>> round(attenuation_ratio(95.0, 79.0).value, 1)
    120.3
    """
    least = _rule("par_lesion_min")
    if lesion <= least:
        return Ratio(None, f"the lesion has {lesion:.0f} HU, not above {least:g}")
    return Ratio(100.0 * liver / lesion)


def signal_ratio(liver: float, lesion: float, *, hepatocyte_agent: bool) -> Ratio:
    """PSR in %, equilibrium or delayed MR: liver over lesion; HCC from 102 (Kloeckner 2016)."""
    if hepatocyte_agent:
        return Ratio(None, "gadoxetic acid: after the portal venous phase the liver takes it up")
    if lesion <= 0:
        return Ratio(None, "the lesion has no signal")
    return Ratio(100.0 * liver / lesion)


def lesion_liver_contrast(lesion: float, liver: float) -> Ratio:
    """LLC: (lesion - liver) / liver."""
    if liver <= 0:
        return Ratio(None, "the liver's value is not above 0")
    return Ratio((lesion - liver) / liver)


def michelson_contrast(lesion: float, liver: float, *, unit: str) -> Ratio:
    """LLCR in the Michelson form: (lesion - liver) / (lesion + liver), -1 to 1."""
    if unit == "HU":
        return Ratio(None, "HU have no true zero and may be negative")
    if lesion + liver <= 0:
        return Ratio(None, "lesion and liver together have no signal")
    return Ratio((lesion - liver) / (lesion + liver))


def intensity_ratio(lesion: float, liver: float) -> Ratio:
    """RIR (also LLR, and T2 ratio on T2): lesion over liver."""
    if liver <= 0:
        return Ratio(None, "the liver's value is not above 0")
    return Ratio(lesion / liver)


def enhancement_ratio(after: Ratio, before: Ratio) -> Ratio:
    """RER: the intensity ratio after contrast over that before."""
    if after.value is None or before.value is None:
        return Ratio(None, after.refusal or before.refusal)
    if before.value <= 0:
        return Ratio(None, "the ratio before contrast is not above 0")
    return Ratio(after.value / before.value)


def contrast_to_noise(lesion: float, liver: float, noise_sd: float) -> Ratio:
    """CNR: (lesion - liver) / SD of homogeneous liver.

    SD of air is no noise with parallel imaging, so that of liver is taken.
    """
    if noise_sd <= 0:
        return Ratio(None, "the liver shows no noise")
    return Ratio((lesion - liver) / noise_sd)


def wash_in_slope(
    before: float, arterial: float, before_s: float | None, arterial_s: float | None
) -> Ratio:
    """WIS in HU/s from the start of the injection (or from the series before it, if later)."""
    if before_s is None or arterial_s is None:
        return Ratio(None, "acquisition times are not known")
    seconds = arterial_s - max(before_s, 0.0)
    if seconds <= 0:
        return Ratio(None, "the arterial series is not after the injection")
    return Ratio((arterial - before) / seconds)


def diffusion_coefficient(
    low_b: float, high_b: float, b_values: tuple[float, float], *, noise: float
) -> Ratio:
    """ADC in mm2/s from the signals at two b-values (s/mm2); refused near the noise."""
    if b_values[1] <= b_values[0]:
        return Ratio(None, "the two b-values are not in order")
    times = _rule("adc_noise_times")
    if high_b < times * noise or low_b <= 0:
        return Ratio(None, f"signal at b {b_values[1]:g} is below {times:g} times the noise")
    return Ratio(float(np.log(low_b / high_b)) / (b_values[1] - b_values[0]))


def _rule(name: str) -> float:
    return load_table("enhancement_rules").number(name)
