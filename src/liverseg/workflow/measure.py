"""All rows of an exam: sizes, segments and enhancement of each lesion, and the liver's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from liverseg.couinaud import assign_segments, share_measurements
from liverseg.lesions import liver_reference, measure_enhancement, measure_liver, measure_size
from liverseg.records import Exam, Lesion, Measurement, Progress

#: The liver itself in the measurement table.
LIVER = "liver"


def measure_exam(
    exam: Exam, *, progress: Progress | None = None
) -> Mapping[str, tuple[Measurement, ...]]:
    """Rows of every lesion by its name, and of the liver under "liver"."""
    reference = liver_reference(
        exam.liver, [lesion.mask for lesion in exam.lesions], exam.structures
    )
    rows: dict[str, tuple[Measurement, ...]] = {}
    for number, lesion in enumerate(exam.lesions):
        if progress is not None:
            progress(f"measuring {lesion.name}", number / (len(exam.lesions) + 1))
        rows[lesion.name] = (
            *measure_shape(exam, lesion),
            *measure_enhancement(exam, lesion, reference),
        )
    rows[LIVER] = (*measure_liver(exam, reference), *measure_liver_shares(exam))
    return rows


def measure_liver_shares(exam: Exam) -> tuple[Measurement, ...]:
    """Shares of the segments in the liver itself; none without a segment map."""
    if exam.couinaud is None:
        return ()
    shares = share_measurements(assign_segments(exam.liver, exam.couinaud, borders=False))
    # Rows of the liver speak of the liver, where the method's words speak of a lesion.
    return tuple(
        replace(_stamp(row, exam, LIVER), method=row.method.replace("the lesion", "the liver"))
        for row in shares
        if row.metric == "couinaud_share"
    )


def measure_shape(exam: Exam, lesion: Lesion) -> tuple[Measurement, ...]:
    """Size and segment rows of one lesion; they need its mask only, no voxel value."""
    rows = measure_size(lesion.mask)
    if exam.couinaud is not None:
        rows = (*rows, *share_measurements(assign_segments(lesion.mask, exam.couinaud)))
    return tuple(_stamp(row, exam, lesion.name) for row in rows)


def _stamp(row: Measurement, exam: Exam, lesion: str) -> Measurement:
    """Say on what a shape was measured: the reference series and its phase."""
    series = exam.by_key(exam.reference)
    return replace(
        row,
        lesion=lesion,
        date=exam.date,
        modality=exam.modality,
        phase=str(series.call.phase),
        series_uid=series.record.series_uid,
    )
