"""Intervals of pattern scenes against what was planted, on masks of simulated readers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from liverseg.lesions import measure_intervals
from liverseg.records import Phase
from liverseg.testing.planted import planted_part_means
from liverseg.testing.readers import reader_mask
from liverseg.testing.variants import SceneVariant

SIZES = {"long_axis_interval": "long axis", "voxel_volume_interval": "volume"}
PARTS = {"rim_mean_interval": "rim mean", "core_mean_interval": "core mean"}
#: Coverage of a 95 % interval must lie between these.
BAR = (0.92, 0.98)


@dataclass(frozen=True)
class JudgedInterval:
    """One interval: does it hold the planted value, and how wide is it."""

    variant: SceneVariant
    name: str
    phase: str
    holds: bool
    error: float
    half: float

    @property
    def z(self) -> float:
        """Error in standard errors of the interval."""
        return 1.96 * self.error / self.half if self.half else float("inf")


def judge_intervals(variant: SceneVariant, *, readers: int) -> list[JudgedInterval]:
    """Intervals of a variant's long axis, volume, rim and core in every phase, for each reader."""
    scene = variant.scene()
    sizes = {"long axis": scene.outline.long_axis_mm, "volume": scene.outline.volume_ml}
    means = planted_part_means(scene)
    judged = []
    for reader in range(readers):
        mask = reader_mask(scene, seed=1000 * variant.seed + reader)
        lesion = replace(scene.exam.lesions[0], mask=mask)
        for row in measure_intervals(scene.exam, lesion, seed=reader):
            name = SIZES.get(row.metric) or PARTS.get(row.metric)
            if name is None or row.lower is None or row.upper is None:
                continue
            if row.metric in SIZES:
                true = sizes[name]
            else:
                true = means[Phase(row.phase)][0 if name == "rim mean" else 1]
            half = (row.upper - row.lower) / 2.0
            holds = row.lower <= true <= row.upper
            judged.append(JudgedInterval(variant, name, row.phase, holds, row.value - true, half))
    return judged


def coverage_of(judged: Iterable[JudgedInterval]) -> float:
    """Share of intervals that hold the planted value."""
    found = [one.holds for one in judged]
    return sum(found) / len(found)
