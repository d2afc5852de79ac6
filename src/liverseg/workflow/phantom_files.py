"""The digital case as files: DICOM series, masks as DICOM SEG, true values as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from liverseg.couinaud import landmarks_as_dict
from liverseg.geometry import LabelMap
from liverseg.ingest import scan_folder
from liverseg.interop import ImageHeader, SegHeader, uid_of, write_images, write_seg
from liverseg.records import Progress, SeriesRecord
from liverseg.teach import (
    LANDMARKS,
    PlannedExam,
    PlannedSeries,
    PlantedLesion,
    Variant,
    render_series,
    true_masks,
    true_means,
)
from liverseg.workflow.outputs import write_json

PATIENT_NAME = "Phantom^Liverseg"
PATIENT_ID = "PHANTOM"
LABEL = "Digital phantom made by liverseg, no patient. For research and teaching."
INJECTION = "T10:20:00"
#: Series are rendered side by side; numpy works outside Python's lock.
WORKERS = 2


@dataclass(frozen=True)
class PhantomFiles:
    """Where the files of one exam are, below the folder of the digital case."""

    root: Path
    exam: PlannedExam

    def series(self, series: PlannedSeries) -> Path:
        """Folder of the images of one series."""
        return self.root / "dicom" / self.exam.name / f"{series.number:02d}_{series.name}"

    @property
    def masks(self) -> Path:
        """Folder of the masks of the exam."""
        return self.root / "masks" / self.exam.name

    @property
    def liver(self) -> Path:
        """Liver mask, lesions included."""
        return self.masks / "liver.dcm"

    @property
    def couinaud(self) -> Path:
        """Couinaud segments."""
        return self.masks / "couinaud.dcm"

    @property
    def structures(self) -> Path:
        """Vessels, spleen, kidneys, gallbladder."""
        return self.masks / "structures.dcm"

    @property
    def lesions(self) -> tuple[Path, ...]:
        """One mask a lesion; its stem is the lesion's name."""
        return tuple(self.masks / "lesions" / f"{one.name}.dcm" for one in self.exam.lesions)


def write_phantom(
    root: Path,
    exams: Sequence[PlannedExam],
    *,
    variant: Variant,
    seed: int,
    progress: Progress | None = None,
) -> None:
    """Write ``dicom/``, ``masks/`` and ``truth.json`` of the digital case into `root`."""
    names = _Names(variant, seed)
    jobs = [(exam, series) for exam in exams for series in exam.series]
    with ThreadPoolExecutor(WORKERS) as pool:
        made = pool.map(lambda job: _write_series(root, job[0], job[1], names), jobs)
        for number, (job, _) in enumerate(zip(jobs, made, strict=True), start=1):
            if progress is not None:
                progress(f"made {job[1].description}", 0.8 * number / len(jobs))
    for number, exam in enumerate(exams):
        if progress is not None:
            progress(f"writing masks of {exam.name}", 0.8 + 0.2 * number / len(exams))
        _write_masks(PhantomFiles(root, exam), names)
    write_json(_truth(exams, names), root / "truth.json")


@dataclass(frozen=True)
class _Names:
    """UIDs of the digital case; the same variant and seed give the same."""

    variant: Variant
    seed: int

    def uid(self, *words: str) -> str:
        return uid_of("liverseg phantom", str(self.variant), str(self.seed), *words)


def _write_series(root: Path, exam: PlannedExam, series: PlannedSeries, names: _Names) -> None:
    volume = render_series(exam, series, seed=names.seed)
    folder = PhantomFiles(root, exam).series(series)
    write_images(volume, folder, header=_header(exam, series, names))


def _header(exam: PlannedExam, series: PlannedSeries, names: _Names) -> ImageHeader:
    injected = datetime.fromisoformat(exam.date + INJECTION)
    acquired = injected + timedelta(seconds=series.delay_s)
    return ImageHeader(
        modality=exam.modality,
        patient_name=PATIENT_NAME,
        patient_id=PATIENT_ID,
        study_uid=names.uid(exam.name),
        series_uid=names.uid(exam.name, series.name),
        frame_uid=names.uid(exam.name, "frame"),
        number=series.number,
        description=series.description,
        study_description=exam.study_description,
        date=f"{injected:%Y%m%d}",
        study_time="100000",
        acquisition_time=f"{acquired:%H%M%S}",
        more={**series.header, **_contrast(exam, series, injected), **_label(series)},
    )


def _contrast(exam: PlannedExam, series: PlannedSeries, injected: datetime) -> Mapping[str, Any]:
    """Agent and time of its injection, on images taken after it."""
    if not exam.agent or series.delay_s < 0:
        return {}
    return {
        "ContrastBolusAgent": exam.agent,
        "ContrastBolusRoute": "IV",
        "ContrastBolusStartTime": f"{injected:%H%M%S}",
    }


def _label(series: PlannedSeries) -> Mapping[str, Any]:
    """Each file says that it shows a phantom; an ADC map says its unit."""
    more: dict[str, Any] = {"ImageComments": LABEL, "QualityControlImage": "YES"}
    if series.level_index[0] == "ADC":
        more |= {"RescaleSlope": "1", "RescaleIntercept": "0", "RescaleType": "10-6 mm2/s"}
        more["ImageType"] = ["DERIVED", "PRIMARY", "ADC"]
    return more


def _write_masks(files: PhantomFiles, names: _Names) -> None:
    exam, masks = files.exam, true_masks(files.exam)
    record = _reference_record(files, exam.reference)
    _write_mask(files.liver, masks.liver, record, names)
    _write_mask(files.couinaud, masks.couinaud, record, names)
    _write_mask(files.structures, masks.structures, record, names)
    for path, labels in zip(files.lesions, masks.lesions.values(), strict=True):
        _write_mask(path, labels, record, names, lesion=path.stem)
    text = yaml.safe_dump(landmarks_as_dict(LANDMARKS), sort_keys=False, default_flow_style=None)
    (files.masks / "landmarks.yaml").write_text(f"# LPS mm\n{text}", encoding="utf-8")


def _write_mask(
    path: Path, labels: LabelMap, record: SeriesRecord, names: _Names, *, lesion: str = ""
) -> None:
    place = f"{path.parent}/{path.stem}" if lesion else path.stem
    header = SegHeader(
        description=f"PHANTOM {path.stem}",
        series_uid=names.uid(record.series_uid, place, "series"),
        instance_uid=names.uid(record.series_uid, place, "instance"),
        tracking_uid=names.uid("lesion", lesion) if lesion else None,
        anatomy=not lesion,
    )
    write_seg(labels, record, path, header=header)


def _reference_record(files: PhantomFiles, series: PlannedSeries) -> SeriesRecord:
    (record,) = scan_folder(files.series(series)).series
    return record


def _truth(exams: Sequence[PlannedExam], names: _Names) -> dict[str, Any]:
    return {
        "phantom": LABEL,
        "variant": str(names.variant),
        "seed": names.seed,
        "exams": [_exam_truth(exam, names) for exam in exams],
    }


def _exam_truth(exam: PlannedExam, names: _Names) -> dict[str, Any]:
    return {
        "exam": exam.name,
        "date": exam.date,
        "modality": exam.modality,
        "reference": exam.reference.name,
        "in_plane_mm": exam.reference.grid.spacing_mm[2],
        "lesions": [_lesion_truth(lesion) for lesion in exam.lesions],
        "series": [
            {
                "name": series.name,
                "series_uid": names.uid(exam.name, series.name),
                "phase": str(series.phase),
                "shift_mm": series.shift_mm,
                "part_means": {
                    lesion.name: asdict(true_means(exam, series, lesion)) for lesion in exam.lesions
                },
            }
            for series in exam.series
        ],
    }


def _lesion_truth(lesion: PlantedLesion) -> dict[str, Any]:
    """Of the analytic shape, not of its voxels."""
    return {
        "name": lesion.name,
        "segment": lesion.segment,
        "centre_lps_mm": lesion.centre_lps_mm,
        "volume_ml": lesion.outline.volume_ml,
        "long_axis_mm": lesion.outline.long_axis_mm,
        "max_3d_diameter_mm": lesion.outline.max_3d_diameter_mm,
        "solidity": lesion.outline.solidity,
        "rim_thickness_mm": lesion.rim_mm,
    }
