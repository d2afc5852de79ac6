"""Do these planes make one regular volume? Either a grid, or the numbers that say why not.

Positions are compared along the slice normal, never by instance number. The slice axis
of the grid points the way of the cross product of row and column direction, which is
towards the head for an axial image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liverseg.geometry import Grid
from liverseg.ingest.plane import Plane
from liverseg.records import Doubt, Resampling
from liverseg.tables import load_table

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Fault:
    """Why planes make no regular volume.

    `kind` is "orientation", "repeat", "tilt", "shift", "gap", "uneven" or "limit";
    `reason` is one sentence with the numbers.
    """

    kind: str
    reason: str


@dataclass(frozen=True, eq=False)
class Stack:
    """Planes in order of the grid's slice axis; with a `resampling` the grid differs."""

    planes: tuple[Plane, ...]
    grid: Grid
    doubts: tuple[Doubt, ...] = ()
    resampling: Resampling | None = None


def normal_of(plane: Plane) -> Float:
    """Unit vector row direction x column direction, LPS."""
    normal = np.cross(plane.orientation[:3], plane.orientation[3:])
    length = float(np.linalg.norm(normal))
    return np.asarray(normal / length if length else normal)


def heights_mm(planes: Sequence[Plane]) -> Float:
    """(n,) positions along the normal of the first plane, in mm."""
    positions = np.array([plane.position for plane in planes])
    return np.asarray(positions @ normal_of(planes[0]))


def place_groups(planes: Sequence[Plane]) -> list[list[Plane]]:
    """Planes by position along the normal, lowest first; repeats of a position together."""
    heights = heights_mm(planes)
    same = load_table("ingest_rules").number("same_position")
    groups: list[list[Plane]] = []
    last = -np.inf
    for index in np.argsort(heights, kind="stable"):
        if heights[index] - last > same:
            groups.append([])
        groups[-1].append(planes[int(index)])
        last = float(heights[index])
    return groups


def try_stack(planes: Sequence[Plane]) -> Stack | Fault:
    """A regular volume of all `planes`, or the first reason why they make none."""
    ordered = in_order(planes)
    faults = faults_of(ordered)
    if faults:
        return faults[0]
    if len(ordered) == 1:
        return _single(ordered[0])
    positions = np.array([plane.position for plane in ordered])
    step = _step(positions, normal_of(ordered[0]))
    return Stack(ordered, grid_of(ordered[0], step, len(ordered)))


def in_order(planes: Sequence[Plane]) -> tuple[Plane, ...]:
    """Planes by position along the normal, never by instance number."""
    return tuple(planes[int(i)] for i in np.argsort(heights_mm(planes), kind="stable"))


def faults_of(ordered: Sequence[Plane]) -> list[Fault]:
    """Everything that keeps planes in order of position from being a regular volume."""
    crooked = _crooked(ordered[0])
    if crooked:
        return [Fault("orientation", crooked)]
    if len(ordered) == 1:
        return []
    heights = heights_mm(ordered)
    repeated = _repeated(heights)
    if repeated:  # The rest would only say the same in other words.
        return [Fault("repeat", repeated)]
    positions = np.array([plane.position for plane in ordered])
    found = (_tilted(positions, normal_of(ordered[0])), _uneven(heights))
    return [fault for fault in found if fault is not None]


def _crooked(plane: Plane) -> str:
    row, column = np.array(plane.orientation[:3]), np.array(plane.orientation[3:])
    faults = (abs(row @ row - 1), abs(column @ column - 1), abs(row @ column))
    if max(faults) > load_table("ingest_rules").number("right_angle"):
        return (
            f"ImageOrientationPatient {plane.orientation} is not two unit vectors at right angles"
        )
    return ""


def _single(plane: Plane) -> Stack:
    rules = load_table("ingest_rules")
    for size, source in (
        (plane.step_mm, "SpacingBetweenSlices"),
        (plane.thickness_mm, "SliceThickness"),
    ):
        if size:
            doubt = f"one slice only: its {size:g} mm are {source}, not measured from positions"
            return _stack_of_one(plane, size, doubt)
    size = rules.number("unknown_thickness")
    return _stack_of_one(
        plane, size, f"one slice of unknown thickness: {size:g} mm stand in, volumes mean nothing"
    )


def _stack_of_one(plane: Plane, size_mm: float, doubt: str) -> Stack:
    grid = grid_of(plane, normal_of(plane) * size_mm, 1)
    return Stack((plane,), grid, (Doubt(doubt, plane.file.name),))


def _repeated(heights: Float) -> str:
    gaps = np.diff(heights)
    twice = np.flatnonzero(gaps <= load_table("ingest_rules").number("same_position"))
    if twice.size == 0:
        return ""
    return (
        f"{len(heights)} images at {len(heights) - twice.size} positions: "
        f"{twice.size} repeat a position, first at {heights[twice[0]]:.2f} mm along the normal"
    )


def lean_deg(positions: Float, normal: Float) -> float:
    """Angle between the stack's direction and the slice normal, in degrees.

    From the positions alone: the sign of GantryDetectorTilt differs between makers and
    some leave the tag out.
    """
    span = positions[-1] - positions[0]
    along = float(span @ normal)
    return float(np.degrees(np.arctan2(np.linalg.norm(span - along * normal), abs(along))))


def _tilted(positions: Float, normal: Float) -> Fault | None:
    """Sideways movement of the stack: gantry tilt, or slices shifted in plane."""
    rules = load_table("ingest_rules")
    span = positions[-1] - positions[0]
    along = float(span @ normal)
    sideways = float(np.linalg.norm(span - along * normal))
    share = (positions - positions[0]) @ normal / along
    off = np.linalg.norm(positions - positions[0] - share[:, None] * span, axis=1)
    if sideways > rules.number("tilt") * abs(along) and sideways > rules.number("drift"):
        lean = (
            f"gantry tilt: the stack leans {lean_deg(positions, normal):.1f} degrees off the "
            f"slice normal ({sideways:.1f} mm sideways over {abs(along):.1f} mm)"
        )
        # Off a straight line by more than rounding: no tilt explains that.
        straight = off.max() <= max(rules.number("drift"), rules.number("bent") * sideways)
        return Fault("tilt" if straight else "shift", lean)
    if off.max() > rules.number("drift"):
        return Fault(
            "shift", f"a slice is shifted {off.max():.2f} mm in its plane against the others"
        )
    return None


def _uneven(heights: Float) -> Fault | None:
    """Gaps that are no rounding of one step: missing slices, or no common step at all."""
    rules = load_table("ingest_rules")
    count = len(heights)
    allowed = allowed_mm(float(heights[-1] - heights[0]) / (count - 1))
    # A line through all positions: rounding of the first and last one must not count twice.
    index = np.arange(count)
    fitted = np.polynomial.Polynomial.fit(index, heights, 1)(index)
    if np.abs(heights - fitted).max() <= allowed:
        return None
    gaps = np.diff(heights)
    step = usual_step_mm(heights)
    times = np.rint(gaps / step)
    wide = np.flatnonzero(times > 1)
    if wide.size and np.abs(gaps - times * step).max() <= max(allowed, 2 * rules.number("drift")):
        first = int(wide[0])
        missing = int(times[wide].sum()) - wide.size
        return Fault(
            "gap",
            f"{missing} slice(s) missing: the step is {step:.2f} mm but the gap between "
            f"{heights[first]:.2f} and {heights[first + 1]:.2f} mm is {gaps[first]:.2f} mm"
            + (f", and {wide.size - 1} gap(s) more" if wide.size > 1 else ""),
        )
    return Fault(
        "uneven",
        f"the slices are not evenly spaced: gaps from {gaps.min():.2f} to {gaps.max():.2f} mm "
        f"over {count} slices",
    )


def usual_step_mm(heights: Float) -> float:
    """The lower median of the gaps: of two gaps the smaller one is the step."""
    gaps = np.sort(np.diff(heights))
    return float(gaps[(len(gaps) - 1) // 2])


def allowed_mm(step_mm: float) -> float:
    """How far a slice may lie from its regular place and still be rounding."""
    rules = load_table("ingest_rules")
    return float(
        np.clip(
            rules.number("spacing_share") * step_mm,
            rules.number("spacing_least"),
            rules.number("spacing_most"),
        )
    )


def _step(positions: Float, normal: Float) -> Float:
    """LPS vector from one slice to the next: the mean over all gaps."""
    mean = np.asarray((positions[-1] - positions[0]) / (len(positions) - 1))
    along = float(mean @ normal)
    sideways = float(np.linalg.norm(mean - along * normal))
    if sideways > load_table("ingest_rules").number("tilt") * abs(along):
        return np.asarray(along * normal)  # Rounding in a short stack, see the row "drift".
    return mean


def grid_of(first: Plane, step: Float, count: int) -> Grid:
    """`count` slices like `first`, one `step` (LPS mm) after the other."""
    row_mm, column_mm = first.pixel_spacing
    matrix = np.eye(4)
    matrix[:3, 0] = step
    # The row index runs down the column direction and the column index along the row.
    matrix[:3, 1] = np.array(first.orientation[3:]) * row_mm
    matrix[:3, 2] = np.array(first.orientation[:3]) * column_mm
    matrix[:3, 3] = first.position
    shape = (count, *first.file.shape)
    return Grid(shape, matrix, first.file.frame_of_reference)
