"""Words for the course over phases, and for hepatocyte uptake."""

from __future__ import annotations

import numpy as np

from liverseg.lesions.evidence import LATE, WHOLE, Evidence
from liverseg.lesions.hull import Float
from liverseg.lesions.judging import (
    Limits,
    Test,
    all_of,
    any_of,
    at_least,
    at_most,
    not_,
)
from liverseg.lesions.words_intensity import LIVER, Word, against_liver
from liverseg.lesions.words_pattern import LATER, enhances, nodular, ring, vessel_enhancement
from liverseg.records import Phase

SLOT = "course"
NO_DELAYED = "gadoxetic acid has no delayed phase: beside a liver that brightens everything fades"


def course_words(evidence: Evidence, limits: Limits) -> list[Word]:
    """Prolonged, washout (of the whole and of the rim), fill-in, delayed central, fades."""
    return [
        _word("prolonged", *_prolonged(evidence, limits)),
        _word("washout", *_washout(evidence, limits)),
        _word("peripheral washout", *_peripheral_washout(evidence, limits)),
        _word("centripetal fill-in", *_fill_in(evidence, limits)),
        _word("delayed central", *_delayed_central(evidence, limits)),
        _word("fades", *_fades(evidence, limits)),
    ]


def _word(term: str, test: Test | None, refusal: str) -> Word:
    return Word(SLOT, term, test, "", "" if test is not None else refusal)


def _prolonged(evidence: Evidence, limits: Limits) -> tuple[Test | None, str]:
    """Of a ring the rim is judged, else the whole lesion."""
    if evidence.is_hepatocyte_agent:
        return None, NO_DELAYED
    whole, refusal = _lasts(evidence, limits, WHOLE)
    circle, _ = ring(evidence, limits)
    rim, _ = _lasts(evidence, limits, "rim")
    if whole is None or circle is None or rim is None:
        return whole, refusal
    return any_of(all_of(circle, rim), all_of(not_(circle), whole)), ""


def _lasts(evidence: Evidence, limits: Limits, part: str) -> tuple[Test | None, str]:
    early = [
        e
        for p in (evidence.arterial, Phase.PORTAL_VENOUS)
        if (e := evidence.enhancement(part, p)) is not None
    ]
    left = evidence.enhancement(part, Phase.DELAYED)
    against = against_liver(evidence, limits, part, Phase.DELAYED)
    if len(early) < 2 or left is None or against is None:
        return None, "arterial, portal venous and delayed enhancement are needed"
    peak: Float = np.max(early, axis=0)
    row = limits.row("prolonged_share")
    share = np.where(peak > 0, left / np.where(peak > 0, peak, 1.0), 0.0)
    sure = limits.row("enhances_relative" if evidence.relative else "enhances_absolute")
    return all_of(
        at_least(
            f"{part} peak enhancement", peak, limits.of(sure.name), evidence.unit, sure.source
        ),
        at_least(f"{part} left of its peak", share, limits.of(row.name), "1", row.source),
        against.test_not_dark(),
    ), ""


def _washout(evidence: Evidence, limits: Limits) -> tuple[Test | None, str]:
    """Nonperipheral: the whole lesion, neither a ring nor nodules. Gadoxetic acid: portal only."""
    early = against_liver(evidence, limits, WHOLE, evidence.arterial)
    phases = [Phase.PORTAL_VENOUS]
    if not evidence.is_hepatocyte_agent:
        phases.append(Phase.DELAYED)
    late = [one for p in phases if (one := against_liver(evidence, limits, WHOLE, p)) is not None]
    if early is None or not late:
        return None, "an arterial and a later phase against liver are needed"
    parts = [early.test_bright(), any_of(*(one.test_dark() for one in late))]
    for peripheral, _ in (ring(evidence, limits), nodular(evidence, limits)):
        if peripheral is not None:
            parts.append(not_(peripheral))
    return all_of(*parts), ""


def _peripheral_washout(evidence: Evidence, limits: Limits) -> tuple[Test | None, str]:
    if "parts" in evidence.refusals:
        return None, evidence.refusals["parts"]
    early = against_liver(evidence, limits, "rim", evidence.arterial)
    tests = []
    for phase in LATER:
        rim, core = evidence.mean("rim", phase), evidence.mean("core", phase)
        if rim is None or core is None:
            continue
        if evidence.relative:
            row = limits.row("iso_mr")
            values, limit, unit = rim / np.maximum(core, 1e-9), limits.of(row.name, 0), "1"
        else:
            row = limits.row("iso_band_ct")
            values, limit, unit = rim - core, -limits.of(row.name), "HU"
        tests.append(at_most(f"rim against core, {phase}", values, limit, unit, row.source))
    if early is None or not tests:
        return None, "rim and core in an arterial and a later phase are needed"
    return all_of(early.test_bright(), any_of(*tests)), ""


def _fill_in(evidence: Evidence, limits: Limits) -> tuple[Test | None, str]:
    """Nodules first; then the core brightens, or a share of it gets as bright as vessels."""
    first, refusal = nodular(evidence, limits)
    start = evidence.enhancement("core", evidence.arterial)
    rises = {p: e for p in LATER if (e := evidence.enhancement("core", p)) is not None}
    if first is None or start is None or not rises:
        return None, refusal or "core enhancement in a later phase is needed"
    row = limits.row("fill_rise_mr" if evidence.relative else "fill_rise_ct")
    highest: Float = np.max(list(rises.values()), axis=0)
    unit = "points" if evidence.relative else "HU"
    tests = [at_least("rise of the core", highest - start, limits.of(row.name), unit, row.source)]
    share = fill_fraction(evidence, limits, list(rises)[-1])
    if share is not None:
        fill = limits.row("fill_share")
        values = np.full_like(start, share)
        tests.append(at_least("core filled", values, limits.of(fill.name), "1", fill.source))
    return all_of(first, any_of(*tests)), ""


def fill_fraction(evidence: Evidence, limits: Limits, late: Phase) -> float | None:
    """Share (0 to 1) of the core that did not enhance like a vessel at first and does later."""
    shares = []
    for phase in (evidence.arterial, late):
        values = None if phase is None else evidence.core_values.get(phase)
        before = evidence.mean("core", Phase.NON_CONTRAST)
        vessels = vessel_enhancement(evidence, phase)
        if values is None or before is None or not vessels or values.size == 0:
            return None
        rise = values - before[0]
        if evidence.relative:
            if before[0] <= 0:
                return None
            rise = 100.0 * rise / before[0]
        limit = limits.number("vessel_like", 0) * min(float(one[0]) for one in vessels)
        shares.append(float((rise >= limit).mean()))
    empty = 1.0 - shares[0]
    return None if empty <= 0 else max(shares[1] - shares[0], 0.0) / empty


def _delayed_central(evidence: Evidence, limits: Limits) -> tuple[Test | None, str]:
    circle, refusal = ring(evidence, limits)
    late = evidence.first(*LATE)
    rim, core = evidence.mean("rim", late), evidence.mean("core", late)
    if circle is None or rim is None or core is None:
        return None, refusal or "rim and core in a late phase are needed"
    row = limits.row("delayed_central")
    unit = "au" if evidence.relative else "HU"
    test = at_least("core minus rim, late", core - rim, limits.of(row.name), unit, row.source)
    return all_of(circle, test), ""


def _fades(evidence: Evidence, limits: Limits) -> tuple[Test | None, str]:
    if evidence.arterial is None:
        return None, "there is no arterial phase"
    early = enhances(evidence, limits, WHOLE, evidence.arterial)
    phases = [Phase.PORTAL_VENOUS] + ([] if evidence.is_hepatocyte_agent else [Phase.DELAYED])
    late = [one for p in phases if (one := against_liver(evidence, limits, WHOLE, p)) is not None]
    if early is None or not late:
        return None, "enhancement and a later phase against liver are needed"
    return all_of(early, *(one.test_same() for one in late)), ""


def hepatocyte_words(evidence: Evidence, limits: Limits) -> list[Word]:
    """No uptake (rim and core each), partial uptake, as liver, more than liver."""
    phase = Phase.HEPATOBILIARY
    terms = ("no uptake", "partial uptake", "iso", "hyper")
    liver, blood = evidence.mean(LIVER, phase), blood_pool(evidence, limits, phase)
    if liver is None or evidence.mean(WHOLE, phase) is None or liver[0] <= 0:
        if not evidence.is_hepatocyte_agent:
            return []
        why = "there is no hepatobiliary phase with lesion and liver"
        return [Word("hepatocyte phase", term, None, str(phase), why) for term in terms]
    against = against_liver(evidence, limits, WHOLE, phase)
    assert against is not None
    words = []
    if blood is None:
        why = "no vena cava or portal vein to tell blood from uptake"
        words += [Word("hepatocyte phase", t, None, str(phase), why) for t in terms[:2]]
    else:
        none, partial = _uptake(evidence, limits, liver, blood)
        words += [
            Word("hepatocyte phase", term, test, str(phase))
            for term, test in zip(terms[:2], (none, partial), strict=True)
        ]
    same, more = against.test_same(), against.test_bright()
    return [
        *words,
        Word("hepatocyte phase", "iso", same, str(phase)),
        Word("hepatocyte phase", "hyper", more, str(phase)),
    ]


def _uptake(evidence: Evidence, limits: Limits, liver: Float, blood: Float) -> tuple[Test, Test]:
    phase = Phase.HEPATOBILIARY
    row, pool = limits.row("no_uptake_liver"), limits.row("no_uptake_blood")
    parts = [p for p in ("rim", "core") if evidence.mean(p, phase) is not None] or [WHOLE]
    tests, dark = [], []
    for part in parts:
        own = evidence.mean(part, phase)
        assert own is not None
        dark.append(
            at_most(f"{part} over liver", own / liver, limits.of(row.name), "1", row.source)
        )
        tests.append(
            at_most(f"{part} over blood", own / blood, limits.of(pool.name), "1", pool.source)
        )
    return all_of(*dark, *tests), all_of(*dark, not_(all_of(*tests)))


def blood_pool(evidence: Evidence, limits: Limits, phase: Phase) -> Float | None:
    """Mean of the first vessel that stands for blood."""
    for metric in limits.row("blood_pool").value:
        found = evidence.mean(metric.removesuffix("_mean"), phase)
        if found is not None and found[0] > 0:
            return found
    return None
