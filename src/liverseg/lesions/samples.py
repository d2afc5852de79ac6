"""A lesion and its references on the voxels of every series: what words are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.geometry import Box, LabelMap, Mask, Translation
from liverseg.lesions.bootstrap import run_error
from liverseg.lesions.hull import Float
from liverseg.lesions.moves import clear_of_lesions
from liverseg.lesions.place import PlacedParts, place_parts
from liverseg.lesions.reference import FULL
from liverseg.lesions.rim import Shells, cut_shells
from liverseg.lesions.shift import lesion_shift_to, shift_to
from liverseg.lesions.tissue import WHOLE, Tissue, cut_reference, cut_structures
from liverseg.records import Doubt, Exam, Lesion, Phase, Progress, SeriesVolume
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


#: Vessels and organs, with the liver or without, of an exam by series key and name.
TissueValues = Mapping[str, Mapping[str, TissueValue]]


def sample_structures(exam: Exam) -> TissueValues:
    """Vessels and organs on the voxels of every series: the part that no lesion changes."""
    structures = cut_structures(exam.structures)
    return {
        series.record.key: {
            name: _value(own)
            for name, own in structures.values(series.volume, shift_to(exam, series)).items()
        }
        for series in exam.series
    }


def sample_reference(
    exam: Exam,
    reference: LabelMap,
    *,
    structures: TissueValues | None = None,
    progress: Progress | None = None,
) -> TissueValues:
    """Liver, vessels and organs on the voxels of every series: the same for all lesions.

    `reference` is the exam's `liver_reference`, `structures` its `sample_structures` where
    they are known already. `progress` is told before each series and may raise to end early.
    """
    others = sample_structures(exam) if structures is None else structures
    liver = cut_reference(reference, within=_liver_box(exam, reference))
    found: dict[str, dict[str, TissueValue]] = {}
    for series in exam.series:
        if progress is not None:
            progress("looking at the liver", len(found) / len(exam.series))
        clear = clear_of_lesions(exam, liver, series)
        own = clear.values(series.volume, shift_to(exam, series)).get(FULL)
        liver_value = {} if own is None else {LIVER: _value(own)}
        found[series.record.key] = {**others[series.record.key], **liver_value}
    return found


def sample_lesion(
    exam: Exam,
    lesion: Lesion,
    reference: LabelMap,
    *,
    tissues: TissueValues | None = None,
    progress: Progress | None = None,
) -> LesionSamples:
    """A lesion, liver and structures on the acquired voxels of every series.

    `reference` is the exam's `liver_reference`; perilesional liver is the part of it that
    lies next to the lesion (row `perilesional_reach` of table `enhancement_rules`), where
    that lies in each series. `tissues` are the exam's `sample_reference`, if they are known
    already. `progress` is told before each series and may raise to end early.

    Raises as `measure_enhancement`.
    """
    shells = cut_shells(lesion.mask)
    known = sample_reference(exam, reference) if tissues is None else tissues
    centroid = shells.grid.to_lps_mm(np.argwhere(shells.drawn).mean(axis=0))
    least = load_table("enhancement_rules").number("covered_min")
    samples, unseen = [], []
    near: dict[Translation, Tissue] = {}
    for number, series in enumerate(exam.series):
        if progress is not None:
            progress(f"looking at {lesion.name}", number / len(exam.series))
        placed = place_parts(shells, series.volume.grid, lesion_shift_to(exam, lesion, series))
        if placed.covered < least or not placed.parts.any():
            reason = f"{placed.covered:.0%} of the lesion lie inside that image"
            unseen.append(Doubt(f"not seen in {series.call.phase}: {reason}", series.record.title))
            continue
        move = lesion.moves.get(series.record.key, Translation())
        if move not in near:
            near[move] = near_reference(reference, lesion.mask, move)
        tissue = {**known[series.record.key], **_beside(exam, series, near[move])}
        samples.append(_sample(shells, series, placed, centroid, tissue))
    return LesionSamples(exam, lesion, shells, tuple(samples), tuple(unseen))


def near_reference(
    reference: LabelMap, lesion: LabelMap, move: Translation | None = None
) -> Tissue:
    """The liver reference in a box round the lesion; nothing where too little is there.

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
    window = (spans[0], spans[1], spans[2])
    least = int(np.ceil(rules("reference_voxels_min")))
    return cut_reference(reference, within=window, least=max(least, 1))


def _liver_box(exam: Exam, reference: LabelMap) -> Box:
    """Where the liver reference can be: to look for its box in a whole CT takes long."""
    if exam.liver.is_empty or not reference.grid.is_same_lattice(exam.liver.grid):
        return WHOLE
    return exam.liver.box()


def _sample(
    shells: Shells,
    series: SeriesVolume,
    placed: PlacedParts,
    centroid: Float,
    tissue: Mapping[str, TissueValue],
) -> LesionSample:
    values, part = placed.values(series.volume)
    position = placed.positions_lps_mm(series.volume)
    index = shells.grid.to_index(position).T
    depth = None if shells.depth is None else _at(shells.depth, index)
    return LesionSample(
        series=series,
        placed=placed,
        values=values,
        part=part,
        inside=_at(shells.soft, index),
        depth_mm=depth,
        outward_mm=position - centroid,
        tissue=tissue,
    )


def _beside(exam: Exam, series: SeriesVolume, near: Tissue) -> dict[str, TissueValue]:
    """Liver beside the lesion: the window went with the lesion, the tissue lies where it is."""
    clear = clear_of_lesions(exam, near, series)
    own = clear.values(series.volume, shift_to(exam, series)).get(FULL)
    return {} if own is None else {PERILESIONAL: _value(own)}


def _value(own: Float) -> TissueValue:
    """Mean, deviation and error of values, which are used up: they may be a whole liver."""
    run = int(load_table("enhancement_rules").number("noise_run"))
    mean, error = own.mean(), run_error(own, run)
    # As own.std() does, to the last digit, but without two more arrays of that size.
    np.subtract(own, mean, out=own)
    np.multiply(own, own, out=own)
    return TissueValue(float(mean), float(np.sqrt(own.mean())), error, int(own.size))


def _at(array: NDArray[np.floating], index: Float) -> Float:
    """(n,) values of an array between its voxels, at (3, n) places."""
    values = array.astype(np.float64, copy=False)
    found: Float = ndimage.map_coordinates(values, index, order=1, mode="nearest")
    return found
