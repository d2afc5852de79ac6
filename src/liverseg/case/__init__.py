"""The case file: one SQLite file with everything known of one patient's case, and its history."""

from liverseg.case.door import looks_like_case
from liverseg.case.events import Change, Event
from liverseg.case.exams import StoredExam
from liverseg.case.store import CaseFile

__all__ = ["CaseFile", "Change", "Event", "StoredExam", "looks_like_case"]
