"""Exams of a case file as they were last read or written, and how lesions are stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from liverseg.case import CaseFile, Event, Step
from liverseg.errors import CaseError, EmptyLabelError, LiversegError
from liverseg.records import Doubt, Exam, Measurement, Progress, View
from liverseg.workflow import (
    Narrator,
    Ruler,
    load_exam,
    put_mask,
    renew_exam,
    reread_masks,
    take_out,
)
from napari_liverseg.memory import give_memory_back
from napari_liverseg.scene import Scene, build_scene
from napari_liverseg.store import (
    ChangedElsewhereError,
    Loaded,
    Mask,
    NewMask,
    NextSteps,
    Numbers,
    StepRow,
    Written,
)
from napari_liverseg.thumbs import chosen_views

#: Told when an exam without a liver mask is shown.
NO_LIVER = (
    "no liver mask: phases lie as scanned, and nothing is compared with liver "
    "('Open', 'Liver mask from a file ...' adds one)"
)


class HeldExams:
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
        self._rulers: dict[str, Ruler] = {}
        self._narrators: dict[str, Narrator] = {}
        # Lesions whose words nobody has asked for since the exam was read.
        self._unsaid: dict[str, set[str]] = {}
        # Rows of lesions that were drawn since the case's own rows were made.
        self._quick: dict[str, dict[str, tuple[Measurement, ...]]] = {}
        self._views: dict[str, Mapping[str, View]] = {}
        # Lesions that need new pictures; None: all.
        self._drawn: dict[str, set[str] | None] = {}

    def exam_ids(self) -> Sequence[str]:
        """Exams of the case in its order."""
        with closing(CaseFile.open(self.path, read_only=True)) as case:
            return tuple(case.exam_ids())

    def load(
        self,
        exam_id: str,
        *,
        early: Callable[[Scene], None] | None = None,
        progress: Progress | None = None,
    ) -> Loaded:
        """Read an exam's images and lay out its layers. Raises `CaseError` if files are gone.

        `early` gets the reference series and all that is drawn, before the rest is read.
        """

        def reference_read(exam: Exam) -> None:
            if early is not None:
                early(build_scene(exam))

        with closing(CaseFile.open(self.path, read_only=True)) as case:
            seen = case.last_event()
            exam = load_exam(case, exam_id, early=reference_read, progress=progress)
            self._exams[exam_id], self._elsewhere[exam_id] = exam, set()
            self._seen[exam_id], self._rulers[exam_id] = seen, Ruler()
            self._narrators[exam_id] = Narrator(self._rulers[exam_id])
            self._unsaid[exam_id] = {lesion.name for lesion in exam.lesions}
            self._quick[exam_id], self._drawn[exam_id] = {}, None
            numbers, scene = self._numbers(case, exam), build_scene(exam)
            if exam.liver.is_empty:
                doubts = (*scene.doubts, Doubt(NO_LIVER, exam_id))
                scene = dataclasses.replace(scene, doubts=doubts)
            give_memory_back()
            return Loaded(exam, scene, numbers, self._why_read_only())

    def write(
        self,
        exam_id: str,
        masks: Mapping[str, Mask],
        *,
        replace: bool = False,
        made: Mapping[str, NewMask] | None = None,
    ) -> Written:
        """Store lesion masks (stored axes, reference grid), all in one transaction.

        A stroke that takes voxels from one lesion and gives them to another is one change:
        were it two, a sudden end between them would leave voxels to both. A lesion that
        the exam does not have yet is added. What is refused is left as it was and named
        in the answer.
        """
        failures: dict[str, LiversegError] = {}
        with closing(CaseFile.open(self.path, check=False)) as case:
            self._catch_up(case, exam_id)
            for name, mask in masks.items():
                refusal = self._refusal(exam_id, name, mask, replace=replace)
                if refusal is not None:
                    failures[name] = refusal
            accepted = {name: mask for name, mask in masks.items() if name not in failures}
            try:
                self._write_all(case, exam_id, accepted, made or {})
            except LiversegError as error:
                failures.update(dict.fromkeys(accepted, error))
            for name in masks.keys() - failures.keys():
                self._measure_now(exam_id, name)
            return self._written(case, exam_id, failures)

    def remove(self, exam_id: str, name: str) -> Written:
        """Take a lesion out of an exam; one never stored is no error."""
        with closing(CaseFile.open(self.path, check=False)) as case:
            self._catch_up(case, exam_id)
            exam = self._exams[exam_id]
            if any(lesion.name == name for lesion in exam.lesions):
                revision = self._seen[exam_id].number
                self._exams[exam_id] = take_out(case, exam, name, revision=revision)
                self._note_own(case, exam_id, name)
            return self._written(case, exam_id, {})

    def renew(self, exam_id: str, *, progress: Progress | None = None) -> Written:
        """Bring numbers, pictures and verdicts up to date with the masks.

        Where they are, the exam is measured nevertheless: what an edit does not change
        must be known before the numbers of the next stroke can come at once.
        """
        with closing(CaseFile.open(self.path, check=False)) as case:
            self._catch_up(case, exam_id)
            exam, ruler = self._exams[exam_id], self._rulers[exam_id]
            whole = self._drawn[exam_id] is None
            if not _is_outdated(case, exam_id):
                ruler.measure(exam, progress=progress)
            else:
                drawn = self._drawn[exam_id]
                renew_exam(
                    case,
                    exam,
                    lesions=None if drawn is None else sorted(drawn),
                    ruler=ruler,
                    revision=self._seen[exam_id].number,
                    progress=progress,
                )
                self._seen[exam_id] = case.last_event()
            self._quick[exam_id], self._drawn[exam_id] = {}, set()
            if whole:  # after a stroke not: the next one would have to wait for it
                give_memory_back()
            return self._written(case, exam_id, {})

    @contextmanager
    def _changing(self, exam_id: str) -> Iterator[tuple[CaseFile, Exam, int]]:
        """The case open for a change of what is no lesion; whose own change is known after it."""
        with closing(CaseFile.open(self.path, check=False)) as case:
            before = self._exams[exam_id]
            self._catch_up(case, exam_id)
            _require_same_segments(before, self._exams[exam_id], self.path)
            yield case, self._exams[exam_id], self._seen[exam_id].number
            self._quick[exam_id] = {}
            self._seen[exam_id] = case.last_event()

    def _refusal(
        self, exam_id: str, name: str, mask: Mask, *, replace: bool
    ) -> LiversegError | None:
        """Why a mask is not to be written, or None."""
        if not mask.any():
            return EmptyLabelError(
                f"lesion {name} would have no voxel left",
                where=exam_id,
                remedy="draw at least one voxel, or remove the lesion",
            )
        if name in self._elsewhere[exam_id] and not replace:
            return CaseError(
                f"another window has changed lesion {name} since it was read here",
                where=str(self.path),
                remedy="'Save again' puts this drawing in its place (the case file's history "
                "keeps the other); 'Read again' shows the other",
            )
        return None

    def _write_all(
        self,
        case: CaseFile,
        exam_id: str,
        masks: Mapping[str, Mask],
        made: Mapping[str, NewMask],
    ) -> None:
        if not masks:
            return
        exam, revision = self._exams[exam_id], self._seen[exam_id].number
        how = {name: made.get(name, NewMask(mask)) for name, mask in masks.items()}
        if len(masks) == 1:
            ((name, mask),) = masks.items()
            step, strokes = how[name].step, how[name].strokes
            exam = put_mask(case, exam, name, mask, revision=revision, step=step, strokes=strokes)
        else:
            with case.transaction(f"edit lesions {', '.join(masks)}", revision=revision):
                for name, mask in masks.items():
                    exam = put_mask(case, exam, name, mask, strokes=how[name].strokes)
        self._exams[exam_id] = exam
        for name in masks:
            self._note_own(case, exam_id, name)

    def _catch_up(self, case: CaseFile, exam_id: str) -> None:
        """Take over the masks that another program wrote since this exam was last looked at."""
        last = case.last_event()
        if last == self._seen[exam_id]:
            return
        fresh = reread_masks(case, self._exams[exam_id])
        self._quick[exam_id], self._drawn[exam_id] = {}, None
        self._elsewhere[exam_id] |= _changed(self._exams[exam_id], fresh)
        self._exams[exam_id], self._seen[exam_id] = fresh, last

    def _take_over(self, exam_id: str, exam: Exam, lesions: Collection[str] | None) -> None:
        """An exam after a step was taken back that changed these lesions, or more (None)."""
        self._exams[exam_id] = exam
        if lesions is None:
            self._quick[exam_id], self._drawn[exam_id] = {}, None
            return
        drawn = self._drawn[exam_id]
        for name in lesions:
            self._elsewhere[exam_id].discard(name)
            self._quick[exam_id].pop(name, None)
            if drawn is not None:
                drawn.add(name)
            if any(lesion.name == name for lesion in exam.lesions):
                self._measure_now(exam_id, name)

    def _note_own(self, case: CaseFile, exam_id: str, name: str) -> None:
        self._seen[exam_id] = case.last_event()
        self._elsewhere[exam_id].discard(name)
        self._quick[exam_id].pop(name, None)
        drawn = self._drawn[exam_id]
        if drawn is not None:
            drawn.add(name)

    def _measure_now(self, exam_id: str, name: str) -> None:
        rows = self._rulers[exam_id].measure_now(self._exams[exam_id], name)
        if rows is not None:
            self._quick[exam_id][name] = rows

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
        return Written(self._numbers(case, self._exams[exam_id]), failures, elsewhere)

    def _numbers(self, case: CaseFile, exam: Exam) -> Numbers:
        quick = self._quick[exam.exam_id]
        stored = case.measurements(exam_id=exam.exam_id)
        rows = [row for row in stored if row.lesion not in quick]
        outdated = _is_outdated(case, exam.exam_id)
        if not outdated or exam.exam_id not in self._views:
            # Pictures are made with the last of the numbers; until then the old ones stay.
            self._views[exam.exam_id] = chosen_views(
                case.views(exam_id=exam.exam_id),
                series_uid=exam.by_key(exam.reference).record.series_uid,
            )
        narrator = self._narrators[exam.exam_id]
        return Numbers(
            exam_id=exam.exam_id,
            lesions=tuple(lesion.name for lesion in exam.lesions),
            measurements=(*rows, *(row for found in quick.values() for row in found)),
            comparison=case.comparison(),
            steps=_next_steps(case),
            outdated=outdated,
            views=self._views[exam.exam_id],
            moves={lesion.name: lesion.moves for lesion in exam.lesions if lesion.moves},
            versions={one.name: narrator.version(exam, one.name) for one in exam.lesions},
        )


def _is_outdated(case: CaseFile, exam_id: str) -> bool:
    return any(exam == exam_id for exam, _ in case.outdated())


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


def _next_steps(case: CaseFile) -> NextSteps:
    steps = case.steps()
    undo_row, redo_row = (row_of(left[0]) if left else None for left in (steps.undo, steps.redo))
    return NextSteps(undo_row, redo_row)


def row_of(step: Step) -> StepRow:
    """A step and its place: the first exam that it changed, with that exam's lesions."""
    exam_id = step.exam_ids[0] if step.exam_ids else ""
    names = tuple(name for exam, name in step.lesions if exam == exam_id)
    return StepRow(step.event, step.name, exam_id, names)


def _require_same_segments(old: Exam, new: Exam, path: Path) -> None:
    """A map that another window changed is not written over unseen."""
    if old.couinaud is new.couinaud or old.couinaud is None or new.couinaud is None:
        return
    if not np.array_equal(old.couinaud.array, new.couinaud.array):
        raise ChangedElsewhereError(
            "another window has changed the segments since they were read here",
            where=str(path),
            remedy="they are shown now; draw again if you still want to",
        )
