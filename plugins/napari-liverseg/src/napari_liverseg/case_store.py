"""The one place where the plugin calls the library: read and write a case file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from liverseg.case import CaseFile
from liverseg.errors import LiversegError
from liverseg.records import Exam, Progress
from liverseg.workflow import add_lesion, load_exam, remove_lesion, update_lesion
from napari_liverseg.scene import build_scene
from napari_liverseg.store import Loaded, Mask, Numbers, Written


class CaseStore:
    """A case file on disk; keeps the exams that it loaded as they were last written.

    The file is opened for each call and closed again, so no transaction and no lock
    outlives a call.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._exams: dict[str, Exam] = {}

    def exam_ids(self) -> Sequence[str]:
        """Exams of the case in its order."""
        with closing(CaseFile.open(self.path, read_only=True)) as case:
            return tuple(case.exam_ids())

    def load(self, exam_id: str, *, progress: Progress | None = None) -> Loaded:
        """Read an exam's images and lay out its layers. Raises `CaseError` if files are gone."""
        with closing(CaseFile.open(self.path, read_only=True)) as case:
            exam = load_exam(case, exam_id, progress=progress)
            self._exams[exam_id] = exam
            return Loaded(exam, build_scene(exam), _numbers(case, exam))

    def write(self, exam_id: str, masks: Mapping[str, Mask]) -> Written:
        """Store lesion masks (stored axes, reference grid), each in its own transaction.

        A lesion that the exam does not have yet is added. What fails is left as it was
        and named in the answer.
        """
        failures: dict[str, LiversegError] = {}
        with closing(CaseFile.open(self.path)) as case:
            for name, mask in masks.items():
                exam = self._exams[exam_id]
                known = any(lesion.name == name for lesion in exam.lesions)
                change = update_lesion if known else add_lesion
                try:
                    self._exams[exam_id] = change(case, exam, name, mask)
                except LiversegError as error:
                    failures[name] = error
            return Written(_numbers(case, self._exams[exam_id]), failures)

    def remove(self, exam_id: str, name: str) -> Written:
        """Take a lesion out of an exam; one never stored is no error."""
        with closing(CaseFile.open(self.path)) as case:
            exam = self._exams[exam_id]
            if any(lesion.name == name for lesion in exam.lesions):
                self._exams[exam_id] = remove_lesion(case, exam, name)
            return Written(_numbers(case, self._exams[exam_id]))


def _numbers(case: CaseFile, exam: Exam) -> Numbers:
    return Numbers(
        exam_id=exam.exam_id,
        lesions=tuple(lesion.name for lesion in exam.lesions),
        measurements=tuple(case.measurements(exam_id=exam.exam_id)),
        comparison=case.comparison(),
    )
