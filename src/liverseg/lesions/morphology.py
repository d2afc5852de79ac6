"""The morphology family of IBSI, from the mesh, the voxel centres and the values.

Definitions: IBSI reference manual (arXiv:1612.07003), section 3.1. Left out are the
features without a reference value (oriented bounding box ZH1A, IQYR; minimum volume
enclosing ellipsoid SWZ1, BRI8) and spatial correlation (Moran's I N365, Geary's C NPT7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from scipy.special import elliprg

from liverseg.errors import GeometryError
from liverseg.geometry import Grid, LabelMap, Mask, Volume
from liverseg.lesions.extents import PrincipalAxes, principal_axes
from liverseg.lesions.hull import Index, hull_candidates, hull_vertices, near_longest
from liverseg.lesions.mesh import Surface, longest_on_mesh, measure_surface, mesh_hull_points

#: A mask is flat when its least axis is shorter than this share of its longest.
FLAT = 1e-9
#: Terms of the series for the area of an ellipsoid that the manual asks for.
SERIES_TERMS = 20


@dataclass(frozen=True, eq=False)
class Morphology:
    """What all features are made of; lengths in mm.

    `hull` are the corners of the convex hull of the voxel centres, as indices of `grid`.
    """

    drawn: Mask
    grid: Grid
    hull: Index
    surface: Surface
    axes: PrincipalAxes

    @classmethod
    def of(cls, mask: LabelMap, box: tuple[slice, slice, slice] | None = None) -> Morphology:
        """From all voxels of a mask that are not 0; raises `EmptyLabelError` without any.

        `box` is the mask's own, where it is known.
        """
        box = box or mask.box()
        drawn = mask.part(box) != 0
        grid = mask.grid.cropped((box[0].start, box[1].start, box[2].start), drawn.shape)
        hull = hull_vertices(hull_candidates(drawn))
        return cls(drawn, grid, hull, measure_surface(drawn, grid), principal_axes(drawn, grid))


def ibsi_morphology(mask: LabelMap, image: Volume | None = None) -> dict[str, float]:
    """The IBSI morphology features of a mask by their id; mm, mm2, mm3 or a ratio.

    With an `image` on the mask's lattice, whose NaN are voxels left out by re-segmentation,
    also the centre of mass shift KLMA and the integrated intensity 99N0. A flat mask (one
    slice, one line, one voxel) has no enclosing ellipsoid: 6BDE and RDD2 are left out, and
    of one voxel the ratios of axes Q3CK and N17B too.
    """
    parts = Morphology.of(mask)
    matrix = parts.grid.lps_from_index[:3, :3]
    features = {
        "YEKZ": float(np.count_nonzero(parts.drawn)) * parts.grid.voxel_volume_mm3,
        "L0JK": longest_on_mesh(parts.hull, near_longest(parts.hull, matrix), parts.grid).length_mm,
        **surface_features(parts.surface),
        **axis_features(parts.axes),
        **density_features(parts),
    }
    return features if image is None else features | mass_features(mask, image, parts.surface)


def surface_features(surface: Surface) -> dict[str, float]:
    """Features of mesh volume and area alone.

    RNU0 volume, C0JK area, 2PR5 surface to volume ratio, SKGS and BQWJ compactness 1 and 2,
    KRCK spherical disproportion, QCFX sphericity, 25C7 asphericity.
    """
    volume, area = surface.volume_mm3, surface.area_mm2
    compact = 36.0 * np.pi * volume**2 / area**3
    return {
        "RNU0": volume,
        "C0JK": area,
        "2PR5": area / volume,
        "SKGS": volume / float(np.sqrt(np.pi * area**3)),
        "BQWJ": float(compact),
        "KRCK": float(compact ** (-1.0 / 3.0)),
        "QCFX": surface.sphericity,
        "25C7": float(compact ** (-1.0 / 3.0)) - 1.0,
    }


def axis_features(axes: PrincipalAxes) -> dict[str, float]:
    """TDIC, P9VJ, 7J51: four standard deviations along each axis; Q3CK, N17B: their ratios."""
    major, minor, least = axes.lengths_mm
    features = {"TDIC": major, "P9VJ": minor, "7J51": least}
    if major > 0.0:
        features |= {"Q3CK": minor / major, "N17B": least / major}
    return features


def density_features(parts: Morphology) -> dict[str, float]:
    """Mesh volume and area over those of bodies that hold the mask.

    PBX1, R59B: the box along the grid's own axes; R3ER, 7T7F: the convex hull of the mesh;
    6BDE, RDD2: the ellipsoid with the principal axes as its own, see
    `ibsi_ellipsoid_area`.
    """
    matrix = parts.grid.lps_from_index[:3, :3]
    volume, area = parts.surface.volume_mm3, parts.surface.area_mm2
    points = mesh_hull_points(parts.hull)
    hull = ConvexHull(points @ matrix.T)
    edges = matrix * np.ptp(points, axis=0)
    faces = sum(
        float(np.linalg.norm(np.cross(edges[:, one], edges[:, two])))
        for one, two in ((0, 1), (0, 2), (1, 2))
    )
    features = {
        "PBX1": volume / float(abs(np.linalg.det(edges))),
        "R59B": area / (2.0 * faces),
        "R3ER": volume / float(hull.volume),
        "7T7F": area / float(hull.area),
    }
    a, b, c = (0.5 * length for length in parts.axes.lengths_mm)
    if c > FLAT * a:
        features["6BDE"] = volume / (4.0 / 3.0 * np.pi * a * b * c)
        features["RDD2"] = area / ibsi_ellipsoid_area(a, b, c)
    return features


def ibsi_ellipsoid_area(a: float, b: float, c: float) -> float:
    """Area of an ellipsoid with half axes a >= b >= c as IBSI writes it, for RDD2.

    The series of the manual, with its 20 terms, gives the true area (`ellipsoid_area`) of a
    ball only. For the digital phantom, whose reference value needs this one, it is 4 % below,
    for flat bodies far above.
    """
    alpha2, beta2 = 1.0 - (b / a) ** 2, 1.0 - (c / a) ** 2
    half_sum, product2 = 0.5 * (alpha2 + beta2), alpha2 * beta2
    # Terms (alpha beta)^n P_n by Legendre's recurrence, which also holds when alpha is 0.
    before, term, total = 1.0, half_sum, 1.0
    for n in range(1, SERIES_TERMS + 1):
        total += term / (1.0 - 4.0 * n**2)
        before, term = term, ((2 * n + 1) * half_sum * term - n * product2 * before) / (n + 1)
    return 4.0 * np.pi * a * b * total


def ellipsoid_area(a: float, b: float, c: float) -> float:
    """Area of the ellipsoid with these half axes, by Carlson's integral (DLMF 19.33.2)."""
    return float(4.0 * np.pi * elliprg((a * b) ** 2, (a * c) ** 2, (b * c) ** 2))


def mass_features(mask: LabelMap, image: Volume, surface: Surface) -> dict[str, float]:
    """KLMA: from the mean position to the mean weighted by value, mm; 99N0: mean times RNU0."""
    if not mask.grid.is_same_lattice(image.grid):
        raise GeometryError(
            "mask and image do not lie on the same voxels",
            where="ibsi_morphology",
            remedy="resample one onto the other's grid first",
        )
    box = mask.box()
    start = np.array([span.start for span in box])
    drawn = mask.part(box) != 0
    values: NDArray[np.float64] = image.array[box].astype(np.float64)
    used = drawn & np.isfinite(values)
    place, weighed = np.argwhere(used), values[used]
    heavy = weighed @ place / weighed.sum()
    ends = mask.grid.to_lps_mm(np.array([np.argwhere(drawn).mean(axis=0), heavy]) + start)
    shift = float(np.linalg.norm(ends[1] - ends[0]))
    return {"KLMA": shift, "99N0": float(weighed.mean()) * surface.volume_mm3}
