"""Where the numbers come from: series, files, definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from liverseg.records import FileState, Ledger, LedgerEntry, Measurement
from liverseg.report.content import ExamSummary
from liverseg.report.words import METRICS, phase_order, phase_word, unit_word, vector

#: What became of a file, in words.
STATES = {
    FileState.USED: "read, the only volume of its series",
    FileState.SPLIT: "read, into one of several volumes of its series",
    FileState.SKIPPED: "not an image for this program",
    FileState.REFUSED: "an image that cannot be used as it is",
}
#: Refused files are listed by name up to this many; ledger.json has them all.
MOST_LISTED = 200


@dataclass(frozen=True)
class SeriesLine:
    """A line of the table of series; lengths as text, in mm."""

    title: str
    phase: str
    reason: str
    slices: int
    spacing: str
    unit: str
    shift: str
    residual: str
    is_reference: bool


@dataclass(frozen=True)
class ExamLines:
    """The series of one exam in the order of their phases."""

    title: str
    exam_id: str
    lines: tuple[SeriesLine, ...]


@dataclass(frozen=True)
class Fate:
    """A fate of files: how many, and what it means."""

    word: str
    meaning: str
    count: int


@dataclass(frozen=True)
class FileGroup:
    """Files with the same fate for the same reason."""

    word: str
    reason: str
    count: int
    example: str


@dataclass(frozen=True)
class LedgerView:
    """The ledger for the page. `roots` are names of folders: whole paths name people."""

    roots: tuple[str, ...]
    files: int
    series: int
    fates: tuple[Fate, ...]
    groups: tuple[FileGroup, ...]
    refused: tuple[LedgerEntry, ...]
    refused_more: int


@dataclass(frozen=True)
class Definition:
    """How a metric is made; `unit` is as stored, several where modalities differ."""

    metric: str
    name: str
    unit: str
    method: str


def build_exams(exams: Sequence[ExamSummary]) -> tuple[ExamLines, ...]:
    """Series of every exam that was measured."""
    return tuple(
        ExamLines(exam.title, exam.exam_id, _series(exam))
        for exam in sorted(exams, key=lambda exam: (exam.date, exam.modality))
    )


def build_ledger(ledger: Ledger) -> LedgerView:
    """Counts by fate, groups by reason (largest first), refused files by name."""
    grouped = Counter((entry.state, entry.reason) for entry in ledger.entries)
    example: dict[tuple[FileState, str], str] = {}
    for entry in ledger.entries:
        example.setdefault((entry.state, entry.reason), entry.path)
    order = list(FileState)
    keys = sorted(grouped, key=lambda key: (order.index(key[0]), -grouped[key], key[1]))
    refused = [entry for entry in ledger.entries if entry.state is FileState.REFUSED]
    return LedgerView(
        roots=tuple(PurePath(root).name or root for root in ledger.roots),
        files=len(ledger.entries),
        series=len(ledger.series),
        fates=tuple(
            Fate(str(state), meaning, ledger.count(state)) for state, meaning in STATES.items()
        ),
        groups=tuple(FileGroup(str(k[0]), k[1], grouped[k], example[k]) for k in keys),
        refused=tuple(refused[:MOST_LISTED]),
        refused_more=max(0, len(refused) - MOST_LISTED),
    )


def build_definitions(rows: Sequence[Measurement]) -> tuple[Definition, ...]:
    """Each metric of these rows with its method and its units, as the rows state them."""
    units: dict[tuple[str, str], dict[str, None]] = {}
    for row in rows:
        units.setdefault((row.metric, row.method), {})[row.unit] = None
    return tuple(
        Definition(
            metric,
            METRICS.get(metric, metric.replace("_", " ").capitalize()),
            ", ".join(found),
            method,
        )
        for (metric, method), found in units.items()
    )


def _series(exam: ExamSummary) -> tuple[SeriesLine, ...]:
    ordered = sorted(exam.series, key=lambda item: phase_order(item.phase))
    return tuple(
        SeriesLine(
            title=item.title,
            phase=phase_word(item.phase),
            reason=item.reason,
            slices=item.slices,
            spacing=" × ".join(f"{step:.3g}" for step in item.spacing_mm),
            unit=unit_word(item.unit),
            shift="–" if item.is_reference else vector(item.shift_mm),
            residual="–" if item.residual_mm is None else f"{item.residual_mm:.2f}",
            is_reference=item.is_reference,
        )
        for item in ordered
    )
