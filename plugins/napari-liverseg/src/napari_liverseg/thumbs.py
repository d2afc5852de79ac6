"""Small pictures of lesions for the table, from the case's own views. No Qt, no napari."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.records import View
from liverseg.report import upright

#: The square is so many times as wide as the lesion.
MARGIN = 1.6

Picture = NDArray[np.uint8]


def chosen_views(views: Iterable[View], *, series_uid: str) -> dict[str, View]:
    """One view a lesion: of the series it was drawn on, else the first there is."""
    chosen: dict[str, View] = {}
    for view in views:
        if view.kind == "lesion" and (view.lesion not in chosen or view.series_uid == series_uid):
            chosen[view.lesion] = view
    return chosen


def draw_thumb(view: View, *, size_px: int, colour: str) -> Picture:
    """(size, size, 3) picture of a lesion, outlined in `colour` (#rrggbb), as a reader sees it.

    Right way up as in the report, the lesion in the middle; pixels are repeated or left
    out, so no value is made up.
    """
    view = upright(view)
    low, high = view.window
    grey = np.clip((view.pixels.astype(np.float64) - low) / max(high - low, 1e-12), 0, 1)
    down, right = _picks(view, size_px)
    inside = (down >= 0) & (down < grey.shape[0])
    across = (right >= 0) & (right < grey.shape[1])
    picture = np.zeros((size_px, size_px, 3), dtype=np.uint8)
    place = np.ix_(inside, across)
    cut = np.ix_(down[inside], right[across])
    picture[place] = np.rint(grey[cut] * 255).astype(np.uint8)[..., None]
    drawn = np.zeros((size_px, size_px), dtype=bool)
    drawn[place] = view.labels[cut] != 0
    edge = drawn & ~ndimage.binary_erosion(drawn)
    picture[edge] = [int(colour[n : n + 2], 16) for n in (1, 3, 5)]
    return picture


def _picks(view: View, size_px: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column of the view for each row and column of the square; some lie outside.

    The square holds the lesion with a margin; all of the view where nothing is drawn.
    """
    spacing = np.array(view.spacing_mm)
    at = np.argwhere(view.labels != 0)
    low, high = (at.min(axis=0), at.max(axis=0) + 1) if at.size else (0, view.labels.shape)
    side_mm = float((np.subtract(high, low) * spacing).max()) * (MARGIN if at.size else 1.0)
    middle_mm = np.add(low, high) / 2 * spacing
    centred = (np.arange(size_px) + 0.5 - size_px / 2) * side_mm / size_px
    down, right = (
        np.floor((centred + middle) / step).astype(np.intp)
        for middle, step in zip(middle_mm, spacing, strict=True)
    )
    return down, right
