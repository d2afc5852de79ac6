"""Small scenes with known truth: one lesion of a named pattern, liver, vessels and muscle.

A scene is an `Exam` in memory on a crop of the body, quick to make in any size, spacing,
noise and breath. To test methods, never to diagnose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from liverseg.errors import InputError
from liverseg.geometry import Grid, LabelMap, Translation, Volume
from liverseg.records import (
    Exam,
    Lesion,
    Phase,
    PhaseCall,
    PhaseShift,
    SeriesFacts,
    SeriesRecord,
    SeriesVolume,
)
from liverseg.tables import Row, load_table
from liverseg.teach.outlines import Bump, Outline, Point
from liverseg.teach.paint import stored_level
from liverseg.teach.plan import PlannedSeries, planned_series
from liverseg.teach.scene_body import (
    ADC_MM2_PER_S,
    LIVER,
    SceneBody,
    as_point,
    lesion_mask,
    liver_mask,
    render,
    structure_labels,
)
from liverseg.teach.scene_parts import Recipe, plan_recipe

FRAME = "pattern scene"
DATE = "2020-01-01"


@dataclass(frozen=True, eq=False)
class PatternScene:
    """A lesion of one pattern with everything that was planted.

    `exam` holds one series a phase, all on one lattice, with the planted breaths in
    `exam.shifts` (exact, `residual_mm` 0) and the true mask as its only lesion; `truth`
    is that mask (a voxel belongs by its centre). `levels[part][phase]` is in the unit of
    that series (HU; au with liver before contrast = 400; mm2/s), for the parts of the
    lesion and for liver, aorta, ivc, portal_vein, hepatic_veins, spleen and muscle.
    `noise_sd[phase]` is in the same unit. `centre_lps_mm` and `outline` are where the
    exact surface lies in the reference
    series; `rim_mm` is the planted thickness of rim or nodules and `nodule_share` the
    share of directions that nodules cover (0 to 1).
    """

    entity: str
    modality: str
    exam: Exam
    truth: LabelMap
    levels: Mapping[str, Mapping[Phase, float]]
    noise_sd: Mapping[Phase, float]
    centre_lps_mm: Point
    recipe: Recipe

    @property
    def outline(self) -> Outline:
        """Exact surface of the lesion, relative to its centre."""
        return self.recipe.outline

    @property
    def rim_mm(self) -> float:
        """Planted thickness of rim or nodules in mm."""
        return self.recipe.rim_mm

    @property
    def nodule_share(self) -> float:
        """Share of all directions covered by nodules; 0 for an entity without."""
        return self.recipe.nodule_share if "nodules" in self.levels else 0.0

    @property
    def parts(self) -> tuple[str, ...]:
        """Parts of the lesion that were planted ("whole", or "rim" and "core" ...)."""
        return tuple(_part_rows(self.entity))


def pattern_entities() -> tuple[str, ...]:
    """The 18 entities of table `phantom_patterns`, by the names `pattern_scene` takes."""
    return tuple(dict.fromkeys(row.more["entity"] for row in load_table("phantom_patterns")))


def pattern_scene(
    entity: str,
    *,
    modality: str = "CT",
    diameter_mm: float = 30.0,
    spacing_mm: Point = (1.5, 0.8, 0.8),
    noise_sd: float = 12.0,
    breath_mm: float = 0.0,
    seed: int = 0,
) -> PatternScene:
    """One lesion of `entity` in liver, with vessels, spleen and muscle, in every phase.

    `modality` "CT" (four phases, reference portal venous) or "MR" (gadoxetate: five
    phases, T2 and ADC, reference hepatobiliary). `diameter_mm` is that of the ball of the
    same volume; the surface is a slightly stretched and bumpy ball. `spacing_mm` is
    (slice, row, column). `noise_sd` is in HU on CT and in percent of the liver's signal
    before contrast on MR (T1 and T2; of the liver's ADC on the ADC map). Every series but
    the reference is moved by `breath_mm`, mostly along the body. The same arguments give
    the same scene.

    Raises `InputError` for an unknown entity or modality.
    """
    rows = _part_rows(entity)
    if modality not in ("CT", "MR"):
        raise InputError(f"there is no modality {modality!r}", remedy="say CT or MR")
    rng = np.random.default_rng([seed, *entity.encode()])
    recipe = plan_recipe(_outline(diameter_mm, rng), rng)
    centre = as_point(rng.uniform(-0.5, 0.5, 3) * spacing_mm[::-1])
    grid = _grid(diameter_mm, spacing_mm)
    body = SceneBody.around(diameter_mm)
    listed = load_table("phantom_scenes")[f"{modality.lower()}_series"]
    planned = [_planned(name, grid, noise_sd, modality) for name in listed.value]
    shifts = {
        one.name: (0.0, 0.0, 0.0)
        if one.name == listed.more["reference"]
        else _breath(breath_mm, rng)
        for one in planned
    }
    planned = [replace(one, shift_mm=shifts[one.name]) for one in planned]
    parts = {name: row.value for name, row in rows.items()}
    volumes = [render(one, body, recipe, centre, parts, seed) for one in planned]
    series = tuple(
        _series(one, volume, modality) for one, volume in zip(planned, volumes, strict=True)
    )
    truth = lesion_mask(recipe, centre, grid)
    reference = next(one for one in planned if one.name == listed.more["reference"])
    exam = Exam(
        exam_id=f"pattern {modality}",
        date=DATE,
        modality=modality,
        reference=reference.name,
        series=series,
        shifts=tuple(_shift(one) for one in planned),
        liver=liver_mask(body, grid),
        lesions=(Lesion("L1", "2.25.1", truth, reference.name, source="planted"),),
        structures=structure_labels(body, grid),
    )
    return PatternScene(
        entity=entity,
        modality=modality,
        exam=exam,
        truth=truth,
        levels=_levels(planned, parts),
        noise_sd={one.phase: one.noise_sd * _unit(one) for one in planned},
        centre_lps_mm=centre,
        recipe=recipe,
    )


def _part_rows(entity: str) -> dict[str, Row]:
    rows = [row for row in load_table("phantom_patterns") if row.more["entity"] == entity]
    if not rows:
        raise InputError(
            f"there is no pattern {entity!r}", remedy="one of: " + "; ".join(pattern_entities())
        )
    return {row.more["part"]: row for row in rows}


def _outline(diameter_mm: float, rng: np.random.Generator) -> Outline:
    """A stretched, slightly bumpy ball whose volume is that of the ball of this diameter."""
    rows = load_table("phantom_scenes")
    stretch = 1.0 + rng.uniform(-1.0, 1.0, 3) * rows.number("stretch")
    most, sharpness = rows.number("bump_height"), rows.number("bump_sharpness")
    bumps = tuple(
        Bump(as_point(rng.standard_normal(3)), float(rng.uniform(-most, most)), sharpness)
        for _ in range(5)
    )
    turn = float(rng.uniform(0.0, 180.0))
    raw = Outline(as_point(stretch * diameter_mm / 2.0), bumps, turn)
    volume = np.pi / 6.0 * diameter_mm**3 / 1000.0
    scale = float(np.cbrt(volume / raw.volume_ml))
    return replace(raw, half_axes_mm=as_point(np.asarray(raw.half_axes_mm) * scale))


def _grid(diameter_mm: float, spacing_mm: Point) -> Grid:
    half = diameter_mm / 2.0 + load_table("phantom_scenes").number("room")
    slices, rows, columns = (2 * int(np.ceil(half / step)) + 1 for step in spacing_mm)
    shape = (slices, rows, columns)
    first = [-(count - 1) / 2.0 * step for count, step in zip(shape, spacing_mm, strict=True)]
    origin = (first[2], first[1], first[0])
    return Grid.axial(shape, spacing_mm, origin_lps_mm=origin, frame_of_reference=FRAME)


def _planned(name: str, grid: Grid, noise_sd: float, modality: str) -> PlannedSeries:
    """A series of the digital case on this grid, with this noise in stored units."""
    base = planned_series(name)
    if modality == "MR":
        tissues, kind = load_table("phantom_tissues"), base.level_index[0]
        first = replace(base, level_index=(kind, 0))
        noise_sd *= stored_level(first, tissues[LIVER].value) / 100.0
    blur = load_table("phantom_scenes").number("blur_share") * max(grid.spacing_mm[1:])
    return replace(base, grid=grid, noise_sd=noise_sd, blur_mm=blur)


def _breath(length_mm: float, rng: np.random.Generator) -> Point:
    across = rng.uniform(-0.35, 0.35, 2) * length_mm
    along = np.sqrt(max(length_mm**2 - float(across @ across), 0.0)) * rng.choice([-1.0, 1.0])
    return float(across[0]), float(across[1]), float(along)


def _levels(
    planned: list[PlannedSeries], parts: Mapping[str, Mapping[str, object]]
) -> dict[str, dict[Phase, float]]:
    tissues = load_table("phantom_tissues")
    organs = (LIVER, *load_table("phantom_scenes")["organs"].value)
    every = {**parts, **{name: tissues[name].value for name in organs}}
    return {
        name: {one.phase: stored_level(one, by_kind) * _unit(one) for one in planned}
        for name, by_kind in every.items()
    }


def _unit(one: PlannedSeries) -> float:
    """Measured unit of one stored unit."""
    return ADC_MM2_PER_S if one.level_index[0] == "ADC" else 1.0


def _series(one: PlannedSeries, volume: Volume, modality: str) -> SeriesVolume:
    header = one.header
    facts = SeriesFacts(
        delay_s=one.delay_s,
        slice_thickness_mm=one.grid.spacing_mm[0],
        repetition_time_ms=header.get("RepetitionTime"),
        echo_time_ms=header.get("EchoTime"),
        flip_angle_deg=header.get("FlipAngle"),
        kvp=header.get("KVP"),
        kernel=header.get("ConvolutionKernel", ""),
        contrast_agent="Gadoxetate disodium" if modality == "MR" else "Iohexol",
    )
    record = SeriesRecord(
        key=one.name,
        series_uid=f"2.25.{one.number}",
        study_uid="2.25.9",
        modality=modality,
        date=DATE,
        number=one.number,
        description=one.description,
        study_description="PHANTOM pattern",
        slices=(),
        grid=one.grid,
        unit=volume.unit,
        facts=facts,
        is_phantom=True,
    )
    return SeriesVolume(record, volume, PhaseCall(one.phase, "planted", "override"))


def _shift(one: PlannedSeries) -> PhaseShift:
    return PhaseShift(one.name, Translation(one.shift_mm), 0.0, "planted")
