"""All rows of an exam: sizes, segments and enhancement of each lesion, and the liver's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from liverseg.couinaud import assign_segments, share_measurements
from liverseg.geometry import LabelMap
from liverseg.lesions import (
    LiverLevels,
    LiverRoom,
    keep_away,
    measure_calipers,
    measure_enhancement,
    measure_liver,
    measure_size,
    measure_structures,
    sample_liver,
)
from liverseg.records import Exam, Lesion, Measurement, Progress

#: The liver itself in the measurement table.
LIVER = "liver"
Rows = Mapping[str, tuple[Measurement, ...]]
Found = TypeVar("Found")


def measure_exam(exam: Exam, *, progress: Progress | None = None) -> Rows:
    """Rows of every lesion by its name, and of the liver under "liver".

    An exam whose liver mask is empty has no row that needs it, and a doubt on each lesion
    says so.
    """
    return Ruler().measure(exam, progress=progress)


def measure_liver_shares(exam: Exam) -> tuple[Measurement, ...]:
    """Shares of the segments in the liver itself; none without a segment map."""
    return tuple(_of_liver(row, exam) for row in _shares(exam.liver, exam.couinaud))


def measure_shape(exam: Exam, lesion: Lesion) -> tuple[Measurement, ...]:
    """Size and segment rows of one lesion, and lengths by hand; no voxel value is needed."""
    rows = (*_shape(lesion.mask, exam.couinaud), *measure_calipers(lesion))
    return tuple(_stamp(row, exam, lesion.name) for row in rows)


class Ruler:
    """Measures an exam again after each edit, and keeps what the edit did not touch.

    A step is left out only where its very inputs (the same masks, the same voxels, not
    equal ones) came before, so the numbers are those of `measure_exam` to the last digit.
    One exam at a time; safe to throw away at any moment.
    """

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[LabelMap, dict[str, tuple[Any, Any]]] = WeakKeyDictionary()
        self._levels: LiverLevels | None = None
        self._structures: tuple[object, Any] | None = None

    def measure(self, exam: Exam, *, progress: Progress | None = None) -> Rows:
        """As `measure_exam`. `progress` is told between steps and may raise to end early."""
        tell = progress or (lambda _text, _share: None)
        tell("measuring the liver", 0.0)
        levels = self._sample(exam, tell)
        rows: dict[str, tuple[Measurement, ...]] = {}
        for number, lesion in enumerate(exam.lesions):
            tell(f"measuring {lesion.name}", (number + 1) / (len(exam.lesions) + 2))
            rows[lesion.name] = self._lesion(exam, lesion, levels)
        tell("measuring the liver", (len(rows) + 1) / (len(rows) + 2))
        rows[LIVER] = self._liver(exam, levels)
        self._levels = levels
        return rows

    def measure_now(self, exam: Exam, name: str) -> tuple[Measurement, ...] | None:
        """Rows of one lesion at once, against the liver as it was last measured here.

        None when it was not measured yet. Sizes, segments and the lesion's own values are
        final; what compares with liver is so only after `measure`, for a lesion is left
        out of the liver reference.
        """
        if self._levels is None:
            return None
        lesion = next(lesion for lesion in exam.lesions if lesion.name == name)
        # Shape and values know nothing of each other, and a person waits for both.
        with ThreadPoolExecutor(max_workers=1) as beside:
            shape = beside.submit(self._shape, exam, lesion)
            values = measure_enhancement(exam, lesion, self._levels)
            return (*shape.result(), *values)

    def reference(self, exam: Exam, *, progress: Progress | None = None) -> LabelMap:
        """The exam's `liver_reference`; raises as that does. `progress` as in `measure`."""
        tell = progress or (lambda _text, _share: None)
        room = self._keep(
            exam.liver,
            "room",
            exam.structures,
            lambda: LiverRoom.of(exam.liver, exam.structures),
        )
        kept = []
        for lesion in exam.lesions:
            tell("measuring the liver", 0.0)
            away = partial(keep_away, lesion.mask, exam.liver)
            kept.append(self._keep(lesion.mask, "near", exam.liver, away))
        tell("measuring the liver", 0.0)
        return room.without(kept)

    def _lesion(self, exam: Exam, lesion: Lesion, levels: LiverLevels) -> tuple[Measurement, ...]:
        return (*self._shape(exam, lesion), *measure_enhancement(exam, lesion, levels))

    def _shape(self, exam: Exam, lesion: Lesion) -> tuple[Measurement, ...]:
        shape = self._keep(
            lesion.mask, "shape", exam.couinaud, lambda: _shape(lesion.mask, exam.couinaud)
        )
        rows = (*shape, *measure_calipers(lesion))
        return tuple(_stamp(row, exam, lesion.name) for row in rows)

    def _liver(self, exam: Exam, levels: LiverLevels) -> tuple[Measurement, ...]:
        structures = self._structure_rows(exam)
        if exam.liver.is_empty:
            return tuple(row for item in exam.series for row in structures[item.record.key])
        return (
            *measure_liver(exam, levels, structures=structures),
            *self._liver_shares(exam),
        )

    def _sample(self, exam: Exam, tell: Progress) -> LiverLevels:
        if exam.liver.is_empty:
            return LiverLevels({}, "there is no liver mask")
        return sample_liver(exam, self.reference(exam, progress=tell))

    def _structure_rows(self, exam: Exam) -> Any:
        inputs = (exam.structures, exam.series, exam.shifts)
        if self._structures is None or self._structures[0] != inputs:
            self._structures = (inputs, measure_structures(exam))
        return self._structures[1]

    def _liver_shares(self, exam: Exam) -> tuple[Measurement, ...]:
        if exam.couinaud is None:
            return ()
        shares = self._keep(
            exam.liver, "shares", exam.couinaud, lambda: _shares(exam.liver, exam.couinaud)
        )
        return tuple(_of_liver(row, exam) for row in shares)

    def _keep(
        self, owner: LabelMap, what: str, beside: LabelMap | None, make: Callable[[], Found]
    ) -> Found:
        """The value last made of a label map together with something else, or a new one."""
        own = self._kept.setdefault(owner, {})
        if what not in own or own[what][0] is not beside:
            own[what] = (beside, make())
        found: Found = own[what][1]
        return found


def _shape(mask: LabelMap, couinaud: LabelMap | None) -> tuple[Measurement, ...]:
    rows = measure_size(mask)
    if couinaud is not None:
        rows = (*rows, *share_measurements(assign_segments(mask, couinaud)))
    return rows


def _shares(liver: LabelMap, couinaud: LabelMap | None) -> tuple[Measurement, ...]:
    if couinaud is None:
        return ()
    shares = share_measurements(assign_segments(liver, couinaud, borders=False))
    return tuple(row for row in shares if row.metric == "couinaud_share")


def _of_liver(row: Measurement, exam: Exam) -> Measurement:
    # Rows of the liver speak of the liver, where the method's words speak of a lesion.
    method = row.method.replace("the lesion", "the liver")
    return replace(_stamp(row, exam, LIVER), method=method)


def _stamp(row: Measurement, exam: Exam, lesion: str) -> Measurement:
    """Say on what a shape was measured: the reference series and its phase."""
    series = exam.by_key(exam.reference)
    return replace(
        row,
        lesion=lesion,
        date=exam.date,
        modality=exam.modality,
        phase=str(series.call.phase),
        series_uid=series.record.series_uid,
    )
