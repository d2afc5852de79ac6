"""The way from the series that masks are drawn on to another series."""

from __future__ import annotations

from liverseg.errors import MeasurementError
from liverseg.geometry import Translation
from liverseg.records import Exam, Lesion, SeriesVolume


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


def lesion_shift_to(exam: Exam, lesion: Lesion, series: SeriesVolume) -> Translation:
    """The way of one lesion from the reference series to `series`: the exam's shift and its move.

    The only place where the two are joined: whatever is sampled, drawn or shown of a lesion
    in a series lies where this says. Raises as `shift_to`.
    """
    shift, move = shift_to(exam, series), lesion.moves.get(series.record.key)
    return shift if move is None else shift.then(move)
