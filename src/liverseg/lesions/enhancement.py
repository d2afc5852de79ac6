"""A lesion's values in every phase, against liver and against the series before contrast."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from liverseg.geometry import LabelMap, place_labels
from liverseg.lesions.comparable import ARTERIAL, Baseline, find_baseline
from liverseg.lesions.coverage import rim_voxels, ring_coverage
from liverseg.lesions.hull import Float
from liverseg.lesions.levels import Level, LiverLevels, sample_liver
from liverseg.lesions.moves import tell_moves
from liverseg.lesions.place import PlacedParts, place_parts
from liverseg.lesions.rim import CORE, RIM, Shells, cut_shells
from liverseg.lesions.shift import lesion_shift_to
from liverseg.records import CONTRAST_PHASES, Doubt, Exam, Lesion, Measurement, SeriesVolume
from liverseg.tables import load_table

PARTS = {"lesion": (RIM, CORE), "rim": (RIM,), "core": (CORE,)}
ENHANCEMENT_OF = {
    "lesion": "enhancement",
    "rim": "rim_enhancement",
    "core": "core_enhancement",
}
MM3_PER_ML = 1000.0


@dataclass(frozen=True, eq=False)
class _Sample:
    """A lesion on one series: its values by part, and the level of the liver reference."""

    series: SeriesVolume
    placed: PlacedParts
    values: dict[str, Float]
    liver: Level | None

    @property
    def where(self) -> str:
        return f"{self.series.call.phase}, {self.series.record.title}"


def measure_enhancement(
    exam: Exam, lesion: Lesion, reference: LabelMap | LiverLevels
) -> tuple[Measurement, ...]:
    """Values of a lesion, its rim and core, and of liver, in every series of an exam.

    `reference` is the exam's `liver_reference`, or what `sample_liver` made of it, which
    spares sampling it for each lesion anew. Rows a series: mean, sd, median,
    rim_mean, core_mean, liver_mean, lesion_liver_difference, lesion_liver_ratio; in
    phases after contrast enhancement, rim_enhancement, core_enhancement (HU on CT, % of
    the value before contrast on MR) and, in arterial phases, ring_coverage. Once:
    vessel_overlap (ml), when structures are given. Voxel values are never resampled: the
    mask goes to each series' acquired voxels by the exam's shifts and the lesion's own moves,
    which `method` then tells.

    A row is left out where it is not allowed or not possible; a `Doubt` on the row
    `mean` of that phase (of the exam's reference series, when a series does not show the
    lesion) says why. Rules: table `enhancement_rules`.

    Raises `EmptyLabelError` for an empty lesion, `MeasurementError` for a series without
    a shift.
    """
    shells = cut_shells(lesion.mask)
    liver = reference if isinstance(reference, LiverLevels) else sample_liver(exam, reference)
    samples, unseen = _sample_all(exam, lesion, shells, liver)
    by_key = {sample.series.record.key: sample for sample in samples}
    centroid = shells.grid.to_lps_mm(np.argwhere(shells.drawn).mean(axis=0))
    rows: list[Measurement] = []
    for sample in samples:
        own, doubts = _enhancement_rows(exam, lesion, sample, by_key, centroid)
        if sample.series.record.key == exam.reference:
            doubts = [*unseen, *doubts]
        doubts = [*_sample_doubts(sample, shells, liver), *doubts]
        plain = _value_rows(sample, tuple(doubts), liver)
        # The liver reference stays where it is.
        plain = [
            row if row.metric == "liver_mean" else tell_moves(row, lesion, sample.series)
            for row in plain
        ]
        found = [*plain, *own]
        rows.extend(_stamp(row, exam, lesion, sample.series) for row in found)
    rows.extend(
        _stamp(row, exam, lesion, exam.by_key(exam.reference))
        for row in _vessel_overlap(exam, lesion)
    )
    return tuple(rows)


def _sample_all(
    exam: Exam, lesion: Lesion, shells: Shells, liver: LiverLevels
) -> tuple[list[_Sample], list[Doubt]]:
    """The lesion on each series that shows it, and a doubt for each that does not."""
    least = load_table("enhancement_rules").number("covered_min")
    samples, unseen = [], []
    for series in exam.series:
        shift = lesion_shift_to(exam, lesion, series)
        placed = place_parts(shells, series.volume.grid, shift)
        if placed.covered < least or not placed.parts.any():
            reason = (
                f"not measured in {series.call.phase}: {placed.covered:.0%} of the lesion "
                "lie inside that image"
            )
            unseen.append(Doubt(reason, series.record.title))
            continue
        values, which = placed.values(series.volume)
        split = {name: values[np.isin(which, own)] for name, own in PARTS.items()}
        if shells.depth is None:
            split = {"lesion": values}
        level = liver.levels.get(series.record.key)
        samples.append(_Sample(series, placed, split, level))
    return samples, unseen


def _sample_doubts(sample: _Sample, shells: Shells, liver: LiverLevels) -> list[Doubt]:
    rules = load_table("enhancement_rules").number
    doubts = []
    if sample.placed.covered < rules("covered_whole"):
        share = 1.0 - sample.placed.covered
        doubts.append(Doubt(f"{share:.1%} of the lesion lie outside this image", sample.where))
    if shells.refusal:
        doubts.append(Doubt(f"no rim and core: {shells.refusal}", sample.where))
    if sample.liver is None:
        doubts.append(Doubt("no liver reference in this image", sample.where))
    doubts.extend(liver.doubts(sample.where))
    return doubts


def _value_rows(
    sample: _Sample, doubts: tuple[Doubt, ...], liver: LiverLevels
) -> list[Measurement]:
    unit = sample.series.volume.unit
    values = sample.values["lesion"]
    mean = float(values.mean())
    of = "acquired voxels of the lesion"
    rows = [
        Measurement("mean", mean, unit, f"mean of the {of}", doubts=doubts),
        Measurement("sd", float(values.std()), unit, f"standard deviation of the {of}"),
        Measurement("median", float(np.median(values)), unit, f"median of the {of}"),
    ]
    for part in ("rim", "core"):
        own = sample.values.get(part)
        if own is not None and own.size:
            shell = "shell below the surface" if part == "rim" else "part inside the shell"
            rows.append(
                Measurement(
                    f"{part}_mean",
                    float(own.mean()),
                    unit,
                    f"mean of the {shell}, {own.size} voxels",
                )
            )
    if sample.liver is not None:
        rows.extend(_against_liver(mean, sample.liver.mean, unit, liver, sample.where))
    return rows


def _against_liver(
    mean: float, liver: float, unit: str, levels: LiverLevels, where: str
) -> list[Measurement]:
    doubts = levels.doubts(where)
    rows = [
        Measurement(
            "liver_mean",
            liver,
            unit,
            "mean of liver away from lesions, vessels and surface",
            doubts=doubts,
        ),
        Measurement(
            "lesion_liver_difference", mean - liver, unit, "mean of lesion minus mean of liver"
        ),
    ]
    if liver > 0:
        of = "in HU, which have no true zero" if unit == "HU" else f"in {unit}"
        method = f"mean of lesion over mean of liver, {of}"
        rows.append(Measurement("lesion_liver_ratio", mean / liver, "1", method))
    return rows


def _enhancement_rows(
    exam: Exam, lesion: Lesion, sample: _Sample, by_key: dict[str, _Sample], centroid: Float
) -> tuple[list[Measurement], list[Doubt]]:
    """Rows against the series before contrast, and why some are missing."""
    if sample.series.call.phase not in CONTRAST_PHASES:
        return [], []
    baseline = find_baseline(exam, sample.series)
    before = None if baseline.series is None else by_key.get(baseline.series.record.key)
    if before is None:
        reason = baseline.refusal or "the series before contrast does not show the lesion"
        return [], [Doubt(f"no enhancement: {reason}", sample.where)]
    rows, doubts = [], []
    for part, metric in ENHANCEMENT_OF.items():
        row, refusal = _enhancement(exam, metric, part, before, sample)
        if row is not None:
            rows.append(replace(row, doubts=_unknown_settings(baseline, sample.where)))
        elif refusal:
            doubts.append(Doubt(refusal, sample.where))
    if sample.series.call.phase in ARTERIAL and "rim" in sample.values:
        share, refusal = ring_coverage(
            rim_voxels(before.placed, before.series.volume, centroid),
            rim_voxels(sample.placed, sample.series.volume, centroid),
            relative=exam.modality != "CT",
        )
        if share is None:
            doubts.append(Doubt(f"no ring coverage: {refusal}", sample.where))
        else:
            method = (
                "share of equal sectors of solid angle (36, or 20 where voxels are few) in which "
                "the rim enhances, by its median"
            )
            rows.append(Measurement("ring_coverage", share, "1", method))
    return [tell_moves(row, lesion, before.series, sample.series) for row in rows], doubts


def _enhancement(
    exam: Exam, metric: str, part: str, before: _Sample, after: _Sample
) -> tuple[Measurement | None, str]:
    if part not in before.values or part not in after.values:
        return None, ""  # said already: this lesion is not divided
    count = min(before.values[part].size, after.values[part].size)
    least = load_table("enhancement_rules").number("part_voxels_min")
    if part != "lesion" and count < least:
        return None, f"no {part} enhancement: {count} voxels, fewer than {least:g}"
    base, value = float(before.values[part].mean()), float(after.values[part].mean())
    against = f"of the {part} against {before.series.record.title}"
    if exam.modality == "CT":
        return Measurement(metric, value - base, "HU", f"absolute, {against}"), ""
    if base <= 0:
        return None, f"no {part} enhancement: signal before contrast is not above 0"
    method = f"relative, {against}; coil and receiver gain taken as equal"
    return Measurement(metric, 100.0 * (value - base) / base, "%", method), ""


def _unknown_settings(baseline: Baseline, where: str) -> tuple[Doubt, ...]:
    if not baseline.unknown:
        return ()
    names = " and ".join(baseline.unknown)
    return (Doubt(f"{names} not in the headers, taken as equal before and after contrast", where),)


def _vessel_overlap(exam: Exam, lesion: Lesion) -> list[Measurement]:
    structures = exam.structures
    if structures is None:
        return []
    lumen = load_table("enhancement_rules")["vein_lumen"].value
    values = [label.value for label in structures.labels if label.name in lumen]
    if not values:
        return []
    if not structures.grid.is_same_lattice(lesion.mask.grid):
        structures = place_labels(structures, lesion.mask.grid, where=f"lesion {lesion.name}")
    box = lesion.mask.box()
    inside = (lesion.mask.part(box) != 0) & np.isin(structures.part(box), values)
    volume = float(np.count_nonzero(inside)) * lesion.mask.grid.voxel_volume_mm3 / MM3_PER_ML
    method = "lesion voxels inside the lumen of portal or hepatic veins"
    return [Measurement("vessel_overlap", volume, "ml", method)]


def _stamp(row: Measurement, exam: Exam, lesion: Lesion, series: SeriesVolume) -> Measurement:
    return replace(
        row,
        lesion=lesion.name,
        date=exam.date,
        modality=exam.modality,
        phase=str(series.call.phase),
        series_uid=series.record.series_uid,
    )
