"""`Exam`: one date, one modality, its series in memory with what is known of liver and lesions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from liverseg.geometry import LabelMap, Translation, Volume
from liverseg.records.doubt import Doubt
from liverseg.records.lesion import Lesion
from liverseg.records.phase import PhaseCall
from liverseg.records.series import SeriesRecord


@dataclass(frozen=True, eq=False)
class SeriesVolume:
    """A series with its voxels and its phase."""

    record: SeriesRecord
    volume: Volume
    call: PhaseCall


@dataclass(frozen=True)
class PhaseShift:
    """How one series lies against the exam's reference series.

    ``series_from_reference`` moves a position in the reference series to the same
    tissue in this series. `residual_mm` is the disagreement of repeated fits in mm
    (how far the found shift may be off); None for the reference itself.
    """

    series_key: str
    series_from_reference: Translation
    residual_mm: float | None = None
    method: str = ""
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, eq=False)
class Exam:
    """Series of one patient, one date, one modality.

    `reference` is the key of the series on which liver, segments and structures are
    drawn; `liver`, `couinaud`, `structures` and every lesion mask lie on its grid.
    `shifts` has one entry a series. `landmarks` are the points from which the segments were
    divided, {id: (x, y, z)} in LPS mm; empty where the map came otherwise.
    """

    exam_id: str
    date: str
    modality: str
    reference: str
    series: tuple[SeriesVolume, ...]
    shifts: tuple[PhaseShift, ...]
    liver: LabelMap
    lesions: tuple[Lesion, ...] = ()
    couinaud: LabelMap | None = None
    structures: LabelMap | None = None
    doubts: tuple[Doubt, ...] = ()
    landmarks: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)

    def by_key(self, key: str) -> SeriesVolume:
        """The series of this key; KeyError if the exam has none."""
        for item in self.series:
            if item.record.key == key:
                return item
        raise KeyError(key)

    def shift_of(self, key: str) -> PhaseShift:
        """The shift of the series of this key; KeyError if it was not aligned."""
        for item in self.shifts:
            if item.series_key == key:
                return item
        raise KeyError(key)
