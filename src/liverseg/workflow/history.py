"""Undo and redo over the whole case file: all exams, all lesions, all restarts.

The case file's log is the only memory. As with edits there are two ways: with `undo` and
`redo` measurements, pictures and verdicts follow in the same transaction; `turn_work` puts
the work back alone, at once, and leaves the numbers `outdated` until `renew_exam`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

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


def turn_work(
    case: CaseFile, word: str, *, exams: Mapping[str, Exam], expected: int | None = None
) -> Undone:
    """Undo or redo (`word` "undo" or "redo") the work alone; takes milliseconds.

    Masks, segments and findings are what they were; the numbers of the exams of the step
    are `CaseFile.outdated` until `renew_exam`, where they rest on what changed. `exams` are
    exams in memory, as the case holds them; those that the step changed are in the answer,
    and keep what it did not touch. An exam that is not given is not read. `expected` and
    errors as in `undo`.
    """
    revision = case.revision
    step = _next_step(case, word, expected)
    with case.transaction(f"{word}: {step.name}", revision=revision):
        case.revert(step.event)
        if _is_of_findings(step):
            _compare_anew(case)
        now = {
            exam_id: _as_held(case, exams[exam_id], step)
            for exam_id in step.exam_ids
            if exam_id in exams
        }
    return Undone(step, now)


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
    step = _next_step(case, word, expected)
    known = {
        exam_id: reread_masks(case, exams[exam_id])
        if exam_id in exams
        else load_exam(case, exam_id, progress=progress)
        for exam_id in step.exam_ids
    }
    # Where numbers were still to be made, so were pictures of any lesion.
    behind = {exam_id for exam_id, _ in case.outdated()}
    with case.transaction(f"{word}: {step.name}", revision=revision):
        done = turn_work(case, word, exams=known, expected=step.event)
        for exam_id, exam in done.exams.items():
            changed = changed_lesions(step, exam_id)
            lesions = None if exam_id in behind or changed is None else sorted(changed)
            put_results(case, exam, make_results(exam, lesions, Ruler(), None))
        if done.exams and _is_of_findings(step):
            _compare_anew(case)
        elif done.exams:
            store_comparison(case, case.findings())
    return done


def changed_lesions(step: Step, exam_id: str) -> frozenset[str] | None:
    """Lesions of an exam that a step changed; None where it changed more than lesions."""
    own = [change for change in step.changes if change.exam_id == exam_id]
    if any(change.kind != "lesion" for change in own):
        return None
    return frozenset(change.name for change in own)


def _next_step(case: CaseFile, word: str, expected: int | None) -> Step:
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
    return step


def _as_held(case: CaseFile, exam: Exam, step: Step) -> Exam:
    """The exam after its step was taken back; what that did not touch stays the same object."""
    own = [change for change in step.changes if change.exam_id == exam.exam_id]
    if any(change.kind == "exam" for change in own):
        return load_exam(case, exam.exam_id)
    if changed_lesions(step, exam.exam_id) is None:
        return reread_masks(case, exam)
    lesions = {lesion.name: lesion for lesion in exam.lesions}
    for change in own:
        if change.before is not None:
            lesions[change.name] = case.lesion_version(change.before)
    names = case.lesion_names(exam.exam_id)
    return replace(exam, lesions=tuple(lesions[name] for name in names))


def _is_of_findings(step: Step) -> bool:
    return any(change.kind == "findings" for change in step.changes)


def _compare_anew(case: CaseFile) -> None:
    reported = case.findings()
    if reported is None:
        case.drop_comparison()
    else:
        store_comparison(case, reported)
