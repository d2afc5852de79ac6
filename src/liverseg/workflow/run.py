"""The main job: DICOM, masks and reported findings in; case file, table and report out."""

from __future__ import annotations

from pathlib import Path

from liverseg.case import CaseFile
from liverseg.errors import InputError
from liverseg.findings import compare, read_findings
from liverseg.ingest import hide, ledger_json, scan_folder, usable_series
from liverseg.phases import recognise_phases
from liverseg.records import Exam, Ledger, Progress, ReportedFindings
from liverseg.report import cut_views
from liverseg.tables import table_digests
from liverseg.workflow.assemble import assemble_exam
from liverseg.workflow.content import write_outputs
from liverseg.workflow.gather import gather_masks
from liverseg.workflow.measure import measure_exam
from liverseg.workflow.outputs import CASE_FILE, staged, write_json
from liverseg.workflow.place import group_exams
from liverseg.workflow.progress import part_of
from liverseg.workflow.request import CaseRequest


def run_case(request: CaseRequest, *, progress: Progress | None = None) -> Path:
    """Do the main job; returns the path of the case file.

    Writes ``case.liverseg``, ``measurements.csv`` and ``.parquet``, ``comparison.json``,
    ``ledger.json`` and ``report.html`` into ``request.out``, all of them or none.
    """
    reported = None if request.findings is None else read_findings(request.findings)
    ledger = scan_folder(
        request.paths,
        cache=request.cache,
        with_identifiers=request.with_identifiers,
        progress=progress,
    )
    require_one_patient(ledger)
    calls = recognise_phases(ledger.series, overrides=request.phases)
    exams = group_exams(ledger.series, calls)
    gathered = gather_masks(request, exams)
    with staged(request.out, overwrite=request.overwrite) as stage:
        path = stage / CASE_FILE
        hidden = {mark for record in ledger.series for mark in record.hidden}
        name = request.case or hide(request.out.resolve().name, hidden)
        with CaseFile.create(path, case=name, home=request.out) as case:
            case.put_tables(table_digests())
            case.put_ledger(ledger)
            for number, masks in enumerate(gathered):
                part = part_of(progress, number / len(gathered), (number + 1) / len(gathered))
                store_exam(case, assemble_exam(masks, progress=part), progress=part)
            store_comparison(case, reported)
            write_json(ledger_json(ledger), stage / "ledger.json")
            write_outputs(case, stage)
    return request.out / CASE_FILE


def require_one_patient(ledger: Ledger) -> None:
    """Raise `InputError` when there is no usable series, or when there are two patients."""
    patients = {record.patient for record in usable_series(ledger) if record.patient}
    if len(patients) > 1:
        raise InputError(
            f"{len(patients)} different patients in {', '.join(ledger.roots)}",
            remedy="pass the folders of one patient; a case is one patient",
        )


def store_exam(case: CaseFile, exam: Exam, *, progress: Progress | None = None) -> None:
    """Measure an exam and write it with its rows and pictures, in one transaction."""
    rows = measure_exam(exam, progress=progress)
    views = cut_views(exam, [row for lesion in rows.values() for row in lesion])
    with case.transaction(f"measure {exam.exam_id}"):
        case.put_exam(exam)
        for lesion, found in rows.items():
            case.put_measurements(exam.exam_id, lesion, found)
        for name in {view.lesion for view in views}:
            case.put_views(exam.exam_id, name, [view for view in views if view.lesion == name])


def store_comparison(case: CaseFile, reported: ReportedFindings | None) -> None:
    """Compare reported findings with the rows of the case and write both."""
    if reported is None:
        return
    with case.transaction("compare"):
        case.put_findings(reported)
        case.put_comparison(compare(reported, case.measurements()))
