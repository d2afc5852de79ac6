"""A radiologist's words for a lesion, each with P(true) and the numbers that decided."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from liverseg.geometry import LabelMap
from liverseg.lesions.evidence import Evidence, gather_evidence
from liverseg.lesions.judging import Limits, Test, load_limits
from liverseg.lesions.samples import LesionSamples, sample_lesion
from liverseg.lesions.uptake import liver_words
from liverseg.lesions.words_course import course_words, hepatocyte_words
from liverseg.lesions.words_intensity import Word, intensity_words, shape_words
from liverseg.lesions.words_pattern import pattern_words
from liverseg.records import Deciding, Descriptor, Exam, Lesion, Measurement, Said

__all__ = ["all_words", "describe_lesion", "describe_liver"]


def describe_lesion(
    exam: Exam,
    lesion: Lesion,
    reference: LabelMap,
    *,
    shape: tuple[Measurement, ...] = (),
    limits: Limits | None = None,
) -> tuple[Descriptor, ...]:
    """Every word of the reference with P(true), whether it is said, and why.

    `reference` is the exam's `liver_reference`; `shape` are the lesion's `measure_size`
    rows, without which shape has no word. `limits` come from `load_limits`, which says how
    many resamples there are; None takes the tables of this package and row `copies`.

    P(true) is the share of resamples in which the rule holds: cubes of the lesion get
    random weights (block bootstrap), references and sectors the noise of their means, and
    limits move by their jitter. The mask itself is taken as drawn.

    Raises as `measure_enhancement`.
    """
    return words_of(sample_lesion(exam, lesion, reference), shape=shape, limits=limits)


def words_of(
    samples: LesionSamples,
    *,
    shape: tuple[Measurement, ...] = (),
    limits: Limits | None = None,
) -> tuple[Descriptor, ...]:
    """The same for a lesion that was sampled already."""
    used = default_limits() if limits is None else limits
    exam, lesion = samples.exam, samples.lesion
    evidence = gather_evidence(samples, shape, copies=used.copies, seed=used.seed)
    stamp = partial(replace, lesion=lesion.name, date=exam.date, modality=exam.modality)
    return tuple(
        stamp(said(word, used), doubts=samples.unseen) for word in all_words(evidence, used)
    )


def describe_liver(
    exam: Exam, reference: LabelMap, *, limits: Limits | None = None
) -> tuple[Descriptor, ...]:
    """Words about the liver itself: inadequate hepatocyte uptake."""
    used = default_limits() if limits is None else limits
    stamp = partial(replace, lesion="liver", date=exam.date, modality=exam.modality)
    return tuple(stamp(said(word, used)) for word in liver_words(exam, reference, used))


def default_limits() -> Limits:
    """The limits of this package, with as many resamples as row `copies` asks for."""
    return load_limits(copies=int(load_limits().number("copies")))


def all_words(evidence: Evidence, limits: Limits) -> list[Word]:
    """Every word with its rule applied to the evidence."""
    return [
        *intensity_words(evidence, limits),
        *pattern_words(evidence, limits),
        *course_words(evidence, limits),
        *hepatocyte_words(evidence, limits),
        *shape_words(evidence, limits),
    ]


def said(word: Word, limits: Limits) -> Descriptor:
    """The word as a descriptor: yes, no or indeterminate by P(true)."""
    if word.test is None:
        reason = word.refusal or "not measured"
        return Descriptor(word.slot, word.term, Said.NOT_ASSESSABLE, None, reason, word.phase)
    share = word.test.probability
    if share >= limits.number("said_from"):
        verdict = Said.YES
    else:
        verdict = Said.NO if share <= limits.number("unsaid_to") else Said.INDETERMINATE
    numbers = word.test.deciding()
    return Descriptor(
        word.slot, word.term, verdict, share, _reason(word.test, numbers), word.phase,
        numbers=numbers,
    )  # fmt: skip


def _reason(test: Test, numbers: tuple[Deciding, ...]) -> str:
    parts = [f"{one.name} {_number(one.value, one.unit)} ({_wanted(one)})" for one in numbers]
    holds = "the rule holds" if test.holds[0] else "the rule does not hold"
    return f"{holds}: {'; '.join(parts)}"


def _wanted(one: Deciding) -> str:
    return f"{one.wanted} {_number(one.limit, one.unit)}"


def _number(value: float, unit: str) -> str:
    if unit == "1":
        return f"{value:.2f}"
    return f"{value:.1f} {unit}"
