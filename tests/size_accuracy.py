"""How far sizes of digital ellipsoids lie from the analytic ones, as the documentation's tables.

    python tests/size_accuracy.py

With LIVERSEG_TEST_DATA set, also how far our rows lie from pyradiomics' own table.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813
from conftest import data_folder
from tilted import Tilted, sample

from liverseg.geometry import Grid, LabelMap
from liverseg.lesions import measure_size
from liverseg.lesions.morphology import ellipsoid_area

GRIDS = {"1 x 1 x 1": (1.0, 1.0, 1.0), "5 x 0.5 x 0.5": (5.0, 0.5, 0.5)}
BANDS = ((10.0, 20.0), (20.0, 40.0), (40.0, 60.0), (60.0, 90.0))
COUNT = 60
#: Our row, its factor, and pyradiomics' name of the same thing.
SAME = {
    "mesh_volume": (1000.0, "MeshVolume"),
    "surface_area": (1.0, "SurfaceArea"),
    "max_3d_diameter_mesh": (1.0, "Maximum3DDiameter"),
    "long_axis_mesh": (1.0, "Maximum2DDiameterSlice"),
    "max_3d_diameter": (1.0, "Maximum3DDiameter"),
    "long_axis": (1.0, "Maximum2DDiameterSlice"),
    "major_axis": (1.0, "MajorAxisLength"),
}


def errors(body: Tilted) -> tuple[float, ...]:
    """Long and short axis in in-plane pixels; voxel volume, mesh volume, area in percent."""
    rows = {row.metric: row.value for row in measure_size(body.mask())}
    long, short = body.largest_section_mm()
    pixel = body.spacing_mm[1]
    half = sorted((0.5 * size for size in body.diameters_mm), reverse=True)
    area = ellipsoid_area(half[0], half[1], half[2])
    return (
        (rows["long_axis"] - long) / pixel,
        (rows["short_axis"] - short) / pixel,
        100.0 * (rows["voxel_volume"] / body.volume_ml - 1.0),
        100.0 * (rows["mesh_volume"] / body.volume_ml - 1.0),
        100.0 * (rows["surface_area"] / area - 1.0),
    )


def accuracy_lines() -> Iterator[str]:
    yield "| voxels mm | longest diameter mm | long axis, pixels | short axis, pixels " \
        "| voxel volume % | mesh volume % | surface % |"  # fmt: skip
    yield "|---|---|---|---|---|---|---|"
    for name, spacing in GRIDS.items():
        for low, high in BANDS:
            bodies = sample(COUNT, spacing, sizes_mm=(low, high), seed=int(low))
            found = np.array([errors(body) for body in bodies])
            cells = [
                f"{column.mean():+.1f} ({column.min():+.1f} to {column.max():+.1f})"
                for column in found.T
            ]
            yield f"| {name} | {low:g} to {high:g} | " + " | ".join(cells) + " |"


def baseline_lines(folder: Path) -> Iterator[str]:
    cases = ("brain1", "brain2", "breast1")
    with (folder / "baseline_shape.csv").open(encoding="utf-8", newline="") as file:
        table = {row["featureName"].split("_")[-1]: row for row in csv.DictReader(file)}
    yield f"| ours against pyradiomics' | {' | '.join(cases)} |"
    yield "|---|" + "---|" * len(cases)
    rows = {}
    for case in cases:
        image = sitk.ReadImage(str(folder / f"{case}_label.nrrd"))
        array = sitk.GetArrayFromImage(image) == 1
        grid = Grid.axial(array.shape, image.GetSpacing()[::-1])
        rows[case] = {row.metric: row.value for row in measure_size(LabelMap(array, grid))}
    for metric, (factor, name) in SAME.items():
        cells = [
            f"{100.0 * (rows[case][metric] * factor / float(table[name][case]) - 1.0):+.2f} %"
            for case in cases
        ]
        yield f"| `{metric}` against {name} | {' | '.join(cells)} |"


def main() -> None:
    for line in accuracy_lines():
        print(line)
    folder = data_folder() / "pyradiomics_baseline"
    if folder.is_dir():
        print()
        for line in baseline_lines(folder):
            print(line)


if __name__ == "__main__":
    main()
