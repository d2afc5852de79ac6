"""How bright the liver reference is in each series: sampled once, used for every lesion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from liverseg.geometry import LabelMap
from liverseg.lesions.moves import clear_of_lesions
from liverseg.lesions.reference import FULL
from liverseg.lesions.shift import shift_to
from liverseg.lesions.tissue import cut_reference
from liverseg.records import Doubt, Exam


@dataclass(frozen=True)
class Level:
    """Mean, standard deviation and median of liver in one series, in the series' unit."""

    mean: float
    sd: float
    median: float


@dataclass(frozen=True)
class LiverLevels:
    """The liver reference of an exam in each of its series.

    `levels` is by series key; a series that shows no liver reference is absent. `doubt`
    says why the reference is smaller than usual, or is "".
    """

    levels: Mapping[str, Level]
    doubt: str = ""

    def doubts(self, where: str) -> tuple[Doubt, ...]:
        """What a reader of a row made with these levels should know."""
        return (Doubt(self.doubt, where),) if self.doubt else ()


def sample_liver(exam: Exam, reference: LabelMap) -> LiverLevels:
    """Levels of a `liver_reference` in every series of an exam.

    Voxels are the acquired ones; the reference goes to them by the exam's shifts, without
    the lesions that were moved there. Raises `MeasurementError` for a series without a shift.
    """
    tissue = cut_reference(reference)
    levels = {}
    for series in exam.series:
        own = clear_of_lesions(exam, tissue, series)
        values = own.values(series.volume, shift_to(exam, series)).get(FULL)
        if values is not None:
            levels[series.record.key] = Level(
                float(values.mean()), float(values.std()), float(np.median(values))
            )
    return LiverLevels(levels, tissue.doubts.get(FULL, ""))
