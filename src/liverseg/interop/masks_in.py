"""Read what is known of liver and lesions: DICOM mask series, DICOM SEG, NIfTI."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
from nibabel.filebasedimages import ImageFileError
from numpy.typing import NDArray

from liverseg.errors import GeometryError, InputError
from liverseg.geometry import Grid, Label, LabelMap
from liverseg.ingest import read_volume, scan_folder
from liverseg.interop.seg_in import read_seg
from liverseg.records import Doubt

#: Largest number that a label map may hold; bigger ones are an image, not labels.
MAX_LABEL = 4095
#: A lone number from here up is how programs paint a mask white, and no label.
WHITE = 255

NIFTI_ENDINGS = (".nii.gz", ".nii")
SEG_CLASSES = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")


@dataclass(frozen=True, eq=False)
class ReadMask:
    """Labels from a file, before anyone asked which image they belong to.

    `name` is the file's stem, or the label of one item of a SEG that holds several.
    `labels` keeps the numbers of the file (a mask painted in white, 255 or above, becomes 1).
    `drawn_on` are the series UIDs that a SEG refers to, its own first.
    """

    name: str
    labels: LabelMap
    source: Path
    drawn_on: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def mask_stem(path: Path) -> str:
    """Name of a mask file without its endings, or the name of a mask folder.

    >>> mask_stem(Path("masks/R4.nii.gz")), mask_stem(Path("MASKS_DICOM/livertumor1"))
    ('R4', 'livertumor1')
    """
    name = path.name
    for ending in (*NIFTI_ENDINGS, ".seg.dcm", ".dcm"):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def read_masks(path: Path) -> tuple[ReadMask, ...]:
    """Read a folder of DICOM mask slices, a DICOM SEG or a NIfTI label image.

    A SEG gives one `ReadMask` for each of its items (they may overlap); everything
    else gives exactly one. Raises `InputError` naming the file when it is none of
    these, holds several volumes, or holds values that are no labels.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"there is no file or folder {path}", remedy="check the path of the mask")
    if path.is_file() and path.name.lower().endswith(NIFTI_ENDINGS):
        return (_read_nifti(path),)
    seg = _seg_file(path)
    if seg is not None:
        return tuple(
            ReadMask(
                name=item.name if len(items) > 1 else mask_stem(path),
                labels=item.labels,
                source=path,
                drawn_on=item.drawn_on,
                doubts=item.doubts,
            )
            for items in [read_seg(seg)]
            for item in items
        )
    return (_read_mask_series(path),)


def merge_labels(masks: tuple[ReadMask, ...], *, where: str) -> LabelMap:
    """One label map from the items of one file; overlapping items are an error.

    Items of a SEG may reach different slices: the map covers them all.
    """
    if len(masks) == 1:
        return masks[0].labels
    grid = masks[0].labels.grid
    merged = np.zeros(grid.shape, dtype=np.uint16)
    labels: list[Label] = []
    for mask in masks:
        drawn = mask.labels.mask()
        if (merged[drawn] != 0).any():
            raise InputError(
                f"item {mask.name} overlaps another item, so they are no label map",
                where=where,
                remedy="pass a label map in which each voxel has one label",
            )
        merged[drawn] = mask.labels.array[drawn]
        labels.extend(mask.labels.labels)
    return LabelMap(merged, grid, tuple(labels))


def _seg_file(path: Path) -> Path | None:
    """The DICOM SEG that `path` is or (alone) holds; None when it is something else."""
    files = [path] if path.is_file() else [p for p in sorted(path.rglob("*")) if p.is_file()]
    for file in files:
        try:
            header = pydicom.dcmread(file, specific_tags=["SOPClassUID"], stop_before_pixels=True)
        except (pydicom.errors.InvalidDicomError, OSError, ValueError, EOFError):
            return None
        if str(header.get("SOPClassUID", "")) not in SEG_CLASSES:
            return None
        if len(files) > 1:
            raise InputError(
                f"{path} holds {len(files)} files with a SEG among them",
                remedy="pass the SEG file itself",
            )
        return file
    return None


def _read_nifti(path: Path) -> ReadMask:
    try:
        image = nib.load(path)
        values = np.asanyarray(image.dataobj)
    except (OSError, EOFError, ValueError, ImageFileError) as problem:
        raise InputError(
            f"{path} cannot be read as NIfTI: {problem}", remedy="check or export the file again"
        ) from problem
    values = values[..., 0] if values.ndim == 4 and values.shape[3] == 1 else values
    if values.ndim != 3:
        raise InputError(f"{path} has {values.ndim} dimensions, a mask has three")
    if image.header["qform_code"] == 0 and image.header["sform_code"] == 0:
        raise InputError(
            f"{path} does not say how it lies in the patient (qform and sform are empty)",
            remedy="export the mask with its orientation",
        )
    # NIfTI world is RAS+; LPS turns the first two axes. The array is (i, j, k): turned
    # to (k, j, i) so that it reads (slice, row, column) for the usual axial file.
    lps_from_ijk = np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.asarray(image.affine, dtype=np.float64)
    lps_from_index = lps_from_ijk[:, [2, 1, 0, 3]]
    array = _as_labels(np.transpose(values, (2, 1, 0)), path)
    return ReadMask(mask_stem(path), LabelMap(array, Grid(array.shape, lps_from_index)), path)


def _read_mask_series(path: Path) -> ReadMask:
    ledger = scan_folder(path, cache=False)
    if len(ledger.series) != 1:
        reasons = "; ".join(sorted({entry.reason for entry in ledger.entries})[:3])
        raise InputError(
            f"{path} holds {len(ledger.series)} image volumes, a mask is exactly one ({reasons})",
            remedy="pass a folder with the slices of one mask, a DICOM SEG or a NIfTI file",
        )
    try:
        volume = read_volume(ledger.series[0])
    except GeometryError as problem:
        raise InputError(f"{path}: {problem.what}", remedy=problem.remedy) from problem
    array = _as_labels(np.asarray(volume.array), path)
    return ReadMask(mask_stem(path), LabelMap(array, volume.grid), path)


def _as_labels(values: NDArray[np.generic], path: Path) -> NDArray[np.unsignedinteger]:
    """Whole numbers 0..MAX_LABEL; a mask painted in one number from WHITE up becomes 0 and 1."""
    present = np.unique(values)
    if not np.isfinite(present).all() or (present != np.rint(present)).any():
        raise InputError(f"{path} holds fractions, a mask holds whole numbers")
    if present.min() < 0 or len(present) > MAX_LABEL:
        raise InputError(
            f"{path} holds values from {present.min()} to {present.max()}: an image, not a mask",
            remedy="pass the mask of the structure, not the scan",
        )
    others = present[present != 0]
    if others.size == 1 and others[0] >= WHITE:
        drawn: NDArray[np.unsignedinteger] = (values != 0).astype(np.uint8)
        return drawn
    if others.size and others.max() > MAX_LABEL:
        raise InputError(f"{path} holds the label {others.max()}; the largest is {MAX_LABEL}")
    small = others.size == 0 or others.max() < 256
    labels: NDArray[np.unsignedinteger] = values.astype(np.uint8 if small else np.uint16)
    return labels
