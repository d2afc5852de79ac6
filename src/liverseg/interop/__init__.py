"""Objects of other programs: masks in, SEG, NIfTI and image series out."""

from liverseg.interop.image_out import ImageHeader, write_images
from liverseg.interop.masks_in import ReadMask, mask_stem, merge_labels, read_masks
from liverseg.interop.nifti_out import write_nifti
from liverseg.interop.seg_out import SegHeader, write_seg
from liverseg.interop.uids import uid_of

__all__ = [
    "ImageHeader",
    "ReadMask",
    "SegHeader",
    "mask_stem",
    "merge_labels",
    "read_masks",
    "uid_of",
    "write_images",
    "write_nifti",
    "write_seg",
]
