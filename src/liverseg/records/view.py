"""`View`: a small cut-out of one acquired slice with what is drawn on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PixelPoint = tuple[float, float]


@dataclass(frozen=True)
class ViewLine:
    """A line in a view, ends as (row, column) in pixels of the view; `name` is its metric."""

    name: str
    start: PixelPoint
    end: PixelPoint


@dataclass(frozen=True, eq=False)
class View:
    """A picture that needs no DICOM any more.

    Attributes
    ----------
    kind
        "lesion" (cut-out round one lesion) or "segments" (whole liver with Couinaud labels).
    pixels
        (row, column) of the acquired slice, in `unit`; never resampled.
    labels
        Same shape: 1 = this lesion for kind "lesion", segment numbers for "segments".
    spacing_mm
        (row, column).
    window
        (lowest, highest) value to show, in `unit`.
    edges
        Patient directions that the right and the bottom edge face, such as ("L", "P").
    """

    kind: str
    exam_id: str
    lesion: str
    phase: str
    series_uid: str
    slice: int
    pixels: NDArray[np.generic]
    labels: NDArray[np.uint8]
    spacing_mm: tuple[float, float]
    unit: str
    window: tuple[float, float]
    edges: tuple[str, str]
    lines: tuple[ViewLine, ...] = ()
