"""One way to ask for an attribute of a frame, whether the object is classic or enhanced.

In an enhanced object an attribute stands in a functional group of the frame, else in
the shared group, else at the top (Philips writes enhanced objects without a shared
group); in a classic file it stands at the top.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from liverseg.ingest import fields

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_POSITION = "PlanePositionSequence"
_ORIENTATION = "PlaneOrientationSequence"
_MEASURES = "PixelMeasuresSequence"
_CONTENT = "FrameContentSequence"
_TYPES = ("MRImageFrameTypeSequence", "CTImageFrameTypeSequence")


@dataclass(frozen=True, eq=False)
class Frames:
    """The frames of one dataset."""

    dataset: Dataset

    @cached_property
    def per_frame(self) -> list[Dataset]:
        """The items of the per-frame functional groups; empty for a classic file."""
        return fields.items(self.dataset, "PerFrameFunctionalGroupsSequence")

    @cached_property
    def shared(self) -> Dataset | None:
        """The shared functional groups."""
        return fields.item(self.dataset, "SharedFunctionalGroupsSequence")

    @property
    def count(self) -> int:
        """Number of frames that the header announces."""
        return fields.whole(self.dataset, "NumberOfFrames") or 1

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns); 0 where not stated."""
        rows = fields.whole(self.dataset, "Rows") or 0
        return rows, fields.whole(self.dataset, "Columns") or 0

    @property
    def frame_bytes(self) -> int:
        """Bytes of one uncompressed frame."""
        rows, columns = self.shape
        return rows * columns * (fields.whole(self.dataset, "BitsAllocated") or 0) // 8

    def group(self, frame: int | None, keyword: str) -> Dataset:
        """The dataset that holds a functional group's attributes for a frame."""
        if frame is not None and frame < len(self.per_frame):
            own = fields.item(self.per_frame[frame], keyword)
            if own is not None:
                return own
        if self.shared is not None:
            common = fields.item(self.shared, keyword)
            if common is not None:
                return common
        return self.dataset

    def position(self, frame: int | None) -> fields.Numbers:
        """ImagePositionPatient, three numbers, or None."""
        return fields.numbers(self.group(frame, _POSITION), "ImagePositionPatient", 3)

    def orientation(self, frame: int | None) -> fields.Numbers:
        """ImageOrientationPatient, six numbers, or None."""
        return fields.numbers(self.group(frame, _ORIENTATION), "ImageOrientationPatient", 6)

    def pixel_spacing(self, frame: int | None) -> fields.Numbers:
        """PixelSpacing (row step, column step) in mm, or None."""
        return fields.numbers(self.group(frame, _MEASURES), "PixelSpacing", 2)

    def measure(self, frame: int | None, keyword: str) -> float | None:
        """A positive number of the pixel measures (SliceThickness, SpacingBetweenSlices)."""
        found = fields.number(self.group(frame, _MEASURES), keyword)
        return abs(found) if found else None

    def image_type(self, frame: int | None) -> tuple[str, ...]:
        """FrameType where there is one, else ImageType."""
        for keyword in _TYPES:
            found = fields.texts(self.group(frame, keyword), "FrameType")
            if found:
                return found
        return fields.texts(self.dataset, "ImageType")

    def marks(self, frame: int | None) -> dict[str, object]:
        """Everything that may tell volumes of one series apart, by DICOM keyword."""
        top, content = self.dataset, self.group(frame, _CONTENT)
        echo, diffusion = (
            self.group(frame, "MREchoSequence"),
            self.group(frame, "MRDiffusionSequence"),
        )
        moment = fields.time_of_day_s(fields.text(content, "FrameAcquisitionDateTime"))
        if moment is None:
            moment = fields.time_of_day_s(fields.text(top, "AcquisitionTime"))
        if moment is None:
            moment = fields.time_of_day_s(fields.text(top, "AcquisitionDateTime"))
        temporal = fields.whole(content, "TemporalPositionIndex")
        instance = fields.whole(top, "InstanceNumber")
        return {
            "ImageType": self.image_type(frame) or None,
            "EchoTime": _first(
                fields.number(echo, "EffectiveEchoTime"), fields.number(top, "EchoTime")
            ),
            "DiffusionBValue": fields.number(diffusion, "DiffusionBValue"),
            "DiffusionGradientOrientation": fields.numbers(
                fields.item(diffusion, "DiffusionGradientDirectionSequence") or diffusion,
                "DiffusionGradientOrientation",
            ),
            "InversionTime": fields.number(top, "InversionTime"),
            "FlipAngle": fields.number(top, "FlipAngle"),
            "ConvolutionKernel": fields.text(top, "ConvolutionKernel") or None,
            "StackID": fields.text(content, "StackID") or None,
            "TemporalPositionIdentifier": _first(
                temporal, fields.whole(top, "TemporalPositionIdentifier")
            ),
            "AcquisitionNumber": _first(
                fields.whole(content, "FrameAcquisitionNumber"),
                fields.whole(top, "AcquisitionNumber"),
            ),
            "TriggerTime": fields.number(top, "TriggerTime"),
            "AcquisitionTime": moment,
            "ContentTime": fields.time_of_day_s(fields.text(top, "ContentTime")),
            "InstanceNumber": instance if frame is None else frame + 1,
            "ContrastBolusAgentPhase": fields.text(
                self.group(frame, "ContrastBolusUsageSequence"), "ContrastBolusAgentPhase"
            )
            or None,
        }


def _first(*found: float | int | None) -> float | int | None:
    return next((value for value in found if value is not None), None)
