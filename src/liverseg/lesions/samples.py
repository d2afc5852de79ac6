"""A lesion and its references on the voxels of every series: what words are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.geometry import Grid, LabelMap, Mask, Translation
from liverseg.lesions.bootstrap import run_error
from liverseg.lesions.hull import Float
from liverseg.lesions.moves import clear_of_lesions
from liverseg.lesions.place import PlacedParts, place_parts
from liverseg.lesions.reference import FULL
from liverseg.lesions.rim import Shells, cut_shells
from liverseg.lesions.shift import lesion_shift_to, shift_to
from liverseg.lesions.tissue import Tissue, cut_reference, cut_structures
from liverseg.records import Doubt, Exam, Lesion, Phase, SeriesVolume
from liverseg.tables import load_table

LIVER, PERILESIONAL = "liver", "perilesional"


@dataclass(frozen=True)
class TissueValue:
    """Mean of a reference in one series, its standard deviation and error of the mean."""

    mean: float
    sd: float
    error: float
    voxels: int


@dataclass(frozen=True, eq=False)
class LesionSample:
    """A lesion's voxels in one series.

    `values`, `part` (1 rim, 2 core; all 1 where it is not divided), `inside` (share of
    the smoothed mask, about 1 away from the surface), `depth_mm` (None where it is not
    divided) and `outward_mm` (from the centroid, in the lesion's own series) belong
    together, one entry a voxel. `tissue` has liver, perilesional liver and structures.
    """

    series: SeriesVolume
    placed: PlacedParts
    values: Float
    part: NDArray[np.uint8]
    inside: Float
    depth_mm: Float | None
    outward_mm: Float
    tissue: Mapping[str, TissueValue]

    @property
    def phase(self) -> Phase:
        """Phase of the series."""
        return self.series.call.phase

    @cached_property
    def inner(self) -> Mask:
        """Voxels without a share of what lies outside the lesion."""
        clear: Mask = self.inside >= load_table("enhancement_rules").number("inner_level")
        return clear


@dataclass(frozen=True, eq=False)
class LesionSamples:
    """A lesion in all series of an exam that show it.

    `refusal` says why there is no rim and core, or is "". `unseen` are doubts about
    series that do not show it.
    """

    exam: Exam
    lesion: Lesion
    shells: Shells
    samples: tuple[LesionSample, ...]
    unseen: tuple[Doubt, ...]

    @property
    def refusal(self) -> str:
        """Why there is no rim and core, or ""."""
        return self.shells.refusal

    def of(self, *phases: Phase) -> LesionSample | None:
        """The sample of the first of these phases that there is."""
        for phase in phases:
            for sample in self.samples:
                if sample.phase is phase:
                    return sample
        return None


#: Vessels and organs of an exam by series key and name; see `sample_structures`.
StructureValues = Mapping[str, Mapping[str, TissueValue]]


def sample_structures(exam: Exam) -> StructureValues:
    """Vessels and organs on the voxels of every series: the part that no lesion changes."""
    structures = cut_structures(exam.structures)
    return {
        series.record.key: {
            name: _value(own)
            for name, own in structures.values(series.volume, shift_to(exam, series)).items()
        }
        for series in exam.series
    }


def sample_lesion(
    exam: Exam,
    lesion: Lesion,
    reference: LabelMap,
    *,
    structures: StructureValues | None = None,
) -> LesionSamples:
    """A lesion, liver and structures on the acquired voxels of every series.

    `reference` is the exam's `liver_reference`; perilesional liver is the part of it that
    lies next to the lesion (row `perilesional_reach` of table `enhancement_rules`), where
    that lies in each series.
    `structures` are the exam's `sample_structures`, if they are known already.

    Raises as `measure_enhancement`.
    """
    shells = cut_shells(lesion.mask)
    liver = cut_reference(reference)
    others = sample_structures(exam) if structures is None else structures
    centroid = shells.grid.to_lps_mm(np.argwhere(shells.drawn).mean(axis=0))
    least = load_table("enhancement_rules").number("covered_min")
    samples, unseen = [], []
    near: dict[Translation, Tissue] = {}
    for series in exam.series:
        shift = lesion_shift_to(exam, lesion, series)
        placed = place_parts(shells, series.volume.grid, shift)
        if placed.covered < least or not placed.parts.any():
            reason = f"{placed.covered:.0%} of the lesion lie inside that image"
            unseen.append(Doubt(f"not seen in {series.call.phase}: {reason}", series.record.title))
            continue
        move = lesion.moves.get(series.record.key, Translation())
        if move not in near:
            near[move] = cut_reference(near_reference(reference, lesion.mask, move))
        own = _tissues(exam, series, liver, near[move])
        tissue = {**others[series.record.key], **own}
        samples.append(_sample(shells, series, placed, centroid, tissue))
    return LesionSamples(exam, lesion, shells, tuple(samples), tuple(unseen))


def near_reference(
    reference: LabelMap, lesion: LabelMap, move: Translation | None = None
) -> LabelMap:
    """The liver reference in a box round the lesion; empty where too little is there.

    `move` is where the lesion lies besides (LPS mm); the reference itself stays.
    """
    rules = load_table("enhancement_rules").number
    offset = (0.0, 0.0, 0.0) if move is None else move.offset_mm
    steps = np.rint(reference.grid.index_from_lps[:3, :3] @ offset).astype(int).tolist()
    spans = []
    for span, own, step, size in zip(
        lesion.box(), steps, reference.grid.spacing_mm, reference.grid.shape, strict=True
    ):
        room = int(np.ceil(rules("perilesional_reach") / step))
        low, high = span.start + own - room, span.stop + own + room
        spans.append(slice(min(max(0, low), size), max(0, min(size, high))))
    near = np.zeros_like(reference.array)
    window = (spans[0], spans[1], spans[2])
    near[window] = reference.array[window]
    if np.count_nonzero(near) < rules("reference_voxels_min"):
        near[:] = 0
    return LabelMap(near, reference.grid, reference.labels)


def _sample(
    shells: Shells,
    series: SeriesVolume,
    placed: PlacedParts,
    centroid: Float,
    tissue: Mapping[str, TissueValue],
) -> LesionSample:
    values, part = placed.values(series.volume)
    position = placed.positions_lps_mm(series.volume)
    depth = None if shells.depth is None else _at(shells.depth, shells.grid, position)
    return LesionSample(
        series=series,
        placed=placed,
        values=values,
        part=part,
        inside=_at(shells.soft, shells.grid, position),
        depth_mm=depth,
        outward_mm=position - centroid,
        tissue=tissue,
    )


def _tissues(
    exam: Exam, series: SeriesVolume, liver: Tissue, near: Tissue
) -> dict[str, TissueValue]:
    found = {}
    for name, tissue in ((LIVER, liver), (PERILESIONAL, near)):
        clear = clear_of_lesions(exam, tissue, series)
        own = clear.values(series.volume, shift_to(exam, series)).get(FULL)
        if own is not None:
            found[name] = _value(own)
    return found


def _value(own: Float) -> TissueValue:
    run = int(load_table("enhancement_rules").number("noise_run"))
    return TissueValue(float(own.mean()), float(own.std()), run_error(own, run), int(own.size))


def _at(array: NDArray[np.floating], grid: Grid, position_lps_mm: Float) -> Float:
    """(n,) values of an array between its voxels."""
    index = grid.to_index(position_lps_mm).T
    found: Float = ndimage.map_coordinates(array.astype(np.float64), index, order=1, mode="nearest")
    return found
