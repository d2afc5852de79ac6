"""Parts of a planted lesion: rim, nodules, scar or fat as soft depths, and how they are filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from liverseg.tables import load_table
from liverseg.teach.outlines import Outline, Point
from liverseg.teach.paint import edge_share
from liverseg.teach.shapes import Ellipsoid, Float32, Lattice, rotation

#: Parts that surround or fill the lesion: what is painted first.
GROUNDS = ("whole", "core", "soft")


@dataclass(frozen=True)
class Recipe:
    """How a lesion is put together: its surface, the thickness of its rim, where nodules sit.

    `nodules` are directions from the centre, each the middle of a cap of half angle
    `nodule_deg` that a nodule covers. `inner` holds the scar or the fat, if the entity
    has one, relative to the centre.
    """

    outline: Outline
    rim_mm: float
    nodules: tuple[Point, ...]
    nodule_deg: float
    inner: Ellipsoid

    @property
    def nodule_share(self) -> float:
        """Share of all directions that nodules cover, 0 to 1; the caps do not overlap."""
        return len(self.nodules) * (1.0 - float(np.cos(np.radians(self.nodule_deg)))) / 2.0


def plan_recipe(outline: Outline, rng: np.random.Generator) -> Recipe:
    """Rim as thick as it is measured where voxels are small; three to five nodules."""
    rules, rows = load_table("enhancement_rules").number, load_table("phantom_scenes")
    diameter = float(np.cbrt(6.0 * outline.volume_ml * 1000.0 / np.pi))
    count = int(rng.integers(3, 6))
    share = rng.uniform(*rows["nodule_share"].value)
    a, b, c = (rows.number("inner_share") * axis for axis in outline.half_axes_mm)
    half = float(np.degrees(np.arccos(1.0 - 2.0 * share / count)))
    return Recipe(
        outline=outline,
        rim_mm=max(rules("shell_least"), rules("shell_share") * diameter),
        nodules=_spread(count, rng),
        nodule_deg=half,
        inner=Ellipsoid((0.0, 0.0, 0.0), (a, b, c), (0.0, 0.0, outline.turn_deg)),
    )


def _spread(count: int, rng: np.random.Generator) -> tuple[Point, ...]:
    """Directions far from each other, turned at random."""
    height = 1.0 - (2.0 * np.arange(count) + 1.0) / count
    angle = np.pi * (3.0 - np.sqrt(5.0)) * np.arange(count)
    flat = np.sqrt(1.0 - height**2)
    points = np.stack([flat * np.cos(angle), flat * np.sin(angle), height], axis=-1)
    turned = points @ rotation(rng.uniform(0.0, 360.0, 3)).T
    return tuple((float(x), float(y), float(z)) for x, y, z in turned)


@dataclass(frozen=True, eq=False)
class PartDepths:
    """Depths below the surfaces of a lesion's parts on a lattice round its centre, in mm."""

    recipe: Recipe
    lattice: Lattice

    @cached_property
    def lesion(self) -> Float32:
        """Depth below the lesion's surface: a distance to first order, exact on a ball."""
        z, y, x = np.meshgrid(self.lattice.z, self.lattice.y, self.lattice.x, indexing="ij")
        level = self.recipe.outline.level(np.stack([x, y, z], axis=-1))
        slopes = np.gradient(level, self.lattice.z, self.lattice.y, self.lattice.x)
        slope = np.sqrt(sum(one**2 for one in slopes))
        deepest = min(self.recipe.outline.half_axes_mm)
        depth = np.minimum((1.0 - level) / np.maximum(slope, 0.25 / deepest), deepest)
        return np.asarray(depth, dtype=np.float32)

    @cached_property
    def core(self) -> Float32:
        """Depth below the inner face of the rim."""
        inside: Float32 = self.lesion - np.float32(self.recipe.rim_mm)
        return inside

    @cached_property
    def nodules(self) -> Float32:
        """Depth within the nodules: patches of the rim."""
        x, y, z = self.lattice.offsets((0.0, 0.0, 0.0))
        length = np.maximum(np.sqrt(x**2 + y**2 + z**2), 1e-3)
        cosines = [(x * a + y * b + z * c) / length for a, b, c in self.recipe.nodules]
        angle = np.arccos(np.clip(np.max(cosines, axis=0), -1.0, 1.0))
        sideways = (np.radians(self.recipe.nodule_deg) - angle) * length
        return np.asarray(np.minimum(-self.core, sideways), dtype=np.float32)

    @cached_property
    def inner(self) -> Float32:
        """Depth within the scar or the fat."""
        return self.recipe.inner.depth(self.lattice)

    def shares(self, parts: Mapping[str, float], blur_mm: float) -> tuple[Float32, Float32]:
        """Share of the lesion (0 to 1) and its level where it is whole, edges blurred."""
        ground = next(name for name in GROUNDS if name in parts)
        level: Float32 = np.full(self.lattice.shape, parts[ground], dtype=np.float32)
        for name, depth in (("rim", -self.core), ("nodules", None), ("scar", None), ("fat", None)):
            if name not in parts:
                continue
            own = depth if depth is not None else self._of(name)
            level += edge_share(own, blur_mm) * np.float32(parts[name] - parts[ground])
        return edge_share(self.lesion, blur_mm), level

    def _of(self, name: str) -> Float32:
        return self.nodules if name == "nodules" else self.inner
