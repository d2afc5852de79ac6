"""`CaseFile`: everything known of one patient's case in one SQLite file (``*.liverseg``)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from liverseg.case import exams, results
from liverseg.case.door import copy_file, make_file, open_file
from liverseg.case.events import read_changes, revert_note
from liverseg.case.link import WAIT_S, Link
from liverseg.case.pack import to_text
from liverseg.case.reader import FINDINGS, CaseReader
from liverseg.case.series import put_series
from liverseg.case.work import put_part, revert_changes
from liverseg.errors import CaseError
from liverseg.geometry import LabelMap
from liverseg.records import (
    Comparison,
    Doubt,
    Exam,
    Ledger,
    Lesion,
    Measurement,
    ReportedFindings,
    View,
)


class CaseFile(CaseReader):
    """A case file held open; a context manager.

    Every write is a transaction with one event row; inside `transaction` several writes
    make one. Whatever goes wrong, on the disk or in the caller's block, nothing of the
    transaction is written and the file stays as it was. Safe to use from several threads
    (one at a time gets in) and from several programs (a write waits for another's end).
    Errors are `CaseError` with the file's path and a remedy. No pixels of whole series
    and no name, birth date or identifier of the patient are stored.
    """

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        case: str,
        who: str | None = None,
        overwrite: bool = False,
        home: Path | None = None,
    ) -> CaseFile:
        """Make a new case file and hold it open.

        `who` is the login name unless given. An existing file is a `CaseError` unless
        `overwrite`. `home` is the folder in which the file will lie at the end, when it
        is written elsewhere first: paths of images are stored relative to it.
        """
        path = Path(path)
        make_file(path, case=case, who=who, overwrite=overwrite)
        return cls._hold(open_file(path, read_only=False), path, who=who, home=home)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        read_only: bool = False,
        who: str | None = None,
        wait_s: float = WAIT_S,
        check: bool = True,
    ) -> CaseFile:
        """Hold an existing case file open after checking that it is whole.

        Raises `CaseError` when it is missing, damaged, newer than this program, another
        program's file, or (unless `read_only`) in a place that cannot be written to.
        `wait_s`: how long a write waits for another program's write. `check=False` leaves
        out SQLite's integrity check, which reads the whole file: for a file that this
        program has checked before and only opens again.
        """
        db = open_file(Path(path), read_only=read_only, wait_s=wait_s, check=check)
        return cls._hold(db, Path(path), who=who, read_only=read_only)

    @classmethod
    def _hold(
        cls,
        db: sqlite3.Connection,
        path: Path,
        *,
        who: str | None,
        home: Path | None = None,
        read_only: bool = False,
    ) -> CaseFile:
        try:
            link = Link(db, path.absolute(), who=who, read_only=read_only)
            return cls(link, home=(home or path.parent).absolute())
        except BaseException:
            db.close()
            raise

    def close(self) -> None:
        """Let go of the file. Closing twice is fine."""
        self._link.close()

    def __enter__(self) -> CaseFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def copy_to(self, path: Path) -> Path:
        """Write the case as it is now to another new file; returns its path.

        Works also when this file cannot be written, was moved away or deleted: a way to
        keep the work on another drive. Raises `CaseError` when `path` exists.
        """
        with self._link.reading() as db:
            return copy_file(db, Path(path))

    @contextmanager
    def transaction(self, action: str, *, revision: int | None = None) -> Iterator[None]:
        """All writes of the block, or none, with one event `action`; nested blocks join.

        `revision`: raise `CaseError` when another program has written since then.
        """
        with self._link.writing(action, revision=revision):
            yield

    def put_ledger(self, ledger: Ledger) -> None:
        """Replace the ingest ledger, with the series it found."""
        with self._writing(f"ledger of {len(ledger.entries)} files") as (db, event):
            for record in ledger.series:
                put_series(db, event, record, home=self._home)
            body = {"roots": ledger.roots, "series": [record.key for record in ledger.series]}
            results.put_document(db, event, "ledger", json.dumps(body, ensure_ascii=False))
            results.put_entries(db, ledger.entries)

    def put_exam(self, exam: Exam | exams.StoredExam) -> None:
        """Insert an exam, or make this its state: all but its voxels."""
        with self._writing(f"exam {exam.exam_id}") as (db, event):
            exams.write_exam(db, event, exam, home=self._home)

    def put_lesion(self, exam_id: str, lesion: Lesion) -> None:
        """Insert a lesion or give it a new mask; the old one stays in the event log."""
        with self._writing(f"lesion {lesion.name} of {exam_id}") as (db, event):
            exams.require_exam(db, exam_id)
            exams.write_lesion(db, event, exam_id, lesion)

    def remove_lesion(self, exam_id: str, name: str) -> None:
        """Take out a lesion with its measurements and pictures; the event log keeps it."""
        with self._writing(f"lesion {name} of {exam_id} taken out") as (db, event):
            exams.require_lesion(db, exam_id, name)
            exams.take_out_lesion(db, event, exam_id, name)

    def put_segments(
        self, exam_id: str, labels: LabelMap, *, doubts: tuple[Doubt, ...] | None = None
    ) -> None:
        """Give an exam this segment map, and `doubts` about it; the old one stays in the log."""
        with self._writing(f"segments of {exam_id}") as (db, event):
            exams.require_exam(db, exam_id)
            exams.write_segments(db, event, exam_id, labels)
            if doubts is not None:
                exams.write_doubts(db, event, exam_id, doubts)

    def put_landmarks(
        self, exam_id: str, landmarks: Mapping[str, tuple[float, float, float]]
    ) -> None:
        """Give an exam these landmarks, {id: (x, y, z)} in LPS mm; the map stays as it is."""
        with self._writing(f"{len(landmarks)} landmarks of {exam_id}") as (db, event):
            exams.require_exam(db, exam_id)
            exams.write_landmarks(db, event, exam_id, landmarks)

    def put_measurements(self, exam_id: str, lesion: str, rows: Sequence[Measurement]) -> None:
        """Replace the measurement rows of a lesion (or "liver") in an exam."""
        with self._writing(f"{len(rows)} measurements of {lesion} in {exam_id}") as (db, event):
            exams.require_exam(db, exam_id)
            results.put_measurements(db, event, exam_id, lesion, rows)

    def put_views(self, exam_id: str, lesion: str, views: Sequence[View]) -> None:
        """Replace the pictures of a lesion in an exam; lesion "" for segment maps."""
        name = lesion or "the segments"
        with self._writing(f"{len(views)} pictures of {name} in {exam_id}") as (db, event):
            exams.require_exam(db, exam_id)
            results.put_views(db, event, exam_id, lesion, views)

    def put_findings(self, reported: ReportedFindings) -> None:
        """Make these the reported findings; earlier ones stay in the event log."""
        with self._writing(f"{len(reported.claims)} reported findings") as (db, event):
            put_part(db, event, FINDINGS, body=to_text(reported))

    def put_comparison(self, comparison: Comparison) -> None:
        """Replace the comparison."""
        with self._writing(f"comparison of {len(comparison.judgements)} claims") as (db, event):
            results.put_document(db, event, "comparison", to_text(comparison))

    def drop_comparison(self) -> None:
        """Forget the comparison: there is no report any more to compare with."""
        with self._writing("no comparison") as (db, _):
            results.drop_document(db, "comparison")

    def put_tables(self, digests: Mapping[str, str]) -> None:
        """Replace names and hashes of the threshold tables that were used."""
        with self._writing(f"hashes of {len(digests)} tables") as (db, event):
            results.put_tables(db, event, digests)

    def revert(self, event: int) -> None:
        """Take back what an event did to the work; itself an event, so it can be taken back.

        Measurements, pictures and the comparison are not work: they are made again from
        it (`outdated` names the lesions). Raises `CaseError` when the event changed no
        work, or when a later event changed the same part.
        """
        with self._writing(revert_note(event)) as (db, number):
            changes = read_changes(db, event=event, exam_id=None, name=None)
            if not changes:
                raise CaseError(
                    f"event {event} changed no exam, mask or findings",
                    where=str(self.path),
                    remedy="CaseFile.changes lists the events that did",
                )
            revert_changes(db, number, changes)
            for change in changes:
                if change.kind == "lesion" and change.before is None:
                    results.drop_results(db, change.exam_id, change.name)

    @contextmanager
    def _writing(self, note: str) -> Iterator[tuple[sqlite3.Connection, int]]:
        with self._link.writing(note) as draft:
            yield self._link.db, draft.number
