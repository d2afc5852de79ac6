"""Variants of the pattern scenes: every entity in many sizes, spacings, noises and breaths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from liverseg.teach import PatternScene, pattern_entities, pattern_scene

#: Diameters in mm, voxel sizes in mm, noise (HU on CT, % of native liver on MR), breath in mm.
DIAMETER, IN_PLANE, SLICE, BREATH = (8.0, 60.0), (0.6, 1.4), (1.0, 3.5), (0.0, 6.0)
NOISE = {"CT": (8.0, 20.0), "MR": (2.0, 6.0)}


@dataclass(frozen=True)
class SceneVariant:
    """Arguments of `pattern_scene`."""

    entity: str
    modality: str
    diameter_mm: float
    spacing_mm: tuple[float, float, float]
    noise_sd: float
    breath_mm: float
    seed: int

    def scene(self) -> PatternScene:
        """The scene of this variant."""
        return pattern_scene(**vars(self))


def scene_variants(count: int, *, seed: int = 0) -> Iterator[SceneVariant]:
    """`count` variants: entities in turn on CT and MR, diameters even on a log scale."""
    rng = np.random.default_rng(seed)
    kinds = [(entity, modality) for modality in ("CT", "MR") for entity in pattern_entities()]
    order = np.concatenate([rng.permutation(len(kinds)) for _ in range(count // len(kinds) + 1)])
    for number in range(count):
        entity, modality = kinds[int(order[number])]
        pixel = float(rng.uniform(*IN_PLANE))
        yield SceneVariant(
            entity=entity,
            modality=modality,
            diameter_mm=float(np.exp(rng.uniform(*np.log(DIAMETER)))),
            spacing_mm=(float(rng.uniform(max(SLICE[0], pixel), SLICE[1])), pixel, pixel),
            noise_sd=float(rng.uniform(*NOISE[modality])),
            breath_mm=float(rng.uniform(*BREATH)),
            seed=number,
        )
