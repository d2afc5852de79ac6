"""What kind of DICOM object a file is: an image that is read, or something named and skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liverseg.ingest import fields
from liverseg.tables import load_table

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_READ_MODALITIES = ("CT", "MR")


def why_not_an_image(dataset: Dataset) -> str:
    """The reason why this object is skipped, "" when it is a CT or MR image.

    Decided by SOP class; where a file gives none, by modality and pixel attributes
    (published CT series without SOPClassUID exist).
    """
    sop_class = sop_class_of(dataset)
    modality = fields.text(dataset, "Modality")
    known = {row.value: row for row in load_table("dicom_objects")}
    if sop_class in known:
        row = known[sop_class]
        if not row.more["read"]:
            return str(row.more["reason"])
    elif sop_class:
        return f"is no CT or MR image (SOP class {_name_of(sop_class)}): it is not read"
    elif modality not in _READ_MODALITIES:
        return "does not say what it is: it has neither SOP class nor modality CT or MR"
    if (fields.whole(dataset, "SamplesPerPixel") or 1) != 1:
        return "is a colour image"
    if "LOCALIZER" in (part.upper() for part in fields.texts(dataset, "ImageType")):
        return "is a localizer (scout), not part of a volume"
    return ""


def sop_class_of(dataset: Dataset) -> str:
    """SOPClassUID, or the media storage class of the file head, or ""."""
    found = fields.text(dataset, "SOPClassUID")
    meta = getattr(dataset, "file_meta", None)
    return found or ("" if meta is None else fields.text(meta, "MediaStorageSOPClassUID"))


def modality_of(dataset: Dataset) -> str:
    """Modality by the SOP class, CT or MR; by the Modality element where there is none."""
    sop_class = sop_class_of(dataset)
    kinds = (
        row.more.get("modality") for row in load_table("dicom_objects") if row.value == sop_class
    )
    return next((str(kind) for kind in kinds if kind), fields.text(dataset, "Modality"))


def is_multi_frame(dataset: Dataset) -> bool:
    """Whether its frames are described by functional groups (enhanced objects)."""
    return bool(fields.items(dataset, "PerFrameFunctionalGroupsSequence"))


def _name_of(uid: str) -> str:
    from pydicom.uid import UID

    return str(UID(uid).name)
