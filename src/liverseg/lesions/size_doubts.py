"""What a reader should know before trusting a size."""

from __future__ import annotations

from liverseg.geometry import Grid, LabelMap, Mask
from liverseg.lesions.hull import Span
from liverseg.lesions.lattice import slice_step_mm
from liverseg.lesions.pieces import count_pieces
from liverseg.records import Doubt
from liverseg.tables import load_table

WHERE = "size"


def length_doubts(long: Span, grid: Grid) -> tuple[Doubt, ...]:
    """A long axis below one pixel, or slices too far apart for it."""
    rules = load_table("size_rules").number
    step = slice_step_mm(grid)
    doubts = []
    if long.length_mm == 0:
        doubts.append(Doubt("no two voxels side by side in any slice: below one pixel", WHERE))
    if step > rules("slice_step_max"):
        limit = rules("slice_step_max")
        reason = f"slices are {step:.3g} mm apart, more than the {limit:g} mm of RECIST 1.1"
        doubts.append(Doubt(reason, WHERE))
    if step > rules("slice_step_share_max") * long.length_mm:
        reason = f"slices are {step:.3g} mm apart, more than a third of the long axis"
        doubts.append(Doubt(reason, WHERE))
    return tuple(doubts)


def shape_doubts(long: Span, grid: Grid) -> tuple[Doubt, ...]:
    """Slices or a lesion for which the voxels decide about shape."""
    rules = load_table("size_rules").number
    step, least = slice_step_mm(grid), rules("shape_diameter_min")
    doubts = []
    if step > rules("solidity_step_max"):
        limit = rules("solidity_step_max")
        reason = f"solidity is not rated: slices are {step:.3g} mm apart, more than {limit:g} mm"
        doubts.append(Doubt(reason, WHERE))
    if long.length_mm < least:
        doubts.append(Doubt(f"shape is not rated below {least:g} mm", WHERE))
    return tuple(doubts)


def piece_doubts(drawn: Mask) -> tuple[Doubt, ...]:
    """More than one piece (voxels that touch at a corner belong together)."""
    count = count_pieces(drawn)
    if count == 1:
        return ()
    return (Doubt(f"the mask has {count} separate pieces; they are measured as one", WHERE),)


def edge_doubts(mask: LabelMap, box: tuple[slice, slice, slice]) -> tuple[Doubt, ...]:
    """A mask that reaches the edge of the image."""
    names = ("first or last slice", "first or last row", "first or last column")
    touched = [
        name
        for name, span, size in zip(names, box, mask.grid.shape, strict=True)
        if size > 1 and (span.start == 0 or span.stop == size)
    ]
    if not touched:
        return ()
    reason = f"the mask reaches the {' and the '.join(touched)} of the image and may be cut off"
    return (Doubt(reason, WHERE),)
