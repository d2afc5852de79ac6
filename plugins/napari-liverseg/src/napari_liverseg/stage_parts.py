"""Small things that `stage` makes layers of, and reads events with. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from napari.utils.colormaps import DirectLabelColormap

from napari_liverseg.layers import Placed
from napari_liverseg.scene import Scene


def on_reference(scene: Scene) -> Placed:
    """Where an array on the reference grid is drawn."""
    return Placed(scene.lesions.array, scene.frame.spacing_mm, (0.0, 0.0, 0.0))


def colours(colours: Mapping[int, str]) -> DirectLabelColormap:
    """A colour for each number; nothing is drawn where there is 0."""
    table: dict[int | None, str] = {None: "white", 0: "transparent"}
    table.update(colours.items())
    return DirectLabelColormap(color_dict=table)


def features(column: str, names: Mapping[int, str]) -> dict[str, list[Any]]:
    """A table that lets napari's status line name the thing under the cursor."""
    return {"index": [0, *names], column: ["none", *names.values()]}


def slices_of(paint: Any) -> set[int] | None:
    """Slices that a paint event tells of; None where it does not say."""
    found: set[int] = set()
    for atom in paint.value:
        span = getattr(atom, "slice_key", (None,))[0]
        if isinstance(span, slice):
            found.update(range(span.start, span.stop))
        elif isinstance(atom, tuple) and len(atom) == 3 and isinstance(atom[0], tuple):
            found.update(np.unique(atom[0][0]).tolist())
        else:
            return None
    return found


def zoom_at(camera: Any, factor: float, position: Any) -> None:
    """Zoom so that a place of the picture, (down, right) in mm, stays where it is."""
    centre = np.array(camera.center, dtype=float)
    at = np.array(position, dtype=float)[-2:]
    centre[-2:] = at + (centre[-2:] - at) / factor
    camera.zoom *= factor
    camera.center = tuple(centre)
