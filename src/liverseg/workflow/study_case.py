"""From a folder of DICOM to a case file ready to be drawn on: no mask is needed for it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from liverseg.case import CaseFile, StoredExam
from liverseg.errors import EmptyLabelError, InputError
from liverseg.geometry import Label, LabelMap, Translation, place_labels, sparse_zeros
from liverseg.ingest import BrowserRow, browse, scan_folder, usable_series
from liverseg.interop import merge_labels, read_masks
from liverseg.phases import recognise_phases, reference_phase_order
from liverseg.records import Doubt, Exam, Ledger, Phase, PhaseCall, PhaseShift, Progress
from liverseg.register import align_phases
from liverseg.tables import table_digests
from liverseg.workflow.assemble import choose_series
from liverseg.workflow.edit import renew_exam
from liverseg.workflow.gather import as_binary
from liverseg.workflow.measure import LIVER
from liverseg.workflow.place import ExamFiles, group_exams
from liverseg.workflow.run import require_one_patient

#: How the names of case files end.
ENDING = ".liverseg"
#: Why phases of a study without a liver mask lie as the scanner says.
NOT_ALIGNED = "not aligned: alignment follows the liver, and there is no liver mask"


@dataclass(frozen=True, eq=False)
class FoundStudy:
    """What lies below some paths: the ledger, one row a volume, and the phase of each.

    `calls` are by series key; `phases` are those that a person set, by series key.
    """

    paths: tuple[Path, ...]
    ledger: Ledger
    rows: tuple[BrowserRow, ...]
    calls: Mapping[str, PhaseCall]
    phases: Mapping[str, str] = field(default_factory=dict)

    def with_phase(self, key: str, phase: str) -> FoundStudy:
        """The same with the phase of one series set by a person ("" takes that back)."""
        phases = {name: value for name, value in self.phases.items() if name != key}
        if phase:
            phases[key] = phase
        calls = recognise_phases(self.ledger.series, overrides=phases)
        return replace(self, calls=calls, phases=phases)

    def exams(self) -> tuple[ExamFiles, ...]:
        """Series grouped by date and modality, in order of date."""
        return group_exams(self.ledger.series, self.calls)


@dataclass(frozen=True, eq=False)
class ExamPlan:
    """Which series of an exam are set up, the reference first, and why others are not."""

    files: ExamFiles
    keys: tuple[str, ...]
    left_out: tuple[Doubt, ...]

    @property
    def reference(self) -> str:
        """Key of the series that lesions are drawn on."""
        return self.keys[0]


def find_study(
    paths: Sequence[Path | str] | Path | str,
    *,
    cache: bool = True,
    progress: Progress | None = None,
) -> FoundStudy:
    """Look at the headers below some paths (folders, zip archives, DICOMDIRs, files).

    Raises `InputError` when no series can be used, or when there are two patients: a case
    is one patient.
    """
    roots = tuple(Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths))
    ledger = scan_folder(roots, cache=cache, progress=progress)
    usable_series(ledger)
    require_one_patient(ledger)
    return FoundStudy(roots, ledger, browse(ledger), recognise_phases(ledger.series))


def plan_exam(found: FoundStudy, exam_id: str) -> ExamPlan:
    """The dynamic set of an exam: the reference and one series of each recognised phase.

    The reference is the series on which lesions are drawn most often (table
    `reference_phase`). Raises `InputError` for an exam that is not there.
    """
    exams = {files.exam_id: files for files in found.exams()}
    if exam_id not in exams:
        raise InputError(f"there is no exam {exam_id}", remedy="one of " + ", ".join(exams))
    files = exams[exam_id]
    order = {phase: rank for rank, phase in enumerate(reference_phase_order())}
    reference = min(
        files.series,
        # Of several series without a phase the one with the most slices is no localizer.
        key=lambda r: (order.get(files.calls[r.key].phase, len(Phase)), -r.grid.shape[0], r.key),
    )
    chosen, left_out = choose_series(files, reference)
    return ExamPlan(files, tuple(record.key for record in chosen), left_out)


def suggest_case_path(found: FoundStudy) -> Path:
    """Where to keep a new case: beside what was opened, or at home if nothing can be written there.

    Never inside the folder of the images, and never a file that is there already.
    """
    root = found.paths[0].absolute()
    name = root.name.removesuffix(".zip") if root.name.upper() != "DICOMDIR" else root.parent.name
    folder = root.parent.parent if root.name.upper() == "DICOMDIR" else root.parent
    if not os.access(folder, os.W_OK):
        folder = Path.home()
    path, number = folder / f"{name or 'study'}{ENDING}", 2
    while path.exists():
        path, number = folder / f"{name or 'study'}-{number}{ENDING}", number + 1
    return path


def make_study_case(
    found: FoundStudy, path: Path, *, exams: Sequence[str] = (), overwrite: bool = False
) -> Path:
    """Write a new case file with the dynamic set of these exams (all unless named).

    No pixel is read and no liver mask is needed: the liver of each exam is empty, its
    phases are not aligned, and rows that need a liver are left out until `add_liver`.
    The file appears whole or not at all. Raises `CaseError` when it cannot be written.
    """
    wanted = exams or [files.exam_id for files in found.exams()]
    plans = [plan_exam(found, exam_id) for exam_id in wanted]
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    if path.exists() and not overwrite:
        # Says so in the words of the case room, and leaves the file alone.
        CaseFile.create(path, case=path.stem).close()
    try:
        with (
            CaseFile.create(draft, case=path.stem, home=path.parent) as case,
            case.transaction("set up the study"),
        ):
            case.put_tables(table_digests())
            case.put_ledger(found.ledger)
            for plan in plans:
                case.put_exam(_exam_of(plan))
                case.put_measurements(plan.files.exam_id, LIVER, ())
        for end in ("-journal", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def add_liver(case: CaseFile, exam: Exam, mask: Path, *, progress: Progress | None = None) -> Exam:
    """Give an exam its liver mask from a file (NIfTI, DICOM SEG ...): align, then measure.

    The mask's voxels must be those of the reference series. Raises `InputError` or
    `GeometryError` naming the file and what does not fit.
    """
    labels = merge_labels(read_masks(mask), where=str(mask))
    try:
        liver = as_binary(place_labels(labels, exam.liver.grid, where=str(mask)), "liver")
    except EmptyLabelError as error:
        raise InputError(f"liver mask {mask} is empty", remedy=error.remedy) from error
    reference = exam.by_key(exam.reference)
    others = [item for item in exam.series if item is not reference]
    shifts = align_phases(reference, others, liver, progress=progress)
    with_liver = replace(exam, liver=liver, shifts=shifts)
    with case.transaction(f"liver mask {mask.name}"):
        case.put_exam(with_liver)
    renew_exam(case, with_liver, progress=progress)
    return with_liver


def _exam_of(plan: ExamPlan) -> StoredExam:
    by_key = {record.key: record for record in plan.files.series}
    records = tuple(by_key[key] for key in plan.keys)
    grid = records[0].grid
    return StoredExam(
        exam_id=plan.files.exam_id,
        date=plan.files.date,
        modality=plan.files.modality,
        reference=plan.reference,
        records=records,
        calls={key: plan.files.calls[key] for key in plan.keys},
        shifts=tuple(_unmoved(key, plan) for key in plan.keys),
        liver=LabelMap(sparse_zeros(grid.shape), grid, (Label(1, "liver"),)),
        lesions=(),
        couinaud=None,
        structures=None,
        doubts=plan.left_out,
        landmarks={},
    )


def _unmoved(key: str, plan: ExamPlan) -> PhaseShift:
    if key == plan.reference:
        return PhaseShift(key, Translation(), None, "reference")
    title = next(record.title for record in plan.files.series if record.key == key)
    return PhaseShift(key, Translation(), None, "as scanned", (Doubt(NOT_ALIGNED, title),))
