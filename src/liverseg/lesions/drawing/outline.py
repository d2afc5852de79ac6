"""The first surface from a click, and a closer look at any surface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liverseg.geometry import LabelMap, Mask
from liverseg.lesions.drawing.border import (
    around,
    inside,
    region_evidence,
    settle,
    step_evidence,
)
from liverseg.lesions.drawing.fan import Fan, cast
from liverseg.lesions.drawing.mixture import (
    Float,
    Levels,
    commonest_level,
    fit_mixture,
    local_level,
)
from liverseg.lesions.drawing.sphere import middle, pooling
from liverseg.records import PhaseImage
from liverseg.tables import load_table

#: Shares of what is found and of what is expected when the mixture learns from a surface.
LEARNT = {"inside_prior": 0.85, "outside_prior": 0.90}
#: No tissue is ever ruled out.
LEAST_SHARE = 0.01
SMALLEST_MM = 3.0
#: Further from a level, in its standard deviations, is another tissue.
OTHER_SDS = 3.0
#: Rounds in which the border is placed, after one that finds it.
REFINEMENTS = 2


@dataclass(frozen=True, eq=False)
class Outline:
    """A star-shaped solid: radii `reach_mm` (642,) about the fan's centre.

    `lesion` (ray, radius) is the log likelihood ratio of lesion against surroundings, `clear`
    (0 to 1) how well the lesion stands out from liver.
    """

    fan: Fan
    levels: Levels
    reach_mm: Float
    lesion: Float
    clear: float = 0.0


def first_outline(images: Sequence[PhaseImage], centre: Float, liver: LabelMap | None) -> Outline:
    """A rough look as far as a large lesion reaches, from a point inside."""
    table = load_table("delineate_rules")
    step = float(table["step_limits"].value[1])
    fan = cast(images, centre, far_mm=table.number("far"), step_mm=step, liver=liver)
    usable = _or_all(fan.usable)
    levels = _liver_level(fan, usable, whole_body=liver is None)
    core = inside(fan.radii_mm, np.full(len(usable), table.number("core")), usable)
    reading = _Reading.of(fan, levels, core if core.any() else _core(fan))
    reach = np.full(len(usable), SMALLEST_MM)
    for number, width in enumerate(table["pooling"].value):
        if number == 0:
            reach = _as_ball(reading)
        evidence, lesion = reading.evidence(width)
        first = 0.5 if number == 0 else 0.3
        search = (max(4.0, first * float(np.median(reach))), 2.0)
        reach = settle(evidence, fan.borders_mm, reach, search_mm=search)
        reading.learn(reach)
    return Outline(fan, levels, reach, lesion)


def _liver_level(fan: Fan, usable: Mask, *, whole_body: bool) -> Levels:
    """The commonest level of what the rays see.

    Without a liver mask most of it may lie outside of the liver: then what is common near
    the click counts, unless that is the clicked tissue itself, as in a large lesion.
    """
    values = fan.values[usable][::2].astype(np.float64)
    volume = np.broadcast_to(fan.radii_mm[None] ** 2, usable.shape)[usable][::2]
    if whole_body:
        near = commonest_level(values, np.ones_like(volume))
        clicked = np.median(fan.values[_core(fan)], axis=0)
        if np.abs(near.scaled(clicked)).max() > OTHER_SDS:
            return near
    return commonest_level(values, volume)


def closer_look(
    images: Sequence[PhaseImage],
    centre: Float,
    reach_mm: Float,
    levels: Levels,
    liver: LabelMap | None,
) -> Outline:
    """The surface again from another centre, as finely as its size allows.

    `reach_mm` are radii about the new centre, roughly.
    """
    table = load_table("delineate_rules")
    low, high = table["far_limits"].value
    far = float(np.clip(table.number("far_share") * np.percentile(reach_mm, 95) + 6, low, high))
    low, high = table["step_limits"].value
    step = float(np.clip(table.number("step_share") * np.median(reach_mm), low, high))
    fan = cast(images, centre, far_mm=far, step_mm=step, liver=liver)
    return _refine(Outline(fan, levels, reach_mm, np.zeros(fan.seen.shape)))


def _refine(outline: Outline) -> Outline:
    """The surface again with a mixture learnt from it; edges and soft margins place it."""
    table = load_table("delineate_rules")
    fan, reach = outline.fan, outline.reach_mm
    usable = _or_all(fan.usable)
    shell = around(fan.radii_mm, 1.2 * reach, usable, gap_mm=1.0)
    levels = local_level(fan.values[shell].astype(np.float64), outline.levels)
    core = inside(fan.radii_mm, reach, usable, share=0.8)
    reading = _Reading.of(fan, levels, core if core.any() else _core(fan))
    _, _, coarse, fine = table["pooling"].value
    evidence, lesion = reading.evidence(coarse)
    search = (max(4.0, 0.3 * float(np.median(reach))), 2.0)
    plain = settle(evidence, fan.borders_mm, reach, search_mm=search)
    most = plain + table.number("margin_most") * float(np.median(plain))
    reach = np.minimum(plain, most)
    for _ in range(REFINEMENTS):
        reading.learn(reach)
        reading.lean_out(reach)
        evidence, lesion = reading.evidence(fine)
        evidence = evidence + reading.steps(lesion, _window_mm(reach))
        reach = settle(evidence, fan.borders_mm, reach, search_mm=(3.0, 2.0))
        reach = np.minimum(reach, most)
    return Outline(fan, levels, reach, lesion, reading.clearness())


def from_click(images: Sequence[PhaseImage], click: Float, liver: LabelMap | None) -> Outline:
    """Rough look, then a closer one from the middle of what was found."""
    rough = first_outline(images, click, liver)
    centre = middle(click, rough.reach_mm)
    ball = np.full_like(rough.reach_mm, float(np.cbrt((rough.reach_mm**3).mean())))
    return closer_look(images, centre, ball, rough.levels, liver)


@dataclass(eq=False)
class _Reading:
    """A fan's samples in the eyes of a mixture; the shares of its tissues are learnt."""

    fan: Fan
    scaled: Float
    densities: Float
    within: Float
    beyond: Float
    priors: dict[str, Float]
    contrast: float
    #: (ray,) added to the ratio: what is uncertain counts as lesion.
    lean: Float

    @classmethod
    def of(cls, fan: Fan, levels: Levels, clicked: Mask) -> _Reading:
        scaled = levels.scaled(fan.values)
        usable = np.flatnonzero(_or_all(fan.usable))
        count = int(load_table("delineate_rules").number("samples"))
        drawn = np.random.default_rng(0).choice(usable, min(count, usable.size), replace=False)
        mixture = fit_mixture(scaled.reshape(-1, scaled.shape[-1])[drawn], scaled[clicked])
        log = mixture.log_densities(scaled)
        densities = np.exp(log - log.max(axis=-1, keepdims=True))
        priors = {row: mixture.prior(row) for row in LEARNT}
        return cls(
            fan=fan,
            scaled=scaled,
            densities=densities,
            within=priors["inside_prior"],
            beyond=priors["outside_prior"],
            priors=priors,
            contrast=mixture.contrast,
            lean=np.zeros(len(scaled)),
        )

    def clearness(self) -> float:
        """How well the clicked tissue stands out from liver, 0 to 1."""
        return _ramp(self.contrast, "clear_contrast")

    def lean_out(self, reach_mm: Float) -> None:
        """Take soft margins in, as readers do, on rays where liver follows behind.

        Not where the lesion is hardly seen or so small that its margin is partial volume,
        nor where the tissue behind looks like lesion: there it would run into a neighbour.
        """
        table = load_table("delineate_rules")
        self.lean = np.zeros(len(reach_mm))
        _, lesion = self.evidence(table["pooling"].value[3])
        near, far = table["margin_behind"].value
        radii = self.fan.radii_mm[None]
        behind = (radii > reach_mm[:, None] + near) & (radii < reach_mm[:, None] + far)
        looks = (lesion * behind).sum(axis=1) / np.maximum(behind.sum(axis=1), 1)
        size = _ramp(float(np.median(reach_mm)), "margin_radius")
        self.lean = table.number("margin_lean") * self.clearness() * size * np.clip(-looks, 0, 1)

    def ratio(self) -> Float:
        """(ray, radius) log likelihood ratio of lesion against surroundings, capped."""
        cap = load_table("delineate_rules").number("evidence_cap")
        ratio = np.log(
            (self.densities @ self.within + 1e-9) / (self.densities @ self.beyond + 1e-9)
        )
        ratio = ratio + self.lean[:, None]
        ratio = np.where(self.fan.usable, np.clip(ratio, -cap, cap), -cap)
        # Beyond the image nothing is known, and little is lost.
        return np.asarray(np.where(self.fan.seen, ratio, -1.0))

    def evidence(self, width_rad: float) -> tuple[Float, Float]:
        """Evidence for the border, and the pooled ratio it was made from."""
        lesion = self._pooled(self.ratio(), width_rad)
        gain = load_table("delineate_rules").number("gain")
        return gain * self.regions(lesion), lesion

    def regions(self, lesion: Float) -> Float:
        """Region evidence of a (ray, radius) ratio."""
        return region_evidence(lesion, self.fan.spacing_mm, independent_mm=self._independent())

    def steps(self, lesion: Float, window_mm: float) -> Float:
        """Edge evidence within a window."""
        width = load_table("delineate_rules").number("edge_pooling")
        rays = len(self.scaled)
        bounded = np.clip(self.scaled, -60, 60).reshape(rays, -1)
        pooled = self._pooled(bounded, width).reshape(self.scaled.shape)
        return step_evidence(
            pooled,
            lesion,
            self.fan.spacing_mm,
            window_mm=window_mm,
            independent_mm=self._independent(),
        )

    def learn(self, reach_mm: Float) -> None:
        """Shares of the tissues inside and outside of a surface."""
        radii, usable = self.fan.radii_mm, self.fan.usable
        self.within = self._shares(inside(radii, reach_mm, usable), self.within, "inside_prior")
        outer = around(radii, reach_mm, usable, gap_mm=1.0)
        self.beyond = self._shares(outer, self.beyond, "outside_prior")

    def _shares(self, mask: Mask, shares: Float, row: str) -> Float:
        volume = np.broadcast_to(self.fan.radii_mm[None] ** 2, mask.shape)[mask]
        part = self.densities[mask] * shares
        part /= part.sum(axis=-1, keepdims=True)
        found = (part * volume[:, None]).sum(axis=0) / max(float(volume.sum()), 1e-9)
        expected = self.priors[row].copy()
        # What is on the other side tells nothing about this one.
        expected[0 if row == "inside_prior" else 1] = 0.0
        mixed = LEARNT[row] * found + (1 - LEARNT[row]) * expected / expected.sum()
        return np.asarray(np.maximum(mixed / mixed.sum(), LEAST_SHARE))

    def _independent(self) -> float:
        return load_table("delineate_rules").number("independent") * self.fan.step_mm

    def _pooled(self, values: Float, width_rad: float) -> Float:
        return np.asarray(pooling(width_rad) @ values.astype(np.float32), dtype=np.float64)


def _as_ball(reading: _Reading) -> Float:
    """The best radius when all rays are one: the size of a lesion that is hardly seen."""
    together = reading.ratio().mean(axis=0, keepdims=True)
    best = int(reading.regions(together)[0].argmax())
    radius = max(float(reading.fan.borders_mm[best]), SMALLEST_MM)
    return np.full(len(reading.scaled), radius)


def _core(fan: Fan) -> Mask:
    """The first samples of every ray."""
    core = np.zeros(fan.seen.shape, dtype=bool)
    core[:, :3] = True
    return core


def _or_all(usable: Mask) -> Mask:
    return usable if np.count_nonzero(usable) > 1000 else np.ones_like(usable)


def _window_mm(reach_mm: Float) -> float:
    """How much tissue on each side of a border is compared."""
    low, high = load_table("delineate_rules")["edge_window"].value
    return float(np.clip(0.25 * np.median(reach_mm), low, high))


def _ramp(value: float, row: str) -> float:
    """0 below the first and 1 above the second value of a row."""
    low, high = load_table("delineate_rules")[row].value
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))
