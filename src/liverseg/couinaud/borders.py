"""How far a lesion lies from the next border between two segments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from liverseg.geometry import Grid, Mask

Labels = NDArray[np.unsignedinteger]
Float = NDArray[np.float64]
#: Every so many surface voxels a first distance is taken.
FEW = 50


@dataclass(frozen=True, eq=False)
class Faces:
    """Voxel faces between two segments: (n, 3) centres in index units and their axes (n,)."""

    centres: Float
    axes: NDArray[np.intp]

    @property
    def count(self) -> int:
        """Number of faces."""
        return len(self.axes)


def faces_between(labels: Labels) -> Faces:
    """Faces between face-neighbours that carry two different labels, neither of them 0.

    `labels` is (slice, row, column); a face between voxels 3 and 4 of an axis has 3.5 there.
    """
    centres, axes = [], []
    for axis in range(3):
        found = np.argwhere(_has_face(labels, axis)).astype(np.float64)
        found[:, axis] += 0.5
        centres.append(found)
        axes.append(np.full(len(found), axis, dtype=np.intp))
    return Faces(np.concatenate(centres), np.concatenate(axes))


def distance_to_faces_mm(index: Float, faces: Faces, grid: Grid) -> Float:
    """(n,) distance in mm from one position (fractional index) to each face as a rectangle.

    Exact for lattices at right angles, whatever the spacing; for sheared ones the nearest
    point is taken in index space, which is never nearer than the true one.
    """
    half = np.full((faces.count, 3), 0.5)
    half[np.arange(faces.count), faces.axes] = 0.0
    gap = index - faces.centres
    gap -= np.clip(gap, -half, half)
    return np.asarray(np.linalg.norm(gap @ grid.lps_from_index[:3, :3].T, axis=1))


def mask_to_faces_mm(mask: Mask, faces: Faces, grid: Grid) -> float:
    """Smallest distance in mm from a voxel centre of `mask` to a face; inf without faces."""
    if faces.count == 0:
        return float("inf")
    edge = np.argwhere(mask & ~ndimage.binary_erosion(mask)).astype(np.float64)
    steps = grid.lps_from_index[:3, :3].T
    # A face's centre is nearest within half a diagonal: look again only where it matters.
    reach = 0.5 * float(np.linalg.norm(grid.spacing_mm))
    centres, points = cKDTree(faces.centres @ steps), edge @ steps
    # A few points say how far the search must go for all; beyond it the gap is inf.
    few, _ = centres.query(points[::FEW])
    gap, _ = centres.query(points, distance_upper_bound=float(few.min()) + 2 * reach)
    close = np.flatnonzero(gap <= gap.min() + reach)
    best = float("inf")
    limit = float(gap.min()) + reach
    tree = cKDTree(edge[close] @ steps)
    near = tree.query_ball_tree(cKDTree(faces.centres @ steps), limit)
    for row, hits in zip(close, near, strict=True):
        some = Faces(faces.centres[hits], faces.axes[hits])
        best = min(best, float(distance_to_faces_mm(edge[row], some, grid).min(initial=best)))
    return best


def is_crossed(mask: Mask, labels: Labels) -> bool:
    """Whether a border runs through the mask itself: it holds both sides of a face."""
    own = np.where(mask, labels, 0)
    return any(bool(_has_face(own, axis).any()) for axis in range(3))


def _has_face(labels: Labels, axis: int) -> Mask:
    """Whether a face lies between each voxel and the next one along an axis."""
    along = np.moveaxis(labels, axis, 0)
    one, other = along[:-1], along[1:]
    return np.moveaxis((one != other) & (one != 0) & (other != 0), 0, axis)
