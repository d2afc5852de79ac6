"""The liver itself: volume, segments, and vessels over the phases."""

from __future__ import annotations

from dataclasses import dataclass

from liverseg.report.content import ExamSummary, ReportContent
from liverseg.report.pictures import Picture, segment_pictures
from liverseg.report.rows import (
    LIVER,
    SharedDoubt,
    all_exams,
    column_words,
    columns_of,
    gather_doubts,
    rows_of,
)
from liverseg.report.shares import ShareBar, share_bar
from liverseg.report.words import interval, number, quantity, unit_word

#: Heading and metric of the table of the liver and its neighbours.
TISSUES = (
    ("Liver", "mean"),
    ("SD", "sd"),
    ("Aorta", "aorta_mean"),
    ("IVC", "ivc_mean"),
    ("Portal vein", "portal_vein_mean"),
    ("Hepatic veins", "hepatic_veins_mean"),
    ("Spleen", "spleen_mean"),
)


@dataclass(frozen=True)
class TissueLine:
    """Values of one series."""

    phase: str
    unit: str
    cells: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class LiverExam:
    """The liver in one exam; `headings` name the tissues that were measured."""

    title: str
    volume: str
    interval: str
    shares: ShareBar | None
    pictures: tuple[Picture, ...]
    headings: tuple[str, ...]
    lines: tuple[TissueLine, ...]
    doubts: tuple[SharedDoubt, ...]


def build_liver(content: ReportContent) -> tuple[LiverExam, ...]:
    """The liver in every exam that has measurements or a segment map of it."""
    found = (_exam(content, exam) for exam in all_exams(content))
    return tuple(item for item in found if item.volume or item.lines or item.pictures)


def _exam(content: ReportContent, exam: ExamSummary) -> LiverExam:
    rows = rows_of(content, LIVER, exam)
    volume = rows.first("voxel_volume")
    measured = [(head, metric) for head, metric in TISSUES if rows.first(metric) is not None]
    columns = [c for c in columns_of(content, exam) if rows.at(c, "mean") is not None]
    lines = []
    for column, words in zip(columns, column_words(columns), strict=True):
        mean = rows.at(column, "mean")
        unit = "" if mean is None else mean.unit
        cells = tuple(number(rows.value(column, metric), unit) for _, metric in measured)
        lines.append(TissueLine(words, unit_word(unit), cells))
    return LiverExam(
        title=exam.title,
        volume="" if volume is None else quantity(volume.value, volume.unit),
        interval="" if volume is None else interval(volume),
        shares=share_bar(rows),
        pictures=segment_pictures(content, exam),
        headings=tuple(head for head, _ in measured),
        lines=tuple(lines),
        doubts=gather_doubts([doubt for row in rows.rows for doubt in row.doubts]),
    )
