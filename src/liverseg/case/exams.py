"""`StoredExam`: an exam as the case file knows it, everything but the voxels."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from liverseg.case.door import MOVES_VERSION
from liverseg.case.pack import pack, unpack
from liverseg.case.results import drop_results
from liverseg.case.series import get_series, put_series
from liverseg.case.work import (
    Part,
    drop_part,
    head_version,
    lesion_body,
    names_of,
    put_part,
    read_body,
    read_labels,
    read_lesion,
)
from liverseg.errors import CaseError
from liverseg.geometry import LabelMap
from liverseg.records import Doubt, Exam, Lesion, PhaseCall, PhaseShift, SeriesRecord

_MAPS = ("liver", "couinaud", "structures")


@dataclass(frozen=True, eq=False)
class StoredExam:
    """Everything of an `Exam` except voxels.

    `records` are its series in their order, with paths where the files are found now;
    `calls` gives the phase of each by its key; the rest is as in `Exam`.
    """

    exam_id: str
    date: str
    modality: str
    reference: str
    records: tuple[SeriesRecord, ...]
    calls: Mapping[str, PhaseCall]
    shifts: tuple[PhaseShift, ...]
    liver: LabelMap
    lesions: tuple[Lesion, ...]
    couinaud: LabelMap | None
    structures: LabelMap | None
    doubts: tuple[Doubt, ...]
    landmarks: Mapping[str, tuple[float, float, float]]


def write_exam(db: sqlite3.Connection, event: int, exam: Exam | StoredExam, *, home: Path) -> None:
    """Make this the state of an exam; lesions it no longer has are taken out."""
    if isinstance(exam, StoredExam):
        records, calls = exam.records, exam.calls
    else:
        records = tuple(item.record for item in exam.series)
        calls = {item.record.key: item.call for item in exam.series}
    for record in records:
        put_series(db, event, record, home=home)
    body = {
        "date": exam.date,
        "modality": exam.modality,
        "reference": exam.reference,
        "series": [record.key for record in records],
        "calls": {record.key: pack(calls[record.key]) for record in records},
        "shifts": pack(exam.shifts),
        "doubts": pack(exam.doubts),
    }
    put_part(db, event, Part("exam", exam.exam_id), body=json.dumps(body, ensure_ascii=False))
    for kind in _MAPS:
        labels: LabelMap | None = getattr(exam, kind)
        if labels is None:
            drop_part(db, event, Part(kind, exam.exam_id))
        else:
            put_part(db, event, Part(kind, exam.exam_id), labels=labels)
    write_landmarks(db, event, exam.exam_id, exam.landmarks)
    kept = {lesion.name for lesion in exam.lesions}
    for name in names_of(db, "lesion", exam.exam_id):
        if name not in kept:
            take_out_lesion(db, event, exam.exam_id, name)
    for position, lesion in enumerate(exam.lesions):
        write_lesion(db, event, exam.exam_id, lesion, position=position)


def write_landmarks(
    db: sqlite3.Connection,
    event: int,
    exam_id: str,
    landmarks: Mapping[str, tuple[float, float, float]],
) -> None:
    """Make these the landmarks of an exam, {id: (x, y, z)} in LPS mm; none takes them out."""
    part = Part("landmarks", exam_id)
    if landmarks:
        points = {name: [float(x) for x in point] for name, point in landmarks.items()}
        put_part(db, event, part, body=json.dumps(points))
    else:
        drop_part(db, event, part)


def write_segments(db: sqlite3.Connection, event: int, exam_id: str, labels: LabelMap) -> None:
    """Make this the segment map of an exam; the one before stays as a version."""
    put_part(db, event, Part("couinaud", exam_id), labels=labels)


def write_doubts(
    db: sqlite3.Connection, event: int, exam_id: str, doubts: tuple[Doubt, ...]
) -> None:
    """Make these the doubts about an exam as a whole."""
    body = json.loads(read_body(db, Part("exam", exam_id)) or "{}")
    body["doubts"] = pack(doubts)
    put_part(db, event, Part("exam", exam_id), body=json.dumps(body, ensure_ascii=False))


def write_lesion(
    db: sqlite3.Connection,
    event: int,
    exam_id: str,
    lesion: Lesion,
    *,
    position: int | None = None,
) -> None:
    """Insert a lesion, or give it a new state; the old one stays as a version."""
    if lesion.moves:
        db.execute(f"PRAGMA user_version = {MOVES_VERSION}")
    part = Part("lesion", exam_id, lesion.name)
    put_part(db, event, part, body=lesion_body(lesion), labels=lesion.mask, position=position)


def take_out_lesion(db: sqlite3.Connection, event: int, exam_id: str, name: str) -> None:
    """Take a lesion out with its measurements and pictures; its versions stay."""
    drop_part(db, event, Part("lesion", exam_id, name))
    drop_results(db, exam_id, name)


def read_exam(db: sqlite3.Connection, exam_id: str, *, home: Path) -> StoredExam:
    """The exam as it is now. Raises `CaseError` when the case has none of this id."""
    require_exam(db, exam_id)
    body = json.loads(read_body(db, Part("exam", exam_id)) or "{}")
    liver = read_labels(db, Part("liver", exam_id))
    if liver is None:
        raise CaseError(f"exam {exam_id} has no liver", remedy="run `liverseg run` again")
    names = names_of(db, "lesion", exam_id)
    heads = [head_version(db, Part("lesion", exam_id, name)) for name in names]
    return StoredExam(
        exam_id=exam_id,
        date=body["date"],
        modality=body["modality"],
        reference=body["reference"],
        records=tuple(get_series(db, key, home=home) for key in body["series"]),
        calls={key: unpack(PhaseCall, call) for key, call in body["calls"].items()},
        shifts=unpack(tuple[PhaseShift, ...], body["shifts"]),
        liver=liver,
        lesions=tuple(read_lesion(db, number) for number in heads if number is not None),
        couinaud=read_labels(db, Part("couinaud", exam_id)),
        structures=read_labels(db, Part("structures", exam_id)),
        doubts=unpack(tuple[Doubt, ...], body["doubts"]),
        landmarks={
            name: (point[0], point[1], point[2])
            for name, point in json.loads(read_body(db, Part("landmarks", exam_id)) or "{}").items()
        },
    )


def exam_series(db: sqlite3.Connection, exam_id: str) -> tuple[str, ...]:
    """Keys of the series of an exam."""
    require_exam(db, exam_id)
    body = json.loads(read_body(db, Part("exam", exam_id)) or "{}")
    return tuple(body["series"])


def exam_ids(db: sqlite3.Connection) -> tuple[str, ...]:
    """Ids of the exams in the order in which they were first written."""
    rows = db.execute("SELECT exam_id FROM head WHERE kind = 'exam' ORDER BY position, exam_id")
    return tuple(row[0] for row in rows)


def require_exam(db: sqlite3.Connection, exam_id: str) -> None:
    """Raise `CaseError` naming the exams there are."""
    known = exam_ids(db)
    if exam_id not in known:
        raise CaseError(
            f"the case has no exam {exam_id}",
            remedy="exams there: " + (", ".join(known) or "none; write one with put_exam"),
        )


def require_lesion(db: sqlite3.Connection, exam_id: str, name: str) -> None:
    """Raise `CaseError` naming the lesions there are."""
    require_exam(db, exam_id)
    known = names_of(db, "lesion", exam_id)
    if name not in known:
        raise CaseError(
            f"exam {exam_id} has no lesion {name}",
            remedy="lesions there: " + (", ".join(known) or "none"),
        )


def tracking_uid(db: sqlite3.Connection, name: str) -> str | None:
    """Tracking UID that a lesion of this name carries in any exam, or None."""
    row = db.execute(
        "SELECT body FROM head JOIN version ON version.id = version_id"
        " WHERE head.kind = 'lesion' AND head.name = ? ORDER BY head.event LIMIT 1",
        (name,),
    ).fetchone()
    return None if row is None else str(json.loads(row[0])["tracking_uid"])
