"""A click in a case or in a folder of DICOM becomes a mask file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg import __version__
from liverseg.case import CaseFile
from liverseg.errors import ExtensionError, InputError, LiversegError
from liverseg.extensions import Segmenter, find_segmenters, segmenter_named
from liverseg.geometry import Label, LabelMap, Translation, place_labels
from liverseg.ingest import read_volume, scan_folder
from liverseg.interop import SegHeader, merge_labels, read_masks, uid_of, write_nifti, write_seg
from liverseg.lesions import StarRays, lesion_shift_to
from liverseg.phases import parse_phase, recognise_phases
from liverseg.records import (
    Exam,
    Lesion,
    PhaseCall,
    PhaseImage,
    Progress,
    SeriesRecord,
    SeriesVolume,
    Stroke,
)
from liverseg.workflow.edit import load_exam
from liverseg.workflow.request import PlacedPath

CASE_ENDING = ".liverseg"


@dataclass(frozen=True, eq=False)
class Drawn:
    """A mask, the series it lies on, its exam's name, the phases used, and who drew it."""

    mask: LabelMap
    record: SeriesRecord
    exam: str
    phases: tuple[str, ...]
    segmenter: str


@dataclass(frozen=True)
class DelineateRequest:
    """What `delineate_path` is asked to do.

    `path` is a case file or a folder of DICOM. `phase` names the series that the strokes
    (LPS mm) are drawn on; "" takes the exam's reference, or the only series of a folder.
    `exam` names one of several exams of a case. `liver` is a mask file for a folder.
    """

    path: Path
    strokes: tuple[Stroke, ...]
    phase: str = ""
    exam: str = ""
    liver: PlacedPath | None = None
    segmenter: str = StarRays.name
    name: str = "lesion"


def delineate_path(request: DelineateRequest, *, progress: Progress | None = None) -> Drawn:
    """Draw the lesion that the strokes mark.

    From a case all aligned phases of the exam are used together, inside its liver mask;
    from a folder the series of the phase alone. The mask lies on that series' grid.
    """
    segmenter = _segmenter(request.segmenter)
    if request.path.suffix == CASE_ENDING:
        record, images, phases, liver = _from_case(request, progress)
    else:
        record, images, phases, liver = _from_folder(request, progress)
    mask = _run(segmenter, images, request.strokes, liver)
    named = LabelMap(mask.array, record.grid, (Label(1, request.name),))
    exam = f"{record.date} {record.modality}".strip()
    return Drawn(named, record, exam, phases, f"{segmenter.name} {segmenter.version}")


def delineate_exam(
    exam: Exam,
    strokes: Sequence[Stroke],
    *,
    series: str | None = None,
    segmenter: Segmenter | None = None,
    lesion: Lesion | None = None,
) -> LabelMap:
    """The lesion on the grid of a series of an exam (its key; default the reference).

    All phases of the exam that were aligned are used together, and its liver mask; where
    `lesion` was moved in a phase, that phase is looked at there.
    """
    key = exam.reference if series is None else series
    images, _ = exam_images(exam, key, lesion=lesion)
    return _run(segmenter or StarRays(), images, strokes, _liver_on(exam, key))


def exam_images(
    exam: Exam, key: str, *, lesion: Lesion | None = None
) -> tuple[tuple[PhaseImage, ...], tuple[str, ...]]:
    """The series of this key first, then every aligned one, and their phases' names.

    A series without a shift (method "none") is left out. `lesion` is one that is there
    already: each image lies as its own moves say.
    """

    def way(item: SeriesVolume) -> Translation:
        if lesion is None:
            return exam.shift_of(item.record.key).series_from_reference
        return lesion_shift_to(exam, lesion, item)

    back = way(exam.by_key(key)).inverse
    images, phases = [], []
    for item in sorted(exam.series, key=lambda one: one.record.key != key):
        if exam.shift_of(item.record.key).method == "none" and item.record.key != key:
            continue
        images.append(PhaseImage(item.volume, way(item).then(back)))
        phases.append(str(item.call.phase))
    return tuple(images), tuple(phases)


def write_mask(drawn: Drawn, path: Path) -> Path:
    """Write as NIfTI (.nii, .nii.gz) or DICOM SEG (.dcm), by the path's ending."""
    require_ending(path)
    if path.suffix == ".dcm":
        name = drawn.mask.name_of(1)
        seed = (drawn.record.series_uid, name, str(path.name))
        header = SegHeader(
            description=f"{name}, drawn by {drawn.segmenter}",
            series_uid=uid_of("seg series", *seed),
            instance_uid=uid_of("seg", *seed),
            tracking_uid=uid_of(drawn.record.study_uid, name),
            anatomy=False,
            program_version=__version__,
        )
        return write_seg(drawn.mask, drawn.record, path, header=header)
    return write_nifti(drawn.mask, path)


def require_ending(path: Path) -> None:
    """Raise `InputError` unless the ending says what to write."""
    if not path.name.endswith((".nii", ".nii.gz", ".dcm")):
        raise InputError(
            f"{path.name} does not say what to write",
            remedy="end it in .nii.gz for NIfTI or in .dcm for DICOM SEG",
        )


Source = tuple[SeriesRecord, tuple[PhaseImage, ...], tuple[str, ...], LabelMap | None]


def _from_case(request: DelineateRequest, progress: Progress | None) -> Source:
    if request.liver is not None:
        raise InputError("a case has its own liver mask", remedy="leave --liver out")
    with CaseFile.open(request.path, read_only=True) as case:
        exam_id, key = _find_series(case, request)
        exam = load_exam(case, exam_id, progress=progress)
    images, phases = exam_images(exam, key)
    return exam.by_key(key).record, images, phases, _liver_on(exam, key)


def _find_series(case: CaseFile, request: DelineateRequest) -> tuple[str, str]:
    """The exam and the series of the phase; without a phase the reference."""
    wanted = parse_phase(request.phase) if request.phase else None
    hits, names = [], []
    for exam_id in case.exam_ids():
        stored = case.stored_exam(exam_id)
        for key, call in stored.calls.items():
            names.append(f"{exam_id} {call.phase}")
            if request.exam in ("", exam_id) and (
                key == stored.reference if wanted is None else call.phase is wanted
            ):
                hits.append((exam_id, key))
    # A phase that two exams have is meant in the one that is drawn on in that phase.
    drawn_on = [(exam, key) for exam, key in hits if key == case.stored_exam(exam).reference]
    for fits in (hits, drawn_on):
        if len(fits) == 1:
            return fits[0]
    what = f"phase {request.phase}" if wanted else "exam"
    raise InputError(
        f"{len(hits)} series of the case fit this {what}",
        where=str(request.path),
        remedy="say which with --exam and --phase: " + ", ".join(sorted(names)),
    )


def _liver_on(exam: Exam, key: str) -> LabelMap:
    """The exam's liver mask where it lies in this series."""
    shift = exam.shift_of(key).series_from_reference
    grid = exam.liver.grid.shifted(shift.offset_mm)
    return LabelMap(exam.liver.array, grid, exam.liver.labels)


def _from_folder(request: DelineateRequest, progress: Progress | None) -> Source:
    if not request.path.exists():
        raise InputError(f"there is no file or folder {request.path}", remedy="check the path")
    records = scan_folder((request.path,), progress=progress).series
    calls = recognise_phases(records)
    record = _choose(records, calls, request)
    volume = read_volume(record, progress=progress)
    liver = None
    if request.liver is not None:
        where = str(request.liver.path)
        merged = merge_labels(read_masks(request.liver.path), where=where)
        liver = place_labels(merged, record.grid, where=where)
    return record, (PhaseImage(volume),), (str(calls[record.key].phase),), liver


def _choose(
    records: Sequence[SeriesRecord], calls: dict[str, PhaseCall], request: DelineateRequest
) -> SeriesRecord:
    """The series of the phase; the only one of a folder is meant whatever its phase is."""
    wanted = parse_phase(request.phase) if request.phase else None
    fits = [record for record in records if wanted is None or calls[record.key].phase is wanted]
    if len(records) == 1 and not fits and "undetermined" in str(calls[records[0].key].phase):
        fits = list(records)
    if len(fits) == 1:
        return fits[0]
    there = ", ".join(f"{record.title} ({calls[record.key].phase})" for record in records)
    raise InputError(
        f"{len(fits)} of the {len(records)} series there are meant",
        where=str(request.path),
        remedy=f"name one phase with --phase, or pass one series' folder; there are: {there}"
        if records
        else "pass a folder of DICOM or a case file",
    )


def _segmenter(name: str) -> Segmenter:
    own = StarRays()
    if name == own.name:
        return own
    found = find_segmenters()
    try:
        return segmenter_named(name, found)
    except ExtensionError as problem:
        if any(item.name == name for item in found):
            raise
        others = ", ".join([own.name, *(item.name for item in found if item.segmenter)])
        raise InputError(problem.what, remedy=f"installed are: {others}") from None


def _run(
    segmenter: Segmenter,
    images: Sequence[PhaseImage],
    strokes: Sequence[Stroke],
    liver: LabelMap | None,
) -> LabelMap:
    """The mask; whatever an extension does wrong is said in its name."""
    try:
        mask = segmenter.delineate(images, strokes, liver=liver)
    except LiversegError:
        raise
    except Exception as problem:
        raise ExtensionError(
            f"segmenter {segmenter.name} failed: {type(problem).__name__}: {problem}",
            remedy=f"report it to its authors, or use {StarRays.name}",
        ) from problem
    grid = images[0].volume.grid
    if not isinstance(mask, LabelMap) or not mask.grid.is_same_lattice(grid):
        raise ExtensionError(f"segmenter {segmenter.name} did not draw on the image's grid")
    return mask
