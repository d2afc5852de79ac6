"""`Plane` and `ImageFile`: what the header of one image says, before anything is grouped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from liverseg.records import Doubt, SeriesFacts, StoredPixels

Vector = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class ImageFile:
    """One readable image file: who, what, and how its pixels are stored.

    `name` is its path in the ledger; `patient` is a digest, and `hidden` are marks of the
    patient's names and identifiers, see `hiding`. `facts` holds what is the
    same for all its frames. `scale` is (slope, intercept) of the first frame.
    """

    path: str
    name: str
    sop_instance_uid: str
    series_uid: str
    study_uid: str
    patient: str
    is_phantom: bool
    modality: str
    date: str
    number: int | None
    description: str
    study_description: str
    frame_of_reference: str | None
    shape: tuple[int, int]
    unit: str
    scale: tuple[float, float]
    facts: SeriesFacts = field(default_factory=SeriesFacts)
    doubts: tuple[Doubt, ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Plane:
    """One image plane: a single-frame file, or one frame of a multi-frame file.

    `position` is ImagePositionPatient and `orientation` ImageOrientationPatient (row
    direction, then column direction), LPS mm. `marks` are the attributes that can tell
    volumes of one series apart, by DICOM keyword; None where not stated. `stored` says
    where its pixels lie.
    """

    file: ImageFile
    frame: int | None
    position: Vector
    orientation: Vector
    pixel_spacing: Vector
    thickness_mm: float | None
    step_mm: float | None
    marks: Mapping[str, object]
    stored: StoredPixels | None = None

    @property
    def unit(self) -> str:
        """Unit of its values: frames of one file may differ (a field map beside its signal)."""
        return self.file.unit if self.stored is None else self.stored.unit

    def mark(self, keyword: str) -> object:
        """The value of a mark, None where not stated."""
        return self.marks.get(keyword)

    def number(self, keyword: str) -> float:
        """A numeric mark for sorting; -1 where not stated."""
        found = self.marks.get(keyword)
        return float(found) if isinstance(found, int | float) else -1.0
