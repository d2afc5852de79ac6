"""One block a lesion: pictures, sizes, place in the liver, curves."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from liverseg.records import Measurement
from liverseg.report.content import ExamSummary, ReportContent
from liverseg.report.curves import ValueTable, draw_profiles, value_table
from liverseg.report.pictures import Picture, lesion_pictures, place_picture
from liverseg.report.rows import Rows, SharedDoubt, all_exams, gather_doubts, lesion_names, rows_of
from liverseg.report.shares import ShareBar, share_bar
from liverseg.report.words import (
    METRICS,
    interval,
    number,
    phase_order,
    phase_word,
    quantity,
    unit_word,
    vector,
)

#: Metrics of the table of sizes, in its order.
SIZES = (
    "long_axis",
    "long_axis_interval",
    "short_axis",
    "who_product",
    "max_3d_diameter",
    "max_3d_diameter_mesh",
    "extent_1",
    "extent_2",
    "extent_3",
    "voxel_volume",
    "voxel_volume_interval",
    "mesh_volume",
    "sphericity",
    "solidity",
    "border_distance",
    "vessel_overlap",
)
EXTENTS = ("extent_1", "extent_2", "extent_3")


@dataclass(frozen=True)
class Cell:
    """A value with its interval, both as text; "–" where nothing was measured."""

    value: str
    interval: str = ""


@dataclass(frozen=True)
class SizeLine:
    """A line of the table of sizes: one cell an exam."""

    name: str
    unit: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class AtAGlance:
    """A line of the overview: one lesion in one exam."""

    name: str
    anchor: str
    exam: str
    phase: str
    segments: str
    long_axis: Cell
    short_axis: Cell
    largest: Cell
    extents: str
    volume: Cell


@dataclass(frozen=True, eq=False)
class LesionExam:
    """A lesion in one exam."""

    title: str
    pictures: tuple[Picture, ...]
    place: Picture | None
    shares: ShareBar | None
    charts: tuple[Markup, ...]
    values: ValueTable | None
    moves: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class LesionBlock:
    """Everything about one lesion."""

    name: str
    anchor: str
    exam_titles: tuple[str, ...]
    exams: tuple[LesionExam, ...]
    sizes: tuple[SizeLine, ...]
    glance: tuple[AtAGlance, ...]
    doubts: tuple[SharedDoubt, ...]


def lesion_anchors(content: ReportContent) -> dict[str, str]:
    """Where on the page each lesion stands."""
    return {name: f"lesion-{n}" for n, name in enumerate(lesion_names(content), start=1)}


def build_lesions(content: ReportContent) -> tuple[LesionBlock, ...]:
    """A block for every lesion, in the order in which they were measured."""
    anchors = lesion_anchors(content)
    return tuple(_block(content, name, anchor) for name, anchor in anchors.items())


def _block(content: ReportContent, name: str, anchor: str) -> LesionBlock:
    seen = [
        (exam, rows_of(content, name, exam))
        for exam in all_exams(content)
        if rows_of(content, name, exam).rows
        or any((v.lesion, v.exam_id) == (name, exam.exam_id) for v in content.views)
    ]
    measured = [(exam, rows) for exam, rows in seen if rows.rows]
    return LesionBlock(
        name=name,
        anchor=anchor,
        exam_titles=tuple(exam.title for exam, _ in measured),
        exams=tuple(_exam(content, name, exam, rows) for exam, rows in seen),
        sizes=_sizes([rows for _, rows in measured]),
        glance=tuple(_glance(name, anchor, exam, rows) for exam, rows in measured),
        doubts=gather_doubts(
            [doubt for _, rows in measured for row in rows.rows for doubt in row.doubts]
        ),
    )


def _exam(content: ReportContent, name: str, exam: ExamSummary, rows: Rows) -> LesionExam:
    return LesionExam(
        title=exam.title,
        pictures=lesion_pictures(content, exam, name),
        place=place_picture(content, exam, name),
        shares=share_bar(rows),
        charts=draw_profiles(content, exam, name),
        values=value_table(content, exam, name),
        moves=_moves(content, name, exam),
    )


def _moves(content: ReportContent, name: str, exam: ExamSummary) -> tuple[str, ...]:
    """Say where a reader moved the lesion, a sentence a phase, in the order of phases."""
    own = [one for one in content.moves if (one.exam_id, one.lesion) == (exam.exam_id, name)]
    return tuple(
        f"In {phase_word(one.phase)} moved by hand {quantity(one.move.length_mm, 'mm')} off the "
        f"registration (left, back, head: {vector(one.move.offset_mm)} mm)"
        for one in sorted(own, key=lambda one: phase_order(one.phase))
    )


def _sizes(exams: list[Rows]) -> tuple[SizeLine, ...]:
    lines = []
    for metric in SIZES:
        found = [rows.first(metric) for rows in exams]
        unit = next((row.unit for row in found if row is not None), None)
        if unit is not None:
            cells = tuple(_cell(row) for row in found)
            lines.append(SizeLine(METRICS[metric], unit_word(unit), cells))
    return tuple(lines)


def _cell(row: Measurement | None, *, with_unit: bool = False) -> Cell:
    if row is None:
        return Cell("–")
    show = quantity if with_unit else number
    return Cell(show(row.value, row.unit), interval(row))


def _glance(name: str, anchor: str, exam: ExamSummary, rows: Rows) -> AtAGlance:
    long_axis = rows.first("long_axis")
    extents = [rows.first(metric) for metric in EXTENTS]
    known = [number(row.value, row.unit) for row in extents if row is not None]
    bar = share_bar(rows)
    return AtAGlance(
        name=name,
        anchor=anchor,
        exam=exam.title,
        phase=phase_word(long_axis.phase) if long_axis is not None else "",
        segments=bar.words if bar is not None else "–",
        long_axis=_cell(long_axis),
        short_axis=_cell(rows.first("short_axis")),
        largest=_cell(rows.first("max_3d_diameter")),
        extents=" × ".join(known) if known else "–",
        volume=_cell(rows.first("voxel_volume")),
    )
