"""One DICOM series into the volumes it holds.

First apart what cannot share a grid (`split_by_place`), then the whole of each part is
tried; only where that makes no regular volume is it split by an attribute, and only
where the split makes the geometry right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from liverseg.ingest.plane import Plane
from liverseg.ingest.repeats import order_repeats
from liverseg.ingest.stack import Stack, place_groups, try_stack
from liverseg.tables import load_table

#: Attributes that say what kind of image it is, most telling first.
KINDS = (
    "ImageType",
    "EchoTime",
    "DiffusionBValue",
    "DiffusionGradientOrientation",
    "InversionTime",
    "FlipAngle",
    "ConvolutionKernel",
    "StackID",
)
#: Attributes that say which pass it belongs to.
PASSES = (
    "TemporalPositionIdentifier",
    "ContrastBolusAgentPhase",
    "AcquisitionNumber",
    "TriggerTime",
    "AcquisitionTime",
    "ContentTime",
)


@dataclass(frozen=True, eq=False)
class Part:
    """Planes of one volume and what told them from their siblings ("" if nothing had to)."""

    stack: Stack
    split_by: str = ""


@dataclass(frozen=True, eq=False)
class Leftover:
    """Planes that make no volume, and why."""

    planes: tuple[Plane, ...]
    reason: str


@dataclass(frozen=True, eq=False)
class Resolution:
    """What became of the planes of one series: every plane is in one part or leftover."""

    parts: tuple[Part, ...] = ()
    leftovers: tuple[Leftover, ...] = ()


def split_series(planes: Sequence[Plane]) -> Resolution:
    """All volumes of one series, in order of time, and what is refused with its reason."""
    parts: list[Part] = []
    leftovers: list[Leftover] = []
    groups, label = split_by_place(planes)
    for group in groups:
        found = resolve(group)
        for part in found.parts:
            parts.append(replace(part, split_by=_join(label, part.split_by)))
        leftovers.extend(found.leftovers)
    return Resolution(tuple(sorted(parts, key=_first_moment)), tuple(leftovers))


def split_by_place(planes: Sequence[Plane]) -> tuple[list[list[Plane]], str]:
    """Planes that could share one grid, and the names of the attributes that forbid more."""
    rules = load_table("ingest_rules")
    turn, pixel = rules.number("same_orientation"), rules.number("same_pixel_spacing")
    steps: tuple[tuple[str, Callable[[list[Plane]], list[list[Plane]]]], ...] = (
        ("PatientID", lambda group: _partition(group, lambda p: p.file.patient)),
        ("StudyInstanceUID", lambda group: _partition(group, lambda p: p.file.study_uid)),
        ("Modality", lambda group: _partition(group, lambda p: p.file.modality)),
        ("FrameOfReferenceUID", lambda group: _partition(group, _frame_of)),
        ("Rows, Columns", lambda group: _partition(group, lambda p: p.file.shape)),
        ("unit of the values", lambda group: _partition(group, lambda p: p.file.unit)),
        ("ImageOrientationPatient", lambda group: _cluster(group, "orientation", turn)),
        ("PixelSpacing", lambda group: _cluster(group, "pixel_spacing", pixel)),
    )
    groups, labels = [list(planes)], []
    for label, cut in steps:
        pieces = [piece for group in groups for piece in cut(group)]
        if len(pieces) > len(groups):
            labels.append(label)
        groups = pieces
    return groups, ", ".join(labels)


def resolve(planes: Sequence[Plane]) -> Resolution:
    """The volumes among planes of one orientation and matrix."""
    whole = try_stack(planes)
    if isinstance(whole, Stack):
        return Resolution((Part(whole),))
    places = place_groups(planes)
    if len(places) == 1 < len(planes):
        return _refuse(
            planes,
            f"{len(planes)} images at one position are no volume (a series over time at one "
            "place, such as bolus monitoring)",
        )
    solved = _solve(planes, (*KINDS, *PASSES))
    if solved is not None:
        return Resolution(tuple(solved))
    if len(places) == len(planes):
        return _refuse(planes, whole)
    ranks = order_repeats(places)
    reason = f"{whole}; {ranks}" if isinstance(ranks, str) else whole
    return _keep_what_is_good(planes) or _refuse(planes, reason)


def _solve(planes: Sequence[Plane], attributes: tuple[str, ...]) -> list[Part] | None:
    """Parts that are all regular and hold every plane, or None."""
    whole = try_stack(planes)
    if isinstance(whole, Stack):
        return [Part(whole)]
    for index, attribute in enumerate(attributes):
        groups = _pieces(planes, attribute)
        if groups is None:
            continue
        rest = attributes[index + 1 :]
        found = [_solve(group, rest) for group in groups]
        if all(part is not None for part in found):
            flat = [part for parts in found for part in parts or ()]
            return [replace(part, split_by=_join(attribute, part.split_by)) for part in flat]
    return _solve_by_order(planes)


def _pieces(planes: Sequence[Plane], attribute: str) -> list[list[Plane]] | None:
    """Planes apart by one attribute, None where that makes no sensible parts.

    Parts of very few slices are always "regular" and prove nothing; passes of one
    volume must all cover the same positions.
    """
    groups = _by_mark(planes, attribute)
    if len(groups) < 2:
        return None
    rules = load_table("ingest_rules")
    places = len(place_groups(planes))
    repeated = places < len(planes)
    least = rules.number("least_slices_of_repeat" if repeated else "least_slices_of_slab")
    held = [len(place_groups(group)) for group in groups]
    if min(held) < least:
        return None
    if attribute in PASSES and repeated and set(held) != {places}:
        return None
    return groups


def _solve_by_order(planes: Sequence[Plane]) -> list[Part] | None:
    ranked = order_repeats(place_groups(planes))
    if isinstance(ranked, str):
        return None
    stacks = [try_stack(group) for group in ranked.volumes]
    good = [stack for stack in stacks if isinstance(stack, Stack)]
    if len(good) < len(stacks):
        return None
    return [Part(stack, ranked.label) for stack in good]


def _keep_what_is_good(planes: Sequence[Plane]) -> Resolution | None:
    """Some volumes of a series are whole, others are not: keep those, refuse these."""
    share = load_table("ingest_rules").number("least_share_kept")
    for attribute in (*KINDS, *PASSES):
        groups = _by_mark(planes, attribute)
        if len(groups) < 2 or min(len(place_groups(group)) for group in groups) < 2:
            continue
        parts: list[Part] = []
        leftovers: list[Leftover] = []
        for group in groups:
            solved = _solve(group, tuple(a for a in (*KINDS, *PASSES) if a != attribute))
            if solved is None:
                leftovers.append(Leftover(tuple(group), _reason(group)))
            else:
                parts += [replace(p, split_by=_join(attribute, p.split_by)) for p in solved]
        kept = sum(len(part.stack.planes) for part in parts)
        if parts and kept >= share * len(planes):
            return Resolution(tuple(parts), tuple(leftovers))
    return None


def _reason(planes: Sequence[Plane]) -> str:
    found = try_stack(planes)
    return found if isinstance(found, str) else ""


def _refuse(planes: Sequence[Plane], reason: str) -> Resolution:
    return Resolution(leftovers=(Leftover(tuple(planes), reason),))


def _partition(planes: Sequence[Plane], key: Callable[[Plane], object]) -> list[list[Plane]]:
    groups: dict[object, list[Plane]] = {}
    for plane in planes:
        groups.setdefault(key(plane), []).append(plane)
    return list(groups.values())


def _by_mark(planes: Sequence[Plane], attribute: str) -> list[list[Plane]]:
    return _partition(planes, lambda plane: plane.mark(attribute))


def _cluster(planes: Sequence[Plane], name: str, tolerance: float) -> list[list[Plane]]:
    """Planes whose vector `name` agrees with that of a group's first plane."""
    groups: list[tuple[np.ndarray, list[Plane]]] = []
    for plane in planes:
        vector = np.array(getattr(plane, name))
        home = next((g for v, g in groups if np.abs(v - vector).max() <= tolerance), None)
        if home is None:
            groups.append((vector, [plane]))
        else:
            home.append(plane)
    return [group for _, group in groups]


def _frame_of(plane: Plane) -> str:
    return plane.file.frame_of_reference or ""


def _join(*labels: str) -> str:
    return ", ".join(label for label in labels if label)


def _first_moment(part: Part) -> tuple[float, ...]:
    planes = part.stack.planes
    keys = ("AcquisitionTime", "TemporalPositionIdentifier", "ContentTime", "InstanceNumber")
    return tuple(min(plane.number(key) for plane in planes) for key in keys)
