"""Write the study that the ingest benchmark reads: four phases of an abdomen, nobody's.

Smooth organs plus noise that is correlated in the plane (12 HU, as a soft kernel leaves
it), int16 with intercept -1024, 16 bits stored, names shuffled in one folder. The same
numbers are written as JPEG-LS, JPEG 2000 lossless and enhanced multi-frame objects.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless
from scipy import ndimage

CT, ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1"
ROOT = "1.2.826.0.1.3680043.8.498.77"
PHASES = 4
NOISE_HU = 12.0
_NOISE_PLANES = 16

Plane = NDArray[np.int16]


def write_study(
    folder: Path, *, size: int, slices: int, kind: str = "plain", phases: int = PHASES
) -> list[Path]:
    """Write `phases` x `slices` images of size x size; returns the files.

    `kind` is "plain", "jpegls", "jpeg2000" or "enhanced" (one file a phase).
    """
    folder.mkdir(parents=True, exist_ok=True)
    order = list(range(phases * slices))
    random.Random(1).shuffle(order)
    planes = _planes(size, slices)
    files = []
    for phase in range(phases):
        if kind == "enhanced":
            volume = np.stack([planes(phase, index) for index in range(slices)])
            files.append(_save(_enhanced(volume, phase), folder / f"{phase:03d}.dcm"))
            continue
        for index in range(slices):
            name = folder / f"{order[phase * slices + index]:06d}.dcm"
            files.append(_write_slice(name, planes(phase, index), phase, index, kind))
    return files


def _planes(size: int, slices: int) -> Callable[[int, int], Plane]:
    """Stored values of a slice. Some noise planes are made once and shifted for each slice."""
    source = np.random.default_rng(7)
    blurred = [
        ndimage.gaussian_filter(source.standard_normal((size, size)), 1.2, mode="wrap")
        for _ in range(_NOISE_PLANES)
    ]
    noise = [NOISE_HU * plane / plane.std() for plane in blurred]
    row, column = np.mgrid[:size, :size] / size - 0.5

    def plane(phase: int, index: int) -> Plane:
        height = index / slices - 0.5
        hu = np.full((size, size), -1000.0)
        for middle, radius, value in _organs(phase):
            far = ((row - middle[0]) / radius[0]) ** 2 + ((column - middle[1]) / radius[1]) ** 2
            far = far + ((height - middle[2]) / radius[2]) ** 2
            inside = 1 / (1 + np.exp(np.clip((far - 1) * 40, -60, 60)))
            hu += (value - hu) * inside
        number = phase * slices + index
        moved = np.roll(noise[number % _NOISE_PLANES], (number * 37, number * 61), (0, 1))
        return (np.rint(hu + moved) + 1024).astype(np.int16)

    return plane


def _organs(phase: int) -> Iterator[tuple[tuple[float, ...], tuple[float, ...], float]]:
    """Middle, radii (shares of the image) and HU of body, liver, spleen, aorta, vein."""
    yield (0.0, 0.0, 0.0), (0.35, 0.45, 4.0), 20.0
    yield (-0.05, -0.18, 0.1), (0.2, 0.2, 0.35), (55.0, 70.0, 110.0, 90.0)[phase % 4]
    yield (0.08, 0.28, 0.1), (0.1, 0.08, 0.2), (45.0, 120.0, 115.0, 90.0)[phase % 4]
    yield (0.1, 0.02, 0.0), (0.025, 0.025, 4.0), (40.0, 320.0, 160.0, 110.0)[phase % 4]
    yield (0.0, -0.05, 0.05), (0.02, 0.03, 0.2), (40.0, 90.0, 180.0, 120.0)[phase % 4]


def _write_slice(path: Path, stored: Plane, phase: int, index: int, kind: str) -> Path:
    dataset = _base(CT, phase)
    dataset.SOPInstanceUID = f"{ROOT}.{phase + 1}.{index + 1}"
    dataset.InstanceNumber = index + 1
    dataset.SliceLocation = f"{index:.1f}"
    dataset.ImagePositionPatient = ["-180", "-180", f"{index:.1f}"]
    dataset.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    dataset.PixelSpacing = ["0.7", "0.7"]
    dataset.SliceThickness = "1"
    dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = "1", "-1024", "HU"
    _pixels(dataset, stored)
    return _save(dataset, path, kind=kind)


def _base(sop_class: str, phase: int) -> Dataset:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.SOPClassUID = sop_class
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = "20240102"
    dataset.StudyTime = "101500"
    dataset.AcquisitionTime = f"1016{phase:02d}.5"
    dataset.Modality, dataset.Manufacturer = "CT", "Nobody"
    dataset.StudyDescription = "Liver, four phases"
    dataset.SeriesDescription = ("native", "arterial", "portal venous", "delayed")[phase % 4]
    dataset.PatientName, dataset.PatientID = "Phantom^Bench", "BENCH-1"
    dataset.KVP, dataset.ConvolutionKernel, dataset.PatientPosition = "120", "B30f", "HFS"
    dataset.StudyInstanceUID = f"{ROOT}.9"
    dataset.SeriesInstanceUID = f"{ROOT}.{phase + 1}"
    dataset.FrameOfReferenceUID = f"{ROOT}.8"
    dataset.SeriesNumber, dataset.AcquisitionNumber = phase + 1, phase + 1
    return dataset


def _pixels(dataset: Dataset, stored: NDArray[np.int16]) -> None:
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = stored.shape[-2:]
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 1
    dataset.PixelData = stored.tobytes()
    dataset["PixelData"].VR = "OW"


def _enhanced(volume: NDArray[np.int16], phase: int) -> Dataset:
    dataset = _base(ENHANCED_CT, phase)
    dataset.SOPInstanceUID = f"{ROOT}.{phase + 1}.9"
    dataset.NumberOfFrames = len(volume)
    shared = Dataset()
    shared.PlaneOrientationSequence = [Dataset()]
    shared.PlaneOrientationSequence[0].ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    shared.PixelMeasuresSequence = [Dataset()]
    shared.PixelMeasuresSequence[0].PixelSpacing = ["0.7", "0.7"]
    shared.PixelMeasuresSequence[0].SliceThickness = "1"
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.PerFrameFunctionalGroupsSequence = [_frame(i) for i in range(len(volume))]
    _pixels(dataset, volume)
    return dataset


def _frame(index: int) -> Dataset:
    frame, content, place, values = Dataset(), Dataset(), Dataset(), Dataset()
    content.FrameAcquisitionNumber, content.StackID = 1, "1"
    content.InStackPositionNumber = content.DimensionIndexValues = index + 1
    place.ImagePositionPatient = ["-180", "-180", f"{index:.1f}"]
    values.RescaleSlope, values.RescaleIntercept, values.RescaleType = "1", "-1024", "HU"
    frame.FrameContentSequence, frame.PlanePositionSequence = [content], [place]
    frame.PixelValueTransformationSequence = [values]
    return frame


def _save(dataset: Dataset, path: Path, *, kind: str = "plain") -> Path:
    syntax = {"jpegls": JPEGLSLossless, "jpeg2000": JPEG2000Lossless}.get(
        kind, ExplicitVRLittleEndian
    )
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = syntax
    if syntax.is_compressed:
        stored = np.frombuffer(dataset.PixelData, np.int16).reshape(dataset.Rows, dataset.Columns)
        dataset.PixelData = encapsulate([_encode(stored, syntax)])
        dataset["PixelData"].is_undefined_length = True
    dcmwrite(path, dataset, enforce_file_format=True)
    return path


def _encode(stored: Plane, syntax: UID) -> bytes:
    import imagecodecs

    if syntax == JPEGLSLossless:
        # JPEG-LS knows no sign: the bits are stored as they are.
        return bytes(imagecodecs.jpegls_encode(stored.view(np.uint16)))
    return bytes(imagecodecs.jpeg2k_encode(stored, codecformat="j2k", reversible=True, level=0))
