"""Real world values: what the stored numbers of MR images and parametric maps measure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from liverseg.ingest import fields
from liverseg.tables import load_table

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from liverseg.ingest.frames import Frames

PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.30"
#: Codes that say "a number without a unit": makers write them for plain signal.
_NO_UNIT = ("", "1", "{no units}", "[arb'U]", "no units", "{unity}")


def real_world_scale(frames: Frames, frame: int | None) -> tuple[float, float, str, str] | None:
    """Slope, intercept, unit and doubt of a frame whose header maps it to a measured unit.

    Source: DICOM PS3.3 C.7.6.16.2.11, units by UCUM. None for plain signal: where there
    is no mapping, or one without a unit. A parametric map always has a scale; without a
    unit that is "1", and without a mapping "au" with a doubt.
    """
    is_map = is_parametric_map(frames.dataset)
    for item in _mappings(frames, frame):
        code = fields.item(item, "MeasurementUnitsCodeSequence")
        unit = "" if code is None else fields.text(code, "CodeValue")
        slope = fields.number(item, "RealWorldValueSlope")
        intercept = fields.number(item, "RealWorldValueIntercept") or 0.0
        if slope is None or (unit in _NO_UNIT and not is_map):
            continue
        factor, unit = _as_ours(unit)
        return slope * factor, intercept * factor, unit, ""
    if is_map:
        return 1.0, 0.0, "au", "this map does not say what its values measure"
    return None


def is_parametric_map(dataset: Dataset) -> bool:
    """Whether the object holds computed values (DICOM PS3.3 A.75), whole or floating."""
    return fields.text(dataset, "SOPClassUID") == PARAMETRIC_MAP


def _mappings(frames: Frames, frame: int | None) -> Iterator[Dataset]:
    yield from fields.items(frames.dataset, "RealWorldValueMappingSequence")
    group = frames.group(frame, "RealWorldValueMappingSequence")
    if group is not frames.dataset:
        yield group


def _as_ours(unit: str) -> tuple[float, str]:
    """Factor and name of a UCUM unit: HU for CT numbers and mm2/s for diffusion."""
    if unit in ("[hnsf'U]", "HU"):
        return 1.0, "HU"
    plain = unit.lower().translate({ord(sign): None for sign in " ^*."})
    for row in load_table("adc_units"):
        if plain in row.more["spellings"]:
            return float(row.value), "mm2/s"
    return 1.0, "1" if unit in _NO_UNIT else unit
