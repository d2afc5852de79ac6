"""From stored numbers to values: slope, intercept and the unit of the result."""

from __future__ import annotations

from dataclasses import dataclass, replace

from liverseg.ingest import fields
from liverseg.ingest.frames import Frames
from liverseg.ingest.objects import modality_of
from liverseg.ingest.realworld import is_parametric_map, real_world_scale
from liverseg.phases import sequence_in_text
from liverseg.records import Phase
from liverseg.tables import load_table


@dataclass(frozen=True)
class Scale:
    """``value = stored * slope + intercept`` in `unit`; `doubt` says what is uncertain, or ""."""

    slope: float
    intercept: float
    unit: str
    doubt: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether whole stored numbers stay whole."""
        return self.slope == int(self.slope) and self.intercept == int(self.intercept)


def scale_of(frames: Frames, frame: int | None) -> Scale:
    """Scale of one frame.

    CT is "HU" unless RescaleType names something else; MR signal is "au". An ADC map is
    "mm2/s" when RescaleType or a real world value mapping states its unit (DICOM PS3.3
    C.7.6.16.2.9 and .11); else it stays "au" with a doubt: the size of the numbers is
    never taken for a unit. Other maps (T1, T2, fat fraction, parametric maps) are in the
    unit of their real world value mapping.
    """
    group = frames.group(frame, "PixelValueTransformationSequence")
    slope, intercept = (
        fields.number(group, "RescaleSlope"),
        fields.number(group, "RescaleIntercept"),
    )
    kind = fields.text(group, "RescaleType")
    slope = 1.0 if slope is None or slope == 0 else slope
    intercept = 0.0 if intercept is None else intercept
    if modality_of(frames.dataset) == "CT" and not is_parametric_map(frames.dataset):
        return _ct_scale(frames, frame, Scale(slope, intercept, "HU"), kind.upper())
    if is_adc_map(frames, frame):
        return _adc_scale(frames, frame, Scale(slope, intercept, "au"), kind)
    measured = real_world_scale(frames, frame)
    return Scale(slope, intercept, "au") if measured is None else Scale(*measured)


def is_adc_map(frames: Frames, frame: int | None) -> bool:
    """Whether ImageType or the series description calls it an ADC map."""
    if "ADC" in (part.upper() for part in frames.image_type(frame)):
        return True
    description = fields.text(frames.dataset, "SeriesDescription")
    return sequence_in_text(description) is Phase.ADC


def _ct_scale(frames: Frames, frame: int | None, plain: Scale, kind: str) -> Scale:
    if kind in ("", "HU"):
        return plain
    if kind == "US" and "ORIGINAL" in frames.image_type(frame)[:1]:
        # "Unspecified" contradicts PS3.3 C.8.2.1.1.1: an original CT image is in HU.
        return replace(plain, doubt="RescaleType is US (unspecified); taken as HU, an original CT")
    doubt = f"RescaleType is {kind}, not HU: values are not taken for Hounsfield units"
    return replace(plain, unit="au", doubt=doubt)


def _adc_scale(frames: Frames, frame: int | None, plain: Scale, kind: str) -> Scale:
    mapping = frames.group(frame, "RealWorldValueMappingSequence")
    candidates = fields.items(frames.dataset, "RealWorldValueMappingSequence") or [mapping]
    for item in candidates:
        code = fields.item(item, "MeasurementUnitsCodeSequence")
        factor = None if code is None else _mm2_per_s(fields.text(code, "CodeValue"))
        slope = fields.number(item, "RealWorldValueSlope")
        intercept = fields.number(item, "RealWorldValueIntercept")
        if factor is not None and slope is not None:
            return Scale(slope * factor, (intercept or 0.0) * factor, "mm2/s")
    factor = _mm2_per_s(kind)
    if factor is not None:
        return Scale(plain.slope * factor, plain.intercept * factor, "mm2/s")
    doubt = "the unit of this ADC map is not stated; its values are left as stored"
    return Scale(plain.slope, plain.intercept, "au", doubt)


def _mm2_per_s(spelling: str) -> float | None:
    """What one unit of this spelling is in mm2/s, None when it is no unit of diffusion."""
    plain = spelling.lower().translate({ord(sign): None for sign in " ^*."})
    for row in load_table("adc_units"):
        if plain in row.more["spellings"]:
            return float(row.value)
    return None
