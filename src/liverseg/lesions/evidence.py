"""Numbers that words rest on, each with its resamples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from liverseg.geometry import Mask
from liverseg.lesions.bootstrap import Blocks
from liverseg.lesions.comparable import ARTERIAL, find_baseline
from liverseg.lesions.coverage import RimVoxels, sector_rise
from liverseg.lesions.hull import Float
from liverseg.lesions.rim import CORE, RIM, Shells, in_plane_mm
from liverseg.lesions.samples import LesionSample, LesionSamples
from liverseg.records import CONTRAST_PHASES, Measurement, Phase
from liverseg.tables import load_table

WHOLE = "lesion"
PARTS = {"rim": RIM, "core": CORE}
#: Phases in which a lesion is judged late, best first. Gadoxetic acid has no delayed phase.
LATE = (Phase.DELAYED, Phase.TRANSITIONAL)


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of a lesion, as arrays (copies + 1,): first as measured, then resampled.

    `means` has lesion, rim, core, liver and structures by phase. `rise` is the
    enhancement of the rim's sectors in the arterial phase, (copies + 1, sectors).
    `spread` is the standard deviation within the lesion over that of liver in the same
    series, of arterial minus before contrast. `core_values` are the core's voxels by
    phase, for shares of it. `refusals` say what is missing: by phase for enhancement,
    "parts" for rim and core, "ring" for the sectors.
    """

    modality: str
    means: Mapping[tuple[str, Phase], Float]
    rise: Float | None = None
    spread: Float | None = None
    core_values: Mapping[Phase, Float] = field(default_factory=dict)
    shape: Mapping[str, float] = field(default_factory=dict)
    refusals: Mapping[str, str] = field(default_factory=dict)

    @property
    def relative(self) -> bool:
        """Whether enhancement is in % of the value before contrast (MR) or in HU."""
        return self.modality != "CT"

    @property
    def unit(self) -> str:
        """Unit of enhancement."""
        return "%" if self.relative else "HU"

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Phases in which the lesion was measured."""
        return tuple(dict.fromkeys(phase for part, phase in self.means if part == WHOLE))

    @property
    def arterial(self) -> Phase | None:
        """The arterial phase there is, the late one first."""
        return self.first(Phase.LATE_ARTERIAL, Phase.EARLY_ARTERIAL)

    @property
    def is_hepatocyte_agent(self) -> bool:
        """Whether phases show that the agent enters hepatocytes."""
        return self.first(Phase.HEPATOBILIARY, Phase.TRANSITIONAL) is not None

    def first(self, *phases: Phase) -> Phase | None:
        """The first of some phases in which the lesion was measured."""
        return next((phase for phase in phases if phase in self.phases), None)

    def mean(self, part: str, phase: Phase | None) -> Float | None:
        """Mean of a part or tissue in a phase."""
        return None if phase is None else self.means.get((part, phase))

    def enhancement(self, part: str, phase: Phase | None) -> Float | None:
        """Enhancement of a part or tissue: HU, or % of its value before contrast."""
        after, before = self.mean(part, phase), self.mean(part, Phase.NON_CONTRAST)
        if after is None or before is None or str(phase) in self.refusals:
            return None
        if not self.relative:
            return after - before
        return None if before[0] <= 0 else 100.0 * (after - before) / before


def gather_evidence(
    samples: LesionSamples, shape: tuple[Measurement, ...] = (), *, copies: int, seed: int
) -> Evidence:
    """Evidence of a lesion; `shape` are its `measure_size` rows.

    Lesion means leave out voxels next to the surface, which hold a share of what lies
    outside; those of the whole lesion weigh rim and core by their true shares.
    """
    grid = samples.shells.grid
    outward = np.concatenate([sample.outward_mm for sample in samples.samples])
    widest = float(np.ptp(outward.T.copy(), axis=1).max())
    size = max(3.0 * in_plane_mm(grid), 3.0, widest / 12.0)
    blocks = Blocks.over(outward, size_mm=size, copies=copies, seed=seed)
    means: dict[tuple[str, Phase], Float] = {}
    divided = samples.shells.depth is not None
    for sample in samples.samples:
        means.update(_part_means(sample, blocks, samples.shells))
        means.update(_tissue_means(sample, copies, seed))
    refusals = _refusals(samples)
    rise = None
    if divided:
        rise, refusals["ring"] = _rise(samples, refusals, copies, seed)
    else:
        refusals["parts"] = samples.refusal
    return Evidence(
        modality=samples.exam.modality,
        means=means,
        rise=rise,
        spread=_spread(samples, blocks),
        core_values={s.phase: s.values[s.part == CORE] for s in samples.samples if divided},
        shape={row.metric: row.value for row in shape},
        refusals={name: reason for name, reason in refusals.items() if reason},
    )


def _part_means(
    sample: LesionSample, blocks: Blocks, shells: Shells
) -> dict[tuple[str, Phase], Float]:
    cubes = blocks.of(sample.outward_mm)

    def mean(*choices: Mask) -> Float:
        use = _enough(choices)
        return blocks.means(sample.values[use], cubes[use])

    everything = np.ones(sample.values.shape, dtype=bool)
    own = {name: sample.part == value for name, value in PARTS.items()}
    if sample.depth_mm is None or not all(part.any() for part in own.values()):
        return {(WHOLE, sample.phase): mean(sample.inner, everything)}
    # Voxels beside the border of rim and core hold a share of both.
    away = np.abs(sample.depth_mm - shells.thickness_mm) >= 0.5 * in_plane_mm(shells.grid)
    rim, core = (
        mean(part & sample.inner & away, part & sample.inner, part) for part in own.values()
    )
    share = float(own["rim"].mean())
    whole = share * rim + (1.0 - share) * core
    return {
        (name, sample.phase): m for name, m in zip((*own, WHOLE), (rim, core, whole), strict=True)
    }


def _enough(choices: Sequence[Mask]) -> Mask:
    """The first choice with enough voxels, else the last."""
    least = load_table("enhancement_rules").number("inner_voxels_min")
    return next((one for one in choices if np.count_nonzero(one) >= least), choices[-1])


def _tissue_means(sample: LesionSample, copies: int, seed: int) -> dict[tuple[str, Phase], Float]:
    found = {}
    for name, tissue in sample.tissue.items():
        rng = np.random.default_rng([seed, *f"{name} {sample.phase}".encode()])
        noise = np.concatenate([[0.0], rng.standard_normal(copies)])
        found[name, sample.phase] = tissue.mean + tissue.error * noise
    return found


def _refusals(samples: LesionSamples) -> dict[str, str]:
    """Why there is no enhancement, by phase."""
    found = {}
    for sample in samples.samples:
        if sample.phase in CONTRAST_PHASES:
            baseline = find_baseline(samples.exam, sample.series)
            if baseline.series is None:
                found[str(sample.phase)] = baseline.refusal
    return found


def _rise(
    samples: LesionSamples, refusals: Mapping[str, str], copies: int, seed: int
) -> tuple[Float | None, str]:
    after, before = samples.of(*reversed(ARTERIAL)), samples.of(Phase.NON_CONTRAST)
    if after is None or before is None:
        return None, "an arterial phase and a series before contrast are needed"
    if str(after.phase) in refusals:
        return None, refusals[str(after.phase)]
    found, refusal = sector_rise(
        *(RimVoxels(s.values[s.part == RIM], s.outward_mm[s.part == RIM]) for s in (before, after)),
        relative=samples.exam.modality != "CT",
    )
    if found is None:
        return None, refusal
    rng = np.random.default_rng([seed, 36])
    noise = rng.standard_normal((copies + 1, found.rise.size))
    noise[0] = 0.0
    return found.rise + noise * found.error, ""


def _spread(samples: LesionSamples, blocks: Blocks) -> Float | None:
    """Standard deviation of arterial and native values within the lesion, over that of liver."""
    own: list[Float] = []
    noise: list[float] = []
    for sample in (samples.of(*reversed(ARTERIAL)), samples.of(Phase.NON_CONTRAST)):
        if sample is None or "liver" not in sample.tissue:
            return None
        inner = sample.inner if sample.inner.any() else np.ones_like(sample.inner)
        cubes, values = blocks.of(sample.outward_mm)[inner], sample.values[inner]
        own.append(blocks.means(values**2, cubes) - blocks.means(values, cubes) ** 2)
        noise.append(sample.tissue["liver"].sd ** 2)
    if sum(noise) <= 0:
        return None
    return np.asarray(np.sqrt(np.maximum(own[0] + own[1], 0.0) / sum(noise)))
