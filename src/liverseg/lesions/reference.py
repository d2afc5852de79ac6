"""Liver tissue away from lesions, vessels and the surface: what lesions are compared with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liverseg.geometry import Grid, Label, LabelMap, Mask, bounding_box, place_labels
from liverseg.lesions.lattice import dilate_mm, erode_mm
from liverseg.tables import load_table

WHERE = "liver reference"
#: Name of the label by how much could be kept away from; the first is the usual one.
FULL = "liver reference"
NO_EROSION = "liver reference with its surface"
NO_VESSELS = "liver reference with its surface and vessels"
NO_MARGIN = "liver reference up to the lesions"


def liver_reference(
    liver: LabelMap, lesions: Sequence[LabelMap], structures: LabelMap | None
) -> LabelMap:
    """Label 1 = liver at least 5 mm from lesions, 2 mm from vessels, 4 mm from the surface.

    Lesions and structures may lie on any crop of the liver's lattice. Margins: table
    `enhancement_rules`. Where too little would be left, margins are given up one by one
    (surface, vessels, lesions); the name of the label says which, and rows measured on it
    carry a doubt. Empty when lesions fill the liver. Result: `liver`'s grid.

    Raises `EmptyLabelError` for an empty liver, `GeometryError` for another lattice.
    """
    rules = load_table("enhancement_rules")
    margins = [rules.number(row) for row in ("lesion_margin", "vessel_margin", "surface_margin")]
    box = _box_with_room(liver, max(margins))
    grid = liver.grid.cropped((box[0].start, box[1].start, box[2].start), _shape(box))
    tissue: Mask = liver.array[box] != 0
    drawn, near = np.zeros_like(tissue), np.zeros_like(tissue)
    for lesion in lesions:
        own = _part(lesion, liver.grid, box)
        drawn |= own
        near |= _dilate_in_box(own, grid, margins[0])
    vessels = _vessels(structures, liver.grid, box, rules["reference_without"].value)
    away = tissue & ~near
    clear = away & ~dilate_mm(vessels, grid, margins[1]) if vessels.any() else away
    # Eroded is the liver itself, not what is left of it: margins inside it are set already.
    deep = clear & erode_mm(tissue, grid, margins[2])
    choices = ((deep, FULL), (clear, NO_EROSION), (away, NO_VESSELS), (tissue & ~drawn, NO_MARGIN))
    enough = rules.number("reference_voxels_min")
    chosen, name = next((c for c in choices if np.count_nonzero(c[0]) >= enough), choices[-1])
    array = np.zeros(liver.grid.shape, dtype=np.uint8)
    array[box] = chosen
    return LabelMap(array, liver.grid, (Label(1, name),))


def _box_with_room(liver: LabelMap, margin_mm: float) -> tuple[slice, slice, slice]:
    box = liver.box()
    spans = []
    for span, step, size in zip(box, liver.grid.spacing_mm, liver.grid.shape, strict=True):
        room = int(np.ceil(margin_mm / step)) + 1
        spans.append(slice(max(0, span.start - room), min(size, span.stop + room)))
    return spans[0], spans[1], spans[2]


def _shape(box: tuple[slice, slice, slice]) -> tuple[int, int, int]:
    first, second, third = (span.stop - span.start for span in box)
    return first, second, third


def _part(labels: LabelMap, grid: Grid, box: tuple[slice, slice, slice]) -> Mask:
    if not labels.grid.is_same_lattice(grid):
        labels = place_labels(labels, grid, where=WHERE)
    part: Mask = labels.array[box] != 0
    return part


def _vessels(
    structures: LabelMap | None,
    grid: Grid,
    box: tuple[slice, slice, slice],
    names: Sequence[str],
) -> Mask:
    if structures is None:
        return np.zeros(_shape(box), dtype=bool)
    if not structures.grid.is_same_lattice(grid):
        structures = place_labels(structures, grid, where=WHERE)
    values = [label.value for label in structures.labels if label.name in names]
    part: Mask = np.isin(structures.array[box], values)
    return part


def _dilate_in_box(drawn: Mask, grid: Grid, radius_mm: float) -> Mask:
    """Dilation that looks at no more than the surroundings of what is drawn."""
    grown = np.zeros_like(drawn)
    if drawn.any():
        reach = np.linalg.norm(grid.index_from_lps[:3, :3], axis=1).max()
        room = int(np.ceil(radius_mm * reach)) + 1
        near = bounding_box(drawn, margin=room)
        grown[near] = dilate_mm(drawn[near], grid, radius_mm)
    return grown
