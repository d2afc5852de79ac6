"""Objects of other programs: masks in, SEG, NIfTI and image series out."""

from liverseg.interop.masks_in import ReadMask, mask_stem, merge_labels, read_masks
from liverseg.interop.nifti_out import write_nifti
from liverseg.interop.seg_out import SegHeader, write_seg

__all__ = [
    "ReadMask",
    "SegHeader",
    "mask_stem",
    "merge_labels",
    "read_masks",
    "write_nifti",
    "write_seg",
]
