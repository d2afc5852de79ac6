"""A report with everything on it, of an exam made by formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from unit.report.scene_rows import measure
from unit.report.scenes import make_exam, summary_of

from liverseg.records import (
    Claim,
    Comparison,
    Contradiction,
    Doubt,
    Exam,
    FileState,
    Judgement,
    Ledger,
    LedgerEntry,
    SourceKind,
    Verdict,
)
from liverseg.report import ReportContent, cut_views
from liverseg.report.html import render_html


def claim(number: int, statement: str, **more: object) -> Claim:
    parts = {"source": SourceKind.TEXT, "place": "Section 2", "date": "2015", **more}
    return Claim(str(number), statement, **parts)


def small_comparison() -> Comparison:
    """One judgement of each verdict, a clash and what only looks like one."""
    return Comparison(
        "A case report",
        (
            Judgement(claim(1, "multiple liver metastases"), Verdict.AGREES, "two lesions",
                      value="2", tolerance="at least 2", lesion="R7, R4"),
            Judgement(claim(2, "in segment 4", contradicts=("3",)), Verdict.PARTLY, "7 is extra",
                      value="4, 7", phase="portal_venous", lesion="R7", slice=15),
            Judgement(claim(3, "35 mm in diameter", contradicts=("2",)), Verdict.CONFLICTS,
                      "7.4 mm too small", value="27.6", unit="mm", tolerance="7 mm", lesion="R4",
                      doubts=(Doubt("thick slices", "CT"),)),
            Judgement(claim(4, "in segment 8"), Verdict.BORDERLINE, "17 % of it lie in 8"),
            Judgement(claim(5, "leiomyosarcoma", source=SourceKind.PATHOLOGY, place="Fig. 4"),
                      Verdict.NOT_ASSESSABLE, "images do not show cells"),
        ),
        (
            Contradiction("C1", ("2", "3"), "segment 4 or 7", "both are shown"),
            Contradiction("C2", ("1", "9"), "different phases", "no alarm", is_clash=False),
        ),
    )  # fmt: skip


def small_ledger() -> Ledger:
    states = [FileState.USED] * 4 + [FileState.SPLIT] * 2 + [FileState.SKIPPED] * 3
    entries = [LedgerEntry(f"ct/{n:03}", state, f"why {state}") for n, state in enumerate(states)]
    entries.append(LedgerEntry("ct/bad.dcm", FileState.REFUSED, "pixel data end early"))
    return Ledger(("/home/someone/export",), tuple(entries), ())


@pytest.fixture(scope="session")
def ct_exam() -> Exam:
    return make_exam()


@pytest.fixture(scope="session")
def rich_content(ct_exam: Exam) -> ReportContent:
    """Two exams with two lesions, findings, doubts, everything."""
    exams = (ct_exam, make_exam("MR"))
    rows = tuple(row for exam in exams for row in measure(exam))
    return ReportContent(
        case="kitasaki2021",
        created="2026-01-02T03:04:05.678+00:00",
        program="liverseg 0.1.0",
        comparison=small_comparison(),
        measurements=rows,
        views=tuple(view for exam in exams for view in cut_views(exam, rows)),
        ledger=small_ledger(),
        exams=tuple(summary_of(exam) for exam in exams),
        doubts=(Doubt("no frame of reference", "R7"), Doubt("no frame of reference", "R4")),
        findings_title="A case report",
        findings_source="Some Journal 2021",
        is_phantom=True,
        tables={"display": "ab" * 32},
    )


@pytest.fixture
def page_of(rich_content: ReportContent) -> Callable[..., str]:
    """The page of the rich report with some parts replaced."""
    return lambda **parts: render_html(replace(rich_content, **parts))


@pytest.fixture(scope="session")
def rich_page(rich_content: ReportContent) -> str:
    return render_html(rich_content)
