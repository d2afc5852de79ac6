"""Words for lesions of an exam in memory, again after each edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from itertools import count

from liverseg.errors import MeasurementError
from liverseg.geometry import LabelMap
from liverseg.lesions import (
    Limits,
    Portrait,
    TissueValues,
    load_limits,
    measure_size,
    portray_lesion,
    sample_reference,
    sample_structures,
)
from liverseg.records import Exam, Lesion, Measurement, Progress
from liverseg.workflow.edit import find_lesion
from liverseg.workflow.measure import Ruler

#: Parts of a `Lesion` that no word rests on.
HOW = ("strokes", "calipers")


class Narrator:
    """Says the words of an exam's lesions again, and keeps what an edit did not touch.

    What is left out came before from the very same masks and voxels, so that words and
    numbers are those of `describe_exam` to the last digit. With the `Ruler` that measures
    the exam the room for the liver reference is made once for both. One exam at a time;
    safe to throw away at any moment.
    """

    def __init__(self, ruler: Ruler | None = None, *, limits: Limits | None = None) -> None:
        self._ruler = ruler or Ruler()
        self._limits = limits
        self._structures: tuple[object, TissueValues] | None = None
        self._tissues: tuple[object, TissueValues] | None = None
        self._numbers = count(1)
        self._versions: dict[str, tuple[object, int]] = {}
        self._portraits: dict[str, tuple[int, Portrait]] = {}

    def version(self, exam: Exam, name: str) -> int:
        """A number that changes with what the words of a lesion rest on.

        That is its mask, and the liver that it is compared with: all other masks, liver,
        vessels, the voxels and how the series are aligned. Takes no time. Raises `InputError`
        when the exam has no such lesion.
        """
        rests_on = (_drawn(find_lesion(exam, name)), _around(exam))
        held = self._versions.get(name)
        if held is None or held[0] != rests_on:
            here = {lesion.name for lesion in exam.lesions}
            for gone in self._versions.keys() - here:  # it would keep old masks in memory
                del self._versions[gone]
            held = self._versions[name] = (rests_on, next(self._numbers))
        return held[1]

    def portray(
        self,
        exam: Exam,
        name: str,
        *,
        shape: Sequence[Measurement] = (),
        progress: Progress | None = None,
    ) -> Portrait:
        """Words and depth profile of one lesion, as while it is drawn.

        `shape` are the lesion's `measure_size` rows where they are known. The same `version`
        gives the same portrait, at once. `progress` is told between steps and may raise to
        end early. Raises `InputError` when the exam has no such lesion and
        `MeasurementError` when it has no liver mask.
        """
        version = self.version(exam, name)
        known = self._portraits.get(name)
        if known is None or known[0] != version:
            known = self._portraits[name] = (version, self._make(exam, name, shape, progress))
        return known[1]

    def _make(
        self, exam: Exam, name: str, shape: Sequence[Measurement], progress: Progress | None
    ) -> Portrait:
        if exam.liver.is_empty:
            raise MeasurementError(
                "words compare a lesion with liver, and there is no liver mask",
                where=exam.exam_id,
                remedy="give the exam a liver mask",
            )
        lesion = find_lesion(exam, name)
        reference = self._ruler.reference(exam, progress=progress)
        if self._limits is None:
            self._limits = load_limits(copies=int(load_limits().number("copies")))
        return portray_lesion(
            exam,
            lesion,
            reference,
            shape=tuple(shape) or measure_size(lesion.mask),
            limits=self._limits,
            tissues=self._sampled_tissues(exam, reference, progress),
            progress=progress,
        )

    def _sampled_structures(self, exam: Exam) -> TissueValues:
        rests_on = (exam.structures, exam.series, exam.shifts)
        if self._structures is None or self._structures[0] != rests_on:
            self._structures = (rests_on, sample_structures(exam))
        return self._structures[1]

    def _sampled_tissues(
        self, exam: Exam, reference: LabelMap, progress: Progress | None
    ) -> TissueValues:
        rests_on = _around(exam)
        if self._tissues is None or self._tissues[0] != rests_on:
            structures = self._sampled_structures(exam)
            found = sample_reference(exam, reference, structures=structures, progress=progress)
            self._tissues = (rests_on, found)
        return self._tissues[1]


def portray(
    exam: Exam, name: str, *, limits: Limits | None = None, shape: Sequence[Measurement] = ()
) -> Portrait:
    """Words and depth profile of one lesion of an exam in memory; as `Narrator.portray`."""
    return Narrator(limits=limits).portray(exam, name, shape=shape)


def _around(exam: Exam) -> tuple[object, ...]:
    """What the liver reference of an exam rests on, and the voxels that are read there."""
    lesions = tuple(_drawn(lesion) for lesion in exam.lesions)
    return (exam.liver, exam.structures, lesions, exam.series, exam.shifts)


def _drawn(lesion: Lesion) -> tuple[object, ...]:
    """A lesion without what says how it was drawn, or was measured by hand."""
    names = (part.name for part in fields(lesion) if part.name not in HOW)
    return tuple(getattr(lesion, name) for name in names)
