"""One phase minus another as a layer to look at; nothing is measured on it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from napari.layers import Image

from liverseg.geometry import Volume
from liverseg.report import difference_window
from napari_liverseg.layers import DisplayFrame, Placed, Triple
from napari_liverseg.scene import layer_options

#: Its key among those of the phases.
DIFFERENCE = "difference"


@dataclass(frozen=True, eq=False)
class Difference:
    """A subtraction ready for a layer."""

    placed: Placed
    limits: tuple[float, float]
    title: str


def place_difference(
    volume: Volume, frame: DisplayFrame, *, shift_lps_mm: Triple, title: str
) -> Difference:
    """Where a subtraction is drawn; what one of the two series does not show is dark."""
    limits = difference_window(volume)
    seen = np.where(np.isfinite(volume.array), volume.array, np.float32(limits[0]))
    filled = replace(volume, array=seen)
    return Difference(frame.place(filled, shift_lps_mm=shift_lps_mm), limits, title)


def difference_layer(made: Difference) -> Any:
    """The image layer of a subtraction, hidden."""
    low, high = made.limits
    layer = Image(
        made.placed.array,
        name=made.title,
        contrast_limits=made.limits,
        visible=False,
        interpolation2d="linear",
        metadata={"title": made.title, "for_display_only": True},
        **layer_options(made.placed),
    )
    layer.contrast_limits_range = (low - 4 * (high - low), high + 4 * (high - low))
    layer.locked = True
    return layer
