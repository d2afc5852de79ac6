"""A mask from one click, a line or a scribble, corrected by strokes that add and remove."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liverseg.errors import InputError
from liverseg.geometry import Grid, Label, LabelMap, Mask
from liverseg.lesions.drawing.checks import require_start, require_strokes
from liverseg.lesions.drawing.corrections import Drawing, correct, hold_inside, hold_line
from liverseg.lesions.drawing.fan import shows
from liverseg.lesions.drawing.mixture import Float
from liverseg.lesions.drawing.outline import Outline, closer_look, first_outline, from_click
from liverseg.lesions.drawing.sphere import fill
from liverseg.records import PhaseImage, Stroke, StrokeKind

NAME = "lesion"


def delineate(
    images: Sequence[PhaseImage], strokes: Sequence[Stroke], *, liver: LabelMap | None = None
) -> LabelMap:
    """The lesion that the strokes mark, as label 1 on the grid of the first image.

    `strokes` are in LPS mm in the frame of the first image: one that starts (click, line
    or scribble), then corrections in the order drawn. All images are used together, each
    read where its tissue has moved to; those that do not show the place are left out.
    `liver` (any label, lesions included, same frame) bounds the lesion where it is given.

    The same input gives the same mask. The lesion is taken as star-shaped about its
    middle: strongly bent or merging ones need the brush. Raises `InputError` when there is
    no or more than one start, or when it lies outside the image or the liver mask, or in air.

    Method: what looks unlike liver in any of the images along 642 rays, and the edge behind
    it, under a smooth surface; a correction moves the border as far beyond the stroke as
    readers mean by it. Settings: table `delineate_rules`.
    """
    start, corrections = require_strokes(strokes)
    where = np.asarray(start.points_lps_mm, dtype=np.float64)
    centre = np.asarray(where.mean(axis=0))
    require_start(images, start, liver)
    seen = [images[0], *(image for image in images[1:] if shows(image, centre))]
    drawing = _begin(seen, start, where, centre, liver)
    for stroke in corrections:
        drawing = correct(drawing, stroke, seen, liver)
    grid = images[0].volume.grid
    mask = fill(grid, drawing.outline.fan.centre, drawing.outline.reach_mm)
    _paint(mask, grid, strokes)
    if not mask.any():
        raise InputError("the strokes leave nothing of the lesion", remedy="remove less")
    return LabelMap(mask.astype(np.uint8), grid, (Label(1, NAME),))


class StarRays:
    """`delineate` as the segmenter that is always there."""

    name = "star-rays"
    version = "1.0"

    def delineate(
        self,
        images: Sequence[PhaseImage],
        strokes: Sequence[Stroke],
        *,
        liver: LabelMap | None = None,
    ) -> LabelMap:
        """See `liverseg.lesions.delineate`."""
        return delineate(images, strokes, liver=liver)


def _begin(
    images: Sequence[PhaseImage], start: Stroke, where: Float, centre: Float, liver: LabelMap | None
) -> Drawing:
    if start.kind is StrokeKind.LINE:
        outline = _from_line(images, where, centre, liver)
    else:
        outline = from_click(images, centre, liver)
        outline = hold_inside(outline, where - outline.fan.centre)
    return Drawing(outline, outline.reach_mm)


def _from_line(
    images: Sequence[PhaseImage], ends: Float, centre: Float, liver: LabelMap | None
) -> Outline:
    """The size is known: only liver's level needs the rough look."""
    rough = first_outline(images, centre, liver)
    half = np.full_like(rough.reach_mm, np.linalg.norm(ends[1] - ends[0]) / 2)
    outline = closer_look(images, centre, half, rough.levels, liver)
    return hold_line(outline, ends - outline.fan.centre)


def _paint(mask: Mask, grid: Grid, strokes: Sequence[Stroke]) -> None:
    """Voxels under a stroke are what it says, in the order drawn."""
    last = np.array(grid.shape) - 1
    for stroke in strokes:
        if stroke.kind is StrokeKind.LINE:
            continue
        index = np.rint(grid.to_index(stroke.points_lps_mm)).astype(np.intp)
        index = index[((index >= 0) & (index <= last)).all(axis=1)]
        mask[tuple(index.T)] = stroke.kind is not StrokeKind.REMOVE
