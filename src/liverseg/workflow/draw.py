"""A lesion of an exam drawn from strokes, corrected by them, or changed as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from liverseg.errors import EmptyLabelError, InputError
from liverseg.extensions import Segmenter
from liverseg.geometry import LabelMap, Mask, bounding_box
from liverseg.lesions import (
    fill_holes,
    grow,
    interpolate_slices,
    keep_largest,
    least_step_mm,
    shrink,
    smooth,
)
from liverseg.records import Exam, Lesion, Stroke, StrokeKind
from liverseg.workflow.delineate import delineate_exam
from liverseg.workflow.edit import find_lesion

OWN, OTHERS = 1, 2


@dataclass(frozen=True, eq=False)
class Redrawn:
    """A mask for a lesion (bool, on the exam's reference grid), and how it came about.

    `strokes` are those to keep with the lesion; None leaves the former ones.
    """

    mask: Mask
    step: str
    strokes: tuple[Stroke, ...] | None = None


def draw_lesion(
    exam: Exam, name: str, strokes: Sequence[Stroke], *, segmenter: Segmenter | None = None
) -> Redrawn:
    """A new lesion from strokes in LPS mm of the exam's reference series; nothing is stored.

    Voxels of other lesions stay theirs. Raises `InputError` when the strokes make no sense,
    `EmptyLabelError` when other lesions hold all that they mark.
    """
    drawn = delineate_exam(exam, strokes, segmenter=segmenter).mask()
    mask = drawn & ~_others(exam, name)
    if not mask.any():
        raise EmptyLabelError(
            "another lesion holds this place already",
            where=exam.exam_id,
            remedy="correct that lesion, or start outside it",
        )
    return Redrawn(mask, f"draw lesion {name} from a {strokes[0].kind}", tuple(strokes))


def correct_lesion(
    exam: Exam, name: str, stroke: Stroke, *, segmenter: Segmenter | None = None
) -> Redrawn:
    """A lesion after one more stroke that adds or removes; nothing is stored.

    The strokes that the lesion was drawn from are kept with it, so corrections add up. What
    the stroke changes about the delineation is changed in the mask: work by hand elsewhere
    stays. A lesion that came without strokes counts as started by a click in its middle.
    """
    lesion = find_lesion(exam, name)
    if not stroke.kind.corrects:
        raise InputError(f"a {stroke.kind} starts a lesion", remedy="correct with add or remove")
    before = lesion.strokes or (_click_in(lesion),)
    after = (*before, stroke)
    old, new = (
        delineate_exam(exam, strokes, segmenter=segmenter, lesion=lesion).mask()
        for strokes in (before, after)
    )
    mask = (lesion.mask.mask() | (new & ~old)) & ~(old & ~new)
    _mark(mask, exam, stroke)
    mask &= ~_others(exam, name)
    if not mask.any():
        raise EmptyLabelError(
            f"nothing would be left of lesion {name}",
            where=exam.exam_id,
            remedy="remove less with the stroke, or remove the lesion",
        )
    verb = "add to" if stroke.kind is StrokeKind.ADD else "take from"
    return Redrawn(mask, f"{verb} lesion {name} by a stroke", after)


def reshape_lesion(
    exam: Exam, name: str, tool: str, *, distance_mm: float | None = None
) -> Redrawn:
    """A lesion changed as a whole by one of `RESHAPING`; nothing is stored.

    `distance_mm` is for grow, shrink and smooth; without it they take their usual step.
    Voxels of other lesions stay theirs. Raises `EmptyLabelError` when nothing would be left.
    """
    if tool not in RESHAPING:
        raise InputError(
            f"there is no tool {tool!r}", remedy="one of " + ", ".join(sorted(RESHAPING))
        )
    lesion = find_lesion(exam, name)
    array = np.where(_others(exam, name), np.uint8(OTHERS), np.uint8(0))
    own = lesion.mask.mask()
    array[own] = OWN
    changed, words = RESHAPING[tool](LabelMap(array, lesion.mask.grid), distance_mm)
    mask = changed.mask(OWN)
    return Redrawn(mask, words.format(name))


def _by_steps(change: Callable[..., LabelMap], words: str) -> _Tool:
    def act(drawn: LabelMap, distance_mm: float | None) -> tuple[LabelMap, str]:
        step = least_step_mm(drawn.grid) if distance_mm is None else distance_mm
        return change(drawn, step), f"{words} by {step:.3g} mm"

    return act


def _smooth(drawn: LabelMap, distance_mm: float | None) -> tuple[LabelMap, str]:
    return smooth(drawn, sigma_mm=distance_mm), "smooth lesion {}"


def _whole(change: Callable[[LabelMap], LabelMap], words: str) -> _Tool:
    return lambda drawn, _: (change(drawn), words)


_Tool = Callable[[LabelMap, float | None], tuple[LabelMap, str]]
#: Tools that change a whole lesion, by name.
RESHAPING: Mapping[str, _Tool] = {
    "grow": _by_steps(grow, "grow lesion {}"),
    "shrink": _by_steps(shrink, "shrink lesion {}"),
    "fill holes": _whole(fill_holes, "fill holes of lesion {}"),
    "smooth": _smooth,
    "largest piece": _whole(keep_largest, "keep the largest piece of lesion {}"),
    "interpolate": _whole(interpolate_slices, "interpolate slices of lesion {}"),
}


def _others(exam: Exam, name: str) -> Mask:
    """Voxels that other lesions hold and this one does not."""
    held: Mask = np.zeros(exam.liver.grid.shape, dtype=bool)
    for lesion in exam.lesions:
        if lesion.name != name:
            held |= lesion.mask.array != 0
    for lesion in exam.lesions:
        if lesion.name == name:
            held &= lesion.mask.array == 0
    return held


def _mark(mask: Mask, exam: Exam, stroke: Stroke) -> None:
    """Voxels under a stroke are what it says, whatever the delineation made of it."""
    index = np.rint(exam.liver.grid.to_index(stroke.points_lps_mm)).astype(np.intp)
    inside = ((index >= 0) & (index < mask.shape)).all(axis=1)
    mask[tuple(index[inside].T)] = stroke.kind is StrokeKind.ADD


def _click_in(lesion: Lesion) -> Stroke:
    """A click on the voxel of a lesion that lies deepest in it."""
    grid, drawn = lesion.mask.grid, lesion.mask.mask()
    box = bounding_box(drawn)
    depth = ndimage.distance_transform_edt(np.pad(drawn[box], 1), sampling=grid.spacing_mm)
    deepest = np.unravel_index(int(depth.argmax()), depth.shape)
    index = [int(n) - 1 + part.start for n, part in zip(deepest, box, strict=True)]
    x, y, z = (float(value) for value in grid.to_lps_mm(index))
    return Stroke(StrokeKind.CLICK, ((x, y, z),))
