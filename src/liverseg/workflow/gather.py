"""Read all masks of a request and sort them by exam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from liverseg.couinaud import Landmarks, check_segments, read_landmarks
from liverseg.errors import InputError
from liverseg.geometry import Label, LabelMap, place_labels
from liverseg.ingest import hide, hide_doubts
from liverseg.interop import ReadMask, merge_labels, read_masks, uid_of
from liverseg.records import Doubt, Lesion, SeriesRecord
from liverseg.workflow.place import ExamFiles, Home, find_home, is_named
from liverseg.workflow.request import CaseRequest, PlacedPath
from liverseg.workflow.structures import canonical_structures


@dataclass
class ExamMasks:
    """What is known of one exam before its pixels are read; all on the reference grid."""

    files: ExamFiles
    reference: SeriesRecord
    liver: LabelMap
    lesions: list[Lesion] = field(default_factory=list)
    couinaud: LabelMap | None = None
    landmarks: Landmarks | None = None
    structures: LabelMap | None = None
    doubts: list[Doubt] = field(default_factory=list)


def gather_masks(request: CaseRequest, exams: Sequence[ExamFiles]) -> tuple[ExamMasks, ...]:
    """Masks of every exam that has a liver, in the order of the exams.

    Raises `InputError` when no liver is given, when two livers claim one exam, or when
    a lesion, segment map or structure map belongs to an exam without a liver.
    """
    gathered: dict[str, ExamMasks] = {}
    for placed in request.liver:
        _add_liver(placed, exams, gathered)
    if not gathered:
        raise InputError("no liver mask was given", remedy="pass --liver MASK")
    for placed in request.lesions:
        _add_lesions(placed, exams, gathered)
    for placed in request.couinaud:
        _add_couinaud(placed, exams, gathered)
    for placed in request.landmarks:
        _add_landmarks(placed, gathered)
    for placed in request.structures:
        _add_structures(placed, exams, gathered)
    for masks in gathered.values():
        _hide_names(masks)
    return tuple(gathered[exam.exam_id] for exam in exams if exam.exam_id in gathered)


def tracking_uid(study_uids: Sequence[str], lesion: str) -> str:
    """A UID for a lesion name within one patient's studies; the same on every run."""
    return uid_of(*sorted(set(study_uids)), lesion)


def _hide_names(masks: ExamMasks) -> None:
    """Take what the images say of the patient out of what is told of the masks' files."""
    marks = masks.reference.hidden
    masks.doubts = list(hide_doubts(masks.doubts, marks))
    masks.lesions = [
        replace(
            lesion,
            source=hide(lesion.source, marks),
            doubts=hide_doubts(lesion.doubts, marks),
        )
        for lesion in masks.lesions
    ]


def _add_liver(
    placed: PlacedPath, exams: Sequence[ExamFiles], gathered: dict[str, ExamMasks]
) -> None:
    mask, home = _merged(placed, exams)
    exam_id = home.exam.exam_id
    if exam_id in gathered:
        raise InputError(
            f"two liver masks were given for the {home.exam.title}",
            where=str(placed.path),
            remedy="pass one liver for each exam, or say which series with MASK@SERIES",
        )
    liver = place_labels(mask.labels, home.series.grid, where=str(placed.path))
    masks = ExamMasks(home.exam, home.series, as_binary(liver, "liver"), doubts=list(home.doubts))
    if not home.stated:
        masks.doubts.append(
            Doubt(
                f"several series share the liver mask's grid; taken as drawn on "
                f"{home.series.title} ({home.exam.calls[home.series.key].phase})",
                placed.path.name,
            )
        )
    gathered[exam_id] = masks


def _add_lesions(
    placed: PlacedPath, exams: Sequence[ExamFiles], gathered: dict[str, ExamMasks]
) -> None:
    for mask in read_masks(placed.path):
        home = find_home(mask, exams, series=placed.series)
        masks = _of_exam(home, placed.path, gathered)
        mask = replace(mask, name=hide(mask.name, masks.reference.hidden))  # noqa: PLW2901
        _require_reference(home, masks, placed.path)
        if mask.name == "liver" or any(lesion.name == mask.name for lesion in masks.lesions):
            raise InputError(
                f"a lesion called {mask.name} is already there in the {home.exam.title}",
                where=str(placed.path),
                remedy="give the mask file another name: a lesion's name is its file's stem",
            )
        labels = place_labels(mask.labels, masks.reference.grid, where=str(placed.path))
        masks.lesions.append(
            Lesion(
                name=mask.name,
                tracking_uid=tracking_uid(
                    [record.study_uid for exam in exams for record in exam.series], mask.name
                ),
                mask=as_binary(labels, mask.name),
                drawn_on=masks.reference.key,
                source=placed.path.name,
                doubts=home.doubts,
            )
        )


def _add_couinaud(
    placed: PlacedPath, exams: Sequence[ExamFiles], gathered: dict[str, ExamMasks]
) -> None:
    mask, home = _merged(placed, exams)
    masks = _of_exam(home, placed.path, gathered)
    if masks.couinaud is not None or masks.landmarks is not None:
        raise InputError(f"two sets of segments for the {home.exam.title}", where=str(placed.path))
    labels = place_labels(mask.labels, masks.reference.grid, where=str(placed.path))
    masks.couinaud, doubts = check_segments(labels, liver=masks.liver)
    masks.doubts.extend((*home.doubts, *doubts))


def _add_landmarks(placed: PlacedPath, gathered: dict[str, ExamMasks]) -> None:
    fits = [
        masks
        for masks in gathered.values()
        if placed.series is None or any(is_named(r, placed.series) for r in masks.files.series)
    ]
    if len(fits) != 1:
        raise InputError(
            f"landmarks belong to one exam, {len(fits)} are possible",
            where=str(placed.path),
            remedy="say which with FILE@SERIES",
        )
    if fits[0].couinaud is not None or fits[0].landmarks is not None:
        raise InputError(
            f"two sets of segments for the {fits[0].files.title}", where=str(placed.path)
        )
    fits[0].landmarks = read_landmarks(placed.path)


def _add_structures(
    placed: PlacedPath, exams: Sequence[ExamFiles], gathered: dict[str, ExamMasks]
) -> None:
    mask, home = _merged(placed, exams)
    masks = _of_exam(home, placed.path, gathered)
    labels = canonical_structures(
        place_labels(mask.labels, masks.reference.grid, where=str(placed.path)),
        where=str(placed.path),
    )
    if masks.structures is not None:
        raise InputError(f"two structure maps for the {home.exam.title}", where=str(placed.path))
    masks.structures = labels
    masks.doubts.extend(home.doubts)


def _merged(placed: PlacedPath, exams: Sequence[ExamFiles]) -> tuple[ReadMask, Home]:
    items = read_masks(placed.path)
    labels = merge_labels(items, where=str(placed.path))
    mask = replace(items[0], labels=labels)
    return mask, find_home(mask, exams, series=placed.series)


def _of_exam(home: Home, path: Path, gathered: dict[str, ExamMasks]) -> ExamMasks:
    try:
        return gathered[home.exam.exam_id]
    except KeyError:
        raise InputError(
            f"mask {path} belongs to the {home.exam.title}, which has no liver mask",
            remedy="pass --liver for that exam as well",
        ) from None


def _require_reference(home: Home, masks: ExamMasks, path: Path) -> None:
    """A lesion must be drawn where the liver is: phases are shifted by breathing."""
    if home.series.key != masks.reference.key and home.stated:
        raise InputError(
            f"lesion {path} is drawn on {home.series.title}, the liver on {masks.reference.title}",
            remedy=f"draw both on one series, or pass {path}@{masks.reference.key} if the lesion's "
            "place on that series is meant",
        )


def as_binary(labels: LabelMap, name: str) -> LabelMap:
    """Any label becomes 1; raises `InputError` when nothing is drawn."""
    drawn = labels.mask()
    if not drawn.any():
        raise InputError(f"mask {name} is empty", remedy="draw it first, or leave it out")
    return LabelMap(drawn.astype(np.uint8), labels.grid, (Label(1, name),))
