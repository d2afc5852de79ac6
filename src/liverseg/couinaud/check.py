"""Check an imported segment map: names, codes, and whether it can be a liver at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liverseg.couinaud.pieces import shape_doubts
from liverseg.couinaud.segments import (
    HIGHEST_LABEL,
    LABEL_4A,
    LABEL_4B,
    fold,
    parse_segment_name,
    segment_of_code,
    segment_table,
)
from liverseg.errors import EmptyLabelError, GeometryError, InputError
from liverseg.geometry import LabelMap, place_labels, require_same_frame
from liverseg.records import Doubt
from liverseg.tables import load_table

WHERE = "Couinaud label map"


def check_segments(
    labels: LabelMap, *, liver: LabelMap | None = None
) -> tuple[LabelMap, tuple[Doubt, ...]]:
    """An imported label map as Couinaud segments, and what to doubt about it.

    Numbers are 1 to 8; if 9 is present, 4 is 4a and 9 is 4b. Where every label of the map
    carries a segment's name or code (a SEG), those decide and numbers are changed to fit.
    With `liver` the result lies on the liver's grid (the lattices must coincide).

    Raises `InputError` for numbers or names that are no segment, `EmptyLabelError` for an
    empty map, and `GeometryError` when most centroids lie in the wrong order along an
    axis: then the map is mirrored, or its numbers mean something else.
    """
    if not labels.array.any():
        raise EmptyLabelError("the segment map has no voxels", where=WHERE)
    labels, doubts = _numbered(labels)
    numbers = np.asarray(labels.array)
    split = bool((numbers == LABEL_4B).any())
    named = LabelMap(numbers, labels.grid, segment_table(split=split))
    if liver is not None:
        if not labels.grid.is_same_lattice(liver.grid):
            named = place_labels(named, liver.grid, where=WHERE)
        require_same_frame(labels.grid, liver.grid, where=WHERE)
        named = LabelMap(named.array, liver.grid, named.labels)
        doubts += _union_doubts(named, liver)
    doubts += _order_doubts(named)
    part = np.asarray(named.array[named.box()])
    return named, (*doubts, *shape_doubts(part, split=split, where=WHERE))


def _numbered(labels: LabelMap) -> tuple[LabelMap, list[Doubt]]:
    """Numbers by convention, from names and codes where the map has them for every label."""
    meant = {value: _meaning(labels, value) for value in labels.values}
    if any(name is None for name in meant.values()):
        _require_numbers(labels)
        return LabelMap(labels.array.astype(np.uint8), labels.grid), []
    number_of = {label.name: label.value for label in segment_table(split=True)}
    number_of["4"] = LABEL_4A
    names = [str(name) for name in meant.values()]
    if len(set(names)) < len(names) or ("4" in names and {"4a", "4b"} & set(names)):
        raise InputError(
            f"several labels of the map mean the same segment: {', '.join(sorted(names))}",
            where=WHERE,
            remedy="merge them, or name the halves of segment 4 as 4a and 4b",
        )
    lookup = np.zeros(max(meant) + 1, dtype=np.uint8)
    for value, name in meant.items():
        lookup[value] = number_of[str(name)]
    moved = [f"{value} is {name}" for value, name in meant.items() if lookup[value] != value]
    doubts = []
    if moved:
        doubts = [Doubt(f"labels were numbered by their names: {', '.join(moved)}", WHERE)]
    return LabelMap(lookup[labels.array], labels.grid), doubts


def _meaning(labels: LabelMap, value: int) -> str | None:
    """Segment that name and code of one label give, or None where they give none."""
    label = next((item for item in labels.labels if item.value == value), None)
    if label is None:
        return None
    by_name, by_code = parse_segment_name(label.name), segment_of_code(label.code)
    if by_name and by_code and fold(by_name) != by_code:
        raise InputError(
            f"label {value} is named {label.name!r} but its code means segment {by_code}",
            where=WHERE,
            remedy="correct the name or the code in the program that wrote it",
        )
    return by_name or by_code


def _require_numbers(labels: LabelMap) -> None:
    wrong = [value for value in labels.values if value > HIGHEST_LABEL]
    if wrong:
        raise InputError(
            f"a segment map holds the numbers 0 to {HIGHEST_LABEL}, this one also "
            + ", ".join(str(value) for value in wrong),
            where=WHERE,
            remedy="renumber it: 1 to 8, or 4 = 4a and 9 = 4b when segment 4 is split",
        )


def _union_doubts(named: LabelMap, liver: LabelMap) -> list[Doubt]:
    ours, theirs = named.mask(), liver.mask()
    common = np.count_nonzero(ours & theirs)
    if common == 0:
        raise GeometryError(
            "the segment map and the liver mask have no voxel in common",
            where=WHERE,
            remedy="pass the segment map of this series",
        )
    dice = 2.0 * common / (np.count_nonzero(ours) + np.count_nonzero(theirs))
    limit = load_table("couinaud_rules").number("union_dice_min")
    if dice >= limit:
        return []
    return [
        Doubt(
            f"all segments together agree with the liver mask by Dice {dice:.3f} only "
            f"(expected at least {limit:g})",
            WHERE,
        )
    ]


@dataclass(frozen=True)
class _Order:
    """How many centroid rules of one axis hold, and which do not."""

    axis: str
    far: str
    near: str
    held: int
    broken: tuple[str, ...]


def _order_doubts(named: LabelMap) -> list[Doubt]:
    """Stop when a map mirrored along an axis would pass better; else doubt what is broken."""
    centroids = _centroids_lps_mm(named)
    orders = [_order(axis, centroids) for axis in range(3)]
    mirrored = [order for order in orders if len(order.broken) > order.held]
    if mirrored:
        what = "; ".join(
            f"{' and '.join(order.broken)} (mirrored {order.near}-{order.far} it passes better)"
            for order in mirrored
        )
        raise GeometryError(
            f"the segments lie the wrong way round: {what}",
            where=WHERE,
            remedy="read the map with its orientation (a NIfTI with its affine), or renumber it",
        )
    doubts = [Doubt(f"unusual place: {rule}", WHERE) for order in orders for rule in order.broken]
    for order in orders:
        if order.held + len(order.broken) == 0:
            reason = f"too few segments to tell {order.near} from {order.far}"
            doubts.append(Doubt(reason, WHERE))
    return doubts


def _order(axis: int, centroids: dict[str, NDArray[np.float64]]) -> _Order:
    row = load_table("couinaud_rules")["order_" + "xyz"[axis]]
    far, near = str(row.more["far"]), str(row.more["near"])
    held, broken = 0, []
    for further, other in row.value:
        if further not in centroids or other not in centroids:
            continue
        if centroids[further][axis] > centroids[other][axis]:
            held += 1
        else:
            broken.append(f"segment {further} is not further to the {far} than segment {other}")
    return _Order("xyz"[axis], far, near, held, tuple(broken))


def _centroids_lps_mm(named: LabelMap) -> dict[str, NDArray[np.float64]]:
    """Centroid of each segment present, 4a and 4b as one, in LPS mm."""
    box = named.box()
    part = np.asarray(named.array[box])
    index = np.nonzero(part)
    numbers = part[index]
    numbers[numbers == LABEL_4B] = LABEL_4A
    counts = np.bincount(numbers, minlength=HIGHEST_LABEL)
    start = np.array([axis.start for axis in box], dtype=np.float64)
    sums = np.stack(
        [np.bincount(numbers, weights=along, minlength=HIGHEST_LABEL) for along in index], axis=1
    )
    return {
        str(value): named.grid.to_lps_mm(sums[value] / counts[value] + start)
        for value in range(1, HIGHEST_LABEL)
        if counts[value]
    }
