"""What the bench needs of a case, and the values that go between them. No library call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from liverseg.errors import LiversegError
from liverseg.records import Comparison, Exam, Measurement, Progress
from napari_liverseg.scene import Scene

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Numbers:
    """What the tables show: rows of one exam, and the verdicts of the whole case.

    `outdated`: masks are newer than some of it; `Store.renew` brings the rest up to date.
    """

    exam_id: str
    lesions: tuple[str, ...]
    measurements: tuple[Measurement, ...]
    comparison: Comparison | None
    outdated: bool = False


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

    def write(self, exam_id: str, masks: Mapping[str, Mask], *, replace: bool = False) -> Written:
        """Store lesion masks (bool, stored axes, reference grid); unknown names are added.

        A lesion that another program changed since it was read is written only with `replace`.
        The masks are on the disk when this returns, and the numbers of these lesions in the
        answer; all else follows with `renew`.
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
