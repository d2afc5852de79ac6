"""Say that a lesion lies elsewhere in one phase than the registration puts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from liverseg.case import CaseFile, StoredExam
from liverseg.errors import InputError, MeasurementError
from liverseg.geometry import Point
from liverseg.lesions import movable_series, move_in_series, phase_name, surroundings
from liverseg.phases import parse_phase
from liverseg.records import Doubt, Exam, Phase
from liverseg.register import align_phases
from liverseg.tables import load_table
from liverseg.workflow.edit import find_lesion, store_edit, with_lesion
from liverseg.workflow.place import is_named


@dataclass(frozen=True)
class SuggestedMove:
    """Where a lesion may lie in a series: LPS mm off the registration, and how far that may be off.

    `residual_mm` is the disagreement of fits on opposite halves of the surroundings.
    """

    offset_mm: Point
    residual_mm: float
    doubts: tuple[Doubt, ...] = ()


def move_lesion(
    case: CaseFile,
    exam: Exam,
    name: str,
    series_key: str,
    offset_mm: Point | None,
    *,
    revision: int | None = None,
) -> Exam:
    """Let a lesion lie `offset_mm` (LPS) off the registration in one series; None: as registered.

    The offset is in addition to the exam's shift of that series and replaces the one there
    was. Mask and sizes stay those of the reference series; all values, words, intervals and
    pictures of the lesion in that series are then taken there. Measurements of the whole
    exam are made again, as in `update_lesion`.

    Raises `InputError` as `move_in_series` does, and when nothing would change; `CaseError`
    when another program has written since `revision`.
    """
    edited, step = _moved(exam, name, series_key, offset_mm)
    return store_edit(case, edited, name, step, revision=revision)


def put_move(
    case: CaseFile,
    exam: Exam,
    name: str,
    series_key: str,
    offset_mm: Point | None,
    *,
    revision: int | None = None,
) -> Exam:
    """As `move_lesion`, without making numbers anew: `put_mask` for moves.

    Takes milliseconds. Until `renew_exam` the exam's measurements are `CaseFile.outdated`.
    """
    edited, step = _moved(exam, name, series_key, offset_mm)
    with case.transaction(step, revision=revision):
        case.put_lesion(exam.exam_id, find_lesion(edited, name))
    return edited


def suggest_move(exam: Exam, name: str, series_key: str) -> SuggestedMove:
    """Find by the images where a lesion lies in a series; nothing is changed.

    One translation as in `register.align_phases`, on the lesion and its surroundings (row
    `lesion_move_surroundings` of table `enhancement_rules`) instead of the liver. For a
    reader to look at: where contrast differs much, or liver is even, it can be wrong.

    Raises `MeasurementError` where nothing can be fitted, `InputError` as `move_lesion`.
    """
    lesion = find_lesion(exam, name)
    series = movable_series(exam, name, series_key)
    margin_mm = load_table("enhancement_rules").number("lesion_move_surroundings")
    near = surroundings(lesion.mask, margin_mm)
    _, found = align_phases(exam.by_key(exam.reference), (series,), near)
    if found.residual_mm is None:
        raise MeasurementError(
            f"no move is found for lesion {name}: {found.doubts[-1].reason}",
            where=phase_name(series),
            remedy="move it by eye",
        )
    back = exam.shift_of(series_key).series_from_reference.inverse
    x, y, z = (round(part, 1) + 0.0 for part in found.series_from_reference.then(back).offset_mm)
    return SuggestedMove((x, y, z), found.residual_mm, found.doubts)


def find_series(case: CaseFile, name: str, phase: str, *, exam_id: str = "") -> tuple[str, str]:
    """Exam and series key that a person means by a lesion and a phase.

    `phase` is a phase, or a series by its key, UID, number or description. Raises
    `InputError` naming what there is, unless exactly one exam that has the lesion has it.
    """
    exams = [
        case.stored_exam(one)
        for one in case.exam_ids()
        if exam_id in ("", one) and name in case.lesion_names(one)
    ]
    if not exams:
        every = {one: ", ".join(case.lesion_names(one)) or "none" for one in case.exam_ids()}
        raise InputError(
            f"there is no lesion {name}{f' in {exam_id}' if exam_id else ''}",
            where=str(case.path),
            remedy="lesions there: " + "; ".join(f"{one}: {names}" for one, names in every.items()),
        )
    hits = _named(exams, phase) or _of_phase(exams, parse_phase(phase))
    if len(hits) != 1:
        there = ", ".join(
            f"{exam.exam_id} {record.key} ({exam.calls[record.key].phase})"
            for exam in exams
            for record in exam.records
        )
        raise InputError(
            f"{len(hits)} series that may show lesion {name} are meant by {phase!r}",
            where=str(case.path),
            remedy=f"say which with --exam, or name the series; there are: {there}",
        )
    return hits[0]


def _moved(exam: Exam, name: str, series_key: str, offset_mm: Point | None) -> tuple[Exam, str]:
    """The exam with the lesion there, and what to call the step."""
    lesion = find_lesion(exam, name)
    moved = move_in_series(exam, lesion, series_key, offset_mm)
    phase = phase_name(exam.by_key(series_key))
    if dict(moved.moves) == dict(lesion.moves):
        raise InputError(
            f"lesion {name} lies there already in the {phase} phase", where=exam.exam_id
        )
    step = f"put lesion {name} in the {phase} phase back as registered"
    if series_key in moved.moves:
        far = moved.moves[series_key].length_mm
        step = f"move lesion {name} in the {phase} phase by {far:.1f} mm"
    return with_lesion(exam, moved), step


def _named(exams: Sequence[StoredExam], text: str) -> list[tuple[str, str]]:
    return [(one.exam_id, r.key) for one in exams for r in one.records if is_named(r, text)]


def _of_phase(exams: Sequence[StoredExam], phase: Phase) -> list[tuple[str, str]]:
    return [
        (one.exam_id, key)
        for one in exams
        for key, call in one.calls.items()
        if call.phase is phase
    ]
