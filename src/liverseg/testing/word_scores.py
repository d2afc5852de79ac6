"""Words of pattern scenes against what was planted: sensitivity, specificity, calibration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from liverseg.lesions import (
    all_words,
    gather_evidence,
    liver_reference,
    load_limits,
    margin,
    sample_lesion,
)
from liverseg.testing.planted import planted_words
from liverseg.testing.variants import SceneVariant

#: Words that must be told with sensitivity and specificity of `BAR` above `LEAST_MM`.
BARRED = ("ring", "prolonged", "washout", "centripetal fill-in", "no uptake")
BAR, LEAST_MM = 0.95, 15.0


@dataclass(frozen=True)
class JudgedWord:
    """A word of one variant: what was planted, P(true), and how near the limit it was planted.

    `margin` is in standard errors of the measurement: within 1 the word may be
    indeterminate.
    """

    variant: SceneVariant
    slot: str
    term: str
    planted: bool
    probability: float
    margin: float


@dataclass(frozen=True)
class Score:
    """Of words planted (or not): how many were right, in between, and excused for that."""

    count: int
    right: int
    indeterminate: int
    excused: int

    @property
    def share(self) -> float:
        """Share that was right of those not excused; NaN where there are none."""
        asked = self.count - self.excused
        return self.right / asked if asked else float("nan")


def judge_variant(variant: SceneVariant, *, copies: int | None = None) -> list[JudgedWord]:
    """Every assessable word of one variant, measured on the true mask."""
    plain = load_limits()
    limits = load_limits(copies=int(plain.number("copies")) if copies is None else copies)
    scene = variant.scene()
    reference = liver_reference(scene.exam.liver, [scene.truth], scene.exam.structures)
    samples = sample_lesion(scene.exam, scene.exam.lesions[0], reference)
    evidence = gather_evidence(samples, copies=limits.copies, seed=limits.seed)
    planted = {
        (word.slot, word.term, word.phase): word.test
        for word in planted_words(scene, plain, divided=samples.shells.depth is not None)
    }
    judged = []
    for word in all_words(evidence, limits):
        true = planted.get((word.slot, word.term, word.phase))
        if word.test is None or true is None:
            continue
        gap = margin(true, word.test)
        judged.append(
            JudgedWord(
                variant, word.slot, word.term, bool(true.holds[0]), word.test.probability, gap
            )
        )
    return judged


def score_word(judged: Iterable[JudgedWord], *, planted: bool) -> Score:
    """Score of the words that were planted, or of those that were not."""
    limits = load_limits()
    from_, to = limits.number("said_from"), limits.number("unsaid_to")
    own = [one for one in judged if one.planted is planted]
    right = [one for one in own if (one.probability >= from_ if planted else one.probability <= to)]
    between = [one for one in own if to < one.probability < from_]
    excused = [one for one in between if abs(one.margin) <= 1.0]
    return Score(len(own), len(right), len(between), len(excused))


def barred(judged: Sequence[JudgedWord], term: str) -> list[JudgedWord]:
    """Words of one term in lesions that are large enough for the bar."""
    return [one for one in judged if one.term == term and one.variant.diameter_mm > LEAST_MM]


def calibration(judged: Iterable[JudgedWord], *, bins: int = 10) -> list[tuple[float, float, int]]:
    """Mean P(true), observed share of planted words and their number, by bins of P(true)."""
    pairs = np.array([(one.probability, one.planted) for one in judged], dtype=np.float64)
    place = np.minimum((pairs[:, 0] * bins).astype(int), bins - 1)
    rows = []
    for number in range(bins):
        own = pairs[place == number]
        if len(own):
            rows.append((float(own[:, 0].mean()), float(own[:, 1].mean()), len(own)))
    return rows
