"""Curves and values of a lesion over the phases of an exam."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from liverseg.records import DYNAMIC_PHASES
from liverseg.report.content import ExamSummary, ReportContent
from liverseg.report.figures import Curve, draw_curves
from liverseg.report.rows import LIVER, Column, Rows, column_words, columns_of, rows_of
from liverseg.report.words import number, unit_word

#: Heading of a column of the table of values, and its metric.
VALUES = (
    ("Lesion", "mean"),
    ("SD", "sd"),
    ("Liver", "liver_mean"),
    ("Lesion − liver", "lesion_liver_difference"),
    ("Lesion / liver", "lesion_liver_ratio"),
    ("Rim", "rim_mean"),
    ("Core", "core_mean"),
    ("Lesion", "enhancement"),
    ("Rim", "rim_enhancement"),
    ("Core", "core_enhancement"),
    ("Ring", "ring_coverage"),
)


@dataclass(frozen=True)
class ValueLine:
    """Values of one series; `unit` is that of the means."""

    phase: str
    unit: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class ValueTable:
    """Values of a lesion in every series of an exam; `enhancement_unit` is HU or %."""

    lines: tuple[ValueLine, ...]
    enhancement_unit: str


def value_table(content: ReportContent, exam: ExamSummary, lesion: str) -> ValueTable | None:
    """Means of lesion, rim, core and liver a series; None where nothing was measured."""
    rows = rows_of(content, lesion, exam)
    columns = _columns(content, exam, rows)
    if not columns:
        return None
    lines = []
    for column, words in zip(columns, column_words(columns), strict=True):
        cells = []
        for _, metric in VALUES:
            row = rows.at(column, metric)
            cells.append(number(None, "") if row is None else number(row.value, row.unit))
        mean = rows.at(column, "mean")
        lines.append(ValueLine(words, "" if mean is None else unit_word(mean.unit), tuple(cells)))
    units = [row.unit for row in rows.rows if row.metric.endswith("enhancement")]
    return ValueTable(tuple(lines), unit_word(units[0]) if units else "")


def draw_profiles(content: ReportContent, exam: ExamSummary, lesion: str) -> tuple[Markup, ...]:
    """Two charts: lesion against liver and aorta; rim and core against liver.

    Empty with fewer than two contrast phases: one point is no curve.
    """
    own, liver = rows_of(content, lesion, exam), rows_of(content, LIVER, exam)
    columns = [c for c in _columns(content, exam, own) if c.phase in DYNAMIC_PHASES]
    units = [row.unit for column in columns if (row := own.at(column, "mean")) is not None]
    if len(columns) < 2 or not units:
        return ()
    unit = units[0]
    words = column_words(columns)
    background = Curve("liver", _values(own, columns, "liver_mean"), "c-liver", "square")
    enhancement = [
        Curve("lesion", _values(own, columns, "mean"), "c-lesion", "circle"),
        background,
        Curve("aorta", _values(liver, columns, "aorta_mean"), "c-aorta", "triangle"),
    ]
    profile = [
        Curve("rim", _values(own, columns, "rim_mean"), "c-lesion", "circle"),
        Curve("core", _values(own, columns, "core_mean"), "c-core", "diamond"),
        background,
    ]
    about = f"of lesion {lesion}, {exam.title}, over {len(columns)} phases"
    parted = any(value is not None for curve in profile[:2] for value in curve.values)
    charts = [
        draw_curves(
            words,
            enhancement,
            unit=unit_word(unit),
            title=f"Enhancement curve {about}, against liver and aorta",
        )
    ]
    if parted:
        title = f"Rim and core {about}, against liver"
        charts.append(draw_curves(words, profile, unit=unit_word(unit), title=title))
    return tuple(charts)


def _columns(content: ReportContent, exam: ExamSummary, rows: Rows) -> list[Column]:
    """Series of the exam; empty when this lesion was measured in none."""
    columns = columns_of(content, exam)
    return list(columns) if any(rows.at(column, "mean") for column in columns) else []


def _values(rows: Rows, columns: list[Column], metric: str) -> tuple[float | None, ...]:
    return tuple(rows.value(column, metric) for column in columns)
