"""Who and what an image file is about: identity, header facts, and what is doubtful in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from liverseg.ingest import fields
from liverseg.ingest.frames import Frames
from liverseg.ingest.hiding import hide, identity_marks
from liverseg.ingest.objects import is_multi_frame, modality_of
from liverseg.ingest.owner_key import keyed_mark
from liverseg.ingest.plane import ImageFile
from liverseg.ingest.scale import Scale, scale_of
from liverseg.ingest.walk import FoundFile
from liverseg.records import Doubt, SeriesFacts

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def describe_file(frames: Frames, found: FoundFile, *, with_identifiers: bool) -> ImageFile:
    """All that is the same for every frame of a readable image file.

    Unless `with_identifiers`, the patient is a digest, and texts are without the names
    and identifiers that the header gives.
    """
    dataset = frames.dataset
    first = 0 if is_multi_frame(dataset) else None
    scale = scale_of(frames, first)
    name = f"{fields.text(dataset, 'PatientName')} {fields.text(dataset, 'PatientID')}"
    is_phantom = "phantom" in name.casefold()
    marks = () if with_identifiers or is_phantom else identity_marks(dataset)
    facts = _facts(dataset)
    return ImageFile(
        path=str(found.path.absolute()),
        name=found.name,
        sop_instance_uid=fields.text(dataset, "SOPInstanceUID"),
        series_uid=fields.text(dataset, "SeriesInstanceUID"),
        study_uid=fields.text(dataset, "StudyInstanceUID"),
        patient=_identifier(dataset) if with_identifiers else _digest(dataset),
        is_phantom=is_phantom,
        modality=modality_of(dataset),
        date=fields.iso_date(fields.text(dataset, "StudyDate")),
        number=fields.whole(dataset, "SeriesNumber"),
        description=hide(fields.text(dataset, "SeriesDescription"), marks),
        study_description=hide(fields.text(dataset, "StudyDescription"), marks),
        frame_of_reference=fields.text(dataset, "FrameOfReferenceUID") or None,
        shape=frames.shape,
        unit=scale.unit,
        scale=(scale.slope, scale.intercept),
        facts=replace(
            facts,
            protocol=hide(facts.protocol, marks),
            contrast_agent=hide(facts.contrast_agent, marks),
        ),
        doubts=_doubts(dataset, scale, found.name),
        hidden=marks,
    )


def _digest(dataset: Dataset) -> str:
    """A keyed digest of PatientID and its issuer; "" when the ID is empty.

    Keyed, since identifiers are few enough to be guessed one by one.
    """
    patient = fields.text(dataset, "PatientID")
    issuer = fields.text(dataset, "IssuerOfPatientID")
    return keyed_mark("patient", f"{patient}{issuer}") if patient else ""


def _identifier(dataset: Dataset) -> str:
    """Identifier and name as they stand in the header."""
    patient = fields.text(dataset, "PatientID")
    name = fields.text(dataset, "PatientName")
    return f"{patient} ({name})" if patient and name else patient


def _facts(dataset: Dataset) -> SeriesFacts:
    """What holds for the whole file; the marks of its planes fill in the rest."""
    agent = fields.text(dataset, "ContrastBolusAgent")
    for item in fields.items(dataset, "ContrastBolusAgentSequence"):
        agent = agent or fields.text(item, "CodeMeaning")
    injected = fields.time_of_day_s(fields.text(dataset, "ContrastBolusStartTime"))
    return SeriesFacts(
        protocol=fields.text(dataset, "ProtocolName"),
        manufacturer=fields.text(dataset, "Manufacturer"),
        patient_position=fields.text(dataset, "PatientPosition"),
        series_time_s=fields.time_of_day_s(fields.text(dataset, "SeriesTime")),
        # Kept here as a time of day; `describe` turns it into a delay.
        delay_s=None if _has_placeholder_bolus(dataset) else injected,
        contrast_agent=agent,
        repetition_time_ms=fields.number(dataset, "RepetitionTime"),
        kvp=fields.number(dataset, "KVP"),
        kernel=fields.text(dataset, "ConvolutionKernel"),
    )


def _has_placeholder_bolus(dataset: Dataset) -> bool:
    """Whether a scanner filled the injection block without an injector.

    Some write a start time that equals the stop time and a volume of 0; measured from
    it, a late arterial CT seems to lie at 96 s.
    """
    start = fields.text(dataset, "ContrastBolusStartTime")
    stop = fields.text(dataset, "ContrastBolusStopTime")
    return bool(start) and start == stop and fields.number(dataset, "ContrastBolusVolume") == 0


def _doubts(dataset: Dataset, scale: Scale, where: str) -> tuple[Doubt, ...]:
    doubts = [Doubt(scale.doubt, where)] if scale.doubt else []
    if not fields.text(dataset, "SeriesInstanceUID"):
        doubts.append(
            Doubt("no SeriesInstanceUID: images of one folder are taken for one series", where)
        )
    if fields.text(dataset, "PhotometricInterpretation") == "MONOCHROME1":
        doubts.append(
            Doubt("stored for inverted display (MONOCHROME1); values are not inverted", where)
        )
    if _has_placeholder_bolus(dataset):
        doubts.append(
            Doubt("the injection time is a placeholder (no volume, start = stop): unused", where)
        )
    return tuple(doubts)
