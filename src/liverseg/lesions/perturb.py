"""A lesion's mask as other readers might have drawn it: its surface moved in and out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.geometry import Grid, LabelMap, Mask
from liverseg.lesions.hull import Float
from liverseg.lesions.rim import equivalent_diameter_mm
from liverseg.tables import load_table

#: Directions in which a surface is moved: bands of equal height, each with as many turns.
BANDS, TURNS = 24, 48
#: Waves that make up a smooth random field on the sphere.
WAVES = 24


@dataclass(frozen=True, eq=False)
class Surface:
    """A mask as a signed distance (mm, positive inside) that runs between its voxels.

    `distance` is on `grid`, a crop with room for the surface to move. `voxel` is the
    size of a voxel across the surface, in mm, at the same places.
    """

    grid: Grid
    distance: Float
    voxel: Float
    centroid_lps_mm: Float
    diameter_mm: float

    @property
    def reader_sd_mm(self) -> float:
        """How far another reader's surface lies from this one, standard deviation in mm."""
        return reader_sd_mm(self.diameter_mm)

    def directions(self, points_lps_mm: Float) -> NDArray[np.intp]:
        """(n,) bin of the direction from the centroid to each point."""
        outward = points_lps_mm - self.centroid_lps_mm
        length = np.maximum(np.linalg.norm(outward, axis=1), 1e-9)
        band = np.clip((outward[:, 2] / length + 1.0) * BANDS / 2.0, 0, BANDS - 1).astype(np.intp)
        turn = (np.arctan2(outward[:, 1], outward[:, 0]) / (2.0 * np.pi) % 1.0) * TURNS
        bins: NDArray[np.intp] = band * TURNS + np.minimum(turn.astype(np.intp), TURNS - 1)
        return bins

    @cached_property
    def bins(self) -> NDArray[np.intp]:
        """Direction bin of every voxel of the crop."""
        index = np.indices(self.grid.shape).reshape(3, -1).T
        return self.directions(self.grid.to_lps_mm(index)).reshape(self.grid.shape)

    def moved(self, steps_mm: Float) -> Iterator[Mask]:
        """The mask with its surface moved by each row of `steps_mm` (copies, bins)."""
        for step in steps_mm:
            yield self.distance + step[self.bins] > 0.0


def reader_sd_mm(diameter_mm: float) -> float:
    """Standard deviation of a reader's surface in mm (table `interval_rules`)."""
    rules = load_table("interval_rules").number
    return float(np.hypot(rules("reader_share") * diameter_mm / 2.0, rules("reader_least")))


def smooth_surface(mask: LabelMap) -> Surface:
    """The surface of all voxels of a mask that are not 0.

    Distances to the nearest voxel centre of the other side, less half a voxel, smoothed
    and set to the level that keeps the volume. Raises `EmptyLabelError` when nothing is
    drawn.
    """
    box = mask.box()
    inside = mask.part(box) != 0
    start = np.array([span.start for span in box])
    diameter = equivalent_diameter_mm(inside, mask.grid)
    room = np.ceil((4.0 * reader_sd_mm(diameter) + 1.0) / np.array(mask.grid.spacing_mm))
    room = room.astype(int) + 1
    drawn = np.pad(inside, [(n, n) for n in room])
    first = tuple(int(a - n) for a, n in zip(start, room, strict=True))
    grid = mask.grid.cropped((first[0], first[1], first[2]), drawn.shape)
    distance, voxel = _signed(drawn, grid)
    sigma = load_table("enhancement_rules").number("surface_smoothing")
    smooth = ndimage.gaussian_filter(distance, sigma, truncate=3.0)
    count = int(np.count_nonzero(drawn))
    level = float(np.partition(smooth, smooth.size - count, axis=None)[smooth.size - count])
    centroid = grid.to_lps_mm(np.argwhere(drawn).mean(axis=0))
    return Surface(grid, _evened(smooth - level, grid, diameter), voxel, centroid, diameter)


def _evened(distance: Float, grid: Grid, diameter_mm: float) -> Float:
    """Distances scaled so that one mm across the surface is one mm.

    Steps of the voxels and the smoothing make them about a tenth too small.
    """
    slopes = np.gradient(distance, *grid.spacing_mm)
    slope = np.sqrt(sum(one**2 for one in slopes))
    near = np.abs(distance) < 2.0 * reader_sd_mm(diameter_mm)
    return np.asarray(distance / np.clip(slope[near].mean(), 0.7, 1.3))


def _signed(drawn: Mask, grid: Grid) -> tuple[Float, Float]:
    """Signed distance to the surface, and the voxel size across it."""
    distance = np.zeros(drawn.shape)
    voxel = np.ones(drawn.shape)
    matrix = grid.lps_from_index[:3, :3]
    for side, sign in ((drawn, 1.0), (~drawn, -1.0)):
        # Distances along the axes of the grid; on a sheared grid they are approximate.
        length, near = ndimage.distance_transform_edt(
            side, sampling=grid.spacing_mm, return_indices=True
        )
        own = np.argwhere(side)
        offset = (near[:, side].T - own) @ matrix.T
        across = np.linalg.norm(offset @ matrix, axis=1) / np.linalg.norm(offset, axis=1)
        voxel[side] = across
        distance[side] = sign * (length[side] - 0.5 * across)
    return distance, voxel


def reader_steps(diameter_mm: float, *, copies: int, seed: int) -> Float:
    """(copies + 1, bins) surface steps in mm: first none, then those of so many readers.

    Half of the variance is the same all round (a reader who draws large), half is a
    smooth field over the directions.
    """
    rng = np.random.default_rng(seed)
    height = (np.arange(BANDS) + 0.5) * 2.0 / BANDS - 1.0
    angle = (np.arange(TURNS) + 0.5) * 2.0 * np.pi / TURNS
    flat = np.sqrt(1.0 - height**2)[:, None]
    parts = (flat * np.cos(angle), flat * np.sin(angle), np.repeat(height[:, None], TURNS, 1))
    towards = np.stack(parts, axis=-1).reshape(-1, 3)
    rules = load_table("interval_rules").number
    waves = rng.standard_normal((copies, WAVES, 3)) / np.radians(rules("reader_grain_deg"))
    start = rng.uniform(0.0, 2.0 * np.pi, (copies, 1, WAVES))
    field = np.cos(np.einsum("bd,cwd->cbw", towards, waves) + start).sum(axis=2)
    field *= np.sqrt(2.0 / WAVES)
    whole = rng.standard_normal((copies, 1))
    share = rules("reader_common")
    steps = np.sqrt(share) * whole + np.sqrt(1.0 - share) * field
    return np.vstack([np.zeros((1, len(towards))), steps * reader_sd_mm(diameter_mm)])
