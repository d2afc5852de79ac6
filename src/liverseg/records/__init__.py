"""Nouns that the rooms exchange: no logic, no files."""

from liverseg.records.claim import (
    Claim,
    Comparison,
    Contradiction,
    Judgement,
    ReportedFindings,
    SourceKind,
    Verdict,
)
from liverseg.records.descriptor import Deciding, Descriptor, Said
from liverseg.records.doubt import Doubt
from liverseg.records.exam import Exam, PhaseShift, SeriesVolume
from liverseg.records.ledger import FileState, Ledger, LedgerEntry
from liverseg.records.lesion import Caliper, Lesion
from liverseg.records.measurement import Measurement
from liverseg.records.phase import CONTRAST_PHASES, DYNAMIC_PHASES, Phase, PhaseCall
from liverseg.records.progress import Progress
from liverseg.records.provenance import Provenance
from liverseg.records.segment import Remnant, SegmentShare, SegmentShares, SegmentVolume
from liverseg.records.series import Resampling, SeriesFacts, SeriesRecord
from liverseg.records.stored import StoredPixels
from liverseg.records.stroke import PhaseImage, Stroke, StrokeKind
from liverseg.records.view import PixelPoint, View, ViewLine

__all__ = [
    "CONTRAST_PHASES",
    "DYNAMIC_PHASES",
    "Caliper",
    "Claim",
    "Comparison",
    "Contradiction",
    "Deciding",
    "Descriptor",
    "Doubt",
    "Exam",
    "FileState",
    "Judgement",
    "Ledger",
    "LedgerEntry",
    "Lesion",
    "Measurement",
    "Phase",
    "PhaseCall",
    "PhaseImage",
    "PhaseShift",
    "PixelPoint",
    "Progress",
    "Provenance",
    "Remnant",
    "ReportedFindings",
    "Resampling",
    "Said",
    "SegmentShare",
    "SegmentShares",
    "SegmentVolume",
    "SeriesFacts",
    "SeriesRecord",
    "SeriesVolume",
    "SourceKind",
    "StoredPixels",
    "Stroke",
    "StrokeKind",
    "Verdict",
    "View",
    "ViewLine",
]
