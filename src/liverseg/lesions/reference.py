"""Liver tissue away from lesions, vessels and the surface: what lesions are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liverseg.geometry import (
    Box,
    Grid,
    Label,
    LabelMap,
    Mask,
    PackedMask,
    bounding_box,
    place_labels,
    sparse_zeros,
)
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
    return LiverRoom.of(liver, structures).without([keep_away(m, liver) for m in lesions])


@dataclass(frozen=True, eq=False)
class Kept:
    """A lesion and its surroundings, to be kept out of the liver reference.

    Both arrays are over `box`, which counts within the box of `LiverRoom`; empty where
    nothing of the lesion lies there.
    """

    box: Box
    drawn: Mask
    near: Mask


@dataclass(frozen=True, eq=False)
class LiverRoom:
    """What of the liver reference no lesion changes. Masks are over `box` of `grid`.

    `clear` keeps away from vessels, `deep` from vessels and the surface. It stays as long
    as an exam is open, so the masks are packed.
    """

    grid: Grid
    box: Box
    tissue: PackedMask
    clear: PackedMask
    deep: PackedMask

    @classmethod
    def of(cls, liver: LabelMap, structures: LabelMap | None) -> LiverRoom:
        """The slow part of `liver_reference`; raises as that does."""
        rules = load_table("enhancement_rules")
        box = _box_of(liver)
        grid = _cut(liver.grid, box)
        tissue: Mask = liver.part(box) != 0
        vessels = _vessels(structures, liver.grid, box, rules["reference_without"].value)
        clear = tissue
        if vessels.any():
            clear = tissue & ~dilate_mm(vessels, grid, rules.number("vessel_margin"))
        # Eroded is the liver itself, not what is left of it: margins inside it are set already.
        deep = clear & erode_mm(tissue, grid, rules.number("surface_margin"))
        return cls(liver.grid, box, *(PackedMask.of(room) for room in (tissue, clear, deep)))

    def without(self, lesions: Sequence[Kept]) -> LabelMap:
        """The liver reference beside these lesions, see `liver_reference`."""
        drawn, near = (np.zeros(_shape(self.box), dtype=bool) for _ in range(2))
        for lesion in lesions:
            drawn[lesion.box] |= lesion.drawn
            near[lesion.box] |= lesion.near
        enough = load_table("enhancement_rules").number("reference_voxels_min")
        choices = (
            (self.deep, near, FULL),
            (self.clear, near, NO_EROSION),
            (self.tissue, near, NO_VESSELS),
            (self.tissue, drawn, NO_MARGIN),
        )
        for room, taken, name in choices:
            chosen = room.mask() & ~taken
            if np.count_nonzero(chosen) >= enough or name == NO_MARGIN:
                break
        array = sparse_zeros(self.grid.shape)
        array[self.box] = chosen
        return LabelMap(array, self.grid, (Label(1, name),))


def keep_away(lesion: LabelMap, liver: LabelMap) -> Kept:
    """A lesion with the margin that the reference keeps from it, cut to where the liver is.

    Raises `GeometryError` when it does not lie on the liver's lattice.
    """
    box = _box_of(liver)
    own = _part(lesion, liver.grid, box)
    if not own.any():
        nothing = np.zeros((0, 0, 0), dtype=bool)
        return Kept((slice(0, 0),) * 3, nothing, nothing)
    margin = load_table("enhancement_rules").number("lesion_margin")
    grid = _cut(liver.grid, box)
    reach = np.linalg.norm(grid.index_from_lps[:3, :3], axis=1).max()
    near = bounding_box(own, margin=int(np.ceil(margin * reach)) + 1)
    # A copy: a view would keep the whole liver's box in memory for every small lesion.
    return Kept(near, own[near].copy(), dilate_mm(own[near], grid, margin))


def _box_of(liver: LabelMap) -> Box:
    """The liver's box with room for every margin."""
    rules = load_table("enhancement_rules")
    margins = [rules.number(row) for row in ("lesion_margin", "vessel_margin", "surface_margin")]
    return _box_with_room(liver, max(margins))


def _cut(grid: Grid, box: Box) -> Grid:
    return grid.cropped((box[0].start, box[1].start, box[2].start), _shape(box))


def _box_with_room(liver: LabelMap, margin_mm: float) -> Box:
    box = liver.box()
    spans = []
    for span, step, size in zip(box, liver.grid.spacing_mm, liver.grid.shape, strict=True):
        room = int(np.ceil(margin_mm / step)) + 1
        spans.append(slice(max(0, span.start - room), min(size, span.stop + room)))
    return spans[0], spans[1], spans[2]


def _shape(box: Box) -> tuple[int, int, int]:
    first, second, third = (span.stop - span.start for span in box)
    return first, second, third


def _part(labels: LabelMap, grid: Grid, box: Box) -> Mask:
    if not labels.grid.is_same_lattice(grid):
        labels = place_labels(labels, grid, where=WHERE)
    part: Mask = labels.part(box) != 0
    return part


def _vessels(
    structures: LabelMap | None,
    grid: Grid,
    box: Box,
    names: Sequence[str],
) -> Mask:
    if structures is None:
        return np.zeros(_shape(box), dtype=bool)
    if not structures.grid.is_same_lattice(grid):
        structures = place_labels(structures, grid, where=WHERE)
    values = [label.value for label in structures.labels if label.name in names]
    part: Mask = np.isin(structures.part(box), values)
    return part
