"""The one place where the plugin calls the library: read and write a case file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liverseg.case import CaseFile, Event, Step
from liverseg.errors import CaseError, LiversegError
from liverseg.lesions import Limits, Portrait, StructureValues, load_limits, sample_structures
from liverseg.records import Caliper, Exam, Measurement, Progress, ReportedFindings, Stroke
from liverseg.workflow import (
    Ruler,
    correct_couinaud,
    correct_lesion,
    divide_exam,
    draw_lesion,
    findings_of,
    lesions_before,
    load_exam,
    portray,
    put_mask,
    redo,
    renew_exam,
    reread_masks,
    reshape_lesion,
    set_calipers,
    take_out,
    undo,
    update_couinaud,
    update_findings,
    update_landmarks,
)
from napari_liverseg.scene import build_scene
from napari_liverseg.segment_scene import show_segments
from napari_liverseg.store import (
    ChangedElsewhereError,
    Coming,
    FindingsEdit,
    Loaded,
    Mask,
    NewMask,
    NextSteps,
    Numbers,
    Point,
    Segments,
    StepRow,
    Written,
)

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
        self._rulers: dict[str, Ruler] = {}
        # Rows of lesions that were drawn since the case's own rows were made.
        self._quick: dict[str, dict[str, tuple[Measurement, ...]]] = {}
        # Lesions that need new pictures; None: all.
        self._drawn: dict[str, set[str] | None] = {}
        self._segments: dict[str, Segments] = {}
        self._structures: dict[tuple[str, int], StructureValues] = {}
        self._limits: Limits | None = None

    def exam_ids(self) -> Sequence[str]:
        """Exams of the case in its order."""
        with closing(CaseFile.open(self.path, read_only=True)) as case:
            return tuple(case.exam_ids())

    def load(self, exam_id: str, *, progress: Progress | None = None) -> Loaded:
        """Read an exam's images and lay out its layers. Raises `CaseError` if files are gone."""
        with closing(CaseFile.open(self.path, read_only=True)) as case:
            seen = case.last_event()
            exam = load_exam(case, exam_id, progress=progress)
            self._exams[exam_id], self._elsewhere[exam_id] = exam, set()
            self._seen[exam_id], self._rulers[exam_id] = seen, Ruler()
            self._quick[exam_id], self._drawn[exam_id] = {}, None
            return Loaded(exam, build_scene(exam), self._numbers(case, exam), self._why_read_only())

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
        with closing(CaseFile.open(self.path, check=False)) as case:
            self._catch_up(case, exam_id)
            for name, mask in masks.items():
                try:
                    how = (made or {}).get(name) or NewMask(mask)
                    self._write_one(case, exam_id, name, mask, how, replace=replace)
                except LiversegError as error:
                    failures[name] = error
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
            return self._written(case, exam_id, {})

    def masks(self, exam_id: str) -> Mapping[str, Mask]:
        """Masks of all lesions of an exam as the case holds them (stored axes)."""
        with closing(CaseFile.open(self.path, check=False)) as case:
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
        with closing(CaseFile.open(self.path, check=False)) as case:
            self._catch_up(case, exam_id)
            done = TURNS[word](case, exams=self._exams, expected=step.event)
            self._exams.update({one: done.exams[one] for one in done.exams if one in self._exams})
            for one in done.exams:
                self._quick[one] = {}
            for name in step.lesions if step.exam_id == exam_id else ():
                self._elsewhere[exam_id].discard(name)
            self._seen[exam_id] = case.last_event()
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
        with closing(CaseFile.open(self.path, check=False)) as case:
            self._catch_up(case, exam_id)
            revision = self._seen[exam_id].number
            exam = set_calipers(case, self._exams[exam_id], name, calipers, revision=revision)
            self._exams[exam_id], self._seen[exam_id] = exam, case.last_event()
            self._quick[exam_id] = {}
            return self._written(case, exam_id, {})

    def segments(self, exam_id: str) -> Segments:
        """The segments as the case holds them, with volumes and landmarks."""
        exam = self._exams[exam_id]
        known = self._segments.get(exam_id)
        self._segments[exam_id] = found = show_segments(exam, known=known)
        return found

    def divide(self, exam_id: str, landmarks: Mapping[str, Point]) -> Segments:
        """The segments that landmarks give; nothing is written."""
        exam = self._exams[exam_id]
        labels, doubts = divide_exam(exam, landmarks)
        return show_segments(replace(exam, couinaud=labels, landmarks=landmarks, doubts=doubts))

    def write_segments(self, exam_id: str, made: Segments) -> Written:
        """Store a map with its landmarks, and measure what rests on it."""
        labels = made.labels
        assert labels is not None
        with self._changing(exam_id) as (case, exam, revision):
            self._exams[exam_id] = update_couinaud(
                case, exam, labels, landmarks=made.landmarks, doubts=made.doubts, revision=revision
            )
            self._segments[exam_id] = made
            return self._written(case, exam_id, {})

    def write_landmarks(self, exam_id: str, landmarks: Mapping[str, Point]) -> Written:
        """Store landmarks; the map stays as it is."""
        with self._changing(exam_id) as (case, exam, revision):
            self._exams[exam_id] = update_landmarks(case, exam, landmarks, revision=revision)
            return self._written(case, exam_id, {})

    def correct_segments(
        self, exam_id: str, drawn: NDArray[np.integer]
    ) -> tuple[Written, Segments, int]:
        """Store a map drawn by hand (stored axes); how many voxels did not count."""
        with self._changing(exam_id) as (case, exam, revision):
            edited, refused = correct_couinaud(case, exam, drawn, revision=revision)
            self._exams[exam_id] = edited
            return self._written(case, exam_id, {}), self.segments(exam_id), refused

    def portray(self, exam_id: str, lesion: str) -> Portrait:
        """Words and depth profile of a lesion as it was last written."""
        exam = self._exams[exam_id]
        if self._limits is None:
            rules = load_limits()
            self._limits = load_limits(copies=int(rules.number("copies")))
        key = (exam_id, id(exam.structures))
        if key not in self._structures:
            self._structures = {key: sample_structures(exam)}
        return portray(exam, lesion, limits=self._limits, structures=self._structures[key])

    def findings(self) -> ReportedFindings:
        """The reported findings, an empty list where there are none."""
        with closing(CaseFile.open(self.path, read_only=True)) as case:
            return findings_of(case)

    def edit_findings(self, exam_id: str, edit: FindingsEdit) -> Written:
        """Change the findings as they are now, and compare them anew; nothing if `edit` raises."""
        with closing(CaseFile.open(self.path, check=False)) as case:
            self._catch_up(case, exam_id)
            revision = self._seen[exam_id].number
            update_findings(case, edit(findings_of(case)), revision=revision)
            self._seen[exam_id] = case.last_event()
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
        self._exams[exam_id] = put_mask(
            case,
            self._exams[exam_id],
            name,
            mask,
            revision=self._seen[exam_id].number,
            step=made.step,
            strokes=made.strokes,
        )
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
        return Numbers(
            exam_id=exam.exam_id,
            lesions=tuple(lesion.name for lesion in exam.lesions),
            measurements=(*rows, *(row for found in quick.values() for row in found)),
            comparison=case.comparison(),
            steps=_next_steps(case),
            outdated=_is_outdated(case, exam.exam_id),
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
    undo_row, redo_row = (_row(left[0]) if left else None for left in (steps.undo, steps.redo))
    return NextSteps(undo_row, redo_row)


def _row(step: Step) -> StepRow:
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
