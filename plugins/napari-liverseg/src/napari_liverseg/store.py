"""What the bench needs of a case, and the values that go between them. No library call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from liverseg.errors import CaseError, LiversegError
from liverseg.geometry import LabelMap
from liverseg.lesions import Portrait
from liverseg.records import (
    Comparison,
    Doubt,
    Exam,
    Measurement,
    Progress,
    ReportedFindings,
    SegmentVolume,
)
from napari_liverseg.scene import Scene

Mask = NDArray[np.bool_]
Point = tuple[float, float, float]
FindingsEdit = Callable[[ReportedFindings], ReportedFindings]


@dataclass(frozen=True, eq=False)
class Numbers:
    """What the tables show: rows of one exam, and the verdicts of the whole case."""

    exam_id: str
    lesions: tuple[str, ...]
    measurements: tuple[Measurement, ...]
    comparison: Comparison | None


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

    def load(self, exam_id: str, *, progress: Progress | None = None) -> Loaded:
        """Read an exam's images and lay out its layers."""
        ...

    def write(self, exam_id: str, masks: Mapping[str, Mask], *, replace: bool = False) -> Written:
        """Store lesion masks (bool, stored axes, reference grid); unknown names are added.

        A lesion that another program changed since it was read is written only with `replace`.
        """
        ...

    def remove(self, exam_id: str, name: str) -> Written:
        """Take a lesion out of an exam; one never stored is no error."""
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

    def portray(self, exam_id: str, lesion: str, rows: Sequence[Measurement]) -> Portrait:
        """Words and depth profile of a lesion as it was last written; `rows` are its own."""
        ...

    def findings(self) -> ReportedFindings:
        """The reported findings, an empty list where there are none."""
        ...

    def edit_findings(self, exam_id: str, edit: FindingsEdit) -> Written:
        """Change the findings as they are now, and compare them anew; nothing if `edit` raises."""
        ...
