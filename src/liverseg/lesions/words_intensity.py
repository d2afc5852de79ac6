"""Words for brightness against liver, phase by phase, and for shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liverseg.lesions.evidence import WHOLE, Evidence
from liverseg.lesions.hull import Float
from liverseg.lesions.judging import Limits, Test, all_of, any_of, at_least, at_most, not_, within
from liverseg.records import DYNAMIC_PHASES, Phase

LIVER = "liver"
#: Series in which brightness against liver has words.
BRIGHTNESS = (*DYNAMIC_PHASES, Phase.T2)


@dataclass(frozen=True, eq=False)
class Word:
    """A word with its rule applied, or why it cannot be applied."""

    slot: str
    term: str
    test: Test | None
    phase: str = ""
    refusal: str = ""


@dataclass(frozen=True, eq=False)
class Brightness:
    """A part against liver in one phase, with the ends of the band that counts as the same.

    CT: difference in HU, the band widened to two standard errors. MR: ratio.
    """

    values: Float
    band: tuple[Float, Float]
    marked: tuple[Float, Float]
    name: str
    unit: str
    source: str

    def test_dark(self) -> Test:
        """Darker than liver, beyond the band."""
        return at_most(self.name, self.values, np.nextafter(self.band[0], -np.inf), *self._about)

    def test_bright(self) -> Test:
        """Brighter than liver, beyond the band."""
        return at_least(self.name, self.values, np.nextafter(self.band[1], np.inf), *self._about)

    def test_not_dark(self) -> Test:
        """Not darker than liver beyond the band."""
        return at_least(self.name, self.values, self.band[0], *self._about)

    def test_same(self) -> Test:
        """As bright as liver."""
        return within(self.name, self.values, self.band, *self._about)

    def test_marked_dark(self) -> Test:
        """Much darker than liver."""
        return at_most(self.name, self.values, self.marked[0], *self._about)

    def test_marked_bright(self) -> Test:
        """Much brighter than liver."""
        return at_least(self.name, self.values, self.marked[1], *self._about)

    @property
    def _about(self) -> tuple[str, str]:
        return self.unit, self.source


def against_liver(
    evidence: Evidence, limits: Limits, part: str, phase: Phase | None
) -> Brightness | None:
    """Brightness of a part in a phase, or None where part or liver are not measured."""
    own, liver = evidence.mean(part, phase), evidence.mean(LIVER, phase)
    if own is None or liver is None or phase is None or liver[0] <= 0:
        return None
    where = str(phase).replace("_", " ")
    if evidence.modality == "CT":
        difference = own - liver
        error = float(difference[1:].std()) if difference.size > 1 else 0.0
        band = np.maximum(limits.of("iso_band_ct"), 2.0 * error)
        marked = limits.of("marked_ct")
        name, source = f"{part} minus liver, {where}", limits.row("iso_band_ct").source
        return Brightness(difference, (-band, band), (-marked, marked), name, "HU", source)
    row, far = ("iso_t2", "marked_t2") if phase is Phase.T2 else ("iso_mr", "marked_mr")
    band_ends = (limits.of(row, 0), limits.of(row, 1))
    ends = (limits.of(far, 0), limits.of(far, 1))
    name = f"{part} over liver, {where}"
    return Brightness(own / liver, band_ends, ends, name, "1", limits.row(row).source)


def intensity_words(evidence: Evidence, limits: Limits) -> list[Word]:
    """Five exclusive words a phase; on T2 also fluid-like; T1 low and T2 high on MR."""
    words: list[Word] = []
    for phase in BRIGHTNESS:
        found = against_liver(evidence, limits, WHOLE, phase)
        if found is not None:
            words.extend(_five(found, phase, evidence, limits))
    if evidence.modality != "CT":
        words.append(_one("T1", "low", Phase.NON_CONTRAST, evidence, limits))
        words.append(_one("T2", "high", Phase.T2, evidence, limits))
    return words


def _five(found: Brightness, phase: Phase, evidence: Evidence, limits: Limits) -> list[Word]:
    dark, bright = found.test_dark(), found.test_bright()
    far_dark, far_bright = found.test_marked_dark(), found.test_marked_bright()
    tests = {
        "markedly hypo": far_dark,
        "hypo": all_of(dark, not_(far_dark)),
        "iso": found.test_same(),
        "hyper": all_of(bright, not_(far_bright)),
        "markedly hyper": far_bright,
    }
    if phase is Phase.T2 and evidence.modality != "CT":
        fluid = at_least(found.name, found.values, limits.of("fluid_t2"), "1", "as fluid")
        tests["markedly hyper"] = all_of(far_bright, not_(fluid))
        tests["fluid-like"] = fluid
    return [Word("intensity", term, test, str(phase)) for term, test in tests.items()]


def _one(slot: str, term: str, phase: Phase, evidence: Evidence, limits: Limits) -> Word:
    found = against_liver(evidence, limits, WHOLE, phase)
    if found is None:
        title = "T1 series before contrast" if slot == "T1" else "T2 series"
        return Word(slot, term, None, str(phase), f"no {title} with lesion and liver")
    return Word(slot, term, found.test_dark() if term == "low" else found.test_bright(), str(phase))


def shape_words(evidence: Evidence, limits: Limits) -> list[Word]:
    """Irregular: low solidity or low sphericity; lesions that are too small are not rated."""
    length = evidence.shape.get("long_axis")
    least = limits.number("shape_diameter_min")
    if length is None or length < least:
        reason = "its long axis is not measured" if length is None else f"below {least:g} mm"
        return [Word("shape", "irregular", None, refusal=f"shape is not rated: {reason}")]
    tests = []
    for metric in ("solidity", "sphericity"):
        if metric in evidence.shape:
            row = limits.row(f"irregular_{metric}")
            noise = limits.noise(f"error of {metric}") * limits.number("shape_error")
            values = evidence.shape[metric] + noise
            tests.append(at_most(metric, values, limits.of(row.name), "1", row.source))
    if not tests:
        return [Word("shape", "irregular", None, refusal="neither solidity nor sphericity")]
    return [Word("shape", "irregular", any_of(*tests))]
