"""One DICOM series into the volumes it holds.

First apart what cannot share a grid (`split_by_place`), then the whole of each part is
tried; only where that makes no regular volume is it split by an attribute, and only
where the split makes the geometry right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from liverseg.ingest.mend import mend_stack
from liverseg.ingest.plane import Plane
from liverseg.ingest.policy import GeometryPolicy
from liverseg.ingest.repeats import order_repeats
from liverseg.ingest.stack import Fault, Stack, place_groups, try_stack
from liverseg.tables import load_table

#: Makes a volume of planes, or says why it cannot.
Maker = Callable[[Sequence[Plane]], Stack | Fault]
_STRICT = GeometryPolicy()
_UNIT = "unit of the values"

#: Attributes that say what kind of image it is, most telling first.
KINDS = (
    "ImageType",
    "EchoTime",
    "DiffusionBValue",
    "DiffusionGradientOrientation",
    "InversionTime",
    "FlipAngle",
    "ConvolutionKernel",
    "SliceThickness",
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


def split_series(
    planes: Sequence[Plane], *, policy: GeometryPolicy = _STRICT, whole: bool = False
) -> Resolution:
    """All volumes of one series, in order of time, and what is refused with its reason.

    Planes are changed by `policy` only where no regular volume can be made of them as
    they are. With `whole` the series is one volume or refused.
    """
    if whole:
        return _keep_whole(planes, policy)
    parts: list[Part] = []
    leftovers: list[Leftover] = []
    groups, label = split_by_place(planes)
    for group in groups:
        found = _mend_rest(resolve(group), policy)
        for part in found.parts:
            parts.append(replace(part, split_by=_join(label, part.split_by)))
        leftovers.extend(found.leftovers)
    return Resolution(tuple(sorted(parts, key=_first_moment)), tuple(leftovers))


def _keep_whole(planes: Sequence[Plane], policy: GeometryPolicy) -> Resolution:
    """The series as one volume because the user asked for it, or the reason against it."""
    groups, label = split_by_place(planes)
    if len(groups) > 1:
        return _refuse(planes, f"kept whole on request, but its images differ in {label}")
    found = mend_stack(planes, policy)
    if isinstance(found, Stack):
        return Resolution((Part(found),))
    return _refuse(planes, f"kept whole on request: {found.reason}")


def _mend_rest(found: Resolution, policy: GeometryPolicy) -> Resolution:
    """Try again, with as few changes as will do, what makes no regular volume as it is."""
    for step in policy.step_by_step():
        make = partial(mend_stack, policy=step)
        again = [resolve(leftover.planes, make) for leftover in found.leftovers]
        # What was told apart from good siblings keeps the name of what told it.
        label = found.parts[0].split_by if found.parts else ""
        parts = [replace(p, split_by=p.split_by or label) for one in again for p in one.parts]
        rest = tuple(leftover for one in again for leftover in one.leftovers)
        found = Resolution((*found.parts, *parts), rest)
    return found


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
        (_UNIT, lambda group: _partition(group, lambda p: p.unit)),
        ("ImageOrientationPatient", lambda group: _cluster(group, "orientation", turn)),
        ("PixelSpacing", lambda group: _cluster(group, "pixel_spacing", pixel)),
    )
    groups, labels = [list(planes)], []
    for label, cut in steps:
        pieces = [piece for group in groups for piece in cut(group)]
        if len(pieces) > len(groups):
            labels.append("ImageType" if label == _UNIT and _kinds_differ(pieces) else label)
        groups = pieces
    return groups, ", ".join(labels)


def _kinds_differ(groups: Sequence[Sequence[Plane]]) -> bool:
    """Whether no two groups share an image type: then that is the more telling name."""
    kinds = [{plane.mark("ImageType") for plane in group} for group in groups]
    return sum(map(len, kinds)) == len(set().union(*kinds))


def resolve(planes: Sequence[Plane], make: Maker = try_stack) -> Resolution:
    """The volumes among planes of one orientation and matrix."""
    whole = make(planes)
    if isinstance(whole, Stack):
        return Resolution((Part(whole),))
    places = place_groups(planes)
    if len(places) == 1 < len(planes):
        return _refuse(
            planes,
            f"{len(planes)} images at one position are no volume (a series over time at one "
            "place, such as bolus monitoring)",
        )
    solved = _solve(planes, (*KINDS, *PASSES), make)
    if solved is not None:
        return Resolution(tuple(solved))
    if len(places) == len(planes):
        return _refuse(planes, whole.reason)
    ranks = order_repeats(places)
    reason = f"{whole.reason}; {ranks}" if isinstance(ranks, str) else whole.reason
    return _keep_what_is_good(planes, make) or _refuse(planes, reason)


def _solve(planes: Sequence[Plane], attributes: tuple[str, ...], make: Maker) -> list[Part] | None:
    """Parts that are all regular and hold every plane, or None."""
    whole = make(planes)
    if isinstance(whole, Stack):
        return [Part(whole)]
    for index, attribute in enumerate(attributes):
        groups = _pieces(planes, attribute)
        if groups is None:
            continue
        rest = attributes[index + 1 :]
        found = [_solve(group, rest, make) for group in groups]
        if all(part is not None for part in found):
            flat = [part for parts in found for part in parts or ()]
            return [replace(part, split_by=_join(attribute, part.split_by)) for part in flat]
    return _solve_by_order(planes, make)


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


def _solve_by_order(planes: Sequence[Plane], make: Maker) -> list[Part] | None:
    ranked = order_repeats(place_groups(planes))
    if isinstance(ranked, str):
        return None
    stacks = [make(group) for group in ranked.volumes]
    good = [stack for stack in stacks if isinstance(stack, Stack)]
    if len(good) < len(stacks):
        return None
    return [Part(stack, ranked.label) for stack in good]


def _keep_what_is_good(planes: Sequence[Plane], make: Maker) -> Resolution | None:
    """Some volumes of a series are whole, others are not: keep those, refuse these."""
    share = load_table("ingest_rules").number("least_share_kept")
    for attribute in (*KINDS, *PASSES):
        groups = _by_mark(planes, attribute)
        if len(groups) < 2 or min(len(place_groups(group)) for group in groups) < 2:
            continue
        parts: list[Part] = []
        leftovers: list[Leftover] = []
        for group in groups:
            solved = _solve(group, tuple(a for a in (*KINDS, *PASSES) if a != attribute), make)
            if solved is None:
                leftovers.append(Leftover(tuple(group), _reason(group, make)))
            else:
                parts += [replace(p, split_by=_join(attribute, p.split_by)) for p in solved]
        kept = sum(len(part.stack.planes) for part in parts)
        if parts and kept >= share * len(planes):
            return Resolution(tuple(parts), tuple(leftovers))
    return None


def _reason(planes: Sequence[Plane], make: Maker) -> str:
    found = make(planes)
    return found.reason if isinstance(found, Fault) else ""


def _refuse(planes: Sequence[Plane], reason: str) -> Resolution:
    return Resolution(leftovers=(Leftover(tuple(planes), reason),))


def _partition(planes: Sequence[Plane], key: Callable[[Plane], object]) -> list[list[Plane]]:
    groups: dict[object, list[Plane]] = {}
    for plane in planes:
        groups.setdefault(key(plane), []).append(plane)
    return list(groups.values())


def _by_mark(planes: Sequence[Plane], attribute: str) -> list[list[Plane]]:
    if attribute == "SliceThickness":
        return _partition(planes, lambda plane: plane.thickness_mm)
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
