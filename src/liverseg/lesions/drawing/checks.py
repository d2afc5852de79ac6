"""Strokes that make no sense are refused before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liverseg.errors import InputError
from liverseg.geometry import LabelMap, Volume
from liverseg.records import PhaseImage, Stroke, StrokeKind
from liverseg.tables import load_table

COUNTS = {StrokeKind.CLICK: 1, StrokeKind.LINE: 2}


def require_strokes(strokes: Sequence[Stroke]) -> tuple[Stroke, tuple[Stroke, ...]]:
    """The stroke that starts, and the corrections; `InputError` when that is not what is there."""
    starts = [stroke for stroke in strokes if not stroke.kind.corrects]
    if len(starts) != 1:
        raise InputError(
            f"a lesion starts with one click, line or scribble, not with {len(starts)}",
            remedy="mark more of it with strokes that add",
        )
    for stroke in strokes:
        _require_points(stroke)
    return starts[0], tuple(stroke for stroke in strokes if stroke.kind.corrects)


def require_start(images: Sequence[PhaseImage], start: Stroke, liver: LabelMap | None) -> None:
    """`InputError` when the start lies outside the image or the liver, or in air."""
    if not images:
        raise InputError("there is no image to draw on", remedy="pass at least one volume")
    volume = images[0].volume
    for point in start.points_lps_mm:
        _require_inside(volume, start, point)
    if start.kind is StrokeKind.LINE:
        return
    middle = np.mean(start.points_lps_mm, axis=0)
    if liver is not None and not _in_mask(liver, start.points_lps_mm):
        raise InputError(
            f"the {start.kind} at {_text(middle)} lies outside the liver mask",
            remedy="mark the lesion itself, or leave the liver mask out",
        )
    if volume.unit == "HU" and (value := _brightness(volume, start)) < _air():
        raise InputError(
            f"the {start.kind} at {_text(middle)} lies in air ({value:.0f} HU)",
            remedy="coordinates are LPS mm: x to the patient's left, y to the back, z to the head",
        )


def _require_points(stroke: Stroke) -> None:
    points = np.asarray(stroke.points_lps_mm, dtype=np.float64)
    needed = COUNTS.get(stroke.kind)
    if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
        raise InputError(f"a {stroke.kind} needs points of three finite numbers (LPS mm)")
    if needed is not None and len(points) != needed:
        raise InputError(f"a {stroke.kind} has {needed} points, not {len(points)}")
    if stroke.kind is StrokeKind.LINE:
        low, high = load_table("delineate_rules")["line_limits"].value
        length = float(np.linalg.norm(points[1] - points[0]))
        if not low <= length <= high:
            raise InputError(
                f"the line is {length:.1f} mm long; {low:g} to {high:g} mm make sense",
                remedy="give the two ends of the lesion's diameter in LPS mm",
            )


def _require_inside(volume: Volume, stroke: Stroke, point: tuple[float, float, float]) -> None:
    index = volume.grid.to_index(point)
    if ((index < -0.5) | (index > np.array(volume.grid.shape) - 0.5)).any():
        corners = volume.grid.corners_lps_mm()
        reach = ", ".join(
            f"{axis} {low:.0f} to {high:.0f}"
            for axis, low, high in zip("xyz", corners.min(0), corners.max(0), strict=True)
        )
        raise InputError(
            f"the {stroke.kind} at {_text(point)} lies outside the image ({reach} mm)",
            remedy="coordinates are LPS mm, not voxels",
        )


def _in_mask(labels: LabelMap, points: Sequence[tuple[float, float, float]]) -> bool:
    index = np.rint(labels.grid.to_index(points)).astype(np.intp)
    inside = ((index >= 0) & (index < labels.grid.shape)).all(axis=1)
    return bool(inside.all() and (labels.array[tuple(index.T)] != 0).any())


def _brightness(volume: Volume, start: Stroke) -> float:
    """Median of the voxels under a stroke and their neighbours."""
    last = np.array(volume.grid.shape)
    index = np.rint(volume.grid.to_index(start.points_lps_mm)).astype(int)
    boxes = [
        tuple(slice(max(k - 1, 0), min(k + 2, n)) for k, n in zip(place, last, strict=True))
        for place in index
    ]
    return float(np.median(np.concatenate([volume.array[box].ravel() for box in boxes])))


def _air() -> float:
    return load_table("delineate_rules").number("air_hu")


def _text(point: Sequence[float] | np.ndarray) -> str:
    return ", ".join(f"{value:.1f}" for value in point)
