"""Plan how a tilted, gapped or unevenly spaced stack becomes a regular grid, on request.

Nothing is read here: the plan says where every stored slice lies on the new grid
(`Resampling`), and `resample` carries it out when the pixels are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from liverseg.geometry import Grid
from liverseg.ingest.plane import Plane
from liverseg.ingest.policy import REFUSE, GeometryPolicy, offer
from liverseg.ingest.stack import (
    Fault,
    Stack,
    allowed_mm,
    faults_of,
    grid_of,
    heights_mm,
    in_order,
    lean_deg,
    normal_of,
    try_stack,
    usual_step_mm,
)
from liverseg.records import Doubt, Resampling
from liverseg.tables import load_table

Float = NDArray[np.float64]


def mend_stack(planes: Sequence[Plane], policy: GeometryPolicy) -> Stack | Fault:
    """A regular volume of all `planes`, changed as far as `policy` allows, or a fault."""
    ordered = in_order(planes)
    faults = faults_of(ordered)
    if not faults:
        return try_stack(planes)
    refused = [fault for fault in faults if policy.answer(fault.kind) == REFUSE]
    if refused:
        return replace(refused[0], reason=refused[0].reason + offer(refused[0].kind))
    return _beyond_help(ordered, faults) or _plan(ordered, faults)


def _beyond_help(ordered: Sequence[Plane], faults: Sequence[Fault]) -> Fault | None:
    """Faults that are too large to be mended: what would come out is invented."""
    rules = load_table("ingest_rules")
    heights = heights_mm(ordered)
    widest, step = float(np.diff(heights).max()), usual_step_mm(heights)
    most = rules.number("widest_gap")
    if widest > most * step + allowed_mm(step):
        reason = f"{faults[-1].reason}; a gap of more than {most:g} steps is not bridged"
        return Fault("limit", reason)
    lean = lean_deg(_positions(ordered), normal_of(ordered[0]))
    if lean > rules.number("most_tilt"):
        return Fault("limit", f"{faults[0].reason}; no gantry tilts that far")
    return None


def _plan(ordered: tuple[Plane, ...], faults: Sequence[Fault]) -> Stack:
    kinds = {fault.kind for fault in faults}
    along, count, step_mm = _slice_index(heights_mm(ordered), kinds)
    rows, columns = _in_plane_index(ordered) if "tilt" in kinds else (0 * along, 0 * along)
    first = np.floor(np.array([rows.min(), columns.min()]) + 1e-6)
    last = np.ceil(np.array([rows.max(), columns.max()]) - 1e-6)
    stored = ordered[0].file.shape
    shape = (count, *(int(n + b - a) for n, a, b in zip(stored, first, last, strict=True)))
    plain = grid_of(ordered[0], normal_of(ordered[0]) * step_mm, count)
    grid = plain.cropped((0, int(first[0]), int(first[1])), (shape[0], shape[1], shape[2]))
    starts = np.stack([along, rows - first[0], columns - first[1]], axis=1)
    ways = _ways(ordered, faults, grid)
    return Stack(
        ordered,
        grid,
        tuple(Doubt(f"changed on request: {way}", ordered[0].file.name) for way in ways),
        Resampling(
            ways,
            (len(ordered), *stored),
            tuple((float(s), float(r), float(c)) for s, r, c in starts),
        ),
    )


def _slice_index(heights: Float, kinds: set[str]) -> tuple[Float, int, float]:
    """Where each slice lies on the new slice axis, how many slices that has, its step in mm.

    The first and the last slice keep their places. Without uneven spacing every stored
    slice lies on a slice of the new grid and keeps its values.
    """
    span = float(heights[-1] - heights[0])
    steps = round(span / usual_step_mm(heights)) if kinds & {"gap", "uneven"} else len(heights) - 1
    steps = max(steps, 1)
    index = (heights - heights[0]) * steps / span
    return index if "uneven" in kinds else np.rint(index), steps + 1, span / steps


def _in_plane_index(ordered: Sequence[Plane]) -> tuple[Float, Float]:
    """Rows and columns that each slice lies beside the first one, with fractions."""
    positions, normal = _positions(ordered), normal_of(ordered[0])
    shift = positions - positions[0]
    shift = shift - (shift @ normal)[:, None] * normal
    row_mm, column_mm = ordered[0].pixel_spacing
    down, right = np.array(ordered[0].orientation[3:]), np.array(ordered[0].orientation[:3])
    return _snapped(shift @ down / row_mm), _snapped(shift @ right / column_mm)


def _snapped(shift: Float) -> Float:
    """Shifts in pixels; those that are whole but for rounding of the header made whole.

    Interpolating for a millionth of a pixel would cost the outermost row or column.
    """
    whole = np.rint(shift)
    near = np.abs(shift - whole) <= load_table("ingest_rules").number("whole_pixel")
    return np.where(near, whole, shift)


def _ways(ordered: Sequence[Plane], faults: Sequence[Fault], grid: Grid) -> tuple[str, ...]:
    told = {
        "tilt": f"sheared back by {lean_deg(_positions(ordered), normal_of(ordered[0])):.1f} "
        "degrees, each slice moved in its plane by linear interpolation",
        "gap": f"{grid.shape[0] - len(ordered)} missing slice(s) interpolated between their "
        "neighbours",
        "uneven": f"{len(ordered)} slices of uneven spacing interpolated to {grid.shape[0]} "
        f"slices of {grid.spacing_mm[0]:.3g} mm",
    }
    return tuple(told[fault.kind] for fault in faults)


def _positions(planes: Sequence[Plane]) -> Float:
    return np.array([plane.position for plane in planes])
