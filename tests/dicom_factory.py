"""Small DICOM files for tests, written with pydicom, every element under control."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom import dcmread  # noqa: F401 - tests take these names from here
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate  # noqa: F401
from pydicom.uid import (
    UID,  # noqa: F401
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,  # noqa: F401
    generate_uid,
)

CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
AXIAL = (1, 0, 0, 0, 1, 0)


def image(pixels, *, position, orientation=AXIAL, spacing=(0.8, 0.7), modality="CT", **elements):
    """A single-frame CT or MR dataset; `elements` are set last and win (None deletes)."""
    ds = Dataset()
    ds.SOPClassUID = CT if modality == "CT" else MR
    ds.SOPInstanceUID = generate_uid()
    ds.StudyInstanceUID = "1.2.3"
    ds.SeriesInstanceUID = "1.2.3.4"
    ds.FrameOfReferenceUID = "1.2.3.9"
    ds.Modality = modality
    ds.StudyDate = "20150601"
    ds.PatientName = "Somebody^Else"
    ds.PatientID = "42"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.ImagePositionPatient = [f"{float(v):.9g}"[:16] for v in position]
    ds.ImageOrientationPatient = [f"{float(v):.12f}"[:16] for v in orientation]
    ds.PixelSpacing = [f"{v:g}" for v in spacing]
    ds.SliceThickness = "9"
    fill_pixels(ds, pixels)
    if modality == "CT":
        ds.RescaleSlope, ds.RescaleIntercept = "1", "-1024"
    for keyword, value in elements.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    return ds


def fill_pixels(ds, pixels):
    pixels = np.asarray(pixels)
    ds.Rows, ds.Columns = pixels.shape[-2:]
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    bits = pixels.dtype.itemsize * 8
    ds.BitsAllocated = ds.BitsStored = bits
    ds.HighBit = bits - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    ds.PixelData = pixels.tobytes()
    ds["PixelData"].VR = "OB" if bits == 8 else "OW"


def save(ds, path, *, syntax=ExplicitVRLittleEndian):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = ds.get("SOPClassUID", CT)
    ds.file_meta.MediaStorageSOPInstanceUID = ds.get("SOPInstanceUID") or "1.2.3.4.5"
    ds.file_meta.TransferSyntaxUID = syntax
    ds.save_as(
        path,
        enforce_file_format=True,
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=syntax.is_little_endian,
    )
    return path


def ramp(count, shape=(4, 5), *, dtype=np.uint16, start=0):
    """(count, row, column) whole numbers, all different."""
    size = count * shape[0] * shape[1]
    return (np.arange(size) + start).astype(dtype).reshape(count, *shape)


def write_series(folder, volume, *, step=(0, 0, 2.5), origin=(-10, -20, 30), each=None, **elements):
    """One file a slice along `step`; `each(index)` gives the elements of a slice."""
    paths = []
    for index, pixels in enumerate(volume):
        own = dict(elements)
        own.setdefault("InstanceNumber", index + 1)
        own.update(each(index) if each else {})
        position = own.pop("position", np.array(origin) + index * np.array(step, dtype=float))
        ds = image(pixels, position=position, **own)
        paths.append(save(ds, Path(folder) / f"f{index:03d}"))
    return paths


def enhanced_mr(volume, *, positions, slopes, types=None, **elements):
    """An enhanced MR object with a slope of its own for every frame."""
    ds = Dataset()
    ds.SOPClassUID = ENHANCED_MR
    ds.SOPInstanceUID = generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.3", "1.2.3.5"
    ds.FrameOfReferenceUID = "1.2.3.9"
    ds.Modality = "MR"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "T1", "NONE"]
    fill_pixels(ds, volume)
    ds.NumberOfFrames = len(volume)
    shared = Dataset()
    shared.PlaneOrientationSequence = [Dataset()]
    shared.PlaneOrientationSequence[0].ImageOrientationPatient = list(AXIAL)
    shared.PixelMeasuresSequence = [Dataset()]
    shared.PixelMeasuresSequence[0].PixelSpacing = [0.8, 0.7]
    shared.PixelMeasuresSequence[0].SliceThickness = 9
    ds.SharedFunctionalGroupsSequence = [shared]
    frames = []
    for index, position in enumerate(positions):
        frame = Dataset()
        frame.PlanePositionSequence = [Dataset()]
        frame.PlanePositionSequence[0].ImagePositionPatient = [f"{v:g}" for v in position]
        frame.PixelValueTransformationSequence = [Dataset()]
        frame.PixelValueTransformationSequence[0].RescaleSlope = str(slopes[index])
        frame.PixelValueTransformationSequence[0].RescaleIntercept = "0"
        if types:
            frame.MRImageFrameTypeSequence = [Dataset()]
            frame.MRImageFrameTypeSequence[0].FrameType = types[index]
        frames.append(frame)
    ds.PerFrameFunctionalGroupsSequence = frames
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return ds
