"""Turn a picture as radiologists look at it: the patient's right on the left of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from liverseg.records import PixelPoint, View, ViewLine

OPPOSITE = {"L": "R", "R": "L", "P": "A", "A": "P", "H": "F", "F": "H"}
#: Letters that belong at the bottom before others (feet, then back), and those that
#: belong at the right or bottom edge: left, back, feet.
_DOWN_FIRST = "FHPALR"
_TOWARDS = "LPF"


def upright(view: View) -> View:
    """The same picture with L (else P) at the right edge and P (else F) at the bottom.

    Only transposed and flipped, so pixels stay the acquired ones. An axial slice shows
    the patient from the feet, a coronal from the front, a sagittal from the left.
    """
    right, bottom = view.edges
    if _DOWN_FIRST.index(right) // 2 < _DOWN_FIRST.index(bottom) // 2:
        view = _transposed(view)
    right, bottom = view.edges
    if right not in _TOWARDS:
        last = view.pixels.shape[1] - 1
        edges = (OPPOSITE[right], bottom)
        view = _moved(view, np.fliplr, lambda point: (point[0], last - point[1]), edges)
    if bottom not in _TOWARDS:
        last_row = view.pixels.shape[0] - 1
        edges = (view.edges[0], OPPOSITE[bottom])
        view = _moved(view, np.flipud, lambda point: (last_row - point[0], point[1]), edges)
    return view


def _transposed(view: View) -> View:
    edges = (view.edges[1], view.edges[0])
    turned = _moved(view, np.transpose, lambda point: (point[1], point[0]), edges)
    return replace(turned, spacing_mm=(view.spacing_mm[1], view.spacing_mm[0]))


def _moved(
    view: View,
    turn: Callable[[NDArray[np.generic]], NDArray[np.generic]],
    place: Callable[[PixelPoint], PixelPoint],
    edges: tuple[str, str],
) -> View:
    lines = tuple(ViewLine(line.name, place(line.start), place(line.end)) for line in view.lines)
    return replace(
        view,
        pixels=turn(view.pixels),
        labels=turn(view.labels).astype(np.uint8),
        edges=edges,
        lines=lines,
    )
