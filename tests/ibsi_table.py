"""IBSI's reference values beside ours, as a table.

    make ibsi

The phantoms and the reference values are not part of the project: they are read from the
folder ``ibsi`` of LIVERSEG_TEST_DATA. Exit status: 0 when every value is within its
tolerance, 1 when one is not, 2 when the data are not there.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np
from conftest import data_folder

from liverseg.geometry import Grid, LabelMap, Volume
from liverseg.ingest import read_volume, scan_folder
from liverseg.lesions import IbsiChain, ibsi_features

FAMILIES = ("morphology", "intensity_statistics")
#: Spatial correlation is not measured; the local intensity peaks are another family.
NOT_MEASURED = ("N365", "NPT7")
#: Reference values are stated to three digits.
DIGITS = 3
WIDE = (-1000.0, 400.0)
CHAINS = {
    "none": IbsiChain(),
    "A": IbsiChain(keep_hu=(-500.0, 400.0)),
    "B": IbsiChain(spacing_mm=(None, 2.0, 2.0), keep_hu=(-500.0, 400.0)),
    "C": IbsiChain(spacing_mm=(2.0, 2.0, 2.0), keep_hu=WIDE),
    "D": IbsiChain(spacing_mm=(2.0, 2.0, 2.0), keep_sigma=3.0),
    "E": IbsiChain(spacing_mm=(2.0, 2.0, 2.0), image_order=3, keep_hu=WIDE, keep_sigma=3.0),
}


@dataclass(frozen=True)
class Line:
    """One reference value and ours; `value` is NaN when we have none."""

    phantom: str
    configuration: str
    family: str
    ibsi_id: str
    name: str
    reference: float
    tolerance: float
    value: float

    @property
    def agrees(self) -> bool:
        """Within the tolerance; where that is 0, equal in the digits that are stated."""
        if self.tolerance == 0.0:
            return rounded(self.value) == rounded(self.reference)
        return abs(self.value - self.reference) <= self.tolerance


def rounded(value: float) -> float:
    if value == 0.0 or not math.isfinite(value):
        return value
    return round(value, DIGITS - 1 - math.floor(math.log10(abs(value))))


def read_nifti(path: Path) -> tuple[np.ndarray, Grid]:
    """A NIfTI array on its own lattice, slices first, positions in LPS."""
    image = nibabel.load(path)
    array = np.asarray(image.dataobj).transpose(2, 1, 0)
    matrix = np.diag([-1.0, -1.0, 1.0, 1.0]) @ image.affine
    return array, Grid(array.shape, matrix[:, [2, 1, 0, 3]])


def phantom(folder: Path, name: str) -> tuple[LabelMap, Volume]:
    """Mask and image of a phantom on the same voxels."""
    drawn, grid = read_nifti(folder / name / "mask.nii.gz")
    mask = LabelMap(drawn > 0, grid)
    if name == "digital_phantom":
        values, _ = read_nifti(folder / name / "image.nii.gz")
        return mask, Volume(values, grid, "au")
    (series,) = scan_folder(folder / name / "dicom").series
    image = read_volume(series)
    # Mask and image store their slices and rows in directions of their own.
    index = np.rint(image.grid.to_index(grid.to_lps_mm(np.argwhere(drawn > 0)))).astype(int)
    placed = np.zeros(image.grid.shape, dtype=np.uint8)
    placed[tuple(index.T)] = 1
    return LabelMap(placed, image.grid), image


def compare(folder: Path) -> Iterator[Line]:
    """Every reference value with consensus, except those of `NOT_MEASURED`."""
    with (folder / "ibsi1_reference_values.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["family"] in FAMILIES
            and row["reference_value"]
            and row["ibsi_id"] not in NOT_MEASURED
        ]
    for name in dict.fromkeys(row["phantom"] for row in rows):
        mask, image = phantom(folder, name)
        own = [row for row in rows if row["phantom"] == name]
        for configuration in dict.fromkeys(row["configuration"] for row in own):
            values = ibsi_features(mask, image, CHAINS[configuration])
            for row in own:
                if row["configuration"] == configuration:
                    yield Line(
                        name,
                        configuration,
                        row["family"],
                        row["ibsi_id"],
                        row["feature"],
                        float(row["reference_value"]),
                        float(row["tolerance"]),
                        values.get(row["ibsi_id"], math.nan),
                    )


def main() -> int:
    folder = data_folder() / "ibsi"
    if not folder.is_dir():
        print(f"no IBSI phantoms at {folder}: set LIVERSEG_TEST_DATA to the folder that holds ibsi")
        return 2
    lines = list(compare(folder))
    print(f"{'phantom':16}{'':5}{'id':5} {'feature':52}{'ours':>13}{'reference':>13}{'+-':>11}")
    for line in lines:
        print(
            f"{line.phantom:16}{line.configuration:5}{line.ibsi_id:5} {line.name:52}"
            f"{line.value:13.6g}{line.reference:13.6g}{line.tolerance:11.4g}"
            f"{'' if line.agrees else '   OUT OF TOLERANCE'}"
        )
    off = [line for line in lines if not line.agrees]
    print(f"{len(lines) - len(off)} of {len(lines)} values within tolerance")
    return 1 if off else 0


if __name__ == "__main__":
    sys.exit(main())
