"""The one place where the plugin calls the library: read and write a case file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from liverseg.case import CaseFile, Event, Step
from liverseg.errors import CaseError, LiversegError
from liverseg.records import Caliper, Exam, Progress, Stroke
from liverseg.workflow import (
    add_lesion,
    correct_lesion,
    draw_lesion,
    lesions_before,
    load_exam,
    redo,
    remove_lesion,
    reread_masks,
    reshape_lesion,
    set_calipers,
    undo,
    update_lesion,
)
from napari_liverseg.scene import build_scene
from napari_liverseg.store import (
    Coming,
    Loaded,
    Mask,
    NewMask,
    NextSteps,
    Numbers,
    StepRow,
    Written,
)
from napari_liverseg.thumbs import chosen_views

TURNS = {"undo": undo, "redo": redo}


class CaseStore:
    """A case file on disk; keeps the exams that it loaded as they were last written.

    The file is opened for each call and closed again, so no transaction and no lock
    outlives a call. Where another program wrote in between, its masks are taken over
    first, and the lesions that it changed are not written over unasked.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._exams: dict[str, Exam] = {}
        self._elsewhere: dict[str, set[str]] = {}
        self._seen: dict[str, Event] = {}

    def exam_ids(self) -> Sequence[str]:
        """Exams of the case in its order."""
        with closing(CaseFile.open(self.path, read_only=True)) as case:
            return tuple(case.exam_ids())

    def load(self, exam_id: str, *, progress: Progress | None = None) -> Loaded:
        """Read an exam's images and lay out its layers. Raises `CaseError` if files are gone."""
        with closing(CaseFile.open(self.path, read_only=True)) as case:
            seen = case.events()[-1]
            exam = load_exam(case, exam_id, progress=progress)
            self._exams[exam_id], self._elsewhere[exam_id] = exam, set()
            self._seen[exam_id] = seen
            return Loaded(exam, build_scene(exam), _numbers(case, exam), self._why_read_only())

    def write(
        self,
        exam_id: str,
        masks: Mapping[str, Mask],
        *,
        replace: bool = False,
        made: Mapping[str, NewMask] | None = None,
    ) -> Written:
        """Store lesion masks (stored axes, reference grid), each in its own transaction.

        A lesion that the exam does not have yet is added. What fails is left as it was
        and named in the answer.
        """
        failures: dict[str, LiversegError] = {}
        with closing(CaseFile.open(self.path)) as case:
            self._catch_up(case, exam_id)
            for name, mask in masks.items():
                try:
                    how = (made or {}).get(name) or NewMask(mask)
                    self._write_one(case, exam_id, name, mask, how, replace=replace)
                except LiversegError as error:
                    failures[name] = error
            return self._written(case, exam_id, failures)

    def remove(self, exam_id: str, name: str) -> Written:
        """Take a lesion out of an exam; one never stored is no error."""
        with closing(CaseFile.open(self.path)) as case:
            self._catch_up(case, exam_id)
            exam = self._exams[exam_id]
            if any(lesion.name == name for lesion in exam.lesions):
                revision = self._seen[exam_id].number
                self._exams[exam_id] = remove_lesion(case, exam, name, revision=revision)
                self._note_own(case, exam_id, name)
            return self._written(case, exam_id, {})

    def masks(self, exam_id: str) -> Mapping[str, Mask]:
        """Masks of all lesions of an exam as the case holds them (stored axes)."""
        with closing(CaseFile.open(self.path)) as case:
            self._catch_up(case, exam_id)
        return {lesion.name: lesion.mask.mask() for lesion in self._exams[exam_id].lesions}

    def coming(self, word: str) -> Coming | None:
        """Masks of the step to undo or redo next; None when there is none."""
        with closing(CaseFile.open(self.path, read_only=True)) as case:
            steps = case.steps()
            left = steps.undo if word == "undo" else steps.redo
            if not left:
                return None
            row = _row(left[0])
            lesions = lesions_before(case, left[0])
        masks = {
            name: None if lesion is None else lesion.mask.mask()
            for (exam_id, name), lesion in lesions.items()
            if exam_id == row.exam_id
        }
        return Coming(row, masks)

    def turn(self, word: str, exam_id: str, step: StepRow) -> Written:
        """Undo or redo; exams of the step that are not loaded are read for it."""
        with closing(CaseFile.open(self.path)) as case:
            self._catch_up(case, exam_id)
            done = TURNS[word](case, exams=self._exams, expected=step.event)
            self._exams.update({one: done.exams[one] for one in done.exams if one in self._exams})
            for name in step.lesions if step.exam_id == exam_id else ():
                self._elsewhere[exam_id].discard(name)
            self._seen[exam_id] = case.events()[-1]
            return self._written(case, exam_id, {})

    def draw(self, exam_id: str, name: str, strokes: Sequence[Stroke]) -> NewMask:
        """A new lesion from strokes in LPS mm."""
        made = draw_lesion(self._exams[exam_id], name, strokes)
        return NewMask(made.mask, made.step, made.strokes)

    def correct(self, exam_id: str, name: str, stroke: Stroke) -> NewMask:
        """A lesion after one more stroke that adds or removes."""
        made = correct_lesion(self._exams[exam_id], name, stroke)
        return NewMask(made.mask, made.step, made.strokes)

    def reshape(self, exam_id: str, name: str, tool: str) -> NewMask:
        """A lesion changed as a whole."""
        made = reshape_lesion(self._exams[exam_id], name, tool)
        return NewMask(made.mask, made.step, made.strokes)

    def set_calipers(self, exam_id: str, name: str, calipers: Sequence[Caliper]) -> Written:
        """Make these a lesion's lengths by hand."""
        with closing(CaseFile.open(self.path)) as case:
            self._catch_up(case, exam_id)
            revision = self._seen[exam_id].number
            exam = set_calipers(case, self._exams[exam_id], name, calipers, revision=revision)
            self._exams[exam_id], self._seen[exam_id] = exam, case.events()[-1]
            return self._written(case, exam_id, {})

    def _write_one(
        self,
        case: CaseFile,
        exam_id: str,
        name: str,
        mask: Mask,
        made: NewMask,
        *,
        replace: bool,
    ) -> None:
        if name in self._elsewhere[exam_id] and not replace:
            raise CaseError(
                f"another window has changed lesion {name} since it was read here",
                where=str(self.path),
                remedy="'Save again' puts this drawing in its place (the case file's history "
                "keeps the other); 'Read again' shows the other",
            )
        exam = self._exams[exam_id]
        known = any(lesion.name == name for lesion in exam.lesions)
        revision = self._seen[exam_id].number
        if known:
            change = partial(update_lesion, strokes=made.strokes)
        else:
            change = partial(add_lesion, strokes=made.strokes or ())
        self._exams[exam_id] = change(case, exam, name, mask, revision=revision, step=made.step)
        self._note_own(case, exam_id, name)

    def _catch_up(self, case: CaseFile, exam_id: str) -> None:
        """Take over the masks that another program wrote since this exam was last looked at."""
        last = case.events()[-1]
        if last == self._seen[exam_id]:
            return
        fresh = reread_masks(case, self._exams[exam_id])
        self._elsewhere[exam_id] |= _changed(self._exams[exam_id], fresh)
        self._exams[exam_id], self._seen[exam_id] = fresh, last

    def _note_own(self, case: CaseFile, exam_id: str, name: str) -> None:
        self._seen[exam_id] = case.events()[-1]
        self._elsewhere[exam_id].discard(name)

    def _why_read_only(self) -> str:
        try:
            CaseFile.open(self.path).close()
        except CaseError as error:
            return f"for reading only, nothing can be drawn: {error}"
        return ""

    def _written(
        self, case: CaseFile, exam_id: str, failures: Mapping[str, LiversegError]
    ) -> Written:
        elsewhere = tuple(sorted(self._elsewhere[exam_id]))
        return Written(_numbers(case, self._exams[exam_id]), failures, elsewhere)


def _changed(old: Exam, new: Exam) -> set[str]:
    """Names of lesions that one has and the other has not, or with another mask."""
    before, after = ({item.name: item.mask.array for item in exam.lesions} for exam in (old, new))
    return {
        name
        for name in {*before, *after}
        if name not in before
        or name not in after
        or not np.array_equal(before[name] != 0, after[name] != 0)
    }


def _numbers(case: CaseFile, exam: Exam) -> Numbers:
    return Numbers(
        exam_id=exam.exam_id,
        lesions=tuple(lesion.name for lesion in exam.lesions),
        measurements=tuple(case.measurements(exam_id=exam.exam_id)),
        comparison=case.comparison(),
        steps=_next_steps(case),
        views=chosen_views(
            case.views(exam_id=exam.exam_id),
            series_uid=exam.by_key(exam.reference).record.series_uid,
        ),
    )


def _next_steps(case: CaseFile) -> NextSteps:
    steps = case.steps()
    undo_row, redo_row = (_row(left[0]) if left else None for left in (steps.undo, steps.redo))
    return NextSteps(undo_row, redo_row)


def _row(step: Step) -> StepRow:
    """A step and its place: the first exam that it changed, with that exam's lesions."""
    exam_id = step.exam_ids[0] if step.exam_ids else ""
    names = tuple(name for exam, name in step.lesions if exam == exam_id)
    return StepRow(step.event, step.name, exam_id, names)
