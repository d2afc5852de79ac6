"""Grids, volumes and label maps in patient space: LPS mm, arrays (slice, row, column)."""

from liverseg.geometry.grid import SAME_PLACE_MM, Grid, require_same_frame
from liverseg.geometry.labelmap import Box, Code, Label, LabelMap, Mask, bounding_box
from liverseg.geometry.packed import PackedLabelMap, PackedMask
from liverseg.geometry.resample import fits_lattice, place_labels, resample_labels
from liverseg.geometry.sparse import LEAST_BYTES, sparse_zeros
from liverseg.geometry.transform import Point, Translation
from liverseg.geometry.volume import SliceSource, Volume

__all__ = [
    "LEAST_BYTES",
    "SAME_PLACE_MM",
    "Box",
    "Code",
    "Grid",
    "Label",
    "LabelMap",
    "Mask",
    "PackedLabelMap",
    "PackedMask",
    "Point",
    "SliceSource",
    "Translation",
    "Volume",
    "bounding_box",
    "fits_lattice",
    "place_labels",
    "require_same_frame",
    "resample_labels",
    "sparse_zeros",
]
