"""NIfTI out, for other programs and for looking."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nibabel as nib
import numpy as np

from liverseg.geometry import LabelMap


def write_nifti(labels: LabelMap, path: Path) -> Path:
    """Write a label map as NIfTI (RAS world, axes column, row, slice); whole or not at all."""
    ras_from_lps = np.diag([-1.0, -1.0, 1.0, 1.0])
    affine = ras_from_lps @ labels.grid.lps_from_index[:, [2, 1, 0, 3]]
    image = nib.Nifti1Image(np.transpose(labels.array, (2, 1, 0)), affine)
    image.header.set_xyzt_units("mm")
    image.set_sform(affine, code=1)
    image.set_qform(affine, code=1, strip_shears=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    ending = ".nii.gz" if path.name.endswith(".gz") else ".nii"
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".partial-") as folder:
        partial = Path(folder) / f"mask{ending}"
        nib.save(image, partial)
        partial.replace(path)
    return path
