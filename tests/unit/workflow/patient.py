"""A small patient in DICOM: two CT exams of one grid, and masks to place on them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from dicom_factory import ramp, write_series

from liverseg.geometry import Grid, Label, LabelMap
from liverseg.ingest import scan_folder
from liverseg.interop import ReadMask, SegHeader, read_masks, uid_of, write_nifti, write_seg
from liverseg.phases import recognise_phases
from liverseg.records import SeriesRecord
from liverseg.workflow import CaseRequest, PlacedPath
from liverseg.workflow.place import ExamFiles, group_exams

SHAPE = (6, 8, 9)
ARTERIAL, PORTAL, LATER = "1.2.3.3", "1.2.3.4", "1.2.4.3"
PHASES = {ARTERIAL: "late_arterial", PORTAL: "portal_venous", LATER: "portal_venous"}


def write_first_exam(folder: Path) -> None:
    """Two phases of 1 June 2015."""
    for number, uid in ((3, ARTERIAL), (4, PORTAL)):
        write_series(
            folder / uid,
            ramp(SHAPE[0], SHAPE[1:]),
            SeriesInstanceUID=uid,
            SeriesNumber=number,
            SeriesDescription=f"Leber {number}",
        )


def write_second_exam(folder: Path) -> None:
    """One series of 15 May 2017 on the very same lattice, in a frame of its own."""
    write_series(
        folder / LATER,
        ramp(SHAPE[0], SHAPE[1:]),
        StudyDate="20170515",
        StudyInstanceUID="1.2.4",
        SeriesInstanceUID=LATER,
        FrameOfReferenceUID="1.2.4.9",
        SeriesNumber=3,
        SeriesDescription="Leber spät",
    )


def exams_of(folder: Path) -> tuple[ExamFiles, ...]:
    series = scan_folder(folder).series
    phases = {record.key: PHASES[record.key] for record in series}
    return group_exams(series, recognise_phases(series, overrides=phases))


def record_of(exams: tuple[ExamFiles, ...], key: str) -> SeriesRecord:
    return next(record for exam in exams for record in exam.series if record.key == key)


def block(grid: Grid, *, value: int = 1, low: tuple[int, int, int] = (1, 2, 2)) -> LabelMap:
    """A block of 3 x 4 x 5 voxels."""
    array = np.zeros(grid.shape, dtype=np.uint8)
    array[tuple(slice(n, n + size) for n, size in zip(low, (3, 4, 5), strict=True))] = value
    return LabelMap(array, grid)


def nifti(labels: LabelMap, path: Path) -> Path:
    """A mask that names no frame of reference."""
    return write_nifti(labels, path)


def seg(labels: LabelMap, record: SeriesRecord, path: Path) -> Path:
    """A mask that names the series it was drawn on."""
    return write_seg(
        labels, record, path, header=SegHeader("mask", uid_of(str(path)), uid_of(str(path), "1"))
    )


def named_seg(names: Mapping[int, str], record: SeriesRecord, path: Path) -> Path:
    """A SEG with one single-voxel item for each name."""
    array = np.zeros(record.grid.shape, dtype=np.uint8)
    for place, value in enumerate(names):
        array[2, 3, 2 + place] = value
    labels = tuple(Label(value, name) for value, name in names.items())
    return seg(LabelMap(array, record.grid, labels), record, path)


def read_one(path: Path) -> ReadMask:
    (mask,) = read_masks(path)
    return mask


def request(liver: list[object], **masks: list[object]) -> CaseRequest:
    """A request of masks; each is a path or a pair of path and series."""
    return CaseRequest(
        paths=(),
        out=Path("unused"),
        liver=placed(liver),
        **{name: placed(paths) for name, paths in masks.items()},
    )


def placed(masks: list[object]) -> tuple[PlacedPath, ...]:
    return tuple(PlacedPath(*m) if isinstance(m, tuple) else PlacedPath(m) for m in masks)
