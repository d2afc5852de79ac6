"""DICOM SEG out: BINARY, one item a label, referring to the series it was drawn on."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pydicom

from liverseg.errors import InteropError
from liverseg.geometry import Code, LabelMap
from liverseg.ingest import open_source
from liverseg.interop.uids import uid_of
from liverseg.records import SeriesRecord

if TYPE_CHECKING:
    import highdicom as hd

#: Segmented property of an item without a code of its own (PS3.16 CID 7159, lesion).
LESION = Code("52988006", "SCT", "Lesion")
CATEGORY_LESION = Code("49755003", "SCT", "Morphologically Abnormal Structure")
CATEGORY_ANATOMY = Code("123037004", "SCT", "Anatomical Structure")

#: What a SEG takes over from its images and may be empty; anonymisers take it out altogether.
TAKEN_OVER = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
)


@dataclass(frozen=True)
class SegHeader:
    """What a SEG says about itself. `tracking_uid` names a lesion across exams."""

    description: str
    series_uid: str
    instance_uid: str
    tracking_uid: str | None = None
    anatomy: bool = True
    program_version: str = "0"


def write_seg(labels: LabelMap, record: SeriesRecord, path: Path, *, header: SegHeader) -> Path:
    """Write `labels` (on the grid of `record`) as a BINARY DICOM SEG.

    Empty slices are left out, as the standard allows. The file appears whole or not at
    all. Raises `InteropError` when nothing is drawn or the grid is not the series'.
    """
    if not labels.grid.is_same_lattice(record.grid):
        raise InteropError(
            f"labels are on {labels.grid}, the series on {record.grid}", where=record.title
        )
    import highdicom as hd  # 20 MB and a good part of the start: only who writes a SEG pays

    values = labels.values
    if not values:
        raise InteropError("there is nothing to write: no label is drawn", where=str(path))
    if record.resampling is not None:
        raise InteropError(
            "a DICOM SEG must lie on the slices of its series, and this volume was computed "
            f"from them ({'; '.join(record.resampling.ways)})",
            where=record.title,
            remedy="write the labels as NIfTI",
        )
    sources = [_header_of(source.path) for source in record.slices]
    for source in sources:
        if not source.get("SpecificCharacterSet"):
            source.SpecificCharacterSet = "ISO_IR 100"
        for keyword in TAKEN_OVER:
            if keyword not in source:
                setattr(source, keyword, "")
        if not source.get("FrameOfReferenceUID"):
            # A SEG must name one; where the images have none it is made from their series.
            source.FrameOfReferenceUID = uid_of("frame of reference", record.series_uid)
    planes = np.stack([labels.array == value for value in values], axis=-1)
    seg = hd.seg.Segmentation(
        source_images=sources,
        pixel_array=planes.astype(np.uint8),
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[
            _describe(labels, value, number, header) for number, value in enumerate(values, 1)
        ],
        series_instance_uid=header.series_uid,
        series_number=900,
        sop_instance_uid=header.instance_uid,
        instance_number=1,
        manufacturer="liverseg",
        manufacturer_model_name="liverseg",
        software_versions=header.program_version,
        device_serial_number="0",
        series_description=header.description,
        content_label="LIVERSEG",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".partial-", suffix=".dcm")
    os.close(handle)
    try:
        seg.save_as(partial)
        Path(partial).replace(path)
    finally:
        Path(partial).unlink(missing_ok=True)
    return path


def _header_of(path: str) -> pydicom.Dataset:
    with open_source(path) as stream:
        return pydicom.dcmread(stream, stop_before_pixels=True)


def _describe(
    labels: LabelMap, value: int, number: int, header: SegHeader
) -> hd.seg.SegmentDescription:
    import highdicom as hd

    code = next((lab.code for lab in labels.labels if lab.value == value and lab.code), LESION)
    category = CATEGORY_ANATOMY if header.anatomy else CATEGORY_LESION
    return hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=labels.name_of(value),
        segmented_property_category=_coded(category),
        segmented_property_type=_coded(code),
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
        tracking_uid=header.tracking_uid,
        tracking_id=labels.name_of(value) if header.tracking_uid else None,
    )


def _coded(code: Code) -> hd.sr.CodedConcept:
    import highdicom as hd

    return hd.sr.CodedConcept(code.value, code.scheme, code.meaning)
