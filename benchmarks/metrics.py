"""Size and first-order statistics of one lesion over five phases, against named peers.

    make bench, or: python benchmarks/metrics.py

A smooth lobulated lesion of 35 or 120 mm in a mask of 240 x 512 x 512 voxels (1 x 0.7 x
0.7 mm) and five int16 phases. CPU time of the process, minimum of several repeats, ours and
the peer's alternating in the same minute.

The peer that always runs is SimpleITK (label shape and label intensity statistics, on a
crop) with scikit-image's region properties. pyradiomics is the peer of the issue, but it
does not install with pip (its source archive needs numpy, versioneer, an old setuptools and
no build isolation). With LIVERSEG_PYRADIOMICS set to a Python that has it, it runs too, in
a process of its own, and its values are compared with ours.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813
from skimage.measure import regionprops

from liverseg.geometry import Grid, LabelMap
from liverseg.lesions import intensity_histogram, intensity_statistics, measure_size

SHAPE = (240, 512, 512)
SPACING_MM = (1.0, 0.7, 0.7)
PHASES = 5
REPEATS = 3
MARGIN = 5
BIN_HU = 25.0
#: CPU ms that the issue allows, by diameter in mm.
LIMITS_MS = {35.0: 40.0, 120.0: 350.0}
#: pyradiomics' names of our first-order statistics.
FIRST_ORDER = {
    "Mean": "Q4LE",
    "Variance": "ECT3",
    "Skewness": "KE2A",
    "Median": "Y12H",
    "Minimum": "1GSF",
    "10Percentile": "QG58",
    "90Percentile": "8DWT",
    "Maximum": "84IY",
    "InterquartileRange": "SALO",
    "Range": "2OJQ",
    "MeanAbsoluteDeviation": "4FUA",
    "RobustMeanAbsoluteDeviation": "1128",
    "Energy": "N8CA",
    "RootMeanSquared": "5ZWQ",
    "Entropy": "TLU2",
    "Uniformity": "BJ5W",
}
SHAPES = {
    "MeshVolume": ("mesh_volume", 1000.0),
    "VoxelVolume": ("voxel_volume", 1000.0),
    "SurfaceArea": ("surface_area", 1.0),
    "Maximum3DDiameter": ("max_3d_diameter_mesh", 1.0),
    "Maximum2DDiameterSlice": ("long_axis_mesh", 1.0),
    "Sphericity": ("sphericity", 1.0),
}


@dataclass(frozen=True)
class Scene:
    """A mask in a whole image and five phases on it."""

    mask: LabelMap
    phases: tuple[np.ndarray, ...]

    @property
    def crop(self) -> tuple[slice, slice, slice]:
        return self.mask.box(margin=MARGIN)


def make_scene(diameter_mm: float) -> Scene:
    grid = Grid.axial(SHAPE, SPACING_MM)
    half = int(0.7 * diameter_mm / min(SPACING_MM))
    middle = (np.array(SHAPE) - 1) // 2
    low = np.maximum(middle - half, 0)
    high = np.minimum(middle + half + 1, SHAPE)
    axes = [np.arange(a, b) for a, b in zip(low, high, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
    z, y, x = (
        (axis - centre - 0.3) * step
        for axis, centre, step in zip((z, y, x), middle, SPACING_MM, strict=True)
    )
    length = np.sqrt(x * x + y * y + z * z) + 1e-9
    bumps = 1 + 0.06 * np.sin(3 * np.arctan2(y, x)) * (1 - (z / length) ** 2) + 0.05 * z / length
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    array = np.zeros(SHAPE, dtype=np.uint8)
    array[box] = length <= 0.5 * diameter_mm * bumps
    random = np.random.default_rng(1)
    phases = []
    for level in range(PHASES):
        phase = np.zeros(SHAPE, dtype=np.int16)
        phase[box] = random.normal(60 + 15 * level, 18, array[box].shape).round()
        phases.append(phase)
    return Scene(LabelMap(array, grid), tuple(phases))


def ours(scene: Scene) -> tuple[dict[str, float], list[dict[str, float]]]:
    sizes = {row.metric: row.value for row in measure_size(scene.mask)}
    box = scene.mask.box()
    drawn = scene.mask.array[box] != 0
    return sizes, [intensity_statistics(phase[box][drawn]) for phase in scene.phases]


def itk(array: np.ndarray) -> sitk.Image:
    image = sitk.GetImageFromArray(np.ascontiguousarray(array))
    image.SetSpacing(SPACING_MM[::-1])
    return image


def simpleitk(scene: Scene, *, feret: bool) -> None:
    """Fewer values than ours: no short axis, no mesh, no percentiles but the median."""
    labels = itk(scene.mask.array[scene.crop])
    shape = sitk.LabelShapeStatisticsImageFilter()
    shape.SetComputeFeretDiameter(feret)
    shape.Execute(labels)
    shape.GetPhysicalSize(1)
    for phase in scene.phases:
        values = sitk.LabelIntensityStatisticsImageFilter()
        values.Execute(labels, itk(phase[scene.crop]))
        values.GetKurtosis(1)


def skimage_regions(scene: Scene) -> None:
    """Region properties on the crop: diameter of the convex hull, solidity, axes."""
    (region,) = regionprops(scene.mask.array[scene.crop], spacing=SPACING_MM)
    _ = region.feret_diameter_max, region.solidity, region.axis_major_length, region.area


def cpu_ms(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return 1000.0 * (time.process_time() - start)


def against(scene: Scene, name: str, peer: Callable[[], object], *, repeats: int) -> None:
    pairs = [(cpu_ms(lambda: ours(scene)), cpu_ms(peer)) for _ in range(repeats)]
    mine, theirs = (min(pair[k] for pair in pairs) for k in (0, 1))
    print(f"  {name:58}{theirs:10.0f} ms   ours {mine:7.1f} ms   {theirs / mine:8.1f} times")


def pyradiomics(scene: Scene, python: str, *, whole: bool) -> None:
    """Time pyradiomics in its own process and compare its values with ours."""
    with tempfile.TemporaryDirectory() as name:
        box = tuple(slice(None) for _ in range(3)) if whole else scene.crop
        # One phase is enough: shape is done again for each, so five cost five times as much.
        np.savez(
            Path(name) / "scene.npz",
            mask=scene.mask.array[box],
            phases=np.stack([p[box] for p in scene.phases[: 1 if whole else None]]),
            spacing=np.array(SPACING_MM[::-1]),
        )
        job = [python, str(Path(__file__).with_name("peer_pyradiomics.py")), name]
        mine = min(cpu_ms(lambda: ours(scene)) for _ in range(REPEATS))
        done = subprocess.run(
            [*job, "whole" if whole else "crop"], capture_output=True, text=True, check=True
        )
    result = json.loads(done.stdout)
    way = "extractor as called, whole image, 5 phases" if whole else "classes on a crop, 5 phases"
    factor = PHASES if whole else 1
    theirs = result["ms"] * factor
    print(f"  pyradiomics {way:46}{theirs:10.0f} ms   ours {mine:7.1f} ms   "
          f"{theirs / mine:8.1f} times")  # fmt: skip
    if not whole:
        compare_values(scene, result["shape"], result["first_order"])


def compare_values(scene: Scene, shape: dict[str, float], orders: list[dict[str, float]]) -> None:
    sizes, statistics = ours(scene)
    box = scene.mask.box()
    drawn = scene.mask.array[box] != 0
    worst = 0.0
    for name, (metric, factor) in SHAPES.items():
        worst = max(worst, abs(sizes[metric] * factor / shape[name] - 1.0))
    print(f"    largest relative difference of {len(SHAPES)} shape values: {worst:.1e}")
    worst = 0.0
    for phase, own, theirs in zip(scene.phases, statistics, orders, strict=True):
        mine = own | intensity_histogram(phase[box][drawn], bin_width=BIN_HU)
        for name, key in FIRST_ORDER.items():
            worst = max(worst, abs(mine[key] - theirs[name]) / max(abs(theirs[name]), 1e-3))
    print(f"    largest relative difference of {len(FIRST_ORDER)} first-order values: {worst:.1e}")


def main() -> int:
    python = os.environ.get("LIVERSEG_PYRADIOMICS")
    slow = []
    for diameter_mm, limit_ms in LIMITS_MS.items():
        scene = make_scene(diameter_mm)
        voxels = np.count_nonzero(scene.mask.array)
        ours(scene)  # fills caches
        mine = min(cpu_ms(lambda s=scene: ours(s)) for _ in range(REPEATS))
        print(f"lesion of {diameter_mm:g} mm ({voxels} voxels), all sizes and statistics of "
              f"{PHASES} phases: {mine:.1f} ms, limit {limit_ms:g} ms")  # fmt: skip
        slow += [diameter_mm] if mine > limit_ms else []
        small = diameter_mm < 50.0
        name = "SimpleITK shape with Feret" if small else "SimpleITK shape without Feret"
        against(
            scene,
            f"{name} + intensity, crop, 5 phases",
            lambda s=scene, f=small: simpleitk(s, feret=f),
            repeats=REPEATS,
        )
        if small:
            against(
                scene,
                "scikit-image regionprops, crop, shape only",
                lambda s=scene: skimage_regions(s),
                repeats=1,
            )
        if python:
            pyradiomics(scene, python, whole=False)
            if small:
                pyradiomics(scene, python, whole=True)
    if not python:
        print("pyradiomics was not run: set LIVERSEG_PYRADIOMICS to a Python that has it")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
