"""Change the Couinaud segments of a stored case; shares and verdicts follow in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from liverseg.case import CaseFile
from liverseg.couinaud import (
    Landmarks,
    correct_segments,
    divide_liver,
    is_segment_doubt,
    landmarks_as_dict,
    parse_landmarks,
    plan_remnant,
    segment_volumes,
)
from liverseg.errors import InputError
from liverseg.geometry import LabelMap, Point, require_same_frame
from liverseg.records import Doubt, Exam, Measurement, Remnant, SegmentVolume
from liverseg.report import cut_views
from liverseg.workflow.measure import LIVER, measure_exam, measure_liver_shares, measure_shape
from liverseg.workflow.run import store_comparison

#: Rows that a segment map decides.
SHARE_METRICS = ("couinaud_share", "border_distance")


def divide_exam(exam: Exam, landmarks: Mapping[str, Point]) -> tuple[LabelMap, tuple[Doubt, ...]]:
    """The segments that landmarks {id: (x, y, z)} in LPS mm give, and doubts about them.

    Nothing is stored. Segment 4 is split unless the exam's present map has it whole.
    Raises as `parse_landmarks` and `divide_liver`.
    """
    points = parse_landmarks(landmarks, where=exam.exam_id)
    whole = exam.couinaud is not None and any(
        exam.couinaud.name_of(value) == "4" for value in exam.couinaud.values
    )
    return divide_liver(exam.liver, points, split_four=not whole)


def update_couinaud(
    case: CaseFile,
    exam: Exam,
    labels: LabelMap,
    *,
    landmarks: Mapping[str, Point] | None = None,
    doubts: Sequence[Doubt] = (),
    revision: int | None = None,
) -> Exam:
    """Give an exam another segment map, on the liver's grid, and landmarks if it is of them.

    Shares and distances to borders of every lesion and of the liver are measured again,
    with pictures of the segments and the comparison. `doubts` take the place of those about
    the old map. Raises `InputError` for another grid and `CaseError` when another program
    has written since `revision`; then nothing changes.
    """
    require_same_frame(labels.grid, exam.liver.grid, where=exam.exam_id)
    if not labels.grid.is_same_lattice(exam.liver.grid):
        raise InputError(
            f"the segments are {labels.grid}, the liver is {exam.liver.grid}",
            where=exam.exam_id,
            remedy="put them on the liver's grid with place_labels",
        )
    kept = tuple(doubt for doubt in exam.doubts if not is_segment_doubt(doubt))
    points = dict(exam.landmarks if landmarks is None else landmarks)
    edited = replace(exam, couinaud=labels, doubts=(*kept, *doubts), landmarks=points)
    rows = _rows(case, edited)
    views = cut_views(edited, [row for found in rows.values() for row in found])
    names = {view.lesion for view in views}
    with case.transaction(f"edit segments of {exam.exam_id}", revision=revision):
        case.put_segments(exam.exam_id, labels, doubts=edited.doubts)
        case.put_landmarks(exam.exam_id, points)
        for name, found in rows.items():
            case.put_measurements(exam.exam_id, name, found)
        for name in sorted(names):
            case.put_views(exam.exam_id, name, [view for view in views if view.lesion == name])
        store_comparison(case, case.findings())
    return edited


def correct_couinaud(
    case: CaseFile, exam: Exam, drawn: NDArray[np.integer], *, revision: int | None = None
) -> tuple[Exam, int]:
    """Store what a brush did to the segments; also how many drawn voxels did not count.

    `drawn` is the whole map as drawn, (slice, row, column). Only voxels of the liver
    change, see `correct_segments`. The rest as in `update_couinaud`.
    """
    if exam.couinaud is None:
        raise InputError(
            f"exam {exam.exam_id} has no segments to correct",
            remedy="divide the liver by landmarks first",
        )
    labels, refused = correct_segments(exam.couinaud, drawn, exam.liver)
    if labels is exam.couinaud:
        return exam, refused
    doubts = [doubt for doubt in exam.doubts if is_segment_doubt(doubt)]
    return update_couinaud(case, exam, labels, doubts=doubts, revision=revision), refused


def update_landmarks(
    case: CaseFile, exam: Exam, landmarks: Mapping[str, Point], *, revision: int | None = None
) -> Exam:
    """Store landmarks that do not make a map (yet); the segment map stays as it is.

    Raises `InputError` for an unknown landmark; then nothing changes.
    """
    points = _points(parse_landmarks(landmarks, where=exam.exam_id))
    with case.transaction(f"landmarks of {exam.exam_id}", revision=revision):
        case.put_landmarks(exam.exam_id, points)
    return replace(exam, landmarks=points)


def exam_volumes(exam: Exam) -> tuple[SegmentVolume, ...]:
    """Volumes of an exam's segments with the tumour in them; raises `InputError` without a map."""
    if exam.couinaud is None:
        raise InputError(
            f"exam {exam.exam_id} has no segments",
            remedy="give `liverseg run` a segment map or landmarks",
        )
    return segment_volumes(exam.liver, exam.couinaud, [one.mask for one in exam.lesions])


def case_volumes(
    case: CaseFile, *, exam_id: str = "", resected: Sequence[str] = ()
) -> Mapping[str, tuple[tuple[SegmentVolume, ...], Remnant]]:
    """Segment volumes and remnant of each exam that has segments, or of one; no image is read.

    Raises `InputError` when the exam does not exist, or no exam has segments.
    """
    known = case.exam_ids()
    if exam_id and exam_id not in known:
        raise InputError(f"the case has no exam {exam_id}", remedy="one of " + ", ".join(known))
    found = {}
    for one in known:
        stored = case.stored_exam(one)
        if exam_id not in ("", one) or stored.couinaud is None:
            continue
        masks = [lesion.mask for lesion in stored.lesions]
        volumes = segment_volumes(stored.liver, stored.couinaud, masks)
        found[one] = (volumes, plan_remnant(volumes, resected))
    if not found:
        raise InputError(
            f"{exam_id or 'the case'} has no segments",
            where=str(case.path),
            remedy="give `liverseg run` a segment map or landmarks",
        )
    return found


def _rows(case: CaseFile, exam: Exam) -> Mapping[str, tuple[Measurement, ...]]:
    """Rows of the exam with its new segments; what does not rest on them is taken as stored."""
    if any(name == exam.exam_id for name, _ in case.outdated()):
        return measure_exam(exam)
    rows: dict[str, tuple[Measurement, ...]] = {}
    for lesion in exam.lesions:
        shape = measure_shape(exam, lesion)
        made = {row.metric for row in shape} | set(SHARE_METRICS)
        old = case.measurements(exam_id=exam.exam_id, lesion=lesion.name)
        rows[lesion.name] = (*shape, *(row for row in old if row.metric not in made))
    old = case.measurements(exam_id=exam.exam_id, lesion=LIVER)
    others = tuple(row for row in old if row.metric not in SHARE_METRICS)
    rows[LIVER] = (*others, *measure_liver_shares(exam))
    return rows


def _points(landmarks: Landmarks) -> dict[str, Point]:
    return {name: (p[0], p[1], p[2]) for name, p in landmarks_as_dict(landmarks).items()}
