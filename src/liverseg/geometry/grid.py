"""`Grid`: where the voxels of an array lie in the patient.

World coordinates are DICOM patient coordinates (LPS) in millimetres: +x to the
patient's left, +y to the back, +z to the head (DICOM PS3.3 C.7.6.2.1.1).
Array indices are (slice, row, column), always in this order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from liverseg.errors import GeometryError

Float = NDArray[np.float64]

#: Two grids are the same place when no corner of one lies further than this from
#: the same corner of the other. A twentieth of a fine CT pixel; headers round to
#: about 1e-4 mm.
SAME_PLACE_MM = 0.05


@dataclass(frozen=True, eq=False)
class Grid:
    """A regular lattice of voxel centres in patient space.

    Parameters
    ----------
    shape
        Number of (slices, rows, columns).
    lps_from_index
        4 x 4 float64 matrix; ``lps_from_index @ (slice, row, column, 1)`` is the
        LPS position in mm of that voxel's centre. Oblique, anisotropic and
        left-handed lattices are fine; a singular matrix is an error.
    frame_of_reference
        DICOM Frame of Reference UID, or None where the file gives none.
        None is *unknown*, not "any": see `require_same_frame`.
    """

    shape: tuple[int, int, int]
    lps_from_index: Float
    frame_of_reference: str | None = None

    def __post_init__(self) -> None:
        shape = tuple(int(n) for n in self.shape)
        if len(shape) != 3 or min(shape) < 1:
            raise GeometryError(
                f"a grid needs three positive sizes (slice, row, column), not {self.shape}"
            )
        matrix = np.array(self.lps_from_index, dtype=np.float64)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
            raise GeometryError(f"lps_from_index must be a finite 4 x 4 matrix, not {matrix}")
        if not np.allclose(matrix[3], (0, 0, 0, 1)) or abs(np.linalg.det(matrix[:3, :3])) < 1e-9:
            raise GeometryError(f"lps_from_index is not an invertible affine matrix: {matrix}")
        matrix.flags.writeable = False
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "lps_from_index", matrix)

    @classmethod
    def axial(
        cls,
        shape: tuple[int, int, int],
        spacing_mm: tuple[float, float, float],
        *,
        origin_lps_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
        frame_of_reference: str | None = None,
    ) -> Grid:
        """Axial grid: slices towards the head, rows to the back, columns to the left.

        `spacing_mm` is (slice, row, column); `origin_lps_mm` is the centre of voxel
        (0, 0, 0).
        """
        slice_mm, row_mm, column_mm = spacing_mm
        matrix = np.eye(4)
        matrix[:3, :3] = [[0, 0, column_mm], [0, row_mm, 0], [slice_mm, 0, 0]]
        matrix[:3, 3] = origin_lps_mm
        return cls(shape, matrix, frame_of_reference)

    @cached_property
    def index_from_lps(self) -> Float:
        """4 x 4 matrix from LPS mm to (slice, row, column)."""
        inverse: Float = np.asarray(np.linalg.inv(self.lps_from_index), dtype=np.float64)
        inverse.flags.writeable = False
        return inverse

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance between neighbouring voxel centres along (slice, row, column), in mm."""
        steps = np.linalg.norm(self.lps_from_index[:3, :3], axis=0)
        return float(steps[0]), float(steps[1]), float(steps[2])

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel in mm3 (right for sheared lattices too)."""
        return float(abs(np.linalg.det(self.lps_from_index[:3, :3])))

    @property
    def axes_lps(self) -> Float:
        """(3, 3): column k is the unit vector of index axis k (slice, row, column) in LPS."""
        matrix = self.lps_from_index[:3, :3]
        return np.asarray(matrix / np.linalg.norm(matrix, axis=0))

    @property
    def is_orthogonal(self) -> bool:
        """Whether the index axes are at right angles within 1e-3 (no gantry tilt)."""
        axes = self.axes_lps
        return bool(np.abs(axes.T @ axes - np.eye(3)).max() < 1e-3)

    def to_lps_mm(self, index: ArrayLike) -> Float:
        """(..., 3) voxel indices (slice, row, column), fractions allowed, to LPS mm."""
        points = np.asarray(index, dtype=np.float64)
        return np.asarray(points @ self.lps_from_index[:3, :3].T + self.lps_from_index[:3, 3])

    def to_index(self, lps_mm: ArrayLike) -> Float:
        """(..., 3) LPS mm to fractional voxel indices (slice, row, column)."""
        points = np.asarray(lps_mm, dtype=np.float64)
        return np.asarray(points @ self.index_from_lps[:3, :3].T + self.index_from_lps[:3, 3])

    def corners_lps_mm(self) -> Float:
        """(8, 3) LPS mm of the centres of the eight corner voxels."""
        last = np.array(self.shape) - 1
        picks = np.array(np.meshgrid([0, 1], [0, 1], [0, 1], indexing="ij")).reshape(3, -1).T
        return self.to_lps_mm(picks * last)

    def distance_to_mm(self, other: Grid) -> float:
        """Largest distance in mm between the same corner of both grids; inf if shapes differ."""
        if self.shape != other.shape:
            return float("inf")
        gap = self.corners_lps_mm() - other.corners_lps_mm()
        return float(np.linalg.norm(gap, axis=1).max())

    def is_same_lattice(self, other: Grid, *, tolerance_mm: float = SAME_PLACE_MM) -> bool:
        """Same shape and every corner within `tolerance_mm`, whatever the frames of reference."""
        return self.distance_to_mm(other) <= tolerance_mm

    def is_same_place(self, other: Grid, *, tolerance_mm: float = SAME_PLACE_MM) -> bool:
        """Same lattice *and* the same known frame of reference. Unknown counts as different."""
        known = self.frame_of_reference is not None
        same_frame = known and self.frame_of_reference == other.frame_of_reference
        return same_frame and self.is_same_lattice(other, tolerance_mm=tolerance_mm)

    def with_frame(self, frame_of_reference: str | None) -> Grid:
        """The same lattice in another frame of reference (the caller vouches for it)."""
        return Grid(self.shape, self.lps_from_index, frame_of_reference)

    def cropped(self, start: tuple[int, int, int], shape: tuple[int, int, int]) -> Grid:
        """The sub-lattice that starts at index `start`; `start` may lie outside."""
        matrix = self.lps_from_index.copy()
        matrix[:3, 3] = self.to_lps_mm(start)
        return Grid(shape, matrix, self.frame_of_reference)

    def shifted(self, shift_lps_mm: ArrayLike) -> Grid:
        """The same lattice moved by a vector in LPS mm."""
        matrix = self.lps_from_index.copy()
        matrix[:3, 3] += np.asarray(shift_lps_mm, dtype=np.float64)
        return Grid(self.shape, matrix, self.frame_of_reference)

    def __repr__(self) -> str:
        spacing = " x ".join(f"{s:.4g}" for s in self.spacing_mm)
        frame = self.frame_of_reference or "unknown"
        return f"Grid(shape={self.shape}, spacing={spacing} mm, frame={frame})"


def require_same_frame(one: Grid, other: Grid, *, where: str) -> None:
    """Raise unless both grids may be combined without a transform.

    Two *different known* frames of reference are an error that names both. Where one
    is unknown nothing can be proven: the caller decides by geometry and records a
    `Doubt` (mask series without a frame of reference are common).
    """
    known = one.frame_of_reference is not None and other.frame_of_reference is not None
    if known and one.frame_of_reference != other.frame_of_reference:
        raise GeometryError(
            "two different frames of reference cannot be combined without a transform: "
            f"{one.frame_of_reference} and {other.frame_of_reference}",
            where=where,
            remedy="use masks drawn on a series of the same exam, or register the exams first",
        )
