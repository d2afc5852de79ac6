"""Hand a case on: report, table, masks as NIfTI or DICOM SEG, into a folder of one's choice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg import __version__
from liverseg.case import CaseFile, StoredExam
from liverseg.errors import InputError, InteropError
from liverseg.geometry import LabelMap
from liverseg.interop import SegHeader, uid_of, write_nifti, write_seg
from liverseg.report import write_html, write_tables
from liverseg.workflow.content import report_content
from liverseg.workflow.outputs import staged

#: What can be handed on, by name.
KINDS = ("report", "table", "nifti", "seg")


@dataclass(frozen=True)
class _Mask:
    """A label map of an exam and what its file is called, without an ending."""

    stem: str
    labels: LabelMap
    tracking_uid: str | None = None


def planned_files(
    case: CaseFile, kind: str, folder: Path, *, exam_id: str = ""
) -> tuple[Path, ...]:
    """The files that `hand_on` would write, in order; nothing is written.

    Raises `InputError` for an unknown kind, and where there is nothing to hand on.
    """
    if kind == "report":
        return (folder / "report.html",)
    if kind == "table":
        return folder / "measurements.csv", folder / "measurements.parquet"
    if kind not in KINDS:
        raise InputError(f"nothing is handed on as {kind!r}", remedy="one of " + ", ".join(KINDS))
    ending = ".nii.gz" if kind == "nifti" else ".dcm"
    masks = [mask for exam in _exams(case, exam_id) for mask in _masks(exam)]
    if not masks:
        raise InputError(
            "there is no mask to hand on", where=str(case.path), remedy="draw a lesion first"
        )
    return tuple(folder / f"{mask.stem}{ending}" for mask in masks)


def hand_on(
    case: CaseFile, kind: str, folder: Path, *, exam_id: str = "", overwrite: bool = False
) -> tuple[Path, ...]:
    """Write one kind of output into a folder; returns its files.

    `kind`: "report" (report.html), "table" (measurements.csv and .parquet), "nifti" or
    "seg" (one file a lesion, and one each for liver, segments and structures, of one exam
    or of all). All files appear or none. Existing ones are an `InputError` unless
    `overwrite`; a place that cannot be written to is an `InteropError`.
    """
    files = planned_files(case, kind, folder, exam_id=exam_id)
    try:
        with staged(folder, names=[file.name for file in files], overwrite=overwrite) as stage:
            _WRITERS[kind](case, stage, exam_id)
    except OSError as error:
        raise InteropError(
            f"the {kind} cannot be written: {error.strerror or error}",
            where=str(folder),
            remedy="choose a folder that can be written to and has room",
        ) from error
    return files


def _report(case: CaseFile, stage: Path, _exam_id: str) -> None:
    write_html(report_content(case), stage / "report.html")


def _table(case: CaseFile, stage: Path, _exam_id: str) -> None:
    write_tables(case.measurements(), stage, case=case.case)


def _nifti(case: CaseFile, stage: Path, exam_id: str) -> None:
    for exam in _exams(case, exam_id):
        for mask in _masks(exam):
            write_nifti(mask.labels, stage / f"{mask.stem}.nii.gz")


def _seg(case: CaseFile, stage: Path, exam_id: str) -> None:
    for exam in _exams(case, exam_id):
        record = next(one for one in exam.records if one.key == exam.reference)
        for mask in _masks(exam):
            seed = (record.series_uid, mask.stem)
            header = SegHeader(
                description=mask.stem,
                series_uid=uid_of("seg series", *seed),
                instance_uid=uid_of("seg", *seed, str(case.revision)),
                tracking_uid=mask.tracking_uid,
                anatomy=mask.tracking_uid is None,
                program_version=__version__,
            )
            write_seg(mask.labels, record, stage / f"{mask.stem}.dcm", header=header)


_WRITERS: Mapping[str, Callable[[CaseFile, Path, str], None]] = {
    "report": _report,
    "table": _table,
    "nifti": _nifti,
    "seg": _seg,
}


def _exams(case: CaseFile, exam_id: str) -> Sequence[StoredExam]:
    return [case.stored_exam(one) for one in case.exam_ids() if exam_id in ("", one)]


def _masks(exam: StoredExam) -> list[_Mask]:
    found = [
        _Mask(_stem(exam.exam_id, lesion.name), lesion.mask, lesion.tracking_uid)
        for lesion in exam.lesions
    ]
    organs = (("liver", exam.liver), ("segments", exam.couinaud), ("structures", exam.structures))
    for name, labels in organs:
        if labels is not None and not labels.is_empty:
            found.append(_Mask(_stem(exam.exam_id, name), labels))
    return found


def _stem(exam_id: str, name: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^\w.+-]+", "-", f"{exam_id}_{name}")
