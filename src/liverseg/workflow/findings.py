"""Change the reported findings of a stored case; the verdicts follow in one transaction."""

from __future__ import annotations

from liverseg.case import CaseFile
from liverseg.records import ReportedFindings
from liverseg.workflow.run import store_comparison

#: Title and source of findings that were typed, where no file gave them.
TYPED = "typed in the workbench"


def update_findings(
    case: CaseFile, reported: ReportedFindings, *, revision: int | None = None
) -> None:
    """Make these the findings of a case and compare them anew.

    The findings before stay in the event log. Raises `CaseError` when another program has
    written since `revision`; then nothing changes.
    """
    with case.transaction("edit findings", revision=revision):
        store_comparison(case, reported)


def findings_of(case: CaseFile) -> ReportedFindings:
    """The findings of a case; none at all is an empty list with a title to begin with."""
    found = case.findings()
    if found is not None:
        return found
    return ReportedFindings(f"Findings of {case.case}", TYPED, ())
