"""A lesion that lies elsewhere in one series than the exam's shift says, by a reader's eye.

What belongs to the lesion goes along: its mask, rim and core, shells and sectors. What
belongs to the exam stays: the liver reference, vessels and spleen lie where the registration
puts the organ, and the reference leaves out a lesion also where it was moved to, so that it
never counts as liver. Perilesional liver is the part of that reference round the lesion where
it lies: the window goes with the lesion, the tissue does not, or it would be pushed over the
liver's surface and over vessels that stayed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from liverseg.errors import InputError
from liverseg.geometry import Label, LabelMap, Point, Translation
from liverseg.lesions.lattice import dilate_mm
from liverseg.lesions.place import place_nearest, share_inside
from liverseg.lesions.shift import lesion_shift_to
from liverseg.lesions.tissue import Tissue
from liverseg.records import Exam, Lesion, Measurement, SeriesVolume
from liverseg.tables import load_table


def move_in_series(exam: Exam, lesion: Lesion, key: str, offset_mm: Point | None) -> Lesion:
    """The lesion lying `offset_mm` (LPS) off the registration in the series of this key.

    The offset replaces the one there was; None, or zero, takes it away: as registered.
    Raises `InputError` for a series that the exam has not, for the reference series, for
    numbers that are none, for more than row `lesion_move_max` of table
    `enhancement_rules`, and where the series would not show the lesion any more.
    """
    series = movable_series(exam, lesion.name, key)
    moves = {name: move for name, move in lesion.moves.items() if name != key}
    if offset_mm is None or not any(offset_mm):
        return replace(lesion, moves=moves)
    x, y, z = (float(part) for part in offset_mm)
    moved = replace(lesion, moves={**moves, key: Translation((x, y, z))})
    _believe(exam, moved, series)
    return moved


def movable_series(exam: Exam, name: str, key: str) -> SeriesVolume:
    """The series of this key, if a lesion of this name can be moved in it.

    Raises `InputError` where there is none, and for the reference series.
    """
    try:
        series = exam.by_key(key)
    except KeyError:
        there = ", ".join(f"{one.record.key} ({phase_name(one)})" for one in exam.series)
        raise InputError(
            f"{exam.exam_id} has no series {key}", remedy=f"series there: {there}"
        ) from None
    if key == exam.reference:
        raise InputError(
            f"lesion {name} is drawn in the {phase_name(series)} phase, the reference: "
            "it lies there as drawn",
            where=exam.exam_id,
            remedy="move it in another phase, or correct its outline",
        )
    return series


def moves_text(lesion: Lesion, series: Sequence[SeriesVolume]) -> str:
    """Where a reader moved the lesion in these series, in words; "" where nowhere.

    As "moved by hand 4.1 mm (0.0, 0.0, -4.1 LPS) in late arterial off the registration".
    """
    found: dict[str, str] = {}
    for one in series:
        move = lesion.moves.get(one.record.key)
        if move is not None:
            offset = ", ".join(f"{round(part, 1) + 0.0:.1f}" for part in move.offset_mm)
            found[one.record.key] = f"{move.length_mm:.1f} mm ({offset} LPS) in {phase_name(one)}"
    return f"moved by hand {' and '.join(found.values())} off the registration" if found else ""


def tell_moves(row: Measurement, lesion: Lesion, *series: SeriesVolume) -> Measurement:
    """The row with the lesion's moves in the series that it rests on told by its method."""
    told = moves_text(lesion, series)
    return replace(row, method=f"{row.method}; lesion {told}") if told else row


def phase_name(series: SeriesVolume) -> str:
    """The phase of a series as people write it."""
    return str(series.call.phase).replace("_", " ")


def clear_of_lesions(exam: Exam, tissue: Tissue, series: SeriesVolume) -> Tissue:
    """A liver reference (as drawn) without the lesions that were moved in this series.

    It keeps its distance from lesions where they are drawn; here also from where they lie.
    """
    key = series.record.key
    moved = [lesion for lesion in exam.lesions if key in lesion.moves]
    if tissue.labels is None or not moved:
        return tissue
    array = tissue.labels.array.copy()
    margin_mm = load_table("enhancement_rules").number("lesion_margin")
    for lesion in moved:
        near = surroundings(lesion.mask, margin_mm)
        taken, box = place_nearest(near, tissue.labels.grid, lesion.moves[key])
        array[box][taken != 0] = 0
    return Tissue(LabelMap(array, tissue.labels.grid, tissue.labels.labels), tissue.doubts)


def surroundings(mask: LabelMap, margin_mm: float) -> LabelMap:
    """A lesion and what lies within a distance of it, on a crop of its lattice."""
    part = mask.cropped()
    reach = np.linalg.norm(part.grid.index_from_lps[:3, :3], axis=1) * margin_mm
    pad = [int(np.ceil(count)) for count in reach]
    drawn = np.pad(part.array != 0, [(count, count) for count in pad])
    grid = part.grid.cropped((-pad[0], -pad[1], -pad[2]), drawn.shape)
    near = dilate_mm(drawn, grid, margin_mm).astype(np.uint8)
    return LabelMap(near, grid, (Label(1, "lesion"),))


def _believe(exam: Exam, lesion: Lesion, series: SeriesVolume) -> None:
    """Raise `InputError` where the lesion cannot lie there."""
    rules = load_table("enhancement_rules").number
    move, where = lesion.moves[series.record.key], f"lesion {lesion.name}, {phase_name(series)}"
    if not np.isfinite(move.offset_mm).all():
        raise InputError(
            f"a move by {', '.join(map(str, move.offset_mm))} mm is nowhere",
            where=where,
            remedy="three finite numbers in LPS mm",
        )
    if move.length_mm > rules("lesion_move_max"):
        raise InputError(
            f"{move.length_mm:.1f} mm off the registration is more than a lesion moves "
            f"(limit {rules('lesion_move_max'):g} mm)",
            where=where,
            remedy="check series and signs (LPS: left, back and head count up)",
        )
    shift = lesion_shift_to(exam, lesion, series)
    inside = share_inside(lesion.mask.cropped(), series.volume.grid, shift)
    if inside < rules("covered_min"):
        raise InputError(
            f"only {inside:.0%} of the lesion would lie inside that image "
            f"({rules('covered_min'):.0%} are needed)",
            where=where,
            remedy="move it less: the series does not reach further",
        )
