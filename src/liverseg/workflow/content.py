"""From a case file to the report and the tables: no image is read for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from liverseg.case import CaseFile, StoredExam
from liverseg.findings import comparison_json
from liverseg.records import Doubt
from liverseg.report import (
    ExamSummary,
    LesionMove,
    ReportContent,
    SeriesSummary,
    write_html,
    write_tables,
)
from liverseg.workflow.outputs import write_json


def write_outputs(case: CaseFile, folder: Path) -> None:
    """Write the measurement tables, comparison.json and report.html of a case into a folder."""
    write_tables(case.measurements(), folder, case=case.case)
    comparison = case.comparison()
    write_json(
        [] if comparison is None else comparison_json(comparison), folder / "comparison.json"
    )
    write_html(report_content(case), folder / "report.html")


def report_content(case: CaseFile) -> ReportContent:
    """Everything the report shows, read from the case file."""
    exams = [case.stored_exam(exam_id) for exam_id in case.exam_ids()]
    comparison = case.comparison()
    findings = case.findings()
    return ReportContent(
        case=case.case,
        created=case.events()[-1].when,
        program=case.events()[-1].program,
        comparison=comparison,
        measurements=case.measurements(),
        views=case.views(),
        ledger=case.ledger_summary(),
        exams=tuple(_summary(exam) for exam in exams),
        doubts=_doubts(exams),
        findings_title="" if findings is None else findings.title,
        findings_source="" if findings is None else findings.source,
        is_phantom=any(record.is_phantom for exam in exams for record in exam.records),
        tables=case.tables(),
        moves=tuple(
            LesionMove(exam.exam_id, lesion.name, str(exam.calls[key].phase), move)
            for exam in exams
            for lesion in exam.lesions
            for key, move in lesion.moves.items()
        ),
    )


def _summary(exam: StoredExam) -> ExamSummary:
    shifts = {shift.series_key: shift for shift in exam.shifts}
    rows = []
    for record in exam.records:
        shift = shifts[record.key]
        call = exam.calls[record.key]
        rows.append(
            SeriesSummary(
                title=record.title,
                phase=str(call.phase),
                reason=call.reason,
                slices=record.grid.shape[0],
                spacing_mm=record.grid.spacing_mm,
                shift_mm=shift.series_from_reference.offset_mm,
                residual_mm=shift.residual_mm,
                unit=record.unit,
                is_reference=record.key == exam.reference,
                series_uid=record.series_uid,
            )
        )
    return ExamSummary(exam.exam_id, exam.date, exam.modality, tuple(rows))


def _doubts(exams: Sequence[StoredExam]) -> tuple[Doubt, ...]:
    found: dict[Doubt, None] = {}
    for exam in exams:
        for doubt in exam.doubts:
            found[doubt] = None
        for record in exam.records:
            found.update(dict.fromkeys(record.doubts))
        for shift in exam.shifts:
            found.update(dict.fromkeys(shift.doubts))
        for lesion in exam.lesions:
            found.update(dict.fromkeys(lesion.doubts))
    return tuple(found)
