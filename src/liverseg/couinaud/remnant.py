"""Volumes of the segments, and what a resection of some of them would leave."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liverseg.couinaud.assign import OUTSIDE
from liverseg.couinaud.segments import segment_order
from liverseg.errors import InputError
from liverseg.geometry import LabelMap, Mask, place_labels, require_same_frame
from liverseg.records import Doubt, Remnant, SegmentVolume
from liverseg.tables import load_table

WHERE = "future liver remnant"


def segment_volumes(
    liver: LabelMap, segments: LabelMap, lesions: Sequence[LabelMap] = ()
) -> tuple[SegmentVolume, ...]:
    """Volume of each segment inside the liver in ml, with the tumour in it, 1 to 8 (4a, 4b).

    `liver` (any label) and `segments` lie on one grid, (slice, row, column); `lesions` (any
    label) may lie on any crop of its lattice, and count once where they overlap. `share` is
    a part of the liver that carries a segment; a segment of the map's table without a voxel
    has a row of zeros. A last row "outside" is the liver that
    carries none, its share a part of the whole liver; absent when there is none.

    Raises `GeometryError` for another lattice or frame.
    """
    require_same_frame(liver.grid, segments.grid, where=WHERE)
    if not segments.grid.is_same_lattice(liver.grid):
        segments = place_labels(segments, liver.grid, where=WHERE)
    box = liver.box()
    inside: Mask = liver.part(box) != 0
    tumour = np.zeros_like(inside)
    for lesion in lesions:
        placed = lesion
        if not lesion.grid.is_same_lattice(liver.grid):
            placed = place_labels(lesion, liver.grid, where=WHERE)
        tumour |= placed.array[box] != 0
    values = sorted({0, *segments.values, *(label.value for label in segments.labels)})
    own = np.asarray(segments.part(box))
    size = max(values) + 1
    voxels = np.bincount(own[inside], minlength=size)
    sick = np.bincount(own[inside & tumour], minlength=size)
    ml = liver.grid.voxel_volume_mm3 / 1000.0
    labelled, whole = int(voxels[1:].sum()), int(voxels.sum())
    named = {segments.name_of(value): value for value in values if value}
    rows = [
        SegmentVolume(
            name,
            float(voxels[value] * ml),
            float(sick[value] * ml),
            float(voxels[value] / labelled) if labelled else 0.0,
        )
        for name, value in sorted(named.items(), key=lambda pair: segment_order(pair[0]))
    ]
    if voxels[0]:
        rest = float(voxels[0] * ml), float(sick[0] * ml), float(voxels[0] / whole)
        rows.append(SegmentVolume(OUTSIDE, *rest))
    return tuple(rows)


def plan_remnant(volumes: Sequence[SegmentVolume], resected: Sequence[str]) -> Remnant:
    """What is left of the liver when the segments `resected` are taken out.

    The future liver remnant is the volume of the kept segments without the tumour in them;
    its share is a part of the liver without tumour: FLR% = 100 V_remnant / (V_liver -
    V_tumour). Table `remnant` has the source and the minima that are published. Liver
    outside the segments stays, with a doubt. "4" means 4a and 4b where 4 is split.

    Raises `InputError` for a segment that the map does not have. A number, no advice:
    whether a liver can be resected is not said.
    """
    names = [row.segment for row in volumes if row.segment != OUTSIDE]
    gone = _named(resected, names)
    liver = sum(row.volume_ml for row in volumes)
    tumour = sum(row.tumour_ml for row in volumes)
    taken = sum(row.volume_ml - row.tumour_ml for row in volumes if row.segment in gone)
    left = sum(row.volume_ml - row.tumour_ml for row in volumes if row.segment not in gone)
    healthy = liver - tumour
    return Remnant(
        resected=gone,
        liver_ml=liver,
        tumour_ml=tumour,
        resected_ml=taken,
        remnant_ml=left,
        share=left / healthy if healthy > 0 else 0.0,
        tumour_left_ml=sum(row.tumour_ml for row in volumes if row.segment not in gone),
        doubts=_doubts(volumes),
    )


def _named(resected: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    wanted: list[str] = []
    for segment in resected:
        halves = [name for name in names if segment == "4" and name in ("4a", "4b")]
        found = [segment] if segment in names else halves
        if not found:
            raise InputError(
                f"the segment map has no segment {segment!r}",
                where=WHERE,
                remedy="use " + (", ".join(names) or "a map with segments"),
            )
        wanted.extend(found)
    return tuple(name for name in names if name in wanted)


def _doubts(volumes: Sequence[SegmentVolume]) -> tuple[Doubt, ...]:
    limit = load_table("remnant").number("outside_max")
    rest = [row for row in volumes if row.segment == OUTSIDE and row.share > limit]
    return tuple(
        Doubt(f"{row.share:.0%} of the liver carry no segment and count as remnant", WHERE)
        for row in rest
    )
