"""Whole-tumour and ring enhancement, and how long it lasts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from liverseg.findings.evidence import ExamRows, Gap, Readings
from liverseg.findings.expectations import ProlongedTest, RingTest, WholeEnhancementTest
from liverseg.findings.lesionwise import Found, Wording, judge_lesions, unknown
from liverseg.findings.outcome import Outcome, with_tolerance
from liverseg.findings.words import percent, phase_title, write_number, write_signed
from liverseg.records import Claim, Doubt, Phase, Verdict
from liverseg.tables import Row, load_table

RING_ROWS = ("rim_enhancement", "core_enhancement", "ring_coverage")


@dataclass(frozen=True)
class Limits:
    """Limits of enhancement in the unit of a modality: HU on CT, % on MR."""

    unit: str
    sure: Row
    equivocal: Row
    ring: Row

    def verdict(self, enhancement: float) -> Verdict:
        """Does it enhance: agrees, borderline or conflicts."""
        if enhancement >= float(self.sure.value):
            return Verdict.AGREES
        if enhancement >= float(self.equivocal.value):
            return Verdict.BORDERLINE
        return Verdict.CONFLICTS


def enhancement_limits(modality: str) -> Limits:
    """Limits for "CT", else those for MR."""
    words, rules = load_table("descriptor_rules"), load_table("enhancement_rules")
    if modality == "CT":
        sure, kind = rules["enhances_absolute"], "ct"
    else:
        sure, kind = rules["enhances_relative"], "mr"
    return Limits(sure.unit, sure, words[f"equivocal_{kind}"], words[f"ring_difference_{kind}"])


def judge_whole(claim: Claim, test: WholeEnhancementTest, exam: ExamRows) -> Outcome:
    """The whole tumour enhances when its core does."""
    limits = enhancement_limits(exam.modality)
    sure, low = (f"{row.value:+g} {row.unit}" for row in (limits.sure, limits.equivocal))
    tolerance = with_tolerance(
        f"core {sure} or more agrees, from {low} borderline", [limits.sure, limits.equivocal]
    )
    wording = Wording(
        holds="the core enhances",
        fails="the core does not enhance",
        tolerance=tolerance,
        where=f"in the {phase_title(claim.phase, exam.modality)} ",
    )
    judge = partial(_core, claim.phase, limits)
    return judge_lesions(exam, test.lesions, claim.sites, judge, wording)


def _core(phase: str, limits: Limits, exam: ExamRows, lesion: str) -> Found:
    rows = exam.readings(lesion, phase, ["core_enhancement"])
    if isinstance(rows, Gap):
        return unknown(lesion, rows.reason)
    core = rows["core_enhancement"]
    return _found(
        lesion, limits.verdict(core), write_signed(core, limits.unit), core, limits.unit, rows
    )


def judge_ring(claim: Claim, test: RingTest, exam: ExamRows) -> Outcome:
    """A ring: the rim enhances, clearly more than the core, and almost all round."""
    limits = enhancement_limits(exam.modality)
    cover = load_table("descriptor_rules")["ring_coverage"]
    tolerance = with_tolerance(
        f"rim minus core {limits.ring.value:+g} {limits.ring.unit} or more, "
        f"{percent(float(cover.value))} of the rim enhancing",
        [limits.ring, cover],
    )
    wording = Wording(
        holds="there is a ring",
        fails="there is no ring",
        tolerance=tolerance,
        where=f"in the {phase_title(claim.phase, exam.modality)} ",
    )
    judge = partial(_ring, claim.phase, limits)
    return judge_lesions(exam, test.lesions, claim.sites, judge, wording)


def _ring(phase: str, limits: Limits, exam: ExamRows, lesion: str) -> Found:
    rows = exam.readings(lesion, phase, RING_ROWS)
    if isinstance(rows, Gap):
        return unknown(lesion, rows.reason)
    rim, core = rows["rim_enhancement"], rows["core_enhancement"]
    text = (
        f"rim {write_signed(rim, limits.unit)}, core {write_signed(core, limits.unit)}, "
        f"coverage {percent(rows['ring_coverage'])}"
    )
    verdict = ring_verdict(rows, limits)
    return _found(lesion, verdict, text, rim - core, limits.ring.unit, rows, rank=core - rim)


def ring_verdict(rows: Readings, limits: Limits) -> Verdict:
    """Borderline only where the enhancement of the rim itself is equivocal."""
    difference = rows["rim_enhancement"] - rows["core_enhancement"]
    coverage = load_table("descriptor_rules").number("ring_coverage")
    if difference < float(limits.ring.value) or rows["ring_coverage"] < coverage:
        return Verdict.CONFLICTS
    return limits.verdict(rows["rim_enhancement"])


def judge_prolonged(claim: Claim, test: ProlongedTest, exam: ExamRows) -> Outcome:
    """Enhancement that lasts: most of its peak is left late, and it is not darker than liver.

    A ring is judged on its rim.
    """
    limits = enhancement_limits(exam.modality)
    table = load_table("descriptor_rules")
    band = table["iso_band_ct" if exam.modality == "CT" else "iso_mr"]
    darker = f"{float(band.value):g} HU" if exam.modality == "CT" else f"{band.value[0]:g} of it"
    left = table["prolonged_share"]
    tolerance = with_tolerance(
        f"{percent(float(left.value))} or more of the higher of arterial and portal venous "
        f"enhancement, and not darker than liver beyond {darker}; of a ring the rim",
        [left, band],
    )
    phase = claim.phase or Phase.DELAYED
    wording = Wording(
        holds="enhancement lasts",
        fails="enhancement does not last",
        tolerance=tolerance,
        where=f"into the {phase_title(phase, exam.modality)} ",
    )
    judge = partial(_prolonged, str(phase), limits)
    return judge_lesions(exam, test.lesions, claim.sites, judge, wording)


def _prolonged(phase: str, limits: Limits, exam: ExamRows, lesion: str) -> Found:
    part, ring_doubts = _part(exam, lesion, limits)
    metric = "enhancement" if part == "lesion" else "rim_enhancement"
    mean = "mean" if part == "lesion" else "rim_mean"
    arterial = exam.readings(lesion, Phase.LATE_ARTERIAL, [metric])
    portal = exam.readings(lesion, Phase.PORTAL_VENOUS, [metric])
    late = exam.readings(lesion, phase, [metric, mean, "liver_mean"])
    for one in (arterial, portal, late):
        if isinstance(one, Gap):
            return unknown(lesion, one.reason)
    assert isinstance(arterial, Readings)
    assert isinstance(portal, Readings)
    assert isinstance(late, Readings)
    peak, left = max(arterial[metric], portal[metric]), late[metric]
    verdict = limits.verdict(peak)
    share = left / peak if peak > 0 else 0.0
    lasts = share >= load_table("descriptor_rules").number("prolonged_share")
    if not lasts or _is_dark(late[mean], late["liver_mean"], exam.modality):
        verdict = Verdict.CONFLICTS
    of = "" if part == "lesion" else "rim "
    text = (
        f"{of}{write_signed(left, limits.unit)} of {write_signed(peak, limits.unit)}"
        f"{_against_liver(late[mean], late['liver_mean'], exam.modality)}"
    )
    found = _found(lesion, verdict, text, 100.0 * share, "%", late, rank=-share)
    doubts = (*ring_doubts, *arterial.doubts, *portal.doubts, *late.doubts)
    return replace(found, doubts=tuple(dict.fromkeys(doubts)))


def _part(exam: ExamRows, lesion: str, limits: Limits) -> tuple[str, tuple[Doubt, ...]]:
    """The rim of a ring, else the whole lesion; in doubt whether it is a ring, the whole."""
    rows = exam.readings(lesion, Phase.LATE_ARTERIAL, RING_ROWS)
    if isinstance(rows, Gap):
        reason = f"whether it is a ring is not known ({rows.reason}): the whole lesion is judged"
        return "lesion", (Doubt(reason, lesion),)
    ring = ring_verdict(rows, limits) is Verdict.AGREES
    return ("rim" if ring else "lesion"), ()


def _is_dark(value: float, liver: float, modality: str) -> bool:
    table = load_table("descriptor_rules")
    if modality == "CT":
        return value - liver < -table.number("iso_band_ct")
    return liver > 0 and value / liver < float(table["iso_mr"].value[0])


def _against_liver(value: float, liver: float, modality: str) -> str:
    if modality == "CT":
        off = value - liver
        side = "above" if off >= 0 else "below"
        return f", {write_number(abs(off), 'HU')} HU {side} liver"
    return f", {write_number(value / liver, '1')} of liver" if liver > 0 else ""


def _found(
    lesion: str,
    verdict: Verdict,
    text: str,
    value: float,
    unit: str,
    rows: Readings,
    *,
    rank: float = 0.0,
) -> Found:
    return Found(
        lesion,
        verdict,
        text,
        value,
        unit,
        rows.phase,
        rows.series_uid,
        rank=rank,
        doubts=rows.doubts,
    )
