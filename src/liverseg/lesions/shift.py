"""The way from the series that masks are drawn on to another series."""

from __future__ import annotations

from liverseg.errors import MeasurementError
from liverseg.geometry import Translation
from liverseg.records import Exam, SeriesVolume


def shift_to(exam: Exam, series: SeriesVolume) -> Translation:
    """The exam's shift from its reference series to `series`.

    Raises `MeasurementError` when the series was not aligned.
    """
    try:
        return exam.shift_of(series.record.key).series_from_reference
    except KeyError:
        raise MeasurementError(
            f"{series.record.title} was not aligned with the series that the masks are drawn on",
            where=exam.exam_id,
            remedy="align the phases of the exam first",
        ) from None
