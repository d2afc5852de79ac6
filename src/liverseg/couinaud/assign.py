"""Which segments a lesion lies in, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from liverseg.couinaud.borders import (
    distance_to_faces_mm,
    faces_between,
    is_crossed,
    mask_to_faces_mm,
)
from liverseg.couinaud.segments import (
    are_neighbours,
    fold,
    parse_segment_name,
    segment_order,
)
from liverseg.errors import InputError
from liverseg.geometry import LabelMap, Mask, fits_lattice, place_labels, require_same_frame
from liverseg.records import Doubt, Measurement, SegmentShare, SegmentShares
from liverseg.tables import load_table

WHERE = "lesion to segments"
OUTSIDE = "outside"


def assign_segments(
    lesion: LabelMap, segments: LabelMap, *, split_four: bool = False, borders: bool = True
) -> SegmentShares:
    """Share of a lesion in each segment, its main segment, and its distance to a border.

    `lesion` (any label) and `segments` (named "1" to "8", "4a", "4b") must lie on one
    lattice; one may be a crop, flip or permutation of the other. 4a and 4b count as 4
    unless `split_four`.

    A share is a part of those lesion voxels that carry a segment; what carries none is
    `outside`, a part of the whole lesion. Distances go from voxel centres to the faces
    between two segments, in mm: `centroid_border_mm` is positive while the centroid lies
    in the main segment, negative otherwise; `nearest_border_mm` is 0 when a border runs
    through the lesion. Limits: table `couinaud_rules`. Without `borders` no distance is
    looked for, which is many times faster for something as large as the liver.

    Raises `GeometryError` when the lattices or frames differ, `InputError` for a label
    that is no segment, `EmptyLabelError` for an empty lesion.
    """
    lesion, segments = _on_one_lattice(lesion, segments)
    names = _names(segments, split_four=split_four)
    scene = _Scene(lesion, segments, names)
    inside = scene.labels_of_lesion()
    found = _shares(inside, names)
    outside = float(np.count_nonzero(inside == 0)) / inside.size
    if not found:
        reason = "the whole lesion lies outside the segments"
        return SegmentShares(
            (), 1.0, "", (), "outside the segments", None, None, False, (Doubt(reason, WHERE),)
        )
    centroid_name, distance, nearest = scene.borders() if borders else ("", None, None)
    primary = _primary(found, centroid_name)
    if distance is not None and centroid_name != primary:
        distance = -distance
    listed, doubts = _listed(found, primary)
    limit = load_table("couinaud_rules").number
    if outside > limit("outside_max"):
        doubts.append(Doubt(f"{outside:.0%} of the lesion lie outside the segments", WHERE))
    second = found[1].share if len(found) > 1 else 0.0
    close = distance is not None and distance <= limit("borderline_distance")
    return SegmentShares(
        shares=found,
        outside=outside,
        primary=primary,
        listed=listed,
        written=write_segments(listed),
        centroid_border_mm=distance,
        nearest_border_mm=nearest,
        borderline=bool(second >= limit("borderline_second_share") or close),
        doubts=tuple(doubts),
    )


def write_segments(listed: Sequence[str]) -> str:
    """Segments as a radiologist writes them; the order given matters for two neighbours.

    >>> write_segments(["7", "8"]), write_segments(["8", "4", "5"]), write_segments(["3", "8"])
    ('S7/8', 'segments 4, 5 and 8', 'segments 3 and 8')
    """
    if len(listed) == 1:
        return f"S{listed[0]}"
    if len(listed) == 2 and are_neighbours(listed[0], listed[1]):
        return f"S{listed[0]}/{listed[1]}"
    ordered = sorted(listed, key=segment_order)
    return f"segments {', '.join(ordered[:-1])} and {ordered[-1]}"


def share_measurements(
    shares: SegmentShares, *, source: str = "Couinaud label map"
) -> tuple[Measurement, ...]:
    """Rows `couinaud_share` (0 to 1, one a segment, and "outside" where there is any) and
    `border_distance` (mm, absent when no border was found). `source` names the segments.

    Doubts stand on the first row only, so that a page shows them once.
    """
    part = f"part of the lesion's voxels that carry a segment; {source}"
    rows = [
        Measurement("couinaud_share", item.share, "1", method=part, segment=item.segment)
        for item in shares.shares
        if item.share > 0
    ]
    if shares.outside > 0:
        whole = f"part of all voxels of the lesion; {source}"
        rows.append(
            Measurement("couinaud_share", shares.outside, "1", method=whole, segment=OUTSIDE)
        )
    if shares.centroid_border_mm is not None:
        rows.append(
            Measurement(
                "border_distance",
                shares.centroid_border_mm,
                "mm",
                method="lesion centroid to the nearest voxel face between two segments, "
                f"negative outside the main segment {shares.primary}; {source}",
            )
        )
    if rows and shares.doubts:
        rows[0] = replace(rows[0], doubts=shares.doubts)
    return tuple(rows)


@dataclass(frozen=True, eq=False)
class _Scene:
    """A lesion and segments on one lattice; `names` maps segment numbers to folded names."""

    lesion: LabelMap
    segments: LabelMap
    names: dict[int, str]

    def labels_of_lesion(self) -> NDArray[np.unsignedinteger]:
        """(n,) segment number (0 = none) of each lesion voxel."""
        box = self.lesion.box()
        drawn = self.lesion.part(box) != 0
        return np.asarray(self.segments.part(box)[drawn])

    def borders(self) -> tuple[str, float | None, float | None]:
        """Segment that holds the centroid ("" if none), its distance and the lesion's in mm."""
        reach = load_table("couinaud_rules").number("search_reach")
        margin = [int(np.ceil(reach / step)) for step in self.segments.grid.spacing_mm]
        name, centre, nearest = self._borders_within(margin)
        if centre > reach or nearest > reach:
            name, centre, nearest = self._borders_within(list(self.segments.grid.shape))
        known = np.isfinite(centre)
        return name, float(centre) if known else None, float(nearest) if known else None

    def _borders_within(self, margin: list[int]) -> tuple[str, float, float]:
        first, second, third = (
            slice(max(0, axis.start - wide), min(size, axis.stop + wide))
            for axis, wide, size in zip(
                self.lesion.box(), margin, self.lesion.grid.shape, strict=True
            )
        )
        box = (first, second, third)
        mask: Mask = self.lesion.part(box) != 0
        labels = self._merged(np.asarray(self.segments.part(box)))
        grid = self.segments.grid
        faces = faces_between(labels)
        centroid = np.argwhere(mask).mean(axis=0)
        at = int(labels[tuple(np.rint(centroid).astype(int))])
        name = self.names.get(at, "")
        centre = distance_to_faces_mm(centroid, faces, grid).min(initial=np.inf)
        nearest = 0.0 if is_crossed(mask, labels) else mask_to_faces_mm(mask, faces, grid)
        return name, float(centre), nearest

    def _merged(self, labels: NDArray[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
        """One number a name, so that 4a | 4b is no border when both count as 4."""
        first: dict[str, int] = {}
        lookup = np.zeros(max(self.names, default=0) + 1, dtype=labels.dtype)
        for value, name in self.names.items():
            lookup[value] = first.setdefault(name, value)
        return np.asarray(lookup[labels])


def _on_one_lattice(lesion: LabelMap, segments: LabelMap) -> tuple[LabelMap, LabelMap]:
    require_same_frame(lesion.grid, segments.grid, where=WHERE)
    if lesion.grid.is_same_lattice(segments.grid):
        return lesion, segments
    small = lesion.cropped()
    if not fits_lattice(small.grid, segments.grid) and fits_lattice(segments.grid, lesion.grid):
        return lesion, place_labels(segments, lesion.grid, where=WHERE)
    return place_labels(small, segments.grid, where=WHERE), segments


def _names(segments: LabelMap, *, split_four: bool) -> dict[int, str]:
    names = {}
    for value in segments.values:
        name = parse_segment_name(segments.name_of(value))
        if name is None:
            raise InputError(
                f"label {value} of the segment map is {segments.name_of(value)!r}, no segment",
                where=WHERE,
                remedy="pass the map through check_segments first",
            )
        names[value] = name if split_four else fold(name)
    return names


def _shares(inside: NDArray[np.unsignedinteger], names: dict[int, str]) -> tuple[SegmentShare, ...]:
    """Shares of the labelled part, descending; equal ones by segment number."""
    counts = np.bincount(inside)
    labelled = int(counts[1:].sum())
    voxels: dict[str, int] = {}
    for value in np.flatnonzero(counts):
        if value:
            name = names[int(value)]
            voxels[name] = voxels.get(name, 0) + int(counts[value])
    order = sorted(voxels, key=lambda name: (-voxels[name], segment_order(name)))
    return tuple(SegmentShare(name, voxels[name] / labelled, voxels[name]) for name in order)


def _primary(found: tuple[SegmentShare, ...], centroid_name: str) -> str:
    """Largest share; in a tie the segment that holds the centroid, then the lower number."""
    tie = load_table("couinaud_rules").number("tie")
    tied = [item.segment for item in found if item.share >= found[0].share - tie]
    if centroid_name in tied:
        return centroid_name
    return min(tied, key=segment_order)


def _listed(found: tuple[SegmentShare, ...], primary: str) -> tuple[tuple[str, ...], list[Doubt]]:
    limit = load_table("couinaud_rules").number
    listed = tuple(
        item.segment
        for item in found
        if item.share >= limit("listed_share_min") and item.voxels >= limit("listed_voxels_min")
    )
    if listed:
        return listed, []
    voxels = sum(item.voxels for item in found)
    reason = f"the lesion has only {voxels} voxels in the segments; its segment {primary} is unsure"
    return (primary,), [Doubt(reason, WHERE)]
