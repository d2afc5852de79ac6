"""Does a division look like a liver: empty segments, pieces, soft volume limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage import measure

from liverseg.couinaud.segments import HIGHEST_LABEL, LABEL_4B, segment_table
from liverseg.records import Doubt
from liverseg.tables import load_table

Labels = NDArray[np.unsignedinteger]


def shape_doubts(labels: Labels, *, split: bool, where: str) -> list[Doubt]:
    """Doubts about segments 1 to 8 (and 9 when `split`) of a (slice, row, column) array.

    Empty segments, segments in several pieces (faces, edges or corners touching count as
    one piece), and parts of the liver outside the soft limits of an untouched liver.
    """
    counts = np.bincount(labels.ravel(), minlength=HIGHEST_LABEL + 1)
    doubts = [
        Doubt(f"segment {label.name} is empty", where)
        for label in segment_table(split=split)
        if counts[label.value] == 0
    ]
    return doubts + _several_pieces(labels, split=split, where=where) + _odd_sizes(counts, where)


def _several_pieces(labels: Labels, *, split: bool, where: str) -> list[Doubt]:
    limit = load_table("couinaud_rules").number("second_piece_max")
    pieces = measure.label(labels, background=0, connectivity=3)
    sizes = np.bincount(pieces.ravel())
    kinds = np.zeros(sizes.size, dtype=np.intp)
    kinds[pieces.ravel()] = labels.ravel()
    doubts = []
    for label in segment_table(split=split):
        own = np.sort(sizes[1:][kinds[1:] == label.value])[::-1]
        if own.size > 1 and own[1] > limit * own.sum():
            doubts.append(
                Doubt(
                    f"segment {label.name} has {own.size} pieces; the second holds "
                    f"{own[1] / own.sum():.0%} of it",
                    where,
                )
            )
    return doubts


def _odd_sizes(counts: NDArray[np.intp], where: str) -> list[Doubt]:
    table = load_table("couinaud")
    total = counts[1:].sum()
    doubts = []
    for number in range(1, 9):
        own = counts[number] + (counts[LABEL_4B] if number == 4 else 0)
        if own == 0:  # said already
            continue
        share = round(100.0 * own / total, 1)
        low, high = table[f"share_{number}"].value
        if not low <= share <= high:
            doubts.append(
                Doubt(
                    f"segment {number} is {share:g} % of the liver; an untouched liver has "
                    f"{low:g} to {high:g} %",
                    where,
                )
            )
    return doubts
