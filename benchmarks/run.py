"""Ratios against named peers, measured in one run on the same data, one after the other.

    make bench

Sizes and statistics of a lesion have a script of their own, benchmarks/metrics.py, which runs
last.

Each line gives our time, the peer's time and the ratio (below 1 is faster than the peer);
the minimum of several alternating repeats, CPU seconds of the process. Data: one phase of
the digital case, written to a temporary folder.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import metrics
import SimpleITK as sitk  # noqa: N813

from liverseg.geometry import LabelMap
from liverseg.ingest import read_volume, scan_folder
from liverseg.interop import read_masks
from liverseg.lesions import measure_size
from liverseg.workflow import Variant, make_digital_case

REPEATS = 3


def cpu_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def against(name: str, ours: Callable[[], object], peer: str, theirs: Callable[[], object]) -> None:
    pairs = [(cpu_seconds(ours), cpu_seconds(theirs)) for _ in range(REPEATS)]
    mine, other = min(p[0] for p in pairs), min(p[1] for p in pairs)
    print(f"{name:34} {mine:8.3f} s   {peer:38} {other:8.3f} s   ratio {mine / other:.2f}")


def ours_read(folder: Path) -> object:
    return read_volume(scan_folder(folder).series[0])


def sitk_read(folder: Path) -> object:
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return sitk.GetArrayFromImage(reader.Execute())


def sitk_size(labels: LabelMap) -> object:
    image = sitk.GetImageFromArray(labels.array)
    slice_mm, row_mm, column_mm = labels.grid.spacing_mm
    image.SetSpacing((column_mm, row_mm, slice_mm))
    shape = sitk.LabelShapeStatisticsImageFilter()
    shape.ComputeFeretDiameterOn()
    shape.Execute(image)
    return shape.GetFeretDiameter(1)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        make_digital_case(root, variant=Variant.FIGURES)
        folder = root / "dicom" / "2015_CT" / "04_ct_portal"
        against(
            "read one series",
            lambda: ours_read(folder),
            "SimpleITK series",
            lambda: sitk_read(folder),
        )
        mask = read_masks(root / "masks" / "2015_CT" / "lesions" / "F7.dcm")[0].labels
        labels = LabelMap(mask.mask(), mask.grid)
        against(
            "all sizes of one lesion",
            lambda: measure_size(labels),
            "SimpleITK 3D Feret alone",
            lambda: sitk_size(labels),
        )
    return metrics.main()


if __name__ == "__main__":
    sys.exit(main())
