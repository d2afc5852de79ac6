"""Shape features by the names and conventions of pyradiomics, to compare numbers with it.

pyradiomics (van Griethuysen 2017, doi:10.1158/0008-5472.CAN-17-0339) measures diameters
between vertices of its mesh, cuts cells of the mesh that can be cut in several ways by half
a table (see `CellMesh`), and divides covariances by n. None of this changes our own rows.
"""

from __future__ import annotations

import numpy as np

from liverseg.geometry import Grid, LabelMap, Mask
from liverseg.lesions.caliper import plane_matrix
from liverseg.lesions.cells import CellMesh
from liverseg.lesions.hull import near_longest
from liverseg.lesions.mesh import longest_on_mesh, longest_on_mesh_in_plane, measure_surface
from liverseg.lesions.morphology import Morphology
from liverseg.records import Measurement

#: Array axes to which each diameter is at right angles comes first.
PLANES = {
    "Maximum2DDiameterSlice": (0, 1, 2),
    "Maximum2DDiameterRow": (2, 0, 1),
    "Maximum2DDiameterColumn": (1, 0, 2),
}
UNITS = {"MeshVolume": "mm3", "VoxelVolume": "mm3", "SurfaceArea": "mm2"}
RATIOS = ("Sphericity", "Elongation", "Flatness")


def pyradiomics_shape(mask: LabelMap) -> dict[str, float]:
    """Pyradiomics' shape features of all voxels that are not 0, in mm, mm2 and mm3.

    `mask` is (slice, row, column). Its surface depends a little on the direction in which
    slices, rows and columns are stored, as pyradiomics' does. Elongation and Flatness are
    left out for a single voxel. Raises `EmptyLabelError` when nothing is drawn.
    """
    parts = Morphology.of(mask)
    drawn, grid = parts.drawn, parts.grid
    surface = measure_surface(drawn, grid, mesh=CellMesh.PYRADIOMICS)
    near = near_longest(parts.hull, grid.lps_from_index[:3, :3])
    count = float(np.count_nonzero(drawn))
    share = np.sqrt((count - 1.0) / count)
    major, minor, least = (share * length for length in parts.axes.lengths_mm)
    features = {
        "MeshVolume": surface.volume_mm3,
        "VoxelVolume": count * grid.voxel_volume_mm3,
        "SurfaceArea": surface.area_mm2,
        "SurfaceVolumeRatio": surface.area_mm2 / surface.volume_mm3,
        "Sphericity": surface.sphericity,
        "Maximum3DDiameter": longest_on_mesh(parts.hull, near, grid).length_mm,
        **{name: _diameter(drawn, grid, axes) for name, axes in PLANES.items()},
        "MajorAxisLength": float(major),
        "MinorAxisLength": float(minor),
        "LeastAxisLength": float(least),
    }
    if major > 0.0:
        features["Elongation"] = float(minor / major)
        features["Flatness"] = float(least / major)
    return features


def measure_like_pyradiomics(mask: LabelMap) -> tuple[Measurement, ...]:
    """The features of `pyradiomics_shape` as rows; metrics carry pyradiomics' names."""
    return tuple(
        Measurement(name, value, _unit(name), "convention of pyradiomics 3.0.1")
        for name, value in pyradiomics_shape(mask).items()
    )


def _unit(name: str) -> str:
    if name in RATIOS:
        return "1"
    return "1/mm" if name == "SurfaceVolumeRatio" else UNITS.get(name, "mm")


def _diameter(drawn: Mask, grid: Grid, axes: tuple[int, int, int]) -> float:
    """Largest distance in a plane at right angles to the first of three array axes."""
    turned = np.ascontiguousarray(drawn.transpose(axes))
    matrix = grid.lps_from_index.copy()
    matrix[:3, :3] = matrix[:3, list(axes)]
    plane = plane_matrix(Grid((turned.shape[0], turned.shape[1], turned.shape[2]), matrix))
    return longest_on_mesh_in_plane(turned, plane)[1].length_mm
