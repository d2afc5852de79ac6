"""Liver reference and structures on the voxels of a series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liverseg.geometry import Box, Label, LabelMap, Mask, Translation, Volume, bounding_box
from liverseg.lesions.hull import Float
from liverseg.lesions.lattice import peel
from liverseg.lesions.place import place_nearest
from liverseg.lesions.reference import FULL
from liverseg.records import Doubt
from liverseg.tables import load_table

WHOLE: Box = (slice(None), slice(None), slice(None))


@dataclass(frozen=True, eq=False)
class Tissue:
    """A label map cut to what is drawn (None when nothing is), with doubts by label name."""

    labels: LabelMap | None
    doubts: dict[str, str]

    def values(self, volume: Volume, shift: Translation) -> dict[str, Float]:
        """Voxel values of each label by its name; labels out of the image are absent."""
        if self.labels is None:
            return {}
        placed, box = place_nearest(self.labels, volume.grid, shift)
        drawn = placed != 0
        values = volume.array[box][drawn].astype(np.float64)
        if len(self.labels.labels) == 1:  # the liver: no voxel need be looked at twice
            return {self.labels.labels[0].name: values} if values.size else {}
        which = placed[drawn]
        split = ((label.name, values[which == label.value]) for label in self.labels.labels)
        return {name: own for name, own in split if own.size}

    def doubts_of(self, name: str, where: str) -> tuple[Doubt, ...]:
        """What a reader should know about this label."""
        return (Doubt(self.doubts[name], where),) if name in self.doubts else ()


def cut_reference(reference: LabelMap, *, within: Box = WHOLE, least: int = 1) -> Tissue:
    """The liver reference, cut to its box; its label's name says what it keeps away from.

    `within` is an index box: what lies outside does not count, and is not even looked at.
    Nothing is there where fewer than `least` voxels are.
    """
    part = reference.array[within]
    if np.count_nonzero(part) < least:
        return Tissue(None, {})
    box = bounding_box(part)
    drawn = (part[box] != 0).astype(np.uint8)
    first, second, third = (
        (outer.start or 0) + own.start for outer, own in zip(within, box, strict=True)
    )
    grid = reference.grid.cropped((first, second, third), drawn.shape)
    name = reference.name_of(1)
    doubts = {} if name in (FULL, "1") else {FULL: f"too little liver is left: {name}"}
    return Tissue(LabelMap(drawn, grid, (Label(1, FULL),)), doubts)


def cut_structures(structures: LabelMap | None) -> Tissue:
    """Aorta, cava, portal vein, hepatic veins and spleen without their outermost voxel."""
    rules = load_table("enhancement_rules")
    wanted = rules["structures"].value
    if structures is None or structures.is_empty:
        return Tissue(None, {})
    part = structures.cropped()
    inner = np.zeros(part.array.shape, dtype=np.uint8)
    labels: list[Label] = []
    doubts: dict[str, str] = {}
    for label in part.labels:
        if label.name not in wanted or label.value not in part.values:
            continue
        # Within its own box: what lies beyond is not drawn, which is how an edge counts.
        whole: Mask = part.array == label.value
        box = bounding_box(whole)
        own = whole[box]
        peeled = peel(own)
        if np.count_nonzero(peeled) < rules.number("structure_voxels_min"):
            peeled = own
            doubts[label.name] = f"{label.name} is too thin to leave out its outermost voxel"
        labels.append(Label(len(labels) + 1, label.name))
        inner[box][peeled] = len(labels)
    if not labels:
        return Tissue(None, {})
    return Tissue(LabelMap(inner, part.grid, tuple(labels)), doubts)
