"""Words for how a lesion enhances in the arterial phase."""

from __future__ import annotations

import numpy as np

from liverseg.lesions.evidence import WHOLE, Evidence
from liverseg.lesions.hull import Float
from liverseg.lesions.judging import Limits, Test, all_of, any_of, at_least, at_most, not_
from liverseg.lesions.words_intensity import Word
from liverseg.records import Phase

SLOT = "arterial pattern"
#: Vessels whose enhancement says what "as bright as vessels" is.
VESSELS = ("aorta", "portal_vein")
LATER = (Phase.PORTAL_VENOUS, Phase.DELAYED, Phase.TRANSITIONAL)


def enhances(evidence: Evidence, limits: Limits, part: str, *phases: Phase) -> Test | None:
    """Enhancement of a part reaches that of a sure one in at least one of some phases."""
    values = [e for p in phases if (e := evidence.enhancement(part, p)) is not None]
    if not values:
        return None
    row = limits.row("enhances_relative" if evidence.relative else "enhances_absolute")
    highest: Float = np.max(values, axis=0)
    name = f"{part} enhancement"
    return at_least(name, highest, limits.of(row.name), evidence.unit, row.source)


def ring(evidence: Evidence, limits: Limits) -> tuple[Test | None, str]:
    """The rim enhances, clearly more than the core, and almost all round; or why not known."""
    parts, refusal = _arterial_parts(evidence)
    if parts is None:
        return None, refusal
    if evidence.rise is None:
        return None, evidence.refusals.get("ring", "no sectors")
    rim, core = parts
    own = enhances(evidence, limits, "rim", _arterial(evidence))
    assert own is not None
    row = limits.row("ring_difference_mr" if evidence.relative else "ring_difference_ct")
    unit = "points" if evidence.relative else "HU"
    cover = limits.row("ring_coverage")
    return all_of(
        own,
        at_least("rim minus core", rim - core, limits.of(row.name), unit, row.source),
        at_least(
            "coverage",
            ring_sectors(evidence, limits).mean(axis=1),
            limits.of(cover.name),
            "1",
            cover.source,
        ),
    ), ""


def ring_sectors(evidence: Evidence, limits: Limits) -> Float:
    """(copies + 1, sectors) whether a sector of the rim enhances and stands out from the core.

    It stands out from half of the difference that makes a ring: sectors between bright
    nodules that enhance no more than the core make no ring.
    """
    assert evidence.rise is not None
    core = evidence.enhancement("core", _arterial(evidence))
    assert core is not None
    row = "ring_difference_mr" if evidence.relative else "ring_difference_ct"
    apart = core + limits.number("sector_stands_out") * limits.of(row)
    sure = limits.of("enhances_relative" if evidence.relative else "enhances_absolute")
    return np.asarray(evidence.rise >= np.maximum(sure, apart)[:, None], dtype=np.float64)


def nodular(evidence: Evidence, limits: Limits) -> tuple[Test | None, str]:
    """Parts of the rim are as bright as vessels, the rest hardly enhances; or why not known."""
    parts, refusal = _arterial_parts(evidence)
    if parts is None:
        return None, refusal
    if evidence.rise is None:
        return None, evidence.refusals.get("ring", "no sectors")
    vessels = vessel_enhancement(evidence, _arterial(evidence))
    if not vessels:
        return None, "no aorta or portal vein to compare with"
    _, core = parts
    enhanced = ring_sectors(evidence, limits)
    total = (enhanced * evidence.rise).sum(axis=1)
    bright: Float = total / np.maximum(enhanced.sum(axis=1), 1.0)
    share = enhanced.mean(axis=1)
    row, like = limits.row("nodular_coverage"), limits.row("vessel_like")
    low, high = (limits.of(like.name, end) for end in (0, 1))
    unit = evidence.unit
    dark = limits.row("nodular_core")
    ratio = np.where(bright > 0, core / np.where(bright > 0, bright, 1.0), 1.0)
    return all_of(
        at_most("core over bright sectors", ratio, limits.of(dark.name), "1", dark.source),
        at_least("coverage", share, limits.of(row.name, 0), "1", row.source),
        at_most("coverage", share, limits.of(row.name, 1), "1", row.source),
        at_least("bright sectors", bright, low * np.min(vessels, axis=0), unit, like.source),
        at_most("bright sectors", bright, high * np.max(vessels, axis=0), unit, like.source),
    ), ""


def vessel_enhancement(evidence: Evidence, phase: Phase | None) -> list[Float]:
    """Enhancement of the vessels that are measured in a phase."""
    found = (evidence.enhancement(name, phase) for name in VESSELS)
    return [one for one in found if one is not None]


def pattern_words(evidence: Evidence, limits: Limits) -> list[Word]:
    """Enhances; ring, ring with core, peripheral nodular, whole (even or not), none."""
    words = [_enhances_word(evidence, limits)]
    found, refusal = ring(evidence, limits)
    words.append(Word(SLOT, "ring", found, _phase(evidence), refusal))
    core = enhances(evidence, limits, "core", _arterial(evidence))
    both = None if found is None or core is None else all_of(found, core)
    words.append(Word(SLOT, "ring, core also enhances", both, _phase(evidence), refusal))
    spots, why = nodular(evidence, limits)
    words.append(Word(SLOT, "peripheral nodular", spots, _phase(evidence), why))
    return [*words, *_whole_words(evidence, limits, core)]


def _enhances_word(evidence: Evidence, limits: Limits) -> Word:
    test = enhances(evidence, limits, WHOLE, _arterial(evidence), *LATER)
    refusal = "" if test is not None else _why_no_enhancement(evidence)
    return Word("enhancement", "enhances", test, "", refusal)


def _whole_words(evidence: Evidence, limits: Limits, core: Test | None) -> list[Word]:
    phase = _phase(evidence)
    parts, refusal = _arterial_parts(evidence)
    if parts is None or core is None:
        terms = ("whole", "whole, homogeneous", "whole, heterogeneous", "none")
        return [Word(SLOT, term, None, phase, refusal) for term in terms]
    rim, inner = parts
    words = [Word(SLOT, "whole", core, phase)]
    row = limits.row("ring_difference_mr" if evidence.relative else "ring_difference_ct")
    unit = "points" if evidence.relative else "HU"
    even = at_most("rim and core apart", np.abs(rim - inner), limits.of(row.name), unit, row.source)
    if evidence.spread is None:
        why = "no liver noise to compare with"
        words += [
            Word(SLOT, f"whole, {kind}", None, phase, why)
            for kind in ("homogeneous", "heterogeneous")
        ]
    else:
        noise = limits.row("homogeneous_noise")
        calm = at_most(
            "spread over noise", evidence.spread, limits.of(noise.name), "1", noise.source
        )
        words.append(Word(SLOT, "whole, homogeneous", all_of(core, even, calm), phase))
        words.append(Word(SLOT, "whole, heterogeneous", all_of(core, not_(calm)), phase))
    own = enhances(evidence, limits, "rim", _arterial(evidence))
    assert own is not None
    words.append(Word(SLOT, "none", not_(any_of(own, core)), phase))
    return words


def _arterial(evidence: Evidence) -> Phase:
    return evidence.arterial or Phase.LATE_ARTERIAL


def _phase(evidence: Evidence) -> str:
    return str(_arterial(evidence))


def _arterial_parts(evidence: Evidence) -> tuple[tuple[Float, Float] | None, str]:
    """Enhancement of rim and core in the arterial phase, or why it is not known."""
    if "parts" in evidence.refusals:
        return None, evidence.refusals["parts"]
    phase = _arterial(evidence)
    rim, core = evidence.enhancement("rim", phase), evidence.enhancement("core", phase)
    if rim is None or core is None:
        return None, _why_no_enhancement(evidence)
    return (rim, core), ""


def _why_no_enhancement(evidence: Evidence) -> str:
    phase = evidence.arterial
    if phase is None:
        return "there is no arterial phase"
    return evidence.refusals.get(str(phase), "there is no series before contrast")
