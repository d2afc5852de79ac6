"""One DICOM file in, one de-identified file out, as bytes; or the reason why not."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from dataclasses import dataclass, field
from typing import BinaryIO

from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from liverseg.privacy.clean import Actions, Job, clean_dataset
from liverseg.privacy.echoes import forget_kept_dates, gather
from liverseg.privacy.elements import is_cut, tags_of
from liverseg.privacy.keys import KeyRing
from liverseg.privacy.marks import mark
from liverseg.privacy.options import Options
from liverseg.privacy.risks import risk_of


@dataclass(frozen=True)
class Cleaned:
    """A de-identified file: its bytes, where it belongs, what was done, what to warn of."""

    data: bytes
    patient: str
    study_uid: str
    series_uid: str
    actions: Actions = field(default_factory=Counter)
    warning: str = ""


@dataclass(frozen=True)
class Refused:
    """A file that is not written, and why; the reason holds nothing of its content."""

    reason: str


def deidentify_stream(stream: BinaryIO, options: Options, keys: KeyRing) -> Cleaned | Refused:
    """De-identify one DICOM file, with or without a file head. Never raises for its content.

    The pixel data and the transfer syntax stay as they are. Preamble, file head, what
    follows the data set and every group length are written anew or left out. At the end
    all bytes are searched for what was removed; a file that still holds any is refused.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = dcmread(stream, force=True)
        except Exception as error:  # noqa: BLE001 - a damaged file may raise anything
            return Refused(f"damaged: it cannot be read ({type(error).__name__})")
        try:
            return _deidentify(dataset, options, keys)
        except Exception as error:  # noqa: BLE001 - and so may writing it
            return Refused(f"damaged: it cannot be written again ({type(error).__name__})")


def _deidentify(dataset: Dataset, options: Options, keys: KeyRing) -> Cleaned | Refused:
    sop_class = _text(dataset, "SOPClassUID") or _of_meta(dataset, "MediaStorageSOPClassUID")
    if not len(dataset) or not sop_class:
        return Refused("does not say what it is (no SOP class)")
    if is_cut(dataset):
        return Refused("damaged: it is cut short, a value ends before its stated length")
    risk = risk_of(dataset, sop_class)
    if risk is not None and not (risk.passable and options.pass_burned_in):
        return Refused(risk.reason)
    instance = _text(dataset, "SOPInstanceUID") or _of_meta(dataset, "MediaStorageSOPInstanceUID")
    syntax = _syntax(dataset)
    if not syntax.is_transfer_syntax:
        return Refused(f"is stored in a way that is not known here (transfer syntax {syntax})")
    echoes = gather(dataset, options)  # Before anything is parsed: it compares stored bytes.
    patient = _who(dataset)
    shift = keys.shift_days(patient) if options.shift_days is None else options.shift_days
    job = Job(options, keys, patient, shift, echoes)
    clean_dataset(dataset, job)
    mark(dataset, options)
    if syntax != ImplicitVRLittleEndian and any(
        dataset.get_item(tag).VR is None for tag in tags_of(dataset)
    ):
        # Stored otherwise than its head says: only parsed elements can be written right.
        for _ in dataset.iterall():
            pass
    dataset.preamble = b"\0" * 128
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(
        keys.uid(instance or "an instance without a UID")
    )
    forget_kept_dates(job.echoes, dataset)
    plain, data = _written(dataset, syntax)
    if job.echoes.in_bytes(plain):
        return Refused("still holds a removed value after cleaning (in its pixels or in a code)")
    return Cleaned(
        data=data,
        patient=_text(dataset, "PatientID"),
        study_uid=_text(dataset, "StudyInstanceUID"),
        series_uid=_text(dataset, "SeriesInstanceUID"),
        actions=job.done,
        warning=risk.reason if risk else "",
    )


def _written(dataset: Dataset, syntax: UID) -> tuple[bytes, bytes]:
    """The file's bytes before and after packing; the same unless the syntax is deflated."""
    data = _saved(dataset)
    if syntax != DeflatedExplicitVRLittleEndian:
        return data, data
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    plain = _saved(dataset)
    dataset.file_meta.TransferSyntaxUID = syntax
    return plain, data


def _saved(dataset: Dataset) -> bytes:
    buffer = io.BytesIO()
    syntax = dataset.file_meta.TransferSyntaxUID
    dataset.save_as(
        buffer,
        enforce_file_format=True,
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=syntax != ExplicitVRBigEndian,
    )
    return buffer.getvalue()


def _syntax(dataset: Dataset) -> UID:
    stated = _of_meta(dataset, "TransferSyntaxUID")
    if stated:
        return UID(stated)
    implicit, little = dataset.original_encoding
    if not little:
        return ExplicitVRBigEndian
    return ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian


def _who(dataset: Dataset) -> str:
    """What tells one patient from another: the identifier and its issuer, else name and birth.

    A file that says nothing of its patient belongs to its study.
    """
    parts = [_text(dataset, "PatientID"), _text(dataset, "IssuerOfPatientID")]
    if not parts[0]:
        parts = [_text(dataset, "PatientName"), _text(dataset, "PatientBirthDate")]
    if not parts[0]:
        parts = ["", _text(dataset, "StudyInstanceUID")]
    return "\0".join(parts)


def _of_meta(dataset: Dataset, keyword: str) -> str:
    meta = getattr(dataset, "file_meta", None)
    return "" if meta is None else _text(meta, keyword)


def _text(dataset: Dataset, keyword: str) -> str:
    try:
        return str(dataset.get(keyword) or "").strip(" \0")
    except Exception:  # noqa: BLE001 - a damaged element says nothing
        return ""
