"""Change a lesion of a stored case; numbers, verdicts and pictures follow in one transaction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from liverseg.case import CaseFile
from liverseg.errors import CaseError, EmptyLabelError, InputError
from liverseg.geometry import Label, LabelMap, Mask
from liverseg.ingest import facts_of
from liverseg.records import Exam, Lesion, Progress
from liverseg.report import cut_views
from liverseg.workflow.assemble import read_series
from liverseg.workflow.gather import tracking_uid
from liverseg.workflow.measure import LIVER, measure_exam
from liverseg.workflow.run import store_comparison


def load_exam(case: CaseFile, exam_id: str, *, progress: Progress | None = None) -> Exam:
    """An exam of a case with its voxels, read again from the DICOM files.

    Raises `CaseError` naming the missing files when the images have moved.
    """
    stored = case.stored_exam(exam_id)
    missing = [
        source.path
        for record in stored.records
        for source in record.slices
        if facts_of(source.path) is None
    ]
    if missing:
        raise CaseError(
            f"{len(missing)} image files of {exam_id} are not where they were, first {missing[0]}",
            where=str(case.path),
            remedy="bring the DICOM folder back to its place beside the case file",
        )
    series = read_series(stored.records, stored.calls, progress=progress)
    return Exam(
        exam_id=stored.exam_id,
        date=stored.date,
        modality=stored.modality,
        reference=stored.reference,
        series=series,
        shifts=stored.shifts,
        liver=stored.liver,
        lesions=stored.lesions,
        couinaud=stored.couinaud,
        structures=stored.structures,
        doubts=stored.doubts,
        landmarks=stored.landmarks,
    )


def reread_masks(case: CaseFile, exam: Exam) -> Exam:
    """The exam with the masks that the case holds now; its voxels are kept.

    Raises `CaseError` when the exam is not made of the same series any more.
    """
    stored = case.stored_exam(exam.exam_id)
    here = {item.record.key for item in exam.series}
    if {record.key for record in stored.records} != here or stored.reference != exam.reference:
        raise CaseError(
            f"exam {exam.exam_id} of the case file has other series than when it was read",
            where=str(case.path),
            remedy="read the exam again",
        )
    return replace(
        exam,
        shifts=stored.shifts,
        liver=stored.liver,
        lesions=stored.lesions,
        couinaud=stored.couinaud,
        structures=stored.structures,
        doubts=stored.doubts,
        landmarks=stored.landmarks,
    )


def update_lesion(
    case: CaseFile, exam: Exam, name: str, mask: Mask, *, revision: int | None = None
) -> Exam:
    """Give a lesion a new mask (bool, on the exam's reference grid).

    Measurements of the whole exam are made again, because every lesion is left out of
    the liver reference of the others. Raises `EmptyLabelError` when nothing is drawn,
    and `CaseError` when another program has written since `revision`; then nothing changes.
    """
    old = next((lesion for lesion in exam.lesions if lesion.name == name), None)
    if old is None:
        raise InputError(
            f"there is no lesion {name} in {exam.exam_id}",
            remedy="lesions there: " + ", ".join(lesion.name for lesion in exam.lesions),
        )
    lesion = replace(old, mask=_labels(exam, name, mask))
    lesions = tuple(lesion if item.name == name else item for item in exam.lesions)
    edited = replace(exam, lesions=lesions)
    return _store(case, edited, lesion, f"edit lesion {name}", revision=revision)


def add_lesion(
    case: CaseFile, exam: Exam, name: str, mask: Mask, *, revision: int | None = None
) -> Exam:
    """A new lesion. Its tracking UID is that of the same name at the patient's other dates.

    `revision` as in `update_lesion`.
    """
    if not name.strip() or name == LIVER or any(item.name == name for item in exam.lesions):
        raise InputError(
            f"a lesion cannot be called {name!r} here", remedy="choose a name that is not taken"
        )
    study_uids = [
        record.study_uid
        for exam_id in case.exam_ids()
        for record in case.stored_exam(exam_id).records
    ]
    lesion = Lesion(
        name=name,
        tracking_uid=case.tracking_uid(name) or tracking_uid(study_uids, name),
        mask=_labels(exam, name, mask),
        drawn_on=exam.reference,
        source="drawn",
    )
    larger = replace(exam, lesions=(*exam.lesions, lesion))
    return _store(case, larger, lesion, f"add lesion {name}", revision=revision)


def remove_lesion(case: CaseFile, exam: Exam, name: str, *, revision: int | None = None) -> Exam:
    """Take a lesion out of the exam; the case file's history keeps it. `revision` as above."""
    if not any(lesion.name == name for lesion in exam.lesions):
        raise InputError(f"there is no lesion {name} in {exam.exam_id}")
    lesions = tuple(lesion for lesion in exam.lesions if lesion.name != name)
    smaller = replace(exam, lesions=lesions)
    return _store(case, smaller, None, f"remove lesion {name}", revision=revision)


def _store(
    case: CaseFile, exam: Exam, lesion: Lesion | None, action: str, *, revision: int | None
) -> Exam:
    rows = measure_exam(exam)
    every = [row for found in rows.values() for row in found]
    views = cut_views(exam, every, lesions=None if lesion is None else [lesion.name])
    kept = {item.name for item in exam.lesions}
    with case.transaction(action, revision=revision):
        for gone in set(case.lesion_names(exam.exam_id)) - kept:
            case.remove_lesion(exam.exam_id, gone)
        if lesion is not None:
            case.put_lesion(exam.exam_id, lesion)
            own = [view for view in views if view.lesion == lesion.name]
            case.put_views(exam.exam_id, lesion.name, own)
        for name, found in rows.items():
            case.put_measurements(exam.exam_id, name, found)
        store_comparison(case, case.findings())
    return exam


def _labels(exam: Exam, name: str, mask: Mask) -> LabelMap:
    if not mask.any():
        raise EmptyLabelError(
            f"lesion {name} would have no voxel left",
            where=exam.exam_id,
            remedy="draw at least one voxel, or remove the lesion",
        )
    return LabelMap(mask.astype(np.uint8), exam.liver.grid, (Label(1, name),))
