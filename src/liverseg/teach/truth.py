"""Masks and true values of the digital case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liverseg.couinaud import divide_liver
from liverseg.geometry import Code, Grid, Label, LabelMap, Mask
from liverseg.tables import load_table
from liverseg.teach.anatomy import LANDMARKS, LIVER, structures
from liverseg.teach.paint import (
    box_of,
    lattice_of,
    lesion_bounds,
    lesion_depth,
    paint,
    part_of,
)
from liverseg.teach.plan import PlannedExam, PlannedSeries, PlantedLesion
from liverseg.teach.shapes import Solid

STILL = (0.0, 0.0, 0.0)
#: Room round a lesion for its true values, in mm: blur reaches no further.
ROOM_MM = 6.0
#: Stored ADC is in 1e-6 mm2/s, measured ADC in mm2/s.
ADC_MM2_PER_S = 1e-6
LIVER_CODE = Code("10200004", "SCT", "Liver")


@dataclass(frozen=True, eq=False)
class TrueMasks:
    """True masks of an exam on the grid of its reference; a voxel belongs by its centre."""

    liver: LabelMap
    couinaud: LabelMap
    structures: LabelMap
    lesions: dict[str, LabelMap]


@dataclass(frozen=True)
class PartMeans:
    """True means of rim and core of a lesion in one series: HU, au or mm2/s."""

    rim_mean: float
    core_mean: float


def true_masks(exam: PlannedExam) -> TrueMasks:
    """Liver (lesions and its vessels included), segments, structures and lesions."""
    grid = exam.reference.grid
    liver = LabelMap(_inside(LIVER, grid).astype(np.uint8), grid, (Label(1, "liver", LIVER_CODE),))
    couinaud, _ = divide_liver(liver, LANDMARKS)
    return TrueMasks(
        liver=liver,
        couinaud=couinaud,
        structures=_structures(exam, grid),
        lesions={lesion.name: _lesion_mask(lesion, grid) for lesion in exam.lesions},
    )


def true_means(exam: PlannedExam, series: PlannedSeries, lesion: PlantedLesion) -> PartMeans:
    """Means over rim and core of the blurred volume without noise and without breath.

    Rim and core are cut by the exact depth below the surface at the voxel centres of the
    series; the rim is as thick as it was planted.
    """
    grid = _room(series.grid, lesion)
    values = paint(exam, series, grid, shift_mm=STILL)
    depth = lesion_depth(lesion, lattice_of(grid))
    rim, core = (depth > 0) & (depth <= lesion.rim_mm), depth > lesion.rim_mm
    factor = ADC_MM2_PER_S if series.level_index[0] == "ADC" else 1.0
    return PartMeans(factor * float(values[rim].mean()), factor * float(values[core].mean()))


def _room(grid: Grid, lesion: PlantedLesion) -> Grid:
    box = box_of(lattice_of(grid), lesion_bounds(lesion), ROOM_MM)
    assert box is not None  # lesions are planted inside the field of view
    start = (box[0].start, box[1].start, box[2].start)
    return grid.cropped(start, tuple(span.stop - span.start for span in box))


def _inside(solid: Solid, grid: Grid) -> Mask:
    lattice = lattice_of(grid)
    inside = np.zeros(grid.shape, dtype=bool)
    box = box_of(lattice, solid.bounds, 0.0)
    if box is not None:
        inside[box] = solid.depth(part_of(lattice, box, STILL)) > 0
    return inside


def _lesion_mask(lesion: PlantedLesion, grid: Grid) -> LabelMap:
    drawn = np.zeros(grid.shape, dtype=np.uint8)
    lattice = lattice_of(grid)
    box = box_of(lattice, lesion_bounds(lesion), 0.0)
    if box is not None:
        near = part_of(lattice, box, lesion.centre_lps_mm)
        z, y, x = np.meshgrid(near.z, near.y, near.x, indexing="ij")
        drawn[box] = lesion.outline.level(np.stack([x, y, z], axis=-1)) < 1.0
    return LabelMap(drawn, grid, (Label(1, lesion.name),))


def _structures(exam: PlannedExam, grid: Grid) -> LabelMap:
    rows = load_table("structures")
    array = np.zeros(grid.shape, dtype=np.uint8)
    for name, solid in structures(gallbladder=exam.gallbladder):
        array[_inside(solid, grid)] = int(rows[name].value)
    labels = tuple(
        Label(
            int(row.value), row.name, Code(str(row.more["code"]), "SCT", str(row.more["meaning"]))
        )
        for row in rows
    )
    return LabelMap(array, grid, labels)
