"""How a file is encoded: its transfer syntax, as far as reading depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from liverseg.ingest.header_walk import WalkedHeader

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

EXPLICIT_VR_LITTLE = "1.2.840.10008.1.2.1"


@dataclass(frozen=True)
class Encoding:
    """A transfer syntax by UID."""

    uid: str
    implicit: bool = False
    little: bool = True
    deflated: bool = False
    compressed: bool = False
    #: False where the file does not say and pydicom found out while reading.
    stated: bool = True


def encoding_of(dataset: Dataset | WalkedHeader) -> Encoding:
    """How the file of a dataset is encoded; without a file head as pydicom found it."""
    if isinstance(dataset, WalkedHeader):
        return _walked(dataset.syntax)
    return _by_pydicom(dataset)


@cache
def _walked(uid: str) -> Encoding:
    return Encoding(uid, compressed=uid != EXPLICIT_VR_LITTLE)


def _by_pydicom(dataset: Dataset) -> Encoding:
    from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    stated = getattr(dataset.file_meta, "TransferSyntaxUID", None)
    if stated:
        uid = UID(stated)
    else:
        uid = ImplicitVRLittleEndian if dataset.original_encoding[0] else ExplicitVRLittleEndian
    return Encoding(
        str(uid),
        implicit=uid.is_implicit_VR,
        little=uid.is_little_endian,
        deflated=uid.is_deflated,
        compressed=uid.is_compressed,
        stated=bool(stated),
    )
