"""What the digital case consists of: exams, their series, lesions and breaths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from liverseg.geometry import Grid
from liverseg.records import Phase
from liverseg.tables import Row, load_table
from liverseg.teach.outlines import Bump, Outline

Point = tuple[float, float, float]


class Variant(StrEnum):
    """Which reading of the contradictory report the digital case follows."""

    RECONCILED = "reconciled"
    TEXT = "text"
    FIGURES = "figures"


@dataclass(frozen=True)
class PlantedLesion:
    """A lesion of known shape and place. Its rim is a shell of `rim_mm` below the surface."""

    name: str
    segment: str
    tissue: str
    centre_lps_mm: Point
    outline: Outline

    @property
    def rim_mm(self) -> float:
        """Thickness of the rim: as measured ones are cut, where voxels are small against it."""
        rules = load_table("enhancement_rules").number
        diameter = float(np.cbrt(6.0 * self.outline.volume_ml * 1000.0 / np.pi))
        return max(rules("shell_least"), rules("shell_share") * diameter)


@dataclass(frozen=True, eq=False)
class PlannedSeries:
    """A series before it is rendered.

    `shift_mm` (LPS) moves liver and organs from where they lie in the exam's reference.
    `level_index` says which level of a tissue it shows (table `phantom_tissues`).
    """

    name: str
    number: int
    phase: Phase
    description: str
    delay_s: float
    grid: Grid
    shift_mm: Point
    level_index: tuple[str, int]
    noise_sd: float
    blur_mm: float
    header: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class PlannedExam:
    """One date and modality of the phantom patient; masks lie on `reference`'s grid."""

    name: str
    date: str
    modality: str
    study_description: str
    agent: str
    gallbladder: bool
    lesions: tuple[PlantedLesion, ...]
    series: tuple[PlannedSeries, ...]
    reference: PlannedSeries


def plan_case(
    variant: Variant = Variant.RECONCILED, *, seed: int = 2021
) -> tuple[PlannedExam, ...]:
    """Exams of a variant in order of date. `seed` moves the breaths, nothing else here."""
    exams = load_table("phantom_series")[f"variant_{variant}"].value
    return tuple(_exam(name, phantom, seed) for name, phantom in exams.items())


def _exam(name: str, phantom: str, seed: int) -> PlannedExam:
    table = load_table("phantom_series")
    about = table[f"exam_{name}"]
    # Frames are named here so that grids can be told apart; the writer gives them UIDs.
    series = tuple(
        _series(row, seed, moves=row.name != about.more["reference"], frame=name)
        for row in table
        if row.more.get("exam") == name
    )
    return PlannedExam(
        name=name,
        date=str(about.value),
        modality=name.rpartition("_")[2],
        study_description=about.more["study_description"],
        agent=about.more["agent"],
        gallbladder=about.more["gallbladder"],
        lesions=planted_lesions(phantom),
        series=series,
        reference=next(one for one in series if one.name == about.more["reference"]),
    )


def planned_series(name: str, *, frame: str = "") -> PlannedSeries:
    """One series of table `phantom_series` as it is without a breath."""
    return _series(load_table("phantom_series")[name], 0, moves=False, frame=frame)


def _series(row: Row, seed: int, *, moves: bool, frame: str) -> PlannedSeries:
    about = row.more
    slice_mm, row_mm, column_mm = about["spacing_mm"]
    return PlannedSeries(
        name=row.name,
        number=about["number"],
        phase=Phase(about["phase"]),
        description=about["description"],
        delay_s=float(row.value),
        grid=_grid((slice_mm, row_mm, column_mm), frame),
        shift_mm=_breath(seed, about["number"], frame) if moves else (0.0, 0.0, 0.0),
        level_index=(about["levels"], about["column"]),
        noise_sd=about["noise_sd"],
        blur_mm=about["blur_mm"],
        header=about["header"],
    )


def _grid(spacing_mm: Point, frame: str) -> Grid:
    """Axial grid over the field of view; slices lie on multiples of their step."""
    (x0, x1), (y0, y1), (z0, z1) = load_table("phantom_series")["field_of_view"].value
    slice_mm, row_mm, column_mm = spacing_mm
    first, last = round(z0 / slice_mm), round(z1 / slice_mm)
    shape = (last - first + 1, int((y1 - y0) / row_mm) + 1, int((x1 - x0) / column_mm) + 1)
    return Grid.axial(
        shape, spacing_mm, origin_lps_mm=(x0, y0, first * slice_mm), frame_of_reference=frame
    )


def _breath(seed: int, number: int, frame: str) -> Point:
    """A shift of 2 to 6 mm, most of it along the body."""
    table = load_table("phantom_series")
    stream = np.random.default_rng([seed, number, *frame.encode()])
    x_most, y_most = table["breath_across"].value
    x, y = stream.uniform(-x_most, x_most), stream.uniform(-y_most, y_most)
    length = stream.uniform(*table["breath_length"].value)
    across = float(np.hypot(x, y))
    z = float(np.sqrt(max(length**2 - across**2, 0.0))) * stream.choice([-1.0, 1.0])
    return float(x), float(y), float(z)


def planted_lesions(phantom: str) -> tuple[PlantedLesion, ...]:
    """Lesions of one phantom (table `phantom_lesions`)."""
    return tuple(
        PlantedLesion(
            name=row.more["lesion"],
            segment=row.more["segment"],
            tissue=row.more["tissue"],
            centre_lps_mm=tuple(row.more["centre_lps_mm"]),
            outline=_outline(row),
        )
        for row in load_table("phantom_lesions")
        if row.more.get("phantom") == phantom
    )


def _outline(row: Row) -> Outline:
    if row.more["shape"] == "ellipsoid":
        a, b, c = (axis / 2.0 for axis in row.value)
        return Outline((a, b, c), turn_deg=row.more["turn_deg"])
    table = load_table("phantom_lesions")
    bumps = tuple(
        Bump((x, y, z), height, sharpness)
        for x, y, z, height, sharpness in table["irregular_bumps"].value
    )
    return Outline(tuple(table["irregular_half_axes"].value), bumps, row.more["turn_deg"])
