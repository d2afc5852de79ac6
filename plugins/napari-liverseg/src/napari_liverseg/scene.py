"""What an exam looks like: its layers as plain values, made away from the window.

No Qt and no napari in this module; `bench` turns the values into layers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liverseg.geometry import LabelMap, Translation, Volume, sparse_zeros
from liverseg.records import Doubt, Exam, Phase, SeriesVolume
from liverseg.report import SEGMENT_COLOURS, display_window
from napari_liverseg.layers import DisplayFrame, LateLabels, Placed
from napari_liverseg.state import words

#: What the contrast slider can reach on CT: the stored values of a 12 bit scanner.
CT_RANGE_HU = (-1024.0, 3071.0)
#: Elsewhere the reach is that of every n-th voxel of a row and column.
STRIDE = 4
#: Names of the two label layers.
LESIONS = "lesions"
SEGMENTS = "Couinaud segments"
#: Colours of lesion outlines: bright on grey, and apart from each other by lightness too.
PALETTE = ("#ffb000", "#ff5fa2", "#b6f05a", "#5cd6ff", "#ffffff", "#b79bff", "#ff7a45", "#f7e463")

Index = tuple[NDArray[np.intp], ...]


@dataclass(frozen=True, eq=False)
class ImageLayer:
    """A phase as napari shall show it."""

    key: str
    name: str
    placed: Placed
    contrast_limits: tuple[float, float]
    contrast_range: tuple[float, float]
    is_reference: bool


@dataclass(frozen=True, eq=False)
class LesionLabels:
    """All lesions of an exam in one array, on the reference grid as displayed.

    `names` gives the lesion of each number. Where lesions overlap the one later in the
    exam is on top; `hidden` keeps the covered voxels (index arrays as displayed), so that
    a stored mask never loses them unseen.
    """

    array: NDArray[np.unsignedinteger]
    names: Mapping[int, str]
    hidden: Mapping[int, Index]


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that the window shows of an exam besides its tables."""

    frame: DisplayFrame
    images: tuple[ImageLayer, ...]
    lesions: LesionLabels
    segments: NDArray[np.unsignedinteger] | LateLabels | None
    segment_names: Mapping[int, str]
    doubts: tuple[Doubt, ...]


def build_scene(exam: Exam) -> Scene:
    """Layers of an exam in its display frame. Slow only where a series is resampled."""
    frame = DisplayFrame.of(exam.liver.grid)
    lesions, doubts = number_lesions(exam, frame)
    segments = None if exam.couinaud is None else LateLabels(exam.couinaud, frame.turn)
    return Scene(
        frame=frame,
        images=tuple(_image(exam, item, frame) for item in exam.series),
        lesions=lesions,
        segments=segments,
        segment_names={} if exam.couinaud is None else _names(exam.couinaud),
        doubts=doubts,
    )


def number_lesions(exam: Exam, frame: DisplayFrame) -> tuple[LesionLabels, tuple[Doubt, ...]]:
    """One number a lesion, from 1, in the exam's order; covered voxels are kept aside."""
    dtype = np.uint8 if len(exam.lesions) < 200 else np.uint16
    stored = sparse_zeros(exam.liver.grid.shape, dtype)
    array = frame.turn.shown(stored)
    names: dict[int, str] = {}
    hidden: dict[int, list[Index]] = {}
    doubts: list[Doubt] = []
    for number, lesion in enumerate(exam.lesions, start=1):
        names[number] = lesion.name
        drawn = np.nonzero(frame.turn.shown(lesion.mask.array))
        below = array[drawn]
        for other in np.unique(below[below != 0]).tolist():
            covered = tuple(axis[below == other] for axis in drawn)
            hidden.setdefault(other, []).append(covered)
            doubts.append(
                Doubt(
                    f"lesions {names[other]} and {lesion.name} overlap in {covered[0].size} "
                    f"voxels; {lesion.name} is shown there, both keep them",
                    exam.exam_id,
                )
            )
        array[drawn] = number
    joined = {number: _join(parts) for number, parts in hidden.items()}
    return LesionLabels(array, names, joined), tuple(doubts)


def layer_name(item: SeriesVolume) -> str:
    """What a layer is called: its phase, or what the header says where that is undetermined."""
    if item.call.phase is not Phase.UNDETERMINED:
        return words(item.call.phase)
    number = "" if item.record.number is None else f"series {item.record.number}"
    return item.record.description or number or "phase undetermined"


def contrast_range(volume: Volume) -> tuple[float, float]:
    """What the contrast slider can reach, in the volume's unit."""
    if volume.unit == "HU":
        return CT_RANGE_HU
    sample = volume.array[:, ::STRIDE, ::STRIDE]
    return float(sample.min()), float(max(sample.max(), sample.min() + 1))


def colour_of(number: int) -> str:
    """Colour of a lesion number, as #rrggbb."""
    return PALETTE[(number - 1) % len(PALETTE)]


def segment_colour(number: int) -> str:
    """Colour of a segment number, as #rrggbb: the same as in the report."""
    return SEGMENT_COLOURS[(number - 1) % len(SEGMENT_COLOURS)]


def layer_options(placed: Placed) -> dict[str, Any]:
    """What every layer gets: place, unit and axis names."""
    return {
        "scale": placed.scale,
        "translate": placed.translate,
        "units": ("mm", "mm", "mm"),
        "axis_labels": ("slice", "down", "right"),
    }


def _image(exam: Exam, item: SeriesVolume, frame: DisplayFrame) -> ImageLayer:
    shifts = {shift.series_key: shift.series_from_reference for shift in exam.shifts}
    # A series that was not aligned lies where the scanner says, which the window then tells.
    shift = shifts.get(item.record.key, Translation())
    placed = frame.place(item.volume, shift_lps_mm=shift.offset_mm)
    limits, reach = display_window(exam, item), contrast_range(item.volume)
    return ImageLayer(
        key=item.record.key,
        name=layer_name(item) + (" (resampled for display)" if placed.resampled else ""),
        placed=placed,
        contrast_limits=limits,
        contrast_range=(min(limits[0], reach[0]), max(limits[1], reach[1])),
        is_reference=item.record.key == exam.reference,
    )


def _names(labels: LabelMap) -> dict[int, str]:
    return {value: labels.name_of(value) for value in labels.values}


def _join(parts: Sequence[Index]) -> Index:
    return tuple(np.concatenate([part[axis] for part in parts]) for axis in range(3))
