"""Read the header of one file and say what it is: image planes, or a named fate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pydicom import dcmread
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from liverseg.ingest import fields
from liverseg.ingest.extent import find_pixels, what_is_missing
from liverseg.ingest.frames import Frames
from liverseg.ingest.identity import describe_file
from liverseg.ingest.objects import is_multi_frame, why_not_an_image
from liverseg.ingest.plane import ImageFile, Plane
from liverseg.ingest.walk import FoundFile
from liverseg.records import FileState

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_NIFTI = (".nii", ".nii.gz")
_GREY = ("MONOCHROME1", "MONOCHROME2")


@dataclass(frozen=True)
class Fate:
    """A file that is not used, and why."""

    state: FileState
    reason: str
    series_uid: str = ""


def read_header(found: FoundFile) -> tuple[Plane, ...] | Fate:
    """The image planes of a file, or why it is skipped or refused. Pixels are not read.

    Never raises: whatever a damaged file makes the parser do becomes a `Fate`.
    """
    if found.obstacle:
        return Fate(FileState.SKIPPED, found.obstacle)
    try:
        with found.path.open("rb") as stream:
            return _read(stream, found)
    except OSError as error:
        return Fate(FileState.REFUSED, f"cannot be read ({error.strerror or error})")
    except Exception as error:  # noqa: BLE001 - a damaged header may raise anything
        return Fate(FileState.REFUSED, f"damaged: its header cannot be read ({_short(error)})")


def open_dataset(stream: BinaryIO) -> Dataset:
    """The header of an open DICOM file up to the pixel data; also without a file head."""
    stream.seek(0)
    return dcmread(stream, stop_before_pixels=True, force=_starts_like_a_dataset(stream))


def transfer_syntax(dataset: Dataset) -> UID:
    """How the file is encoded; without a file head by what pydicom found while reading."""
    stated = getattr(dataset.file_meta, "TransferSyntaxUID", None)
    if stated:
        return UID(stated)
    return ImplicitVRLittleEndian if dataset.original_encoding[0] else ExplicitVRLittleEndian


def _read(stream: BinaryIO, found: FoundFile) -> tuple[Plane, ...] | Fate:
    if not stream.read(1):
        return Fate(FileState.REFUSED, "is an empty file")
    try:
        dataset = open_dataset(stream)
    except InvalidDicomError:
        return Fate(FileState.SKIPPED, _not_dicom(found))
    end_of_header = stream.tell()
    if len(dataset) == 0:
        return Fate(FileState.REFUSED, "damaged: a DICOM file head with nothing after it")
    series_uid = fields.text(dataset, "SeriesInstanceUID")
    why = why_not_an_image(dataset)
    if why:
        return Fate(FileState.SKIPPED, why, series_uid)
    frames = Frames(dataset)
    why = _why_refused(dataset, frames) or _pixel_fault(stream, end_of_header, dataset, frames)
    if why:
        return Fate(FileState.REFUSED, why, series_uid)
    return _planes(frames, describe_file(frames, found))


def _not_dicom(found: FoundFile) -> str:
    name = found.path.name.lower()
    if name.endswith(_NIFTI):
        return "is not a DICOM file but NIfTI: pass it as --liver, --lesion or --couinaud"
    if name.endswith((".dcm", ".dicom", ".ima")):
        return "is not a DICOM file, though its name ends like one"
    return "is not a DICOM file"


def _starts_like_a_dataset(stream: BinaryIO) -> bool:
    """Whether a file without the DICM mark begins with a group 2 or 8 element.

    Old archives write such files. Anything else is not parsed on suspicion.
    """
    head = stream.read(132)
    stream.seek(0)
    if head[128:132] == b"DICM" or len(head) < 16:
        return False
    return head[:2] in (b"\x02\x00", b"\x08\x00") and head[3] == 0


def _why_refused(dataset: Dataset, frames: Frames) -> str:
    """What an image lacks to be used, "" if nothing."""
    rows, columns = fields.whole(dataset, "Rows"), fields.whole(dataset, "Columns")
    if not rows or not columns or rows < 1 or columns < 1:
        return "has no image size (Rows, Columns)"
    return _odd_pixels(dataset) or _why_miscounted(frames) or _why_unplaced(frames)


def _odd_pixels(dataset: Dataset) -> str:
    colour = fields.text(dataset, "PhotometricInterpretation") or "MONOCHROME2"
    if colour not in _GREY:
        return f"is stored as {colour}, not as grey values"
    if fields.whole(dataset, "BitsAllocated") not in (8, 16, 32):
        return f"has {fields.text(dataset, 'BitsAllocated') or 'no'} bits allocated a pixel"
    if fields.items(dataset, "ModalityLUTSequence"):
        return "maps its values by a table (Modality LUT), which is not read"
    return ""


def _why_miscounted(frames: Frames) -> str:
    described = len(frames.per_frame)
    if described and described != frames.count:
        return f"describes {described} of its {frames.count} frames"
    if not described and frames.count != 1:
        return f"holds {frames.count} frames without saying where each lies"
    return ""


def _indices(frames: Frames) -> Sequence[int | None]:
    return range(frames.count) if is_multi_frame(frames.dataset) else (None,)


def _why_unplaced(frames: Frames) -> str:
    for index in _indices(frames):
        where = "" if index is None else f" for frame {index + 1}"
        if frames.position(index) is None:
            return "has no ImagePositionPatient" + where
        if frames.orientation(index) is None:
            return "has no ImageOrientationPatient" + where
        spacing = frames.pixel_spacing(index)
        if spacing is None or min(spacing) <= 0:
            return "has no PixelSpacing" + where
    return ""


def _pixel_fault(stream: BinaryIO, at: int, dataset: Dataset, frames: Frames) -> str:
    syntax = transfer_syntax(dataset)
    if syntax.is_deflated:
        return ""  # The offsets mean nothing in a deflated file; reading it will tell.
    pixels = find_pixels(
        stream, at=at, implicit=syntax.is_implicit_VR, little=syntax.is_little_endian
    )
    if pixels is None:
        return "has no pixel data"
    rows, columns = fields.whole(dataset, "Rows"), fields.whole(dataset, "Columns")
    bits = fields.whole(dataset, "BitsAllocated")
    need = (rows or 0) * (columns or 0) * (bits or 0) // 8 * frames.count
    return what_is_missing(stream, pixels, need=need, frames=frames.count)


def _planes(frames: Frames, file: ImageFile) -> tuple[Plane, ...]:
    planes = []
    for index in _indices(frames):
        position, orientation = frames.position(index), frames.orientation(index)
        spacing = frames.pixel_spacing(index)
        assert position is not None
        assert orientation is not None
        assert spacing is not None
        planes.append(
            Plane(
                file=file,
                frame=index,
                position=position,
                orientation=orientation,
                pixel_spacing=spacing,
                thickness_mm=frames.measure(index, "SliceThickness"),
                step_mm=frames.measure(index, "SpacingBetweenSlices"),
                marks=frames.marks(index),
            )
        )
    return tuple(planes)


def _short(error: Exception) -> str:
    line = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {line[:120]}" if line else type(error).__name__
