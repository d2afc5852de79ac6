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
from liverseg.records import Doubt
from liverseg.tables import load_table

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Stack:
    """Planes in order of the grid's slice axis."""

    planes: tuple[Plane, ...]
    grid: Grid
    doubts: tuple[Doubt, ...] = ()


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


def try_stack(planes: Sequence[Plane]) -> Stack | str:
    """A regular volume of all `planes`, or the reason why they make none."""
    why = _crooked(planes[0])
    if why:
        return why
    if len(planes) == 1:
        return _single(planes[0])
    order = np.argsort(heights_mm(planes), kind="stable")
    ordered = tuple(planes[int(index)] for index in order)
    heights = heights_mm(ordered)
    positions = np.array([plane.position for plane in ordered])
    why = _repeated(heights) or _tilted(positions, normal_of(ordered[0])) or _uneven(heights)
    if why:
        return why
    return Stack(ordered, _grid(ordered, _step(positions, normal_of(ordered[0]))))


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
    grid = _grid((plane,), normal_of(plane) * size_mm)
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


def _tilted(positions: Float, normal: Float) -> str:
    """Sideways movement of the stack: gantry tilt, or slices shifted in plane."""
    rules = load_table("ingest_rules")
    span = positions[-1] - positions[0]
    along = float(span @ normal)
    sideways = float(np.linalg.norm(span - along * normal))
    tangent = sideways / abs(along)
    if tangent > rules.number("tilt") and sideways > rules.number("drift"):
        degrees = float(np.degrees(np.arctan(tangent)))
        return (
            f"gantry tilt: the stack leans {degrees:.1f} degrees off the slice normal "
            f"({sideways:.1f} mm sideways over {abs(along):.1f} mm)"
        )
    share = (positions - positions[0]) @ normal / along
    off = np.linalg.norm(positions - positions[0] - share[:, None] * span, axis=1)
    if off.max() > rules.number("drift"):
        return f"a slice is shifted {off.max():.2f} mm in its plane against the others"
    return ""


def _uneven(heights: Float) -> str:
    """Gaps that are no rounding of one step: missing slices, or no common step at all."""
    rules = load_table("ingest_rules")
    count = len(heights)
    mean = (heights[-1] - heights[0]) / (count - 1)
    allowed = float(
        np.clip(
            rules.number("spacing_share") * mean,
            rules.number("spacing_least"),
            rules.number("spacing_most"),
        )
    )
    # A line through all positions: rounding of the first and last one must not count twice.
    index = np.arange(count)
    fitted = np.polynomial.Polynomial.fit(index, heights, 1)(index)
    if np.abs(heights - fitted).max() <= allowed:
        return ""
    gaps = np.diff(heights)
    # The lower median: of two gaps the smaller one is the step.
    step = float(np.sort(gaps)[(len(gaps) - 1) // 2])
    times = np.rint(gaps / step)
    wide = np.flatnonzero(times > 1)
    if wide.size and np.abs(gaps - times * step).max() <= max(allowed, 2 * rules.number("drift")):
        first = int(wide[0])
        missing = int(times[wide].sum()) - wide.size
        return (
            f"{missing} slice(s) missing: the step is {step:.2f} mm but the gap between "
            f"{heights[first]:.2f} and {heights[first + 1]:.2f} mm is {gaps[first]:.2f} mm"
        )
    return (
        f"the slices are not evenly spaced: gaps from {gaps.min():.2f} to {gaps.max():.2f} mm "
        f"over {count} slices"
    )


def _step(positions: Float, normal: Float) -> Float:
    """LPS vector from one slice to the next: the mean over all gaps."""
    mean = np.asarray((positions[-1] - positions[0]) / (len(positions) - 1))
    along = float(mean @ normal)
    sideways = float(np.linalg.norm(mean - along * normal))
    if sideways > load_table("ingest_rules").number("tilt") * abs(along):
        return np.asarray(along * normal)  # Rounding in a short stack, see the row "drift".
    return mean


def _grid(planes: Sequence[Plane], step: Float) -> Grid:
    first = planes[0]
    row_mm, column_mm = first.pixel_spacing
    matrix = np.eye(4)
    matrix[:3, 0] = step
    # The row index runs down the column direction and the column index along the row.
    matrix[:3, 1] = np.array(first.orientation[3:]) * row_mm
    matrix[:3, 2] = np.array(first.orientation[:3]) * column_mm
    matrix[:3, 3] = first.position
    shape = (len(planes), *first.file.shape)
    return Grid(shape, matrix, first.file.frame_of_reference)
