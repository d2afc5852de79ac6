"""Look up measurements by lesion, exam, phase and metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from liverseg.records import Doubt, Measurement
from liverseg.report.content import ExamSummary, ReportContent
from liverseg.report.words import listed, phase_order, phase_word

LIVER = "liver"


@dataclass(frozen=True)
class Column:
    """One series in the tables of an exam; two series of one phase are two columns."""

    phase: str
    series_uid: str


@dataclass(frozen=True, eq=False)
class Rows:
    """Measurements of one lesion in one exam."""

    rows: tuple[Measurement, ...]

    def first(self, metric: str) -> Measurement | None:
        """The first row of a metric, or None."""
        return next((row for row in self.rows if row.metric == metric), None)

    def at(self, column: Column, metric: str) -> Measurement | None:
        """The row of a metric in one series, or None."""
        for row in self.rows:
            if row.metric == metric and (row.phase, row.series_uid) == (
                column.phase,
                column.series_uid,
            ):
                return row
        return None

    def value(self, column: Column, metric: str) -> float | None:
        """The value of a metric in one series, or None."""
        row = self.at(column, metric)
        return None if row is None else row.value

    def shares(self) -> tuple[Measurement, ...]:
        """Rows `couinaud_share`, largest first."""
        found = [row for row in self.rows if row.metric == "couinaud_share"]
        return tuple(sorted(found, key=lambda row: -row.value))


def rows_of(content: ReportContent, lesion: str, exam: ExamSummary) -> Rows:
    """Measurements of one lesion in one exam."""
    return Rows(
        tuple(
            row
            for row in content.measurements
            if (row.lesion, row.date, row.modality) == (lesion, exam.date, exam.modality)
        )
    )


def columns_of(content: ReportContent, exam: ExamSummary) -> tuple[Column, ...]:
    """Series of an exam in which something was measured, in the order of their phases."""
    found = {
        Column(row.phase, row.series_uid): None
        for row in content.measurements
        if row.metric == "mean" and (row.date, row.modality) == (exam.date, exam.modality)
    }
    return tuple(sorted(found, key=lambda column: phase_order(column.phase)))


def all_exams(content: ReportContent) -> tuple[ExamSummary, ...]:
    """Exams by date; those known only from a measurement or a picture are not lost."""
    exams = list(content.exams)
    known = {(exam.date, exam.modality) for exam in exams}
    for row in content.measurements:
        if (row.date, row.modality) not in known:
            known.add((row.date, row.modality))
            name = " ".join(filter(None, (row.date, row.modality))) or "undated exam"
            exams.append(ExamSummary(name, row.date, row.modality, ()))
    ids = {exam.exam_id for exam in exams}
    for view in content.views:
        if view.exam_id not in ids:
            ids.add(view.exam_id)
            exams.append(ExamSummary(view.exam_id, "", "", ()))
    return tuple(sorted(exams, key=lambda exam: (exam.date, exam.modality)))


def lesion_names(content: ReportContent) -> tuple[str, ...]:
    """Lesions in the order in which they first appear; the liver is none."""
    names = [row.lesion for row in content.measurements]
    names += [view.lesion for view in content.views]
    return tuple(dict.fromkeys(name for name in names if name and name != LIVER))


def column_words(columns: Sequence[Column]) -> tuple[str, ...]:
    """Headings of columns; a phase that occurs more than once is numbered."""
    words = [phase_word(column.phase) for column in columns]
    return tuple(
        f"{word} ({words[: n + 1].count(word)})" if words.count(word) > 1 else word
        for n, word in enumerate(words)
    )


@dataclass(frozen=True)
class SharedDoubt:
    """A doubt that holds in one or several places."""

    reason: str
    where: str


def gather_doubts(doubts: Sequence[Doubt]) -> tuple[SharedDoubt, ...]:
    """Doubts with the same reason become one, with all their places."""
    places: dict[str, dict[str, None]] = {}
    for doubt in doubts:
        places.setdefault(doubt.reason, {})[doubt.where] = None
    return tuple(
        SharedDoubt(reason, listed([phase_word(place) for place in found if place]))
        for reason, found in places.items()
    )
