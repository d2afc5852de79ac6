"""A stack of planes as a `SeriesRecord`: what later rooms know of a series."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

from liverseg.geometry import SliceSource
from liverseg.ingest.plane import Plane
from liverseg.ingest.split import Part
from liverseg.records import Doubt, SeriesFacts, SeriesRecord

_DAY_S = 86400.0


def describe_part(part: Part, *, key: str) -> SeriesRecord:
    """The record of one volume. Identity is taken from its first slice."""
    stack, file = part.stack, part.stack.planes[0].file
    return SeriesRecord(
        key=key,
        series_uid=file.series_uid,
        study_uid=file.study_uid,
        modality=file.modality,
        date=file.date,
        number=file.number,
        description=file.description,
        study_description=file.study_description,
        slices=tuple(
            SliceSource(p.file.path, p.file.sop_instance_uid, p.frame) for p in stack.planes
        ),
        grid=stack.grid,
        stored=tuple(plane.stored for plane in stack.planes if plane.stored is not None),
        unit=stack.planes[0].unit,
        facts=_facts(stack.planes),
        split_by=part.split_by,
        patient=file.patient,
        hidden=file.hidden,
        is_phantom=file.is_phantom,
        doubts=(*stack.doubts, *_doubts(stack.planes)),
        resampling=stack.resampling,
    )


def _facts(planes: Sequence[Plane]) -> SeriesFacts:
    base, marks = planes[0].file.facts, planes[0].marks
    acquired = _median(planes, "AcquisitionTime")
    image_type = marks.get("ImageType")
    return replace(
        base,
        image_type=image_type if isinstance(image_type, tuple) else (),
        acquisition_time_s=acquired,
        delay_s=_delay_s(acquired, base.delay_s),
        contrast_phase=str(marks.get("ContrastBolusAgentPhase") or ""),
        acquisition_number=_whole(planes, "AcquisitionNumber"),
        temporal_position=_whole(planes, "TemporalPositionIdentifier"),
        slice_thickness_mm=planes[0].thickness_mm,
        echo_time_ms=_median(planes, "EchoTime"),
        flip_angle_deg=_median(planes, "FlipAngle"),
        b_value_s_mm2=_median(planes, "DiffusionBValue"),
    )


def _delay_s(acquired_s: float | None, injected_s: float | None) -> float | None:
    """Acquisition (median slice) minus start of injection, over midnight if need be."""
    if acquired_s is None or injected_s is None:
        return None
    delay = acquired_s - injected_s
    return delay - _DAY_S * round(delay / _DAY_S)


def _stated(planes: Sequence[Plane], name: str) -> list[float]:
    found = (plane.mark(name) for plane in planes)
    return [float(value) for value in found if isinstance(value, int | float)]


def _median(planes: Sequence[Plane], name: str) -> float | None:
    values = _stated(planes, name)
    return float(statistics.median(values)) if values else None


def _whole(planes: Sequence[Plane], name: str) -> int | None:
    """The value when all slices agree, else None."""
    values = set(_stated(planes, name))
    return int(values.pop()) if len(values) == 1 else None


def _doubts(planes: Sequence[Plane]) -> tuple[Doubt, ...]:
    """Each doubt of the files once, placed at the series when all files share it."""
    seen: dict[str, Doubt] = {}
    for plane in planes:
        for doubt in plane.file.doubts:
            seen.setdefault(doubt.reason, doubt)
    return tuple(seen.values())
