"""Words for every lesion of a stored case, with its intervals and details; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg.case import CaseFile
from liverseg.errors import InputError
from liverseg.lesions import (
    INTERVAL_SUFFIX,
    Limits,
    describe_lesion,
    describe_liver,
    detail_enhancement,
    liver_reference,
    load_limits,
    measure_intervals,
    measure_size,
    measure_viable_part,
)
from liverseg.records import Descriptor, Doubt, Exam, Measurement, Progress
from liverseg.workflow.edit import load_exam
from liverseg.workflow.progress import part_of


@dataclass(frozen=True)
class LesionDescription:
    """One lesion in one exam (or the liver, which has words only).

    `intervals` are rows with the measured 95 % interval in `lower` and `upper`, `details`
    shells, sectors, references, ratios and the viable part, `refusals` why one of them is
    not there.
    """

    exam_id: str
    lesion: str
    words: tuple[Descriptor, ...]
    intervals: tuple[Measurement, ...] = ()
    details: tuple[Measurement, ...] = ()
    refusals: tuple[Doubt, ...] = ()


def describe_case(
    case: CaseFile,
    *,
    rules: Path | None = None,
    exam_id: str = "",
    lesion: str = "",
    progress: Progress | None = None,
) -> tuple[LesionDescription, ...]:
    """Every lesion of a case, or those of one exam or of one name, and each liver.

    `rules` is a table file whose rows replace limits of this package. The images are read
    again from the DICOM files. Raises `CaseError` when they have moved and `InputError`
    when the case has no such exam or lesion.
    """
    exams = case.exam_ids()
    if exam_id and exam_id not in exams:
        raise InputError(f"the case has no exam {exam_id}", remedy="one of " + ", ".join(exams))
    plain = load_limits(rules)
    limits = load_limits(rules, copies=int(plain.number("copies")))
    found: list[LesionDescription] = []
    wanted = [one for one in exams if exam_id in ("", one)]
    for number, name in enumerate(wanted):
        part = part_of(progress, number / len(wanted), (number + 1) / len(wanted))
        exam = load_exam(case, name, progress=part)
        found.extend(describe_exam(exam, limits=limits, lesion=lesion))
    if lesion and not any(one.lesion == lesion for one in found):
        raise InputError(f"the case has no lesion {lesion}", remedy="leave --lesion out")
    return tuple(found)


def save_intervals(case: CaseFile, found: Sequence[LesionDescription]) -> None:
    """Write the intervals beside the other measurements of the case, in one transaction.

    They take the place of intervals that are there. An edit of the exam measures again
    and leaves them out, so that none can outlive the mask it belongs to.
    """
    with case.transaction("intervals"):
        for one in found:
            if one.intervals:
                rows = case.measurements(exam_id=one.exam_id, lesion=one.lesion)
                kept = [row for row in rows if not row.metric.endswith(INTERVAL_SUFFIX)]
                case.put_measurements(one.exam_id, one.lesion, (*kept, *one.intervals))


def describe_exam(
    exam: Exam, *, limits: Limits | None = None, lesion: str = ""
) -> tuple[LesionDescription, ...]:
    """Every lesion of an exam (or the one of this name), then the liver if it has words."""
    reference = liver_reference(exam.liver, [one.mask for one in exam.lesions], exam.structures)
    found = []
    for one in exam.lesions:
        if lesion not in ("", one.name):
            continue
        shape = measure_size(one.mask)
        detail = detail_enhancement(exam, one, reference)
        viable = measure_viable_part(exam, one)
        words = describe_lesion(exam, one, reference, shape=shape, limits=limits)
        intervals = measure_intervals(exam, one)
        found.append(
            LesionDescription(
                exam.exam_id,
                one.name,
                words,
                intervals,
                (*detail.rows, *viable.rows),
                (*detail.refusals, *viable.refusals),
            )
        )
    liver = describe_liver(exam, reference, limits=limits)
    if liver and lesion in ("", "liver"):
        found.append(LesionDescription(exam.exam_id, "liver", liver))
    return tuple(found)
