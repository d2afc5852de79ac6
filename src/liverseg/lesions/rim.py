"""Outer shell and inner part of a lesion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.errors import MeasurementError
from liverseg.geometry import Grid, Label, LabelMap, Mask
from liverseg.lesions.hull import Float
from liverseg.lesions.lattice import depth_mm
from liverseg.tables import load_table

RIM, CORE = 1, 2
LABELS = (Label(RIM, "rim"), Label(CORE, "core"))
#: Empty voxels round a cropped lesion: room for smoothing and for a shift below one voxel.
MARGIN = 3


@dataclass(frozen=True, eq=False)
class Shells:
    """A lesion cut out with a margin, with the depth of its voxels.

    `depth` is in mm, or None with `refusal` saying why there is no rim and core.
    """

    drawn: Mask
    grid: Grid
    thickness_mm: float
    depth: Float | None
    refusal: str = ""

    @cached_property
    def labels(self) -> LabelMap:
        """1 rim, 2 core; all rim where the lesion is not divided."""
        parts = self.drawn.astype(np.uint8)
        if self.depth is not None:
            parts[self.drawn & (self.depth > self.thickness_mm)] = CORE
        return LabelMap(parts, self.grid, LABELS)

    @cached_property
    def soft(self) -> NDArray[np.float32]:
        """The mask smoothed, so that its surface is a level that runs between voxels."""
        sigma = load_table("enhancement_rules").number("surface_smoothing")
        smooth: NDArray[np.float32] = ndimage.gaussian_filter(
            self.drawn.astype(np.float32), sigma, truncate=3.0
        )
        return smooth


def divide_rim_core(mask: LabelMap) -> LabelMap:
    """Label 1 = rim, 2 = core, on the grid of `mask` (all its voxels that are not 0).

    The rim is a shell of even thickness below the surface, in mm: the largest of two
    in-plane voxels, 2 mm and 0.15 of the diameter of the ball of the same volume (table
    `enhancement_rules`). Oblique, anisotropic and sheared grids are honoured.

    Raises `EmptyLabelError` when nothing is drawn and `MeasurementError` for a lesion
    that is too small for a core.
    """
    shells = cut_shells(mask)
    if shells.depth is None:
        raise MeasurementError(
            f"rim and core cannot be told apart: {shells.refusal}",
            remedy="use the mean of the whole lesion",
        )
    parts = np.zeros(mask.grid.shape, dtype=np.uint8)
    inner = (slice(MARGIN, -MARGIN),) * 3
    parts[mask.box()] = shells.labels.array[inner]
    return LabelMap(parts, mask.grid, LABELS)


def cut_shells(mask: LabelMap) -> Shells:
    """A mask cut out with `MARGIN` empty voxels on every side, and its depth if divisible.

    Raises `EmptyLabelError` when nothing is drawn.
    """
    box = mask.box()
    drawn = np.pad(mask.part(box) != 0, MARGIN)
    start = (box[0].start - MARGIN, box[1].start - MARGIN, box[2].start - MARGIN)
    grid = mask.grid.cropped(start, drawn.shape)
    thickness = shell_thickness_mm(drawn, grid)
    refusal = why_no_core(equivalent_diameter_mm(drawn, grid), grid)
    if refusal:
        return Shells(drawn, grid, thickness, None, refusal)
    depth = depth_mm(drawn, grid)
    if depth.max() <= thickness:
        return Shells(drawn, grid, thickness, None, f"no part is deeper than {thickness:.1f} mm")
    return Shells(drawn, grid, thickness, depth)


def shell_thickness_mm(drawn: Mask, grid: Grid) -> float:
    """Thickness of the rim in mm: voxels, least thickness or share of the size."""
    return shell_mm(equivalent_diameter_mm(drawn, grid), grid)


def shell_mm(diameter_mm: float, grid: Grid) -> float:
    """Thickness of the rim in mm of a lesion as large as a ball of this diameter."""
    rules = load_table("enhancement_rules").number
    return max(
        rules("shell_voxels") * in_plane_mm(grid),
        rules("shell_least"),
        rules("shell_share") * diameter_mm,
    )


def equivalent_diameter_mm(drawn: Mask, grid: Grid) -> float:
    """Diameter of the ball of the same volume, in mm."""
    volume = float(np.count_nonzero(drawn)) * grid.voxel_volume_mm3
    return float((6.0 * volume / np.pi) ** (1.0 / 3.0))


def in_plane_mm(grid: Grid) -> float:
    """The larger of the two voxel sizes within a slice, in mm."""
    return max(grid.spacing_mm[1:])


def why_no_core(diameter: float, grid: Grid) -> str:
    """Why a lesion as large as a ball of this diameter (mm) has no core, or ""."""
    rules = load_table("enhancement_rules").number
    if diameter < rules("core_diameter_min"):
        least = rules("core_diameter_min")
        return f"the lesion is {diameter:.1f} mm across, less than {least:g} mm"
    if diameter < rules("core_voxels_min") * in_plane_mm(grid):
        return f"the lesion is {diameter / in_plane_mm(grid):.1f} voxels across, too few"
    return ""
