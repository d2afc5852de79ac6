"""Whether the liver itself has taken up the agent in the hepatobiliary phase."""

from __future__ import annotations

import numpy as np

from liverseg.geometry import LabelMap
from liverseg.lesions.bootstrap import run_error
from liverseg.lesions.comparable import find_baseline
from liverseg.lesions.hull import Float
from liverseg.lesions.judging import Limits, Test, any_of, at_most
from liverseg.lesions.moves import clear_of_lesions
from liverseg.lesions.ratios import relative_enhancement
from liverseg.lesions.reference import FULL
from liverseg.lesions.shift import shift_to
from liverseg.lesions.tissue import cut_reference, cut_structures
from liverseg.lesions.words_intensity import Word
from liverseg.records import Exam, Phase, SeriesVolume
from liverseg.tables import load_table

TERM = "inadequate hepatocyte uptake"


def liver_words(exam: Exam, reference: LabelMap, limits: Limits) -> list[Word]:
    """Inadequate hepatocyte uptake, on exams with a hepatobiliary phase."""
    late = _first(exam, Phase.HEPATOBILIARY)
    if late is None:
        return []
    liver, vein = _mean(exam, late, reference, limits), _vein(exam, late, limits)
    if liver is None:
        return [_word(None, "no liver reference in the hepatobiliary phase")]
    baseline = find_baseline(exam, late).series
    before = None if baseline is None else _mean(exam, baseline, reference, limits)
    portal = _first(exam, Phase.PORTAL_VENOUS)
    early = None if portal is None else _mean(exam, portal, reference, limits)
    test = inadequate_uptake(liver, limits, before=before, portal=early, vein=vein)
    why = "neither a series before contrast nor the inferior vena cava to compare with"
    return [_word(test, "" if test is not None else why)]


def inadequate_uptake(
    late: Float,
    limits: Limits,
    *,
    before: Float | None = None,
    portal: Float | None = None,
    vein: Float | None = None,
) -> Test | None:
    """Any of: hardly any enhancement, less than in the portal venous phase, no brighter than blood.

    Signals of liver in the hepatobiliary phase, before contrast and in the portal venous
    phase, and of the inferior vena cava in the hepatobiliary phase; None where a series
    is missing. None when nothing can be compared.
    """
    tests = []
    if before is not None and before[0] > 0:
        rise = relative_enhancement(late, before)
        row = limits.row("liver_uptake_least")
        tests.append(at_most("liver enhancement", rise, limits.of(row.name), "%", row.source))
        if portal is not None:
            row = limits.row("liver_uptake_gain")
            gain = rise - relative_enhancement(portal, before)
            name = "liver enhancement gained since the portal venous phase"
            tests.append(at_most(name, gain, limits.of(row.name), "points", row.source))
    if vein is not None and vein[0] > 0:
        row = limits.row("adequate_uptake")
        tests.append(at_most("liver over cava", late / vein, limits.of(row.name), "1", row.source))
    return any_of(*tests) if tests else None


def _word(test: Test | None, refusal: str) -> Word:
    return Word("liver", TERM, test, str(Phase.HEPATOBILIARY), refusal)


def _first(exam: Exam, phase: Phase) -> SeriesVolume | None:
    return next((item for item in exam.series if item.call.phase is phase), None)


def _mean(exam: Exam, series: SeriesVolume, reference: LabelMap, limits: Limits) -> Float | None:
    tissue = clear_of_lesions(exam, cut_reference(reference), series)
    values = tissue.values(series.volume, shift_to(exam, series)).get(FULL)
    return None if values is None else _resampled(values, limits, f"liver {series.call.phase}")


def _vein(exam: Exam, series: SeriesVolume, limits: Limits) -> Float | None:
    found = cut_structures(exam.structures).values(series.volume, shift_to(exam, series))
    values = found.get("ivc")
    return None if values is None else _resampled(values, limits, f"ivc {series.call.phase}")


def _resampled(values: Float, limits: Limits, name: str) -> Float:
    run = int(load_table("enhancement_rules").number("noise_run"))
    return np.asarray(values.mean() + run_error(values, run) * limits.noise(name))
