"""The one place where the plugin calls the library: read and write a case file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liverseg.case import CaseFile, Event
from liverseg.errors import CaseError, LiversegError
from liverseg.lesions import Limits, Portrait, StructureValues, load_limits, sample_structures
from liverseg.records import Exam, Measurement, Progress, ReportedFindings
from liverseg.workflow import (
    add_lesion,
    correct_couinaud,
    divide_exam,
    findings_of,
    load_exam,
    portray,
    remove_lesion,
    reread_masks,
    update_couinaud,
    update_findings,
    update_landmarks,
    update_lesion,
)
from napari_liverseg.scene import build_scene
from napari_liverseg.segment_scene import show_segments
from napari_liverseg.store import (
    ChangedElsewhereError,
    FindingsEdit,
    Loaded,
    Mask,
    Numbers,
    Point,
    Segments,
    Written,
)


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
            seen = case.events()[-1]
            exam = load_exam(case, exam_id, progress=progress)
            self._exams[exam_id], self._elsewhere[exam_id] = exam, set()
            self._seen[exam_id] = seen
            return Loaded(exam, build_scene(exam), _numbers(case, exam), self._why_read_only())

    def write(self, exam_id: str, masks: Mapping[str, Mask], *, replace: bool = False) -> Written:
        """Store lesion masks (stored axes, reference grid), each in its own transaction.

        A lesion that the exam does not have yet is added. What fails is left as it was
        and named in the answer.
        """
        failures: dict[str, LiversegError] = {}
        with closing(CaseFile.open(self.path)) as case:
            self._catch_up(case, exam_id)
            for name, mask in masks.items():
                try:
                    self._write_one(case, exam_id, name, mask, replace=replace)
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

    def portray(self, exam_id: str, lesion: str, rows: Sequence[Measurement]) -> Portrait:
        """Words and depth profile of a lesion as it was last written; `rows` are its own."""
        exam = self._exams[exam_id]
        if self._limits is None:
            rules = load_limits()
            self._limits = load_limits(copies=int(rules.number("copies")))
        key = (exam_id, id(exam.structures))
        if key not in self._structures:
            self._structures = {key: sample_structures(exam)}
        known = self._structures[key]
        return portray(exam, lesion, limits=self._limits, structures=known, shape=rows)

    def findings(self) -> ReportedFindings:
        """The reported findings, an empty list where there are none."""
        with closing(CaseFile.open(self.path, read_only=True)) as case:
            return findings_of(case)

    def edit_findings(self, exam_id: str, edit: FindingsEdit) -> Written:
        """Change the findings as they are now, and compare them anew; nothing if `edit` raises."""
        with closing(CaseFile.open(self.path)) as case:
            self._catch_up(case, exam_id)
            revision = self._seen[exam_id].number
            update_findings(case, edit(findings_of(case)), revision=revision)
            self._seen[exam_id] = case.events()[-1]
            return self._written(case, exam_id, {})

    @contextmanager
    def _changing(self, exam_id: str) -> Iterator[tuple[CaseFile, Exam, int]]:
        """The case open for a change of what is no lesion; whose own change is known after it."""
        with closing(CaseFile.open(self.path)) as case:
            before = self._exams[exam_id]
            self._catch_up(case, exam_id)
            _require_same_segments(before, self._exams[exam_id], self.path)
            yield case, self._exams[exam_id], self._seen[exam_id].number
            self._seen[exam_id] = case.events()[-1]

    def _write_one(
        self, case: CaseFile, exam_id: str, name: str, mask: Mask, *, replace: bool
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
        change = update_lesion if known else add_lesion
        revision = self._seen[exam_id].number
        self._exams[exam_id] = change(case, exam, name, mask, revision=revision)
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


def _numbers(case: CaseFile, exam: Exam) -> Numbers:
    return Numbers(
        exam_id=exam.exam_id,
        lesions=tuple(lesion.name for lesion in exam.lesions),
        measurements=tuple(case.measurements(exam_id=exam.exam_id)),
        comparison=case.comparison(),
    )
