"""Everything that section 4 of the reference asks of enhancement, for one lesion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from liverseg.geometry import LabelMap
from liverseg.lesions.comparable import ARTERIAL, find_baseline
from liverseg.lesions.evidence import Evidence, gather_evidence
from liverseg.lesions.judging import load_limits
from liverseg.lesions.moves import tell_moves
from liverseg.lesions.ratios import (
    Ratio,
    absolute_enhancement,
    absolute_washout,
    arterial_drop,
    attenuation_ratio,
    contrast_to_noise,
    enhancement_ratio,
    intensity_ratio,
    lesion_liver_contrast,
    michelson_contrast,
    relative_enhancement_hu,
    relative_enhancement_signal,
    relative_washout,
    signal_ratio,
    wash_in_slope,
)
from liverseg.lesions.samples import LesionSample, LesionSamples, sample_lesion
from liverseg.lesions.shells import reference_rows, sector_rows, shell_rows
from liverseg.lesions.words_course import fill_fraction
from liverseg.records import CONTRAST_PHASES, Doubt, Exam, Lesion, Measurement, Phase
from liverseg.tables import load_table

HEPATOCYTE = (Phase.TRANSITIONAL, Phase.HEPATOBILIARY)


@dataclass(frozen=True)
class EnhancementDetail:
    """Rows of a lesion, and what was refused or misleads: one doubt each, with its reason."""

    rows: tuple[Measurement, ...]
    refusals: tuple[Doubt, ...]


@dataclass(frozen=True)
class _Named:
    """A ratio under its metric, with its unit and formula in words."""

    metric: str
    unit: str
    formula: str
    ratio: Ratio


def detail_enhancement(exam: Exam, lesion: Lesion, reference: LabelMap) -> EnhancementDetail:
    """Shells, sectors, references and published ratios of a lesion in every series.

    `reference` is the exam's `liver_reference`. Ratios use the plain means that
    `measure_enhancement` gives, and name their formula. A ratio that is not allowed (TR,
    TE or flip angle differ, no series before contrast, 20 HU or less to divide by ...) is
    not a row but a refusal. Raises as `measure_enhancement`.
    """
    samples = sample_lesion(exam, lesion, reference)
    rows: list[Measurement] = []
    refusals = list(samples.unseen)
    evidence = gather_evidence(samples, copies=0, seed=0)
    fatty = fatty_liver(evidence)
    if fatty:
        refusals.append(Doubt(fatty, lesion.name))
    for sample in samples.samples:
        own = list(reference_rows(sample))
        parts = (*shell_rows(sample), *sector_rows(sample))
        own.extend(tell_moves(row, lesion, sample.series) for row in parts)
        for named in _ratios(samples, sample, evidence):
            if named.ratio.value is None:
                where = f"{sample.phase}, {sample.series.record.title}"
                refusals.append(Doubt(f"no {named.metric}: {named.ratio.refusal}", where))
            else:
                row = Measurement(named.metric, named.ratio.value, named.unit, named.formula)
                # A ratio may rest on several phases.
                own.append(tell_moves(row, lesion, *exam.series))
        rows.extend(
            replace(
                row,
                lesion=lesion.name,
                date=exam.date,
                modality=exam.modality,
                phase=str(sample.phase),
                series_uid=sample.series.record.series_uid,
            )
            for row in own
        )
    return EnhancementDetail(tuple(rows), tuple(refusals))


def _ratios(samples: LesionSamples, sample: LesionSample, evidence: Evidence) -> Iterator[_Named]:
    yield from _against_liver(samples, sample)
    if sample.phase in CONTRAST_PHASES:
        yield from _against_native(samples, sample)
    if sample.phase is Phase.DELAYED:
        yield from _late(samples, sample)
    if sample.phase in HEPATOCYTE:
        yield _psr(sample, hepatocyte_agent=True)
    if sample.phase in (Phase.DELAYED, Phase.TRANSITIONAL):
        share = fill_fraction(evidence, load_limits(), sample.phase)
        formula = "share of the core that did not enhance like a vessel and does later"
        why = "core, vessels or a phase are missing"
        yield _Named("fill_fraction", "1", formula, Ratio(share, "" if share is not None else why))


def _against_liver(samples: LesionSamples, sample: LesionSample) -> Iterator[_Named]:
    """Lesion and liver in the same image."""
    liver = sample.tissue.get("liver")
    if liver is None or sample.phase is Phase.ADC:
        return
    lesion, unit = _mean(sample), sample.series.volume.unit
    ratio = intensity_ratio(lesion, liver.mean)
    yield _Named("rir", "1", "RIR: lesion / liver", ratio)
    if sample.phase is Phase.T2:
        yield _Named("t2_ratio", "1", "T2 ratio: lesion / liver on T2", ratio)
    llc = lesion_liver_contrast(lesion, liver.mean)
    yield _Named("llc", "1", "LLC: (lesion - liver) / liver", llc)
    michelson = michelson_contrast(lesion, liver.mean, unit=unit)
    yield _Named(
        "llcr", "1", "LLCR, Michelson form: (lesion - liver) / (lesion + liver)", michelson
    )
    cnr = contrast_to_noise(lesion, liver.mean, liver.sd)
    yield _Named("cnr", "1", "CNR: (lesion - liver) / standard deviation within liver", cnr)
    if sample.phase in CONTRAST_PHASES:
        before, refusal = _native(samples, sample)
        tissue = None if before is None else before.tissue.get("liver")
        if before is None or tissue is None:
            first = Ratio(None, refusal or "no liver before contrast")
        else:
            first = intensity_ratio(_mean(before), tissue.mean)
        formula = "RER: lesion / liver after contrast over the same before"
        yield _Named("rer", "1", formula, enhancement_ratio(ratio, first))


def _against_native(samples: LesionSamples, sample: LesionSample) -> Iterator[_Named]:
    """Before and after contrast; refused where the two may not be compared."""
    before, refusal = _native(samples, sample)
    is_ct = samples.exam.modality == "CT"
    after = _mean(sample)
    relative = relative_enhancement_hu if is_ct else relative_enhancement_signal
    formula = "RE: 100 x (after - before) / before"
    if before is None:
        if is_ct:
            yield _Named("absolute_enhancement", "HU", "AE", Ratio(None, refusal))
        yield _Named("relative_enhancement", "%", formula, Ratio(None, refusal))
        return
    start = _mean(before)
    if is_ct:
        rise = absolute_enhancement(after, start)
        yield _Named("absolute_enhancement", "HU", "AE: after - before", rise)
    yield _Named("relative_enhancement", "%", formula, relative(after, start))
    if sample.phase in ARTERIAL and is_ct:
        times = (before.series.record.facts.delay_s, sample.series.record.facts.delay_s)
        formula = "WIS: rise over the time since the injection began"
        yield _Named("wash_in_slope", "HU/s", formula, wash_in_slope(start, after, *times))


def _late(samples: LesionSamples, sample: LesionSample) -> Iterator[_Named]:
    """Washout of the delayed phase: CT in HU, MR as PSR."""
    if samples.exam.modality != "CT":
        yield _psr(sample, hepatocyte_agent=False)
        return
    late, liver = _mean(sample), sample.tissue.get("liver")
    arterial, portal = samples.of(*reversed(ARTERIAL)), samples.of(Phase.PORTAL_VENOUS)
    before, refusal = _native(samples, sample)
    peaks = [_mean(one) for one in (arterial, portal) if one is not None]
    lacking = Ratio(None, "an arterial or portal venous phase is missing")
    peak = max(peaks, default=0.0)
    drop = arterial_drop(_mean(arterial), late) if arterial is not None else lacking
    yield _Named("arterial_drop", "HU", "DROP: arterial - delayed", drop)
    whole = absolute_washout(_mean(before), peak, late) if before is not None else None
    formula = "AWO: 100 x (peak - delayed) / (peak - before)"
    whole = (whole or Ratio(None, refusal)) if peaks else lacking
    yield _Named("absolute_washout", "%", formula, whole)
    formula = "RWO: 100 x (peak - delayed) / peak"
    yield _Named(
        "relative_washout", "%", formula, relative_washout(peak, late) if peaks else lacking
    )
    if liver is not None:
        formula = "PAR: 100 x liver / lesion, delayed"
        yield _Named("par", "%", formula, attenuation_ratio(liver.mean, late))


def _psr(sample: LesionSample, *, hepatocyte_agent: bool) -> _Named:
    liver = sample.tissue.get("liver")
    formula = "PSR: 100 x liver / lesion"
    if liver is None:
        return _Named("psr", "%", formula, Ratio(None, "no liver reference in this image"))
    ratio = signal_ratio(liver.mean, _mean(sample), hepatocyte_agent=hepatocyte_agent)
    return _Named("psr", "%", formula, ratio)


def _native(samples: LesionSamples, sample: LesionSample) -> tuple[LesionSample | None, str]:
    """The lesion before contrast, or why it may not be compared with this series."""
    baseline = find_baseline(samples.exam, sample.series)
    if baseline.series is None:
        return None, baseline.refusal
    for one in samples.samples:
        if one.series is baseline.series:
            return one, ""
    return None, "the series before contrast does not show the lesion"


def _mean(sample: LesionSample) -> float:
    return float(sample.values.mean())


def fatty_liver(evidence: Evidence) -> str:
    """A sentence where liver before contrast is so dark on CT that contrast to it misleads."""
    liver = evidence.mean("liver", Phase.NON_CONTRAST)
    limit = load_table("enhancement_rules").number("fatty_liver_hu")
    if evidence.modality != "CT" or liver is None or liver[0] > limit:
        return ""
    return f"liver has {liver[0]:.0f} HU before contrast, not above {limit:g}: fatty liver"
