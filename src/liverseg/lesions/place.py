"""Bring masks to the voxels of a series; voxel values stay as acquired."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.geometry import Box, Grid, LabelMap, Mask, Translation, Volume, resample_labels
from liverseg.lesions.hull import Float
from liverseg.lesions.rim import CORE, RIM, Shells
from liverseg.tables import load_table


@dataclass(frozen=True, eq=False)
class PlacedParts:
    """A lesion on a series: `parts` (1 rim, 2 core) over the voxels of `box`.

    `covered` is the share of the lesion inside the image, 0 to 1. `box` is empty when
    nothing of it is.
    """

    box: Box
    parts: NDArray[np.uint8]
    covered: float
    shift: Translation

    def values(self, volume: Volume) -> tuple[Float, NDArray[np.uint8]]:
        """Values of the lesion's voxels, and the part (1 or 2) of each."""
        drawn = self.parts != 0
        return volume.array[self.box][drawn].astype(np.float64), self.parts[drawn]

    def positions_lps_mm(self, volume: Volume) -> Float:
        """(n, 3) positions of the same voxels, moved back to the lesion's own series."""
        start = np.array([span.start for span in self.box])
        position: Float = volume.grid.to_lps_mm(np.argwhere(self.parts) + start)
        return self.shift.inverse.apply(position)


def place_parts(shells: Shells, grid: Grid, shift: Translation) -> PlacedParts:
    """Rim and core of a lesion on the voxels of `grid`.

    `shift` moves positions of the lesion to the series. Where the lattices coincide the
    mask moves voxel by voxel; else its surface is found between the voxels (smoothed
    mask at the level that keeps its volume) and the rim by depth, both at the acquired
    voxel centres, so that a shift of half a slice does not move the rim off its place. A
    lesion too small for that moves by nearest voxels.
    """
    covered = share_inside(shells.labels, grid, shift)
    if not _coincide(shells.grid.shifted(shift.offset_mm), grid):
        volume = covered * np.count_nonzero(shells.drawn) * shells.grid.voxel_volume_mm3
        smooth = _place_smooth(shells, grid, shift, round(volume / grid.voxel_volume_mm3))
        if smooth is not None:
            return PlacedParts(smooth[1], smooth[0], covered, shift)
    parts, box = place_nearest(shells.labels, grid, shift)
    return PlacedParts(box, parts, covered, shift)


def place_nearest(
    labels: LabelMap, grid: Grid, shift: Translation
) -> tuple[NDArray[np.uint8], Box]:
    """Labels (a crop is best) at the voxels of `grid` that they reach, nearest neighbour.

    Returns the array over an index box of `grid`, and that box.
    """
    moved = labels.grid.shifted(shift.offset_mm)
    steps = _parallel_steps(moved, grid)
    if steps is not None:
        start = np.rint(steps).astype(int)
        low = np.maximum(start, 0)
        high = np.maximum(np.minimum(start + labels.grid.shape, grid.shape), low)
        own = tuple(slice(a - s, b - s) for a, b, s in zip(low, high, start, strict=True))
        return labels.array[own].astype(np.uint8, copy=False), _box(low, high)
    low, high = _reach(moved, grid)
    if (high <= low).any():
        return np.zeros((0, 0, 0), dtype=np.uint8), _box(low, low)
    target = grid.cropped(_triple(low), _triple(high - low))
    placed = resample_labels(labels, target, target_from_source=shift)
    return placed.array.astype(np.uint8), _box(low, high)


def _place_smooth(
    shells: Shells, grid: Grid, shift: Translation, voxels: int
) -> tuple[NDArray[np.uint8], Box] | None:
    """As `place_nearest`, with `voxels` voxels; None where smoothing fails."""
    moved = shells.grid.shifted(shift.offset_mm)
    low, high = _reach(moved, grid)
    if voxels == 0 or (high <= low).any():
        return None
    source_from_target = moved.index_from_lps @ grid.cropped(_triple(low), (1, 1, 1)).lps_from_index

    def sampled(array: NDArray[np.floating]) -> NDArray[np.float32]:
        values: NDArray[np.float32] = ndimage.affine_transform(
            array.astype(np.float32),
            source_from_target[:3, :3],
            offset=source_from_target[:3, 3],
            output_shape=_triple(high - low),
            order=1,
        )
        return values

    soft = sampled(shells.soft)
    if voxels > soft.size:
        return None
    level = float(np.partition(soft, soft.size - voxels, axis=None)[soft.size - voxels])
    lowest, highest = load_table("enhancement_rules")["surface_level"].value
    if not lowest <= level <= highest:
        return None
    drawn: Mask = soft >= level
    parts = np.where(drawn, RIM, 0).astype(np.uint8)
    if shells.depth is not None:
        parts[drawn & (sampled(shells.depth) > shells.thickness_mm)] = CORE
    return parts, _box(low, high)


def share_inside(labels: LabelMap, grid: Grid, shift: Translation) -> float:
    """Share of what is drawn (a crop is best) that `shift` brings inside `grid`, 0 to 1."""
    ends = grid.to_index(shift.apply(labels.grid.corners_lps_mm()))
    if (ends >= 0).all() and (ends <= np.array(grid.shape) - 1).all():
        return 1.0
    index = grid.to_index(shift.apply(labels.grid.to_lps_mm(np.argwhere(labels.array))))
    fits = ((index > -0.5) & (index < np.array(grid.shape) - 0.5)).all(axis=1)
    return float(fits.mean())


def _coincide(source: Grid, target: Grid) -> bool:
    """Whether voxel centres of `source` are voxel centres of `target`, axes in the same order."""
    steps = _parallel_steps(source, target)
    limit = load_table("enhancement_rules").number("same_voxel")
    return steps is not None and bool(np.abs(steps - np.rint(steps)).max() <= limit)


def _parallel_steps(source: Grid, target: Grid) -> Float | None:
    """Index of `source`'s first voxel in `target` if their axes and steps are the same."""
    relative = target.index_from_lps[:3, :3] @ source.lps_from_index[:3, :3]
    drift = np.abs(relative - np.eye(3)) @ np.array(source.shape)
    limit = load_table("enhancement_rules").number("same_voxel")
    if drift.max() > limit:
        return None
    return target.to_index(source.lps_from_index[:3, 3])


def _reach(source: Grid, target: Grid) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    corners = target.to_index(source.corners_lps_mm())
    low = np.clip(np.floor(corners.min(axis=0)).astype(np.intp), 0, target.shape)
    high = np.clip(np.ceil(corners.max(axis=0)).astype(np.intp) + 1, 0, target.shape)
    return low, high


def _box(low: NDArray[np.intp], high: NDArray[np.intp]) -> Box:
    spans = [slice(int(a), int(b)) for a, b in zip(low, high, strict=True)]
    return spans[0], spans[1], spans[2]


def _triple(values: NDArray[np.intp]) -> tuple[int, int, int]:
    first, second, third = (int(v) for v in values)
    return first, second, third
