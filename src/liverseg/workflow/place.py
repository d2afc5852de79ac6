"""Group series into exams, and find the series that a mask was drawn on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from liverseg.errors import GeometryError, InputError
from liverseg.geometry import fits_lattice, require_same_frame
from liverseg.interop import ReadMask
from liverseg.phases import reference_phase_order
from liverseg.records import Doubt, Phase, PhaseCall, SeriesRecord


@dataclass(frozen=True, eq=False)
class ExamFiles:
    """Series of one date and modality, before any pixel is read."""

    exam_id: str
    date: str
    modality: str
    series: tuple[SeriesRecord, ...]
    calls: Mapping[str, PhaseCall]

    @property
    def title(self) -> str:
        """What a person calls this exam."""
        return f"{self.modality} of {self.date or 'an unknown date'}"


@dataclass(frozen=True, eq=False)
class Home:
    """Where a mask belongs: its exam and the series it was drawn on.

    `stated` is False when several series of the exam share the mask's grid and the
    file does not say which one was looked at.
    """

    exam: ExamFiles
    series: SeriesRecord
    stated: bool
    doubts: tuple[Doubt, ...] = ()


def group_exams(
    series: Sequence[SeriesRecord], calls: Mapping[str, PhaseCall]
) -> tuple[ExamFiles, ...]:
    """One `ExamFiles` for each date and modality, in order of date."""
    groups: dict[tuple[str, str], list[SeriesRecord]] = {}
    for record in series:
        groups.setdefault((record.date, record.modality), []).append(record)
    return tuple(
        ExamFiles(
            exam_id=f"{date or 'undated'}_{modality}",
            date=date,
            modality=modality,
            series=tuple(members),
            calls={member.key: calls[member.key] for member in members},
        )
        for (date, modality), members in sorted(groups.items())
    )


def find_home(mask: ReadMask, exams: Sequence[ExamFiles], *, series: str | None) -> Home:
    """The exam and series whose voxels the mask's voxels are.

    What the user says (`series`) comes first, then the series that a SEG refers to,
    then geometry. Geometry alone must point to one exam. Raises `InputError` or
    `GeometryError` naming the mask, its grid and the candidates.
    """
    pairs = [(exam, record) for exam in exams for record in exam.series]
    if series is not None:
        pairs = [pair for pair in pairs if is_named(pair[1], series)]
        if not pairs:
            raise InputError(
                f"no series is called {series}",
                where=str(mask.source),
                remedy="use a series UID, number or description: " + _titles(exams),
            )
    referenced = [pair for pair in pairs if pair[1].series_uid in mask.drawn_on]
    if series is None and referenced:
        pairs = referenced
    fitting = _fitting(mask, pairs, exams)
    homes = {exam.exam_id for exam, _ in fitting}
    if len(homes) > 1:
        raise InputError(
            f"mask {mask.source} fits the grids of {len(homes)} exams: {', '.join(sorted(homes))}",
            remedy="say which one with MASK@SERIES",
        )
    exam = fitting[0][0]
    record = _most_likely([record for _, record in fitting], exam.calls)
    stated = series is not None or bool(referenced) or len(fitting) == 1
    return Home(exam, record, stated, _doubts(mask, record))


def is_named(record: SeriesRecord, name: str) -> bool:
    """Whether a user's word for a series means this one: UID, key, number or description."""
    names = {record.key, record.series_uid, record.description.casefold()}
    if record.number is not None:
        names.add(str(record.number))
    return name in names or (bool(name) and name.casefold() in names)


def _fitting(
    mask: ReadMask, pairs: list[tuple[ExamFiles, SeriesRecord]], exams: Sequence[ExamFiles]
) -> list[tuple[ExamFiles, SeriesRecord]]:
    frame = mask.labels.grid.frame_of_reference
    on_lattice = [pair for pair in pairs if fits_lattice(mask.labels.grid, pair[1].grid)]
    same_frame = [
        pair for pair in on_lattice if frame is None or pair[1].grid.frame_of_reference == frame
    ]
    if same_frame:
        return same_frame
    unknown = [pair for pair in on_lattice if pair[1].grid.frame_of_reference is None]
    if unknown:
        return unknown
    if on_lattice:
        require_same_frame(mask.labels.grid, on_lattice[0][1].grid, where=str(mask.source))
    raise GeometryError(
        f"mask {mask.source} is {mask.labels.grid}, which is the grid of no series",
        where=_titles(exams),
        remedy="pass a mask drawn on one of these series, or resample it onto one first",
    )


def _most_likely(records: Sequence[SeriesRecord], calls: Mapping[str, PhaseCall]) -> SeriesRecord:
    order = {phase: rank for rank, phase in enumerate(reference_phase_order())}
    return min(records, key=lambda r: (order.get(calls[r.key].phase, len(Phase)), r.key))


def _doubts(mask: ReadMask, record: SeriesRecord) -> tuple[Doubt, ...]:
    if mask.labels.grid.frame_of_reference is not None:
        return mask.doubts
    reason = f"mask names no frame of reference; placed on {record.title} by its voxel positions"
    return (*mask.doubts, Doubt(reason, mask.source.name))


def _titles(exams: Sequence[ExamFiles]) -> str:
    return "; ".join(
        f"{exam.title}: {record.title} {record.grid}" for exam in exams for record in exam.series
    )
