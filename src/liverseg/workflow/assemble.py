"""Make an `Exam` in memory: choose its series, read them, align them, divide the liver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from liverseg.couinaud import divide_liver
from liverseg.ingest import read_volume
from liverseg.records import (
    Doubt,
    Exam,
    Phase,
    PhaseCall,
    Progress,
    SeriesRecord,
    SeriesVolume,
)
from liverseg.register import align_phases
from liverseg.workflow.gather import ExamMasks
from liverseg.workflow.place import ExamFiles
from liverseg.workflow.progress import part_of


def assemble_exam(masks: ExamMasks, *, progress: Progress | None = None) -> Exam:
    """Read, align and divide one exam.

    Measured are the reference series and every series of a recognised phase in the same
    frame of reference, one for each phase; what is left out is said in the doubts.
    """
    chosen, left_out = choose_series(masks.files, masks.reference)
    series = read_series(chosen, masks.files.calls, progress=progress)
    reference = next(item for item in series if item.record.key == masks.reference.key)
    others = [item for item in series if item is not reference]
    shifts = align_phases(reference, others, masks.liver, progress=progress)
    couinaud = masks.couinaud
    doubts = [*masks.doubts, *left_out]
    if couinaud is None and masks.landmarks is not None:
        couinaud, found = divide_liver(masks.liver, masks.landmarks)
        doubts.extend(found)
    return Exam(
        exam_id=masks.files.exam_id,
        date=masks.files.date,
        modality=masks.files.modality,
        reference=masks.reference.key,
        series=series,
        shifts=shifts,
        liver=masks.liver,
        lesions=tuple(masks.lesions),
        couinaud=couinaud,
        structures=masks.structures,
        doubts=tuple(doubts),
        landmarks={} if masks.landmarks is None else dict(masks.landmarks.points),
    )


def choose_series(
    files: ExamFiles, reference: SeriesRecord
) -> tuple[tuple[SeriesRecord, ...], tuple[Doubt, ...]]:
    """The series to measure, the reference first, and a doubt for each one left out."""
    chosen = [reference]
    doubts: list[Doubt] = []
    taken = {files.calls[reference.key].phase}
    # Thin slices first: of two series of one phase the finer is measured.
    for record in sorted(files.series, key=lambda r: (r.grid.voxel_volume_mm3, r.key)):
        if record.key == reference.key:
            continue
        call = files.calls[record.key]
        reason = ""
        if call.phase is Phase.UNDETERMINED:
            reason = f"not measured: phase undetermined ({call.reason}); name it with --phase"
        elif not _shares_place(record, reference):
            reason = "not measured: no common frame of reference with the liver's series"
        if not reason and call.phase in taken:
            reason = f"not measured: another series of this exam is taken as {call.phase}"
        if reason:
            doubts.append(Doubt(reason, record.title))
            continue
        taken.add(call.phase)
        chosen.append(record)
    return tuple(chosen), tuple(doubts)


def _shares_place(record: SeriesRecord, reference: SeriesRecord) -> bool:
    """Same known frame of reference, or, where both are unknown, the very same lattice."""
    frame = record.grid.frame_of_reference
    if frame is None and reference.grid.frame_of_reference is None:
        return record.grid.is_same_lattice(reference.grid)
    return frame is not None and frame == reference.grid.frame_of_reference


def read_series(
    records: Sequence[SeriesRecord],
    calls: Mapping[str, PhaseCall],
    *,
    first: str = "",
    seen: Callable[[SeriesVolume], None] | None = None,
    progress: Progress | None = None,
) -> tuple[SeriesVolume, ...]:
    """Read the pixels of each series; the answer is in time order of their phases.

    The series with the key `first` is read before the others. `seen` is called with each
    as it comes.
    """
    order = list(Phase)
    ordered = sorted(records, key=lambda r: order.index(calls[r.key].phase))
    found: dict[str, SeriesVolume] = {}
    for number, record in enumerate(sorted(ordered, key=lambda r: r.key != first)):
        part = part_of(progress, number / len(ordered), (number + 1) / len(ordered))
        volume = read_volume(record, progress=part)
        found[record.key] = SeriesVolume(record, volume, calls[record.key])
        if seen is not None:
            seen(found[record.key])
    return tuple(found[record.key] for record in ordered)
