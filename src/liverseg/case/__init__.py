"""The case file: one SQLite file with everything known of one patient's case, and its history."""

from liverseg.case.door import looks_like_case
from liverseg.case.events import Change, Event
from liverseg.case.exams import StoredExam
from liverseg.case.store import CaseFile
from liverseg.case.undo import Step, Steps

__all__ = [
    "CaseFile",
    "Change",
    "Event",
    "Step",
    "Steps",
    "StoredExam",
    "looks_like_case",
]
