"""What the segments of an exam look like, as plain values made away from the window."""

from __future__ import annotations

import numpy as np

from liverseg.couinaud import is_segment_doubt, place_numerals
from liverseg.records import Exam
from liverseg.workflow import exam_volumes
from napari_liverseg.layers import DisplayFrame
from napari_liverseg.store import Segments


def show_segments(exam: Exam, *, known: Segments | None = None) -> Segments:
    """Map, numerals, landmarks and volumes of an exam.

    Places of numerals are taken from `known` where it is of the same map: they take
    longest.
    """
    frame = DisplayFrame.of(exam.liver.grid)
    labels = exam.couinaud
    if labels is None:
        none = np.zeros((0, 3), dtype=np.intp)
        return Segments(None, None, {}, none, (), dict(exam.landmarks), ())
    if known is not None and known.labels is labels:
        places, names = known.numerals, known.numeral_names
    else:
        lesions = np.zeros(labels.grid.shape, dtype=bool)
        for lesion in exam.lesions:
            lesions |= lesion.mask.array != 0
        found = place_numerals(labels, avoid=lesions)
        places, names = frame.shown_index(found.index), found.names
    return Segments(
        labels=labels,
        shown=frame.turn.shown(labels.array),
        # Also segments without a voxel: the brush may draw them.
        names={
            value: labels.name_of(value)
            for value in sorted({*labels.values, *(label.value for label in labels.labels)})
        },
        numerals=places,
        numeral_names=names,
        landmarks=dict(exam.landmarks),
        volumes=exam_volumes(exam),
        doubts=tuple(doubt for doubt in exam.doubts if is_segment_doubt(doubt)),
    )
