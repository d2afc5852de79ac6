"""Bring a label map onto another grid: exactly where the lattices coincide, else nearest."""

from __future__ import annotations

import numpy as np

from liverseg.errors import GeometryError
from liverseg.geometry.grid import SAME_PLACE_MM, Grid, require_same_frame
from liverseg.geometry.labelmap import LabelMap
from liverseg.geometry.transform import Translation


def fits_lattice(source: Grid, target: Grid, *, tolerance_mm: float = SAME_PLACE_MM) -> bool:
    """Whether every voxel centre of `source` is a voxel centre of `target`.

    Axes may be permuted, flipped or cropped (a NIfTI stored as (column, row from
    below, slice), a SEG that leaves empty slices out), but no voxel may move by more
    than `tolerance_mm` and none may lie outside `target`. Frames of reference are not
    looked at.
    """
    permutation = _signed_permutation(source, target)
    if permutation is None:
        return False
    corners = _corner_indices(source)
    moved = (permutation @ corners)[:3].T
    drift = np.linalg.norm(target.to_lps_mm(moved) - source.to_lps_mm(corners[:3].T), axis=1)
    inside = (moved >= 0).all() and (moved <= np.array(target.shape) - 1).all()
    return bool(inside and drift.max() <= tolerance_mm)


def place_labels(
    labels: LabelMap, target: Grid, *, where: str, tolerance_mm: float = SAME_PLACE_MM
) -> LabelMap:
    """Put a label map onto `target` voxel by voxel, without any interpolation.

    Returns a map of `target`'s shape in `target`'s frame of reference. Raises
    `GeometryError` when the lattices do not coincide, or when both frames of reference
    are known and differ. An unknown frame is accepted because the lattice proves the
    place; the caller records that as a doubt.
    """
    require_same_frame(labels.grid, target, where=where)
    if not fits_lattice(labels.grid, target, tolerance_mm=tolerance_mm):
        raise GeometryError(
            f"mask is {labels.grid} but the image is {target}: their voxels do not coincide",
            where=where,
            remedy="pass a mask drawn on this series, or resample it to the series' grid first",
        )
    permutation = _signed_permutation(labels.grid, target)
    assert permutation is not None
    index = np.argwhere(labels.array != 0)
    moved = np.rint(index @ permutation[:3, :3].T + permutation[:3, 3]).astype(np.intp)
    placed = np.zeros(target.shape, dtype=labels.array.dtype)
    placed[tuple(moved.T)] = labels.array[tuple(index.T)]
    return LabelMap(placed, target, labels.labels)


def resample_labels(
    labels: LabelMap,
    target: Grid,
    *,
    target_from_source: Translation | None = None,
    where: str = "resample_labels",
) -> LabelMap:
    """Nearest-neighbour resampling of a label map onto `target`.

    `target_from_source` moves positions of the label map's frame to `target`'s frame
    (phases of one exam differ by a breathing shift). Without it two different known
    frames of reference are an error. Only the box that the labels reach is computed.
    """
    if target_from_source is None:
        require_same_frame(labels.grid, target, where=where)
        target_from_source = Translation()
    result = np.zeros(target.shape, dtype=labels.array.dtype)
    if not labels.array.any():
        return LabelMap(result, target, labels.labels)
    part = labels.cropped()
    # A frame of nothing all round: without it rounding drops voxels at the array's edge.
    array = np.pad(part.array, 1)
    source_grid = part.grid.cropped((-1, -1, -1), (array.shape[0], array.shape[1], array.shape[2]))
    source_grid = source_grid.shifted(target_from_source.offset_mm)
    low, high = _reach(source_grid, target)
    if (high <= low).any():
        return LabelMap(result, target, labels.labels)
    source_from_target = source_grid.index_from_lps @ target.lps_from_index
    matrix = source_from_target[:3, :3]
    offset = matrix @ low + source_from_target[:3, 3]
    # Imported here: loading it takes more memory than reading a study may.
    from scipy import ndimage

    piece = ndimage.affine_transform(
        array,
        matrix,
        offset=offset,
        output_shape=tuple(int(n) for n in high - low),
        order=0,
        mode="constant",
        cval=0,
    )
    result[low[0] : high[0], low[1] : high[1], low[2] : high[2]] = piece
    return LabelMap(result, target, labels.labels)


def _reach(source: Grid, target: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Index box (start, stop) of `target` that `source` can touch."""
    corners = target.to_index(source.corners_lps_mm())
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 1, 0)
    high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 2, target.shape)
    return low, high


def _corner_indices(grid: Grid) -> np.ndarray:
    """(4, 8) homogeneous indices of the corner voxels."""
    last = np.array(grid.shape) - 1
    picks = np.array(np.meshgrid([0, 1], [0, 1], [0, 1], indexing="ij")).reshape(3, -1)
    return np.vstack([picks * last[:, None], np.ones(8)])


def _signed_permutation(source: Grid, target: Grid) -> np.ndarray | None:
    """Nearest whole-number map from source to target index, or None if it is no permutation.

    An axis of length one has no direction of its own; its column still has to round
    to a unit step, which it does for slices of a common lattice.
    """
    exact = target.index_from_lps @ source.lps_from_index
    rounded = np.rint(exact)
    turn = np.abs(rounded[:3, :3])
    if not ((turn.sum(axis=0) == 1).all() and (turn.sum(axis=1) == 1).all()):
        return None
    return rounded
