"""DICOM SEG in: every item as its own label map on the grid that its frames span."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from liverseg.errors import InteropError
from liverseg.geometry import Code, Grid, Label, LabelMap
from liverseg.records import Doubt


@dataclass(frozen=True, eq=False)
class SegItem:
    """One item of a SEG: its label as name, its number as label value."""

    name: str
    labels: LabelMap
    drawn_on: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()


def read_seg(path: Path) -> tuple[SegItem, ...]:
    """Read a BINARY, LABELMAP or FRACTIONAL SEG; items may overlap.

    Frames that are left out because they are empty come back as empty slices where the
    stack is regular. FRACTIONAL items are cut at one half, which a doubt says. Raises
    `InteropError` naming the file and what it cannot be read for.
    """
    import highdicom as hd  # 20 MB and a good part of the start: only who reads a SEG pays

    try:
        seg = hd.seg.segread(path)
        volume = seg.get_volume(
            combine_segments=False, allow_missing_positions=True, rescale_fractional=True
        )
    except Exception as problem:
        # highdicom and pydicom raise many kinds for odd objects (ValueError, KeyError,
        # RuntimeError, NotImplementedError ...); whichever it is, the file is the point.
        raise InteropError(
            f"{path} is a DICOM SEG that cannot be read: {problem}",
            remedy="export it again as BINARY, uncompressed",
        ) from problem
    grid = Grid(volume.spatial_shape, volume.affine, str(seg.FrameOfReferenceUID) or None)
    planes = np.asarray(volume.array)
    doubts = _fraction_doubts(seg, path)
    return tuple(
        _item(seg, grid, planes[..., k] >= 0.5, number, doubts)
        for k, number in enumerate(seg.segment_numbers)
    )


def _item(
    seg: Any, grid: Grid, drawn: np.ndarray, number: int, doubts: tuple[Doubt, ...]
) -> SegItem:
    described = seg.get_segment_description(number)
    kind = described.segmented_property_type
    label = Label(
        int(number),
        str(described.segment_label),
        Code(str(kind.value), str(kind.scheme_designator), str(kind.meaning)),
    )
    array = np.zeros(grid.shape, dtype=np.uint16 if number > 255 else np.uint8)
    array[drawn] = number
    return SegItem(label.name, LabelMap(array, grid, (label,)), _referenced(seg), doubts)


def _referenced(seg: Any) -> tuple[str, ...]:
    return tuple(str(item.SeriesInstanceUID) for item in seg.get("ReferencedSeriesSequence", []))


def _fraction_doubts(seg: Any, path: Path) -> tuple[Doubt, ...]:
    if str(seg.SegmentationType) != "FRACTIONAL":
        return ()
    return (Doubt("fractional segmentation, cut at one half", path.name),)
