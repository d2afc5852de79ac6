"""What the bench needs of a case, and the values that go between them. No library call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from liverseg.errors import CaseError, LiversegError
from liverseg.geometry import LabelMap, Point, Translation
from liverseg.lesions import Portrait
from liverseg.records import (
    Caliper,
    Comparison,
    Doubt,
    Exam,
    Measurement,
    Progress,
    ReportedFindings,
    SegmentVolume,
    Stroke,
    View,
)
from napari_liverseg.scene import Scene

Mask = NDArray[np.bool_]
FindingsEdit = Callable[[ReportedFindings], ReportedFindings]


@dataclass(frozen=True)
class StepRow:
    """A step to undo or redo: its event, its name, and where it was done.

    `exam_id` is "" for a step that belongs to no exam, `lesions` are those of that exam.
    """

    event: int
    name: str
    exam_id: str = ""
    lesions: tuple[str, ...] = ()


@dataclass(frozen=True)
class NextSteps:
    """The step that undo would take back and the one that redo would do again, if any."""

    undo: StepRow | None = None
    redo: StepRow | None = None


@dataclass(frozen=True, eq=False)
class Coming:
    """A step about to be undone or redone: the masks that its lesions will have.

    Bool, stored axes, reference grid; None where the lesion will be gone.
    """

    step: StepRow
    masks: Mapping[str, Mask | None]


@dataclass(frozen=True, eq=False)
class NewMask:
    """A mask that a tool made (bool, stored axes), its step's name, the strokes to keep."""

    mask: Mask
    step: str = ""
    strokes: tuple[Stroke, ...] | None = None


@dataclass(frozen=True, eq=False)
class Numbers:
    """What the tables show: rows and a view a lesion of one exam, the case's verdicts and steps.

    `outdated`: masks are newer than some of it; `Store.renew` brings the rest up to date.
    `moves` are the lesions that lie off the registration, by name and series key.
    `versions` has a number for each lesion, another one once its words may be others.
    """

    exam_id: str
    lesions: tuple[str, ...]
    measurements: tuple[Measurement, ...]
    comparison: Comparison | None
    steps: NextSteps = NextSteps()
    outdated: bool = False
    views: Mapping[str, View] = field(default_factory=dict)
    moves: Mapping[str, Mapping[str, Translation]] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)

    def rows_of(self, lesion: str) -> tuple[Measurement, ...]:
        """Rows of one lesion."""
        return tuple(row for row in self.measurements if row.lesion == lesion)


#: Before an exam is read.
NO_NUMBERS = Numbers("", (), (), None)


@dataclass(frozen=True, eq=False)
class Loaded:
    """An exam ready to be shown; `read_only` says why nothing can be written, "" if it can."""

    exam: Exam
    scene: Scene
    numbers: Numbers
    read_only: str = ""

    @property
    def warning(self) -> str:
        """What must be known before one draws, or ""."""
        lines = (self.read_only, *(doubt.reason for doubt in self.scene.doubts))
        return "; ".join(line for line in lines if line)


@dataclass(frozen=True, eq=False)
class Written:
    """What became of an edit: the new numbers, and the lesions that could not be written.

    `elsewhere` names lesions that another program changed since the exam was read here.
    """

    numbers: Numbers
    failures: Mapping[str, LiversegError] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()


class ChangedElsewhereError(CaseError):
    """Another window changed the same thing since it was read here; nothing was written."""


@dataclass(frozen=True, eq=False)
class Segments:
    """The Couinaud segments of an exam as the window needs them.

    `labels` is the map on the reference grid, None where there is none, and `shown` its
    array as displayed; `numerals` are (n, 3) indices as displayed of the numbers
    `numeral_names`. `landmarks` are {id: (x, y, z)} in LPS mm. `doubts` are about the map.
    """

    labels: LabelMap | None
    shown: NDArray[np.unsignedinteger] | None
    names: Mapping[int, str]
    numerals: NDArray[np.intp]
    numeral_names: tuple[str, ...]
    landmarks: Mapping[str, Point]
    volumes: tuple[SegmentVolume, ...]
    doubts: tuple[Doubt, ...] = ()


class Store(Protocol):
    """A case as the bench sees it. All methods run in the worker, one after another."""

    def exam_ids(self) -> Sequence[str]:
        """Exams of the case in its order."""
        ...

    def load(
        self,
        exam_id: str,
        *,
        early: Callable[[Scene], None] | None = None,
        progress: Progress | None = None,
    ) -> Loaded:
        """Read an exam's images and lay out its layers.

        `early` may be called with what can be shown before everything is read.
        """
        ...

    def write(
        self,
        exam_id: str,
        masks: Mapping[str, Mask],
        *,
        replace: bool = False,
        made: Mapping[str, NewMask] | None = None,
    ) -> Written:
        """Store lesion masks (bool, stored axes, reference grid); unknown names are added.

        A lesion that another program changed since it was read is written only with `replace`.
        `made` says of a mask which tool made it. The masks are on the disk when this returns,
        and the numbers of these lesions in the answer; all else follows with `renew`.
        """
        ...

    def renew(self, exam_id: str, *, progress: Progress | None = None) -> Written:
        """Bring all numbers, pictures and verdicts up to date with the masks.

        `progress` is told often and may raise to end early; nothing is written then.
        """
        ...

    def remove(self, exam_id: str, name: str) -> Written:
        """Take a lesion out of an exam; one never stored is no error."""
        ...

    def masks(self, exam_id: str) -> Mapping[str, Mask]:
        """Masks of all lesions of an exam as the case holds them (bool, stored axes)."""
        ...

    def coming(self, word: str) -> Coming | None:
        """What "undo" or "redo" will bring, None when nothing is left; quick."""
        ...

    def turn(self, word: str, exam_id: str, step: StepRow) -> Written:
        """Undo or redo that step; numbers are those of exam `exam_id`."""
        ...

    def draw(self, exam_id: str, name: str, strokes: Sequence[Stroke]) -> NewMask:
        """A new lesion from strokes; nothing is stored."""
        ...

    def correct(self, exam_id: str, name: str, stroke: Stroke) -> NewMask:
        """A lesion after one more stroke that adds or removes; nothing is stored."""
        ...

    def reshape(self, exam_id: str, name: str, tool: str) -> NewMask:
        """A lesion grown, shrunk, filled, smoothed ...; nothing is stored."""
        ...

    def set_calipers(self, exam_id: str, name: str, calipers: Sequence[Caliper]) -> Written:
        """Make these a lesion's lengths by hand."""
        ...

    def move(self, exam_id: str, name: str, key: str, offset_mm: Point | None) -> Written:
        """Let a lesion lie this far off the registration in one series (None: not at all).

        On the disk when this returns, as in `write`.
        """
        ...

    def segments(self, exam_id: str) -> Segments:
        """The segments as the case holds them, with volumes and landmarks."""
        ...

    def divide(self, exam_id: str, landmarks: Mapping[str, Point]) -> Segments:
        """The segments that landmarks give; nothing is written."""
        ...

    def write_segments(self, exam_id: str, made: Segments) -> Written:
        """Store a map with its landmarks, and measure what rests on it."""
        ...

    def write_landmarks(self, exam_id: str, landmarks: Mapping[str, Point]) -> Written:
        """Store landmarks; the map stays as it is."""
        ...

    def correct_segments(
        self, exam_id: str, drawn: NDArray[np.integer]
    ) -> tuple[Written, Segments, int]:
        """Store a map drawn by hand (stored axes); how many voxels did not count."""
        ...

    def portray(
        self,
        exam_id: str,
        lesion: str,
        rows: Sequence[Measurement],
        *,
        progress: Progress | None = None,
    ) -> Portrait:
        """Words and depth profile of a lesion as it was last written; `rows` are its own.

        The same version of the lesion (`Numbers.versions`) has the same answer, at once.
        `progress` is told often and may raise to end early.
        """
        ...

    def findings(self) -> ReportedFindings:
        """The reported findings, an empty list where there are none."""
        ...

    def edit_findings(self, exam_id: str, edit: FindingsEdit) -> Written:
        """Change the findings as they are now, and compare them anew; nothing if `edit` raises."""
        ...
