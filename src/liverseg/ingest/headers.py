"""Read the header of one file and say what it is: image planes, or a named fate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from liverseg.ingest import fields
from liverseg.ingest.extent import Extent
from liverseg.ingest.frames import Frames
from liverseg.ingest.header_values import Unsure
from liverseg.ingest.identity import describe_file
from liverseg.ingest.objects import is_multi_frame, why_not_an_image
from liverseg.ingest.opened import OpenedFile, open_parsed, open_walked
from liverseg.ingest.plane import ImageFile, Plane
from liverseg.ingest.realworld import is_parametric_map
from liverseg.ingest.siblings import Siblings
from liverseg.ingest.sources import MARK, open_source
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


class HeaderReader:
    """Reads headers, and remembers what it has seen: the slices of a series are alike."""

    def __init__(self, *, with_identifiers: bool = False) -> None:
        self._siblings = Siblings()
        self._open = with_identifiers

    def read(self, found: FoundFile) -> tuple[Plane, ...] | Fate:
        """The image planes of a file, or why it is skipped or refused. No pixel is read.

        Never raises: whatever a damaged file makes the parser do becomes a `Fate`.
        """
        if found.obstacle:
            state = FileState.REFUSED if found.refused else FileState.SKIPPED
            return Fate(state, found.obstacle)
        try:
            try:
                with _open_quickly(found) as stream:
                    return self._read(stream, found)
            except Unsure:
                with open_source(str(found.path)) as stream:
                    return _read_by_pydicom(stream, found, self._open)
        except OSError as error:
            return Fate(FileState.REFUSED, f"cannot be read ({error.strerror or error})")
        except Exception as error:  # noqa: BLE001 - a damaged header may raise anything
            return Fate(FileState.REFUSED, f"damaged: its header cannot be read ({_short(error)})")

    def _read(self, stream: BinaryIO, found: FoundFile) -> tuple[Plane, ...] | Fate:
        opened = open_walked(stream, str(found.path))
        known = self._siblings.planes_of(opened, found)
        if known is not None:
            return known
        judged = _judge(opened, found, self._open)
        self._siblings.remember(opened, judged)
        return judged


def _open_quickly(found: FoundFile) -> BinaryIO:
    """The file of a plain path without a buffer: of most files one piece is read."""
    path = str(found.path)
    return open_source(path) if MARK in path else cast(BinaryIO, found.path.open("rb", 0))


def read_header(found: FoundFile) -> tuple[Plane, ...] | Fate:
    """The image planes of one file, or why it is skipped or refused; see `HeaderReader`."""
    return HeaderReader().read(found)


def _read_by_pydicom(
    stream: BinaryIO, found: FoundFile, with_identifiers: bool
) -> tuple[Plane, ...] | Fate:
    from pydicom.errors import InvalidDicomError

    stream.seek(0)
    if not stream.read(1):
        return Fate(FileState.REFUSED, "is an empty file")
    try:
        opened = open_parsed(stream, str(found.path))
    except InvalidDicomError:
        return Fate(FileState.SKIPPED, _not_dicom(found))
    if len(opened.dataset) == 0:
        return Fate(FileState.REFUSED, "damaged: a DICOM file head with nothing after it")
    return _judge(opened, found, with_identifiers)


def _judge(
    opened: OpenedFile, found: FoundFile, with_identifiers: bool
) -> tuple[Plane, ...] | Fate:
    dataset = opened.dataset
    series_uid = fields.text(dataset, "SeriesInstanceUID")
    why = why_not_an_image(dataset)
    if why:
        return Fate(FileState.SKIPPED, why, series_uid)
    frames = Frames(dataset)
    why = _why_refused(dataset, frames)
    if why:
        return Fate(FileState.REFUSED, why, series_uid)
    extent = opened.extent(frames)
    if extent.missing:
        return Fate(FileState.REFUSED, extent.missing, series_uid)
    file = describe_file(frames, found, with_identifiers=with_identifiers)
    return _planes(opened, frames, extent, file)


def _not_dicom(found: FoundFile) -> str:
    name = found.path.name.lower()
    if name.endswith(_NIFTI):
        return "is not a DICOM file but NIfTI: pass it as --liver, --lesion or --couinaud"
    if name.endswith((".dcm", ".dicom", ".ima")):
        return "is not a DICOM file, though its name ends like one"
    return "is not a DICOM file"


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
    widths = (8, 16, 32, 64) if is_parametric_map(dataset) else (8, 16, 32)
    if fields.whole(dataset, "BitsAllocated") not in widths:
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


def _planes(
    opened: OpenedFile, frames: Frames, extent: Extent, file: ImageFile
) -> tuple[Plane, ...]:
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
                stored=opened.stored(frames, index, extent),
            )
        )
    return tuple(planes)


def _short(error: Exception) -> str:
    line = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {line[:120]}" if line else type(error).__name__
