"""The words that a pattern scene was planted with: the same rules on the planted levels."""

from __future__ import annotations

import numpy as np

from liverseg.lesions import Evidence, Limits, Word, all_words, shell_mm
from liverseg.records import Phase
from liverseg.tables import load_table
from liverseg.teach import Lattice, PartDepths, PatternScene

#: Sectors that a planted coverage is spread over.
SECTORS = 400
#: Step of the lattice on which exact shells are summed, in mm.
STEP_MM = 0.5
#: Parts that stand for the outer shell, and for what lies inside it.
OUTER, INNER = ("rim", "nodules", "whole", "soft"), ("core", "whole", "soft")


def planted_evidence(scene: PatternScene, *, divided: bool = True) -> Evidence:
    """Planted levels as evidence without noise; `divided` is whether a rim can be told.

    The rim of a lesion with nodules holds them and core between them in their shares. Scar
    and fat count in the whole lesion by their volume.
    """
    means: dict[tuple[str, Phase], np.ndarray] = {}
    for phase in scene.levels["liver"]:
        for name in ("liver", *load_table("phantom_scenes")["organs"].value):
            means[name, phase] = _one(scene.levels[name][phase])
        rim, core, whole = _parts(scene, phase)
        means["lesion", phase] = _one(whole)
        if divided:
            means["rim", phase], means["core", phase] = _one(rim), _one(core)
    evidence = Evidence(
        modality=scene.modality,
        means=means,
        rise=None,
        spread=_spread(scene),
        core_values={phase: means["core", phase] for phase in scene.levels["liver"] if divided},
        refusals={} if divided else {"parts": "too small for a rim", "ring": "too small for a rim"},
    )
    if not divided:
        return evidence
    return Evidence(**{**vars(evidence), "rise": _rise(scene, evidence)})


def planted_words(scene: PatternScene, limits: Limits, *, divided: bool = True) -> list[Word]:
    """Every word of `describe_lesion` judged on the planted levels (`limits` without copies)."""
    return all_words(planted_evidence(scene, divided=divided), limits)


def _parts(scene: PatternScene, phase: Phase) -> tuple[float, float, float]:
    """Planted means of rim, core and the whole lesion in a phase."""
    levels = {name: scene.levels[name][phase] for name in scene.parts}
    outer = next(levels[name] for name in OUTER if name in levels)
    core = next(levels[name] for name in INNER if name in levels)
    share = scene.nodule_share if "nodules" in levels else 1.0
    rim = share * outer + (1.0 - share) * core
    radius = float(np.cbrt(scene.outline.volume_ml * 750.0 / np.pi))
    inside = (1.0 - scene.rim_mm / radius) ** 3
    inner = next((levels[name] for name in ("scar", "fat") if name in levels), None)
    if inner is not None:
        part = load_table("phantom_scenes").number("inner_share") ** 3 / inside
        core += part * (inner - core)
    return rim, core, (1.0 - inside) * rim + inside * core


def _spread(scene: PatternScene) -> np.ndarray:
    """Standard deviation within the lesion over the noise, of arterial and native levels."""
    phases = (Phase.LATE_ARTERIAL, Phase.NON_CONTRAST)
    noise = sum(scene.noise_sd[phase] ** 2 for phase in phases)
    within = sum(_variance(scene, phase) for phase in phases)
    return _one(float(np.sqrt((noise + within) / noise)) if noise > 0 else 1.0)


def _variance(scene: PatternScene, phase: Phase) -> float:
    """Variance of the planted levels over a lesion of at most two levels."""
    levels = [scene.levels[name][phase] for name in scene.parts]
    if len(levels) == 1 or levels[0] == levels[1]:
        return 0.0
    share = (_parts(scene, phase)[2] - levels[1]) / (levels[0] - levels[1])
    return share * (1.0 - share) * (levels[0] - levels[1]) ** 2


def _rise(scene: PatternScene, evidence: Evidence) -> np.ndarray:
    """Enhancement of the rim's sectors: nodules in their share of them, core in the rest."""
    phase = Phase.LATE_ARTERIAL
    if "nodules" not in scene.parts:
        rim = evidence.enhancement("rim", phase)
        assert rim is not None
        return np.full((1, SECTORS), rim[0])
    ends = {}
    for name in ("nodules", "core"):
        after, before = (scene.levels[name][p] for p in (phase, Phase.NON_CONTRAST))
        ends[name] = 100.0 * (after - before) / before if evidence.relative else after - before
    bright = np.arange(SECTORS) < round(scene.nodule_share * SECTORS)
    return np.where(bright, ends["nodules"], ends["core"])[None, :]


def _one(value: float) -> np.ndarray:
    return np.array([value])


def planted_part_means(scene: PatternScene) -> dict[Phase, tuple[float, float]]:
    """Planted means of rim and core by phase, as they are defined: exact shell, no blur, no noise.

    The shell is as thick as the metric cuts it on the scene's grid, which is more than the
    planted rim where voxels are large.
    """
    radius = float(np.cbrt(scene.outline.volume_ml * 750.0 / np.pi))
    thickness = shell_mm(2.0 * radius, scene.truth.grid)
    reach = scene.outline.reach_mm + 1.0
    axis = np.arange(-reach, reach, STEP_MM, dtype=np.float32)
    depths = PartDepths(scene.recipe, Lattice(axis, axis, axis))
    rim = (depths.lesion > 0) & (depths.lesion <= thickness)
    core = depths.lesion > thickness
    shares = {}
    for name in scene.parts:
        own = {part: float(part == name) for part in scene.parts}
        _, share = depths.shares(own, 0.01)
        shares[name] = float(share[rim].mean()), float(share[core].mean())
    found = {}
    for phase in scene.levels["liver"]:
        parts = [(scene.levels[name][phase], share) for name, share in shares.items()]
        found[phase] = sum(v * s[0] for v, s in parts), sum(v * s[1] for v, s in parts)
    return found
