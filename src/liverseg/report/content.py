"""What a report shows, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from liverseg.geometry import Translation
from liverseg.records import Comparison, Doubt, Ledger, Measurement, View


@dataclass(frozen=True)
class SeriesSummary:
    """One measured series: its phase and why, its grid, how it was aligned.

    `shift_mm` (LPS) moves a position in the exam's reference series to the same tissue in
    this one; `residual_mm` is how far that may be off, None for the reference. With
    `series_uid` its pictures carry the series' title.
    """

    title: str
    phase: str
    reason: str
    slices: int
    spacing_mm: tuple[float, float, float]
    shift_mm: tuple[float, float, float]
    residual_mm: float | None
    unit: str
    is_reference: bool = False
    series_uid: str = ""


@dataclass(frozen=True)
class ExamSummary:
    """One exam and its measured series."""

    exam_id: str
    date: str
    modality: str
    series: tuple[SeriesSummary, ...]

    @property
    def title(self) -> str:
        """What the page calls this exam."""
        return " ".join(filter(None, (self.modality, self.date))) or self.exam_id


@dataclass(frozen=True)
class LesionMove:
    """A lesion that a reader moved in one series: `move` (LPS) is besides the series' shift."""

    exam_id: str
    lesion: str
    phase: str
    move: Translation


@dataclass(frozen=True, eq=False)
class ReportContent:
    """Everything the report shows; nothing in it needs an image file.

    `created` is an ISO 8601 time; `tables` maps names of threshold tables to SHA-256.
    `comparison` is None when no reported findings were given.
    """

    case: str
    created: str
    program: str
    comparison: Comparison | None
    measurements: tuple[Measurement, ...]
    views: tuple[View, ...]
    ledger: Ledger
    exams: tuple[ExamSummary, ...]
    doubts: tuple[Doubt, ...] = ()
    findings_title: str = ""
    findings_source: str = ""
    is_phantom: bool = False
    moves: tuple[LesionMove, ...] = ()
    tables: Mapping[str, str] = field(default_factory=dict)
