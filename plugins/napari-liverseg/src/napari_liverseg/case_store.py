"""The one place where the plugin calls the library: read and write a case file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liverseg.case import CaseFile
from liverseg.geometry import Point
from liverseg.lesions import Portrait
from liverseg.records import Caliper, Measurement, Progress, ReportedFindings, Stroke
from liverseg.workflow import (
    add_liver,
    changed_lesions,
    correct_couinaud,
    correct_lesion,
    divide_exam,
    draw_lesion,
    findings_of,
    hand_on,
    lesions_before,
    planned_files,
    put_move,
    renew_case,
    reshape_lesion,
    set_calipers,
    turn_work,
    update_couinaud,
    update_findings,
    update_landmarks,
)
from napari_liverseg.held_exams import HeldExams, row_of
from napari_liverseg.memory import give_memory_back
from napari_liverseg.segment_scene import show_segments
from napari_liverseg.store import (
    Coming,
    FindingsEdit,
    Mask,
    NewMask,
    Segments,
    StepRow,
    Written,
)


class CaseStore(HeldExams):
    """A case file on disk: everything that the bench asks for."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._segments: dict[str, Segments] = {}

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
            row = row_of(left[0])
            lesions = lesions_before(case, left[0])
        masks = {
            name: None if lesion is None else lesion.mask.mask()
            for (exam_id, name), lesion in lesions.items()
            if exam_id == row.exam_id
        }
        return Coming(row, masks)

    def turn(self, word: str, exam_id: str, step: StepRow) -> Written:
        """Undo or redo: masks at once, as with a stroke; all else follows with `renew`."""
        with closing(CaseFile.open(self.path, check=False)) as case:
            self._catch_up(case, exam_id)
            held = {exam_id: self._exams[exam_id]}
            done = turn_work(case, word, exams=held, expected=step.event)
            if exam_id in done.exams:
                self._take_over(exam_id, done.exams[exam_id], changed_lesions(done.step, exam_id))
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

    def move(self, exam_id: str, name: str, key: str, offset_mm: Point | None) -> Written:
        """Let a lesion lie this far off the registration in one series."""
        with closing(CaseFile.open(self.path, check=False)) as case:
            self._catch_up(case, exam_id)
            exam, revision = self._exams[exam_id], self._seen[exam_id].number
            self._exams[exam_id] = put_move(case, exam, name, key, offset_mm, revision=revision)
            self._note_own(case, exam_id, name)
            self._measure_now(exam_id, name)
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

    def portray(
        self,
        exam_id: str,
        lesion: str,
        rows: Sequence[Measurement],
        *,
        progress: Progress | None = None,
    ) -> Portrait:
        """Words and depth profile of a lesion as it was last written; `rows` are its own."""
        exam, narrator = self._exams[exam_id], self._narrators[exam_id]
        found = narrator.portray(exam, lesion, shape=rows, progress=progress)
        if lesion in (left := self._unsaid[exam_id]):
            left.discard(lesion)
            if not left:  # after a stroke not: as with `renew`
                give_memory_back()
        return found

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

    def planned_files(self, kind: str, folder: Path, *, exam_id: str) -> Sequence[Path]:
        """Files that `hand_on` would write."""
        with closing(CaseFile.open(self.path, read_only=True)) as case:
            return planned_files(case, kind, folder, exam_id=exam_id)

    def hand_on(self, kind: str, folder: Path, *, exam_id: str, overwrite: bool) -> Sequence[Path]:
        """Write one kind of output; numbers that masks have outrun are renewed first."""
        read_only = bool(self._why_read_only())
        with closing(CaseFile.open(self.path, read_only=read_only)) as case:
            if not read_only:
                renew_case(case)
            return hand_on(case, kind, folder, exam_id=exam_id, overwrite=overwrite)

    def copy_to(self, path: Path) -> Path:
        """Write the whole case to another file. Raises `CaseError` when that is there."""
        with closing(CaseFile.open(self.path, read_only=True)) as case:
            return case.copy_to(path)

    def add_liver(self, exam_id: str, mask: Path, *, progress: Progress | None = None) -> None:
        """Give an exam its liver mask from a file; it must be loaded anew afterwards."""
        with closing(CaseFile.open(self.path)) as case:
            self._catch_up(case, exam_id)
            add_liver(case, self._exams[exam_id], mask, progress=progress)
