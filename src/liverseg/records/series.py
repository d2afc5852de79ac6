"""`SeriesRecord`: one volume's worth of DICOM files, known before any pixel is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from liverseg.geometry import Grid, SliceSource
from liverseg.records.doubt import Doubt
from liverseg.records.stored import StoredPixels


@dataclass(frozen=True)
class SeriesFacts:
    """Header facts of a series that later steps reason about. None = not in the header.

    Times of day are seconds since midnight; `delay_s` is acquisition time minus start
    of the contrast injection where both are given. Units stand in the names.
    """

    image_type: tuple[str, ...] = ()
    protocol: str = ""
    manufacturer: str = ""
    patient_position: str = ""
    acquisition_time_s: float | None = None
    series_time_s: float | None = None
    delay_s: float | None = None
    contrast_agent: str = ""
    contrast_phase: str = ""
    acquisition_number: int | None = None
    temporal_position: int | None = None
    slice_thickness_mm: float | None = None
    repetition_time_ms: float | None = None
    echo_time_ms: float | None = None
    flip_angle_deg: float | None = None
    b_value_s_mm2: float | None = None
    kvp: float | None = None
    kernel: str = ""


@dataclass(frozen=True)
class Resampling:
    """How slices that make no regular volume become one, because the user asked for it.

    `ways` says in words what is done ("sheared back by 14.0 degrees"). `source_shape` is
    (slices, rows, columns) as stored. `starts` holds for every stored slice the index
    (slice, row, column) of its first pixel on the regular grid, with fractions.
    """

    ways: tuple[str, ...]
    source_shape: tuple[int, int, int]
    starts: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, eq=False)
class SeriesRecord:
    """Files that make one regular volume, in order along the slice normal.

    Attributes
    ----------
    key
        Unique name of this volume: the series UID, with "#2", "#3" ... appended when
        one DICOM series holds several volumes.
    series_uid, study_uid
        As in the files.
    modality
        "CT" or "MR".
    date
        Study date as ISO (2015-06-01), or "" when the header has none.
    number, description
        SeriesNumber and SeriesDescription; None and "" when absent.
    slices
        One source a slice, ordered like the grid's slice axis. With a `resampling` one
        source a *stored* slice: the grid has slices that are between them.
    grid
        Geometry of the whole volume.
    unit
        Unit of the rescaled values: "HU", "au", "mm2/s".
    split_by
        The attribute that told this volume from its siblings of the same series, or "".
    patient
        A digest of PatientID that only this user can make, "" when empty; the identifier
        itself where it was asked for.
    is_phantom
        True when the header calls the patient a phantom.
    resampling
        What is done to the slices to make them regular; None (nearly always): nothing.
    hidden
        Marks of the names and identifiers that must not be written; see `ingest.hide`.
    stored
        Where the pixels of each slice lie, so that reading them parses no header again;
        empty in a record that was read back from a case.
    """

    key: str
    series_uid: str
    study_uid: str
    modality: str
    date: str
    number: int | None
    description: str
    study_description: str
    slices: tuple[SliceSource, ...]
    grid: Grid
    unit: str
    facts: SeriesFacts = field(default_factory=SeriesFacts)
    split_by: str = ""
    patient: str = ""
    is_phantom: bool = False
    doubts: tuple[Doubt, ...] = ()
    resampling: Resampling | None = None
    stored: tuple[StoredPixels, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What a person calls this series: number and description, else its key."""
        parts = [] if self.number is None else [f"series {self.number}"]
        if self.description:
            parts.append(f'"{self.description}"')
        return " ".join(parts) or f"series {self.key}"
