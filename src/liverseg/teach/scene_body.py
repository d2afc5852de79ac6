"""What surrounds the lesion of a scene, and how its series are rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from liverseg.geometry import Grid, Label, LabelMap, Volume
from liverseg.tables import load_table
from liverseg.teach.outlines import Point
from liverseg.teach.paint import EDGE_SDS, box_of, edge_share, lattice_of, noise, stored_level
from liverseg.teach.plan import PlannedSeries
from liverseg.teach.scene_parts import PartDepths, Recipe
from liverseg.teach.shapes import Common, Ellipsoid, Float32, HalfSpace, Lattice, Solid, Tube

#: A stored ADC map is in 1e-6 mm2/s.
ADC_MM2_PER_S = 1e-6
LIVER = "liver"
#: Levels of one part by kind of series, as a row of table phantom_tissues has them.
Levels = Mapping[str, object]


@dataclass(frozen=True, eq=False)
class SceneBody:
    """What surrounds the lesion: the liver and, in the order of painting, the organs."""

    liver: Solid
    organs: Mapping[str, Solid]

    @classmethod
    def around(cls, diameter_mm: float) -> SceneBody:
        """Liver from the right up to 14 mm left of the lesion; vessels 11 mm off its surface."""
        r = diameter_mm / 2.0
        far, side = r + 60.0, r + 23.0
        whole = Ellipsoid((0.0, 0.0, 0.0), (r + 44.0, r + 40.0, r + 42.0))
        liver = Common((whole, HalfSpace((r + 14.0, 0.0, 0.0), (1.0, 0.0, 0.0))), round_mm=4.0)
        organs: dict[str, Solid] = {
            "muscle": Ellipsoid((side, 24.0, 0.0), (6.5, 8.0, far)),
            "spleen": Ellipsoid((side, -16.0, 0.0), (6.5, 13.0, r + 20.0)),
            "aorta": _tube((side, 5.0), (0.0, 2.0), 6.0, far),
            "ivc": _tube((-0.3 * r, r + 18.0), (2.0, 0.0), 7.0, far),
            "portal_vein": _tube((-(r + 16.0), -6.0), (0.0, 3.0), 5.0, far),
            "hepatic_veins": _tube((2.0, -(r + 15.0)), (3.0, 0.0), 4.0, far),
        }
        return cls(liver, organs)


def _tube(
    middle: tuple[float, float], tilt: tuple[float, float], radius: float, far: float
) -> Tube:
    """A vessel along the body through `middle` (x, y), leaning by `tilt` on the way."""
    (x, y), (dx, dy) = middle, tilt
    return Tube(((x - dx, y - dy, -far), (x + dx, y + dy, far)), (radius, radius))


def render(
    one: PlannedSeries,
    body: SceneBody,
    recipe: Recipe,
    centre: Point,
    parts: Mapping[str, Levels],
    seed: int,
) -> Volume:
    """The series as a scanner would store it, with noise; a slice is the mean of thin planes."""
    planes = int(np.ceil(one.grid.spacing_mm[0] / load_table("phantom_scenes").number("sub_slice")))
    values = _paint(one, body, recipe, centre, parts, planes)
    values = values.reshape(-1, planes, *values.shape[1:]).mean(axis=1)
    if one.noise_sd > 0:
        values += noise(one, seed)
    kind = one.level_index[0]
    stored = np.rint(np.clip(values, -1024.0 if kind == "CT" else 0.0, 32000.0))
    if kind == "ADC":
        return Volume((stored * ADC_MM2_PER_S).astype(np.float32), one.grid, "mm2/s")
    return Volume(stored.astype(np.int16), one.grid, "HU" if kind == "CT" else "au")


def _paint(
    one: PlannedSeries,
    body: SceneBody,
    recipe: Recipe,
    centre: Point,
    parts: Mapping[str, Levels],
    planes: int,
) -> Float32:
    """Noise-free values on `planes` thin planes a slice, everything moved by the breath."""
    tissues = load_table("phantom_tissues")
    lattice = _thin(lattice_of(one.grid), one.grid.spacing_mm[0], planes, one.shift_mm)
    fat = stored_level(one, tissues["fat"].value)
    values: Float32 = np.full(lattice.shape, fat, dtype=np.float32)
    for tissue, solid in ((LIVER, body.liver), *body.organs.items()):
        share = edge_share(solid.depth(lattice), one.blur_mm)
        values += share * (np.float32(stored_level(one, tissues[tissue].value)) - values)
    reach = recipe.outline.reach_mm + EDGE_SDS * one.blur_mm
    low, high = np.asarray(centre) - reach, np.asarray(centre) + reach
    box = box_of(lattice, (as_point(low), as_point(high)), 1.5 * max(one.grid.spacing_mm))
    assert box is not None  # the grid was made round the lesion
    x, y, z = centre
    near = Lattice(lattice.x[box[2]] - x, lattice.y[box[1]] - y, lattice.z[box[0]] - z)
    levels = {name: stored_level(one, by_kind) for name, by_kind in parts.items()}
    inside, level = PartDepths(recipe, near).shares(levels, one.blur_mm)
    values[box] += inside * (level - values[box])
    return values


def _thin(lattice: Lattice, slice_mm: float, planes: int, shift_mm: Point) -> Lattice:
    """The lattice with `planes` planes through every slice, as moved things see it."""
    offsets = (np.arange(planes) + 0.5) / planes - 0.5
    z = (lattice.z[:, None] + slice_mm * offsets.astype(np.float32)).ravel()
    x, y, along = (np.float32(step) for step in shift_mm)
    return Lattice(lattice.x - x, lattice.y - y, z - along)


def lesion_mask(recipe: Recipe, centre: Point, grid: Grid) -> LabelMap:
    """Label 1 = voxels whose centre lies inside the exact surface."""
    lattice = lattice_of(grid)
    x, y, z = centre
    zz, yy, xx = np.meshgrid(lattice.z - z, lattice.y - y, lattice.x - x, indexing="ij")
    inside = recipe.outline.level(np.stack([xx, yy, zz], axis=-1)) < 1.0
    return LabelMap(inside.astype(np.uint8), grid, (Label(1, "L1"),))


def liver_mask(body: SceneBody, grid: Grid) -> LabelMap:
    """Label 1 = liver with lesion and vessels inside it."""
    inside = body.liver.depth(lattice_of(grid)) > 0
    return LabelMap(inside.astype(np.uint8), grid, (Label(1, LIVER),))


def structure_labels(body: SceneBody, grid: Grid) -> LabelMap:
    """Vessels, spleen and muscle with the numbers of table `structures`."""
    rows = load_table("structures")
    array = np.zeros(grid.shape, dtype=np.uint8)
    for name, solid in body.organs.items():
        array[solid.depth(lattice_of(grid)) > 0] = int(rows[name].value)
    labels = tuple(Label(int(rows[name].value), name) for name in body.organs)
    return LabelMap(array, grid, labels)


def as_point(values: ArrayLike) -> Point:
    """Three numbers as a point."""
    x, y, z = np.asarray(values, dtype=np.float64)
    return float(x), float(y), float(z)
