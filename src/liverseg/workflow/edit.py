"""Change a lesion of a stored case; numbers, verdicts and pictures follow.

Two ways. `update_lesion`, `add_lesion` and `remove_lesion` write mask and numbers in one
transaction. `put_mask` and `take_out` write the mask alone, at once, so that no work is lost
while numbers are made; the case names them as `outdated` until `renew_exam` has made them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from liverseg.case import CaseFile, StoredExam
from liverseg.errors import CaseError, EmptyLabelError, InputError
from liverseg.geometry import Label, LabelMap, Mask, bounding_box, sparse_zeros
from liverseg.ingest import facts_of
from liverseg.records import Caliper, Exam, Lesion, Progress, SeriesVolume, Stroke, View
from liverseg.report import cut_views
from liverseg.workflow.assemble import read_series
from liverseg.workflow.gather import tracking_uid
from liverseg.workflow.measure import LIVER, Rows, Ruler
from liverseg.workflow.run import store_comparison


def load_exam(
    case: CaseFile,
    exam_id: str,
    *,
    early: Callable[[Exam], None] | None = None,
    progress: Progress | None = None,
) -> Exam:
    """An exam of a case with its voxels, read again from the DICOM files.

    The reference series is read first; `early` is called with the exam that has no other
    series yet, so that something can be shown while the rest is read. Raises `CaseError`
    naming the missing files when the images have moved.
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

    def seen(item: SeriesVolume) -> None:
        if early is not None and item.record.key == stored.reference and len(stored.records) > 1:
            early(_with_voxels(stored, (item,)))

    series = read_series(
        stored.records, stored.calls, first=stored.reference, seen=seen, progress=progress
    )
    return _with_voxels(stored, series)


def _with_voxels(stored: StoredExam, series: tuple[SeriesVolume, ...]) -> Exam:
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
    case: CaseFile,
    exam: Exam,
    name: str,
    mask: Mask,
    *,
    revision: int | None = None,
    step: str = "",
    strokes: Sequence[Stroke] | None = None,
) -> Exam:
    """Give a lesion a new mask (bool, on the exam's reference grid).

    Measurements of the whole exam are made again, because every lesion is left out of
    the liver reference of the others. `step` names what was done ("grow lesion R7 by 1 mm"),
    `strokes` are those that the mask was delineated from, None keeps the former ones.
    Raises `EmptyLabelError` when nothing is drawn, and `CaseError` when another program
    has written since `revision`; then nothing changes.
    """
    edited = _with_mask(exam, name, mask, strokes)
    return store_edit(case, edited, name, step or f"edit lesion {name}", revision=revision)


def set_calipers(
    case: CaseFile,
    exam: Exam,
    name: str,
    calipers: Sequence[Caliper],
    *,
    revision: int | None = None,
) -> Exam:
    """Make these a lesion's lengths by hand (none: take them away). `revision` as above."""
    lesion = replace(find_lesion(exam, name), calipers=tuple(calipers))
    edited = with_lesion(exam, lesion)
    return store_edit(case, edited, name, f"measure lesion {name} by hand", revision=revision)


def add_lesion(
    case: CaseFile,
    exam: Exam,
    name: str,
    mask: Mask,
    *,
    revision: int | None = None,
    step: str = "",
    strokes: Sequence[Stroke] = (),
) -> Exam:
    """A new lesion. Its tracking UID is that of the same name at the patient's other dates.

    `revision`, `step` and `strokes` as in `update_lesion`.
    """
    larger = _with_new(case, exam, name, mask, strokes)
    return store_edit(case, larger, name, step or f"add lesion {name}", revision=revision)


def remove_lesion(case: CaseFile, exam: Exam, name: str, *, revision: int | None = None) -> Exam:
    """Take a lesion out of the exam; the case file's history keeps it. `revision` as above."""
    return store_edit(case, _without(exam, name), None, f"remove lesion {name}", revision=revision)


def put_mask(
    case: CaseFile,
    exam: Exam,
    name: str,
    mask: Mask,
    *,
    revision: int | None = None,
    step: str = "",
    strokes: Sequence[Stroke] | None = None,
) -> Exam:
    """Write a lesion's mask and nothing else; a name that is not there is a new lesion.

    Takes milliseconds. Until `renew_exam` the exam's measurements are `CaseFile.outdated`.
    `step`, `strokes` and errors as in `update_lesion`.
    """
    if any(lesion.name == name for lesion in exam.lesions):
        edited, plain = _with_mask(exam, name, mask, strokes), f"edit lesion {name}"
    else:
        edited, plain = _with_new(case, exam, name, mask, strokes), f"add lesion {name}"
    with case.transaction(step or plain, revision=revision):
        case.put_lesion(exam.exam_id, find_lesion(edited, name))
    return edited


def take_out(case: CaseFile, exam: Exam, name: str, *, revision: int | None = None) -> Exam:
    """As `remove_lesion`, without making numbers anew."""
    smaller = _without(exam, name)
    with case.transaction(f"remove lesion {name}", revision=revision):
        case.remove_lesion(exam.exam_id, name)
    return smaller


def renew_exam(
    case: CaseFile,
    exam: Exam,
    *,
    lesions: Sequence[str] | None = None,
    ruler: Ruler | None = None,
    revision: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Make measurements, pictures and verdicts anew from the masks of an exam.

    `exam` must be as the case holds it, at `revision` if that is given (`CaseError`
    otherwise). `lesions` names those that need new pictures, all if None. A `ruler` that
    measured this exam before is faster. `progress` is told between steps and may raise to
    end early: nothing is written then.
    """
    made = make_results(exam, lesions, ruler or Ruler(), progress)
    if progress is not None:
        progress("writing", 1.0)
    with case.transaction(f"measure {exam.exam_id}", revision=revision):
        put_results(case, exam, made)
        store_comparison(case, case.findings())


def renew_case(case: CaseFile, *, progress: Progress | None = None) -> tuple[str, ...]:
    """Make what is `outdated` anew, from the images; returns the exams it was made for.

    Such is left when a program ended between a stroke and its numbers. Raises `CaseError`
    when the images have moved.
    """
    exams = tuple(dict.fromkeys(exam_id for exam_id, _ in case.outdated()))
    for exam_id in exams:
        renew_exam(case, load_exam(case, exam_id, progress=progress), progress=progress)
    return exams


def store_edit(
    case: CaseFile, exam: Exam, name: str | None, action: str, *, revision: int | None
) -> Exam:
    """Measure an edited exam, then write lesion `name` and all rows in one transaction.

    `name` None: a lesion was taken out. `action` names the step; `revision` as in
    `update_lesion`.
    """
    made = make_results(exam, [] if name is None else [name], Ruler(), None)
    with case.transaction(action, revision=revision):
        kept = {item.name for item in exam.lesions}
        for gone in set(case.lesion_names(exam.exam_id)) - kept:
            case.remove_lesion(exam.exam_id, gone)
        if name is not None:
            case.put_lesion(exam.exam_id, find_lesion(exam, name))
        put_results(case, exam, made)
        store_comparison(case, case.findings())
    return exam


def make_results(
    exam: Exam, lesions: Sequence[str] | None, ruler: Ruler, progress: Progress | None
) -> tuple[Rows, dict[str, list[View]]]:
    """All rows of an exam, and the pictures of these lesions by lesion (all if None)."""
    rows = ruler.measure(exam, progress=progress)
    every = [row for found in rows.values() for row in found]
    if progress is not None:
        progress("cutting pictures", 1.0)
    names = [one.name for one in exam.lesions if lesions is None or one.name in lesions]
    views: dict[str, list[View]] = {name: [] for name in names}
    for view in cut_views(exam, every, lesions=None if lesions is None else names):
        views.setdefault(view.lesion, []).append(view)
    return rows, views


def put_results(case: CaseFile, exam: Exam, made: tuple[Rows, dict[str, list[View]]]) -> None:
    """Write them, inside a transaction; the comparison is the caller's."""
    rows, views = made
    for name, own in views.items():
        case.put_views(exam.exam_id, name, own)
    for name, found in rows.items():
        case.put_measurements(exam.exam_id, name, found)


def _with_mask(exam: Exam, name: str, mask: Mask, strokes: Sequence[Stroke] | None) -> Exam:
    old = find_lesion(exam, name)
    kept = old.strokes if strokes is None else tuple(strokes)
    return with_lesion(exam, replace(old, mask=_labels(exam, name, mask), strokes=kept))


def _with_new(
    case: CaseFile, exam: Exam, name: str, mask: Mask, strokes: Sequence[Stroke] | None
) -> Exam:
    if not name.strip() or name == LIVER or any(item.name == name for item in exam.lesions):
        raise InputError(
            f"a lesion cannot be called {name!r} here", remedy="choose a name that is not taken"
        )
    study_uids = [uid for exam_id in case.exam_ids() for uid in case.study_uids(exam_id)]
    lesion = Lesion(
        name=name,
        tracking_uid=case.tracking_uid(name) or tracking_uid(study_uids, name),
        mask=_labels(exam, name, mask),
        drawn_on=exam.reference,
        source="drawn",
        strokes=tuple(strokes or ()),
    )
    return replace(exam, lesions=(*exam.lesions, lesion))


def _without(exam: Exam, name: str) -> Exam:
    if not any(lesion.name == name for lesion in exam.lesions):
        raise InputError(f"there is no lesion {name} in {exam.exam_id}")
    return replace(exam, lesions=tuple(one for one in exam.lesions if one.name != name))


def find_lesion(exam: Exam, name: str) -> Lesion:
    """The lesion of this name; `InputError` naming the ones there are."""
    found = next((lesion for lesion in exam.lesions if lesion.name == name), None)
    if found is None:
        raise InputError(
            f"there is no lesion {name} in {exam.exam_id}",
            remedy="lesions there: " + ", ".join(lesion.name for lesion in exam.lesions),
        )
    return found


def with_lesion(exam: Exam, lesion: Lesion) -> Exam:
    """The exam with this lesion in the place of the one of its name."""
    lesions = tuple(lesion if item.name == lesion.name else item for item in exam.lesions)
    return replace(exam, lesions=lesions)


def _labels(exam: Exam, name: str, mask: Mask) -> LabelMap:
    # The box first: copying all voxels of a CT takes longer than storing the lesion.
    labels = sparse_zeros(mask.shape)
    try:
        box = bounding_box(mask)
    except EmptyLabelError:
        raise EmptyLabelError(
            f"lesion {name} would have no voxel left",
            where=exam.exam_id,
            remedy="draw at least one voxel, or remove the lesion",
        ) from None
    labels[box] = mask[box]
    return LabelMap(labels, exam.liver.grid, (Label(1, name),))
