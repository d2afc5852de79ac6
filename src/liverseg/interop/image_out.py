"""Write a volume as a DICOM series of single-frame CT or MR images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, MRImageStorage

from liverseg.errors import InteropError
from liverseg.geometry import Volume
from liverseg.interop.uids import uid_of


@dataclass(frozen=True)
class ImageHeader:
    """What the files of one series say.

    `date` is DICOM's (20150601), times are DICOM's too (101500.000000). `frame_uid` is the
    frame of reference of all series of one exam. `more` holds further elements by keyword
    ("RepetitionTime"); they are set last.
    """

    modality: str
    patient_name: str
    patient_id: str
    study_uid: str
    series_uid: str
    frame_uid: str
    number: int
    description: str
    study_description: str
    date: str
    study_time: str
    acquisition_time: str
    more: Mapping[str, Any] = field(default_factory=dict)


def write_images(volume: Volume, folder: Path, *, header: ImageHeader) -> tuple[Path, ...]:
    """Write one file a slice into `folder` (made if absent); returns them in slice order.

    `volume.array` is int16 (slice, row, column), in the unit it is stored in. Instance
    numbers run against the slice axis, as many scanners count from the head; so file
    order is not slice order. Raises `InteropError` for another type or a sheared grid.
    """
    if volume.array.dtype != np.int16:
        raise InteropError(f"images are written as int16, not {volume.array.dtype}")
    if not volume.grid.is_orthogonal:
        raise InteropError("a sheared grid cannot be written as image planes", where=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    count = volume.grid.shape[0]
    paths = []
    for index in range(count):
        number = count - index
        dataset = _image(volume, index, number, header)
        path = folder / f"IM{number:05d}"
        dataset.save_as(path, enforce_file_format=True)
        paths.append(path)
    return tuple(paths)


def _image(volume: Volume, index: int, number: int, header: ImageHeader) -> Dataset:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = CTImageStorage if header.modality == "CT" else MRImageStorage
    dataset.SOPInstanceUID = uid_of(header.series_uid, str(number))
    _describe(dataset, header, number)
    _place(dataset, volume, index)
    _fill(dataset, np.asarray(volume.array[index]), header)
    for keyword, value in header.more.items():
        setattr(dataset, keyword, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def _describe(dataset: Dataset, header: ImageHeader, number: int) -> None:
    """Patient, study, series and acquisition."""
    for keyword in ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"):
        setattr(dataset, keyword, header.date)
    dataset.StudyTime = header.study_time
    for keyword in ("SeriesTime", "AcquisitionTime", "ContentTime"):
        setattr(dataset, keyword, header.acquisition_time)
    dataset.AccessionNumber = ""
    dataset.Modality = header.modality
    dataset.Manufacturer = "liverseg"
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription = header.study_description
    dataset.SeriesDescription = header.description
    dataset.ManufacturerModelName = "liverseg phantom"
    dataset.PatientName = header.patient_name
    dataset.PatientID = header.patient_id
    dataset.PatientBirthDate = ""
    dataset.PatientSex = "O"
    dataset.PatientPosition = "HFS"
    dataset.BodyPartExamined = "ABDOMEN"
    dataset.StudyInstanceUID = header.study_uid
    dataset.SeriesInstanceUID = header.series_uid
    dataset.StudyID = "1"
    dataset.SeriesNumber = header.number
    dataset.AcquisitionNumber = header.number
    dataset.InstanceNumber = number
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL" if header.modality == "CT" else "M"]


def _place(dataset: Dataset, volume: Volume, index: int) -> None:
    """Image plane module (DICOM PS3.3 C.7.6.2)."""
    grid = volume.grid
    position = grid.to_lps_mm((index, 0, 0))
    along_row, along_column = grid.axes_lps[:, 2], grid.axes_lps[:, 1]
    dataset.ImagePositionPatient = [_decimal(value) for value in position]
    dataset.ImageOrientationPatient = [_decimal(value) for value in (*along_row, *along_column)]
    dataset.PixelSpacing = [_decimal(value) for value in grid.spacing_mm[1:]]
    dataset.SliceThickness = _decimal(grid.spacing_mm[0])
    dataset.SpacingBetweenSlices = _decimal(grid.spacing_mm[0])


def _fill(dataset: Dataset, pixels: np.ndarray, header: ImageHeader) -> None:
    dataset.FrameOfReferenceUID = header.frame_uid
    dataset.PositionReferenceIndicator = ""
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = 1
    if header.modality == "CT":
        dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = "0", "1", "HU"
    dataset.PixelData = np.ascontiguousarray(pixels, dtype="<i2").tobytes()


def _decimal(value: float) -> str:
    """A decimal string of at most 16 characters."""
    return f"{float(value) + 0.0:.10g}"[:16]
