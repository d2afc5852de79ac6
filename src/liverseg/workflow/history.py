"""Undo and redo over the whole case file: all exams, all lesions, all restarts.

The case file's log is the only memory. What rests on the work (measurements, pictures,
verdicts) is made anew in the same transaction, so a case is never half undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liverseg.case import CaseFile, Step
from liverseg.errors import CaseError, InputError
from liverseg.records import Exam, Lesion, Progress
from liverseg.workflow.edit import load_exam, make_results, put_results, reread_masks
from liverseg.workflow.measure import Ruler
from liverseg.workflow.run import store_comparison


@dataclass(frozen=True, eq=False)
class Undone:
    """The step that was taken back or done again, and the exams that it changed as they are now."""

    step: Step
    exams: Mapping[str, Exam]


def undo(
    case: CaseFile,
    *,
    exams: Mapping[str, Exam] | None = None,
    expected: int | None = None,
    progress: Progress | None = None,
) -> Undone:
    """Take the last step back; measurements, pictures and verdicts follow.

    `exams` are exams already in memory, by id; others that the step changed are read from
    their DICOM files. `expected` is the `Step.event` that a person was shown: when another
    program has written since, nothing happens and `CaseError` says what the last step is
    now. Raises `InputError` when nothing is left to undo.
    """
    return _turn(case, "undo", exams or {}, expected, progress)


def redo(
    case: CaseFile,
    *,
    exams: Mapping[str, Exam] | None = None,
    expected: int | None = None,
    progress: Progress | None = None,
) -> Undone:
    """Do the step again that was undone last; as `undo`. A new step leaves nothing to redo."""
    return _turn(case, "redo", exams or {}, expected, progress)


def lesions_before(case: CaseFile, step: Step) -> dict[tuple[str, str], Lesion | None]:
    """Lesions by (exam, name) as they will be once `step` is undone (or redone).

    None where there will be none. Quick: only the masks are read, so a window can show
    them before the numbers are made.
    """
    return {
        (one.exam_id, one.name): None if one.before is None else case.lesion_version(one.before)
        for one in step.changes
        if one.kind == "lesion"
    }


def _turn(
    case: CaseFile,
    word: str,
    exams: Mapping[str, Exam],
    expected: int | None,
    progress: Progress | None,
) -> Undone:
    revision = case.revision
    steps = case.steps()
    left = steps.undo if word == "undo" else steps.redo
    if not left:
        raise InputError(f"there is nothing to {word}", where=str(case.path))
    step = left[0]
    if expected is not None and step.event != expected:
        raise CaseError(
            f"another window has changed the case: the next step to {word} is now "
            f"{step.name!r} by {step.who}",
            where=str(case.path),
            remedy=f"{word} once more if you mean that step",
        )
    known = {
        exam_id: exams[exam_id] if exam_id in exams else load_exam(case, exam_id, progress=progress)
        for exam_id in step.exam_ids
    }
    # Where numbers were still to be made, so were pictures of any lesion.
    behind = {exam_id for exam_id, _ in case.outdated()}
    with case.transaction(f"{word}: {step.name}", revision=revision):
        case.revert(step.event)
        now = {
            exam_id: _follow(case, exam, step, every=exam_id in behind)
            for exam_id, exam in known.items()
        }
        if any(change.kind == "findings" for change in step.changes):
            _compare_anew(case)
        else:
            store_comparison(case, case.findings())
    return Undone(step, now)


def _follow(case: CaseFile, exam: Exam, step: Step, *, every: bool) -> Exam:
    """Measure an exam as the case holds it now, and write rows and pictures."""
    own = [change for change in step.changes if change.exam_id == exam.exam_id]
    if any(change.kind == "exam" for change in own):
        exam = load_exam(case, exam.exam_id)
    else:
        exam = reread_masks(case, exam)
    lesions = {change.name for change in own if change.kind == "lesion"}
    plain = all(change.kind == "lesion" for change in own) and not every
    put_results(case, exam, make_results(exam, sorted(lesions) if plain else None, Ruler(), None))
    return exam


def _compare_anew(case: CaseFile) -> None:
    reported = case.findings()
    if reported is None:
        case.drop_comparison()
    else:
        store_comparison(case, reported)
