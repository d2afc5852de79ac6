"""Divide a liver into Couinaud segments by planes through landmarks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.couinaud.check import WHERE as MAP_WHERE
from liverseg.couinaud.landmarks import Landmarks, landmarks_as_dict
from liverseg.couinaud.pieces import shape_doubts
from liverseg.couinaud.planes import WHERE, Plane, Planes, build_planes
from liverseg.couinaud.segments import LABEL_4A, LABEL_4B, segment_table
from liverseg.errors import GeometryError
from liverseg.geometry import LabelMap
from liverseg.records import Doubt
from liverseg.tables import load_table

METHOD = "classic plane method, ten landmarks"

#: A voxel this close to a plane lies on it: rounding of float64, no clinical limit.
ON_PLANE_MM = 1e-6

Labels = NDArray[np.uint8]
Indices = tuple[NDArray[np.intp], ...]


def divide_liver(
    liver: LabelMap,
    landmarks: Landmarks,
    *,
    split_four: bool = True,
    oblique_2_3: bool = False,
) -> tuple[LabelMap, tuple[Doubt, ...]]:
    """Couinaud segments of a liver mask, and what to doubt about them.

    The result lies on the grid of `liver`, (slice, row, column), with labels 1 to 8; with
    `split_four` 4 is 4a and 9 is 4b. Every voxel of `liver` (any label) gets exactly one
    segment; a voxel on a plane goes to the side that the plane's signed distance calls
    "at least 0". Without `lvf` segment 1 is not made. `oblique_2_3` puts the border
    between 2 and 3 through `lhv` instead of the height of `lpv`; it tilts strongly with
    that click.

    Raises `InputError` (landmark missing), `GeometryError` (points or grid make the planes
    unsure, with number and limit) and `EmptyLabelError`. Points are never moved.

    Flat planes put about a quarter of the liver's area into another segment than its portal
    branches do (Liu 2013, Clin Anat: 28.6 %).
    """
    if not liver.grid.is_orthogonal:
        raise GeometryError(
            "the axes of the liver mask are not at right angles: left and right are not certain",
            where=WHERE,
            remedy="resample the series and the mask to a grid without gantry tilt",
        )
    planes = build_planes(landmarks, oblique_2_3=oblique_2_3)
    box = liver.box()
    inside = liver.part(box) != 0
    _require_near(liver, landmarks)
    part = np.zeros(inside.shape, dtype=np.uint8)
    # Slice by slice: what is made on the way stays small enough to be fast.
    for number, plane in enumerate(inside):
        rows, columns = np.nonzero(plane)
        slices = np.full(rows.shape, number + box[0].start, dtype=np.intp)
        whole = (slices, rows + box[1].start, columns + box[2].start)
        segments = _classify(_Distances(liver, whole), planes, landmarks)
        if not split_four:
            segments[segments == LABEL_4B] = LABEL_4A
        part[number, rows, columns] = segments
    doubts = [*_lacks(landmarks), *shape_doubts(part, split=split_four, where=METHOD)]
    result = np.zeros(liver.grid.shape, dtype=np.uint8)
    result[box] = part
    return LabelMap(result, liver.grid, segment_table(split=split_four)), tuple(doubts)


def describe_division(landmarks: Landmarks, *, oblique_2_3: bool = False) -> dict[str, Any]:
    """What belongs beside the labels in a case file: method, points, planes, table digest."""
    planes = build_planes(landmarks, oblique_2_3=oblique_2_3)
    return {
        "method": METHOD,
        "rules": load_table("couinaud_rules").digest,
        "landmarks_lps_mm": landmarks_as_dict(landmarks),
        "cranial_axis": planes.cranial.tolist(),
        "planes": [
            {key: np.asarray(value).tolist() for key, value in asdict(plane).items()}
            for plane in planes.all
        ],
    }


def is_segment_doubt(doubt: Doubt) -> bool:
    """Whether a doubt of an exam is about its segment map, and goes with that map."""
    return doubt.where in (METHOD, MAP_WHERE)


class _Distances:
    """Signed distances of chosen voxels from planes, without making their positions.

    A distance is a sum of one number a slice, a row and a column.
    """

    def __init__(self, liver: LabelMap, index: Indices) -> None:
        self.grid = liver.grid
        self.index = index

    def of(self, plane: Plane) -> NDArray[np.float64]:
        return self.along(plane.normal, plane.point)

    def along(self, axis: NDArray[np.float64], origin: NDArray[np.float64]) -> NDArray[np.float64]:
        matrix = self.grid.lps_from_index
        start = float((matrix[:3, 3] - origin) @ axis)
        steps = axis @ matrix[:3, :3]
        sums = np.full(self.index[0].shape, start)
        for k, size in enumerate(self.grid.shape):
            sums += (np.arange(size) * steps[k])[self.index[k]]
        return sums


def _classify(d: _Distances, planes: Planes, landmarks: Landmarks) -> Labels:
    """(n,) segment numbers, 4a = 4 and 4b = 9, in the order of the recipe."""
    umbilical = d.of(planes.umbilical)
    upper_left = d.of(planes.upper_left) >= -ON_PLANE_MM
    upper_right = d.of(planes.upper_right) >= -ON_PLANE_MM
    two = upper_left if planes.lateral is None else d.of(planes.lateral) >= -ON_PLANE_MM
    right = np.where(
        d.of(planes.right) >= -ON_PLANE_MM,
        np.where(upper_right, 7, 6),
        np.where(upper_right, 8, 5),
    )
    left = np.where(
        umbilical >= -ON_PLANE_MM,
        np.where(two, 2, 3),
        np.where(upper_left, LABEL_4A, LABEL_4B),
    )
    segments = np.where(d.of(planes.main) >= -ON_PLANE_MM, left, right).astype(np.uint8)
    if planes.caudate is not None:
        segments[_is_caudate(d, planes, planes.caudate, landmarks, umbilical)] = 1
    return segments


def _is_caudate(
    d: _Distances,
    planes: Planes,
    front: Plane,
    landmarks: Landmarks,
    umbilical: NDArray[np.float64],
) -> NDArray[np.bool_]:
    limit = load_table("couinaud_rules").number
    ivc, pvb = landmarks["ivc"], landmarks["pvb"]
    leftward = d.along(planes.left, ivc)
    height = d.along(planes.cranial, pvb)
    top = float((ivc - pvb) @ planes.cranial) - limit("caudate_below_ivc")
    behind = d.of(front) >= -ON_PLANE_MM
    beside = leftward >= limit("caudate_right") - ON_PLANE_MM
    above = height >= limit("caudate_low") - ON_PLANE_MM
    below = height <= top + ON_PLANE_MM
    near = umbilical <= limit("caudate_left") + ON_PLANE_MM
    return np.asarray(behind & beside & above & below & near)


def _require_near(liver: LabelMap, landmarks: Landmarks) -> None:
    """Points that lie in or at the liver must do so in this mask."""
    row = load_table("couinaud_rules")["outside_mask_max"]
    edge = _edge_positions(liver)
    for name in row.more["points"]:
        if _holds(liver, landmarks[name]):
            continue
        found = float(np.sqrt(((edge - landmarks[name]) ** 2).sum(axis=1).min()))
        if found > float(row.value):
            raise GeometryError(
                f"{name} lies {found:.1f} mm outside the liver mask; at most {row.value:g} mm "
                "are allowed",
                where=WHERE,
                remedy="use the mask and the landmarks of one series; they may be of two",
            )


def _holds(liver: LabelMap, point: NDArray[np.float64]) -> bool:
    index = np.rint(liver.grid.to_index(point)).astype(int)
    if (index < 0).any() or (index >= liver.grid.shape).any():
        return False
    return bool(liver.array[tuple(index)] != 0)


def _edge_positions(liver: LabelMap) -> NDArray[np.float64]:
    """(n, 3) LPS mm of the voxel centres at the surface of the mask."""
    box = liver.box()
    inside = liver.part(box) != 0
    edge = inside & ~ndimage.binary_erosion(inside)
    start = [axis.start for axis in box]
    return liver.grid.to_lps_mm(np.argwhere(edge) + start)


def _lacks(landmarks: Landmarks) -> list[Doubt]:
    if "lvf" in landmarks:
        return []
    return [Doubt("segment 1 is not made: the landmark lvf was not clicked", METHOD)]
