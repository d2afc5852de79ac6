"""`CaseReader`: the reading half of `CaseFile`."""

from __future__ import annotations

import json
from pathlib import Path

from liverseg.case import exams, results
from liverseg.case.events import Change, Event, last_event, read_changes, read_events
from liverseg.case.faults import case_errors, damaged
from liverseg.case.link import Link
from liverseg.case.pack import from_text
from liverseg.case.series import check_series, get_series, series_studies
from liverseg.case.undo import Steps, find_steps
from liverseg.case.work import Part, names_of, read_body, read_lesion
from liverseg.records import (
    Comparison,
    Doubt,
    Ledger,
    Lesion,
    Measurement,
    ReportedFindings,
    View,
)

FINDINGS = Part("findings")


class CaseReader:
    """Reads a case through a held connection; every method sees one state of the file."""

    def __init__(self, link: Link, *, home: Path) -> None:
        self._link = link
        self._home = home
        with link.reading() as db:
            row = db.execute("SELECT value FROM meta WHERE name = 'case'").fetchone()
        if row is None:
            raise damaged(link.path, "it has no case name")
        self._case = str(row[0])

    @property
    def path(self) -> Path:
        """Absolute path of the file."""
        return self._link.path

    @property
    def case(self) -> str:
        """Name of the case."""
        return self._case

    @property
    def read_only(self) -> bool:
        """Whether it was opened for reading only."""
        return self._link.read_only

    @property
    def revision(self) -> int:
        """Number of the last event; grows by one with each transaction of any program."""
        with self._link.reading() as db:
            return last_event(db)

    @property
    def data_version(self) -> int:
        """Changes when *another* connection has written; cheap enough to poll."""
        with case_errors(self.path):
            return int(self._link.db.execute("PRAGMA data_version").fetchone()[0])

    def ledger_summary(self) -> Ledger:
        """The ingest ledger whole, its series with paths as they are found now.

        An empty ledger when none was stored.
        """
        with self._link.reading() as db:
            body = json.loads(results.get_document(db, "ledger") or '{"roots":[],"series":[]}')
            series = tuple(get_series(db, key, home=self._home) for key in body["series"])
            return Ledger(tuple(body["roots"]), results.get_entries(db), series)

    def exam_ids(self) -> tuple[str, ...]:
        """Ids of the exams in the order in which they were first written."""
        with self._link.reading() as db:
            return exams.exam_ids(db)

    def stored_exam(self, exam_id: str) -> exams.StoredExam:
        """Everything of an exam except voxels. Raises `CaseError` for an unknown id."""
        with self._link.reading() as db:
            return exams.read_exam(db, exam_id, home=self._home)

    def lesion_names(self, exam_id: str) -> tuple[str, ...]:
        """Names of an exam's lesions in order, without reading a mask."""
        with self._link.reading() as db:
            exams.require_exam(db, exam_id)
            return names_of(db, "lesion", exam_id)

    def tracking_uid(self, name: str) -> str | None:
        """Tracking UID that a lesion of this name carries in any exam, without reading a mask."""
        with self._link.reading() as db:
            return exams.tracking_uid(db, name)

    def study_uids(self, exam_id: str) -> tuple[str, ...]:
        """Study UID of each series of an exam, without reading a mask."""
        with self._link.reading() as db:
            return series_studies(db, exams.exam_series(db, exam_id))

    def check_images(self, exam_id: str) -> tuple[Doubt, ...]:
        """A doubt for each series whose files are missing or have another size than when read."""
        with self._link.reading() as db:
            keys = exams.exam_series(db, exam_id)
            found = [check_series(db, key, home=self._home) for key in keys]
        return tuple(doubt for doubt in found if doubt is not None)

    def measurements(
        self, *, exam_id: str | None = None, lesion: str | None = None
    ) -> tuple[Measurement, ...]:
        """Measurement rows, of all exams and lesions unless named."""
        with self._link.reading() as db:
            return results.get_measurements(db, exam_id=exam_id, lesion=lesion)

    def outdated(self) -> tuple[tuple[str, str], ...]:
        """(exam, lesion) whose measurements are missing or older than the masks they rest on."""
        with self._link.reading() as db:
            return results.outdated_results(db)

    def findings(self) -> ReportedFindings | None:
        """The reported findings, or None."""
        with self._link.reading() as db:
            body = read_body(db, FINDINGS)
            return None if body is None else from_text(ReportedFindings, body)

    def comparison(self) -> Comparison | None:
        """The comparison, or None."""
        with self._link.reading() as db:
            body = results.get_document(db, "comparison")
            return None if body is None else from_text(Comparison, body)

    def views(self, *, exam_id: str | None = None, lesion: str | None = None) -> tuple[View, ...]:
        """Pictures, of all exams and lesions unless named; lesion "" for segment maps."""
        with self._link.reading() as db:
            return results.get_views(db, exam_id=exam_id, lesion=lesion)

    def tables(self) -> dict[str, str]:
        """Hash of each threshold table that was used, by name."""
        with self._link.reading() as db:
            return results.get_tables(db)

    def events(self) -> tuple[Event, ...]:
        """The event log, oldest first; never empty."""
        with self._link.reading() as db:
            return read_events(db)

    def last_event(self) -> Event:
        """The last entry of the event log; another one as soon as any program has written."""
        with self._link.reading() as db:
            return read_events(db, newest=1)[0]

    def changes(
        self, *, event: int | None = None, exam_id: str | None = None, name: str | None = None
    ) -> tuple[Change, ...]:
        """What events did to the work, with the versions before and after; oldest first."""
        with self._link.reading() as db:
            return read_changes(db, event=event, exam_id=exam_id, name=name)

    def steps(self) -> Steps:
        """What can be undone and redone, by whichever program it was done."""
        with self._link.reading() as db:
            return find_steps(
                read_events(db), read_changes(db, event=None, exam_id=None, name=None)
            )

    def lesion_version(self, version: int) -> Lesion:
        """A lesion as it was in a version that `changes` names."""
        with self._link.reading() as db:
            return read_lesion(db, version)
