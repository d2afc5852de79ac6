"""Where a grid lies in napari: the display frame of an exam and the place of a layer in it.

napari draws a layer that is tilted out of the slice plane without its tilt. So napari's
world is not LPS here but the *display frame*: millimetres along the axes of the exam's
reference grid, from the centre of its first shown voxel. Slices stay the acquired ones;
axes are only reversed, and rows and columns exchanged, until the picture follows the
radiological convention of its plane:

    plane      slices grow to   down is   right is
    axial      head (S)         back (P)  left (L)
    coronal    back (P)         feet (I)  left (L)
    sagittal   left (L)         feet (I)  back (P)

No Qt and no napari in this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.geometry import SAME_PLACE_MM, Grid, LabelMap, Volume

Float = NDArray[np.float64]
Triple = tuple[float, float, float]

#: Directions of (slice, down, right) in LPS for a plane, by the LPS axis that its slices
#: run along (0 = x: sagittal, 1 = y: coronal, 2 = z: axial).
CONVENTION = {
    2: ((0, 0, 1), (0, 1, 0), (1, 0, 0)),
    1: ((0, 1, 0), (0, 0, -1), (1, 0, 0)),
    0: ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
}
#: The three standard planes, by the LPS axis that their slices run along.
PLANE_NAMES = {2: "axial", 1: "coronal", 0: "sagittal"}
#: Letters of the LPS axes where they grow, and the letter across from each.
LETTERS = ("L", "P", "H")
OPPOSITE = {"L": "R", "R": "L", "P": "A", "A": "P", "H": "F", "F": "H"}


@dataclass(frozen=True)
class AxisTurn:
    """A view of an array with other axes: axis k shows axis `order[k]`, reversed if `flips[k]`.

    Exact both ways: only strides change, no voxel is copied.
    """

    order: tuple[int, int, int] = (0, 1, 2)
    flips: tuple[bool, bool, bool] = (False, False, False)

    def shown(self, array: NDArray[Any]) -> NDArray[Any]:
        """View of a (slice, row, column) array as displayed."""
        steps = tuple(slice(None, None, -1 if flip else 1) for flip in self.flips)
        return array.transpose(self.order)[steps]

    def stored(self, array: NDArray[Any]) -> NDArray[Any]:
        """The way back: view of a displayed array as (slice, row, column)."""
        steps = tuple(slice(None, None, -1 if flip else 1) for flip in self.flips)
        back = [self.order.index(axis) for axis in range(3)]
        return array[steps].transpose(back)

    def index_from_shown(self, shape: tuple[int, int, int]) -> Float:
        """4 x 4 matrix from shown index to stored index; `shape` is the stored shape."""
        matrix = np.zeros((4, 4))
        matrix[3, 3] = 1
        for axis, (source, flip) in enumerate(zip(self.order, self.flips, strict=True)):
            matrix[source, axis] = -1 if flip else 1
            matrix[source, 3] = shape[source] - 1 if flip else 0
        return matrix


class LateLabels:
    """A label map as displayed, for a layer: unpacked when it is looked at, not before.

    Has what napari asks of an array that it shows; it is for reading only. A map that is
    hidden, as segments are at first, so takes no memory. While a layer shows a slice it
    holds a view, which keeps the map unpacked for the next one.
    """

    def __init__(self, labels: LabelMap, turn: AxisTurn) -> None:
        self._labels, self._turn = labels, turn
        order, shape = turn.order, labels.grid.shape
        self.shape = shape[order[0]], shape[order[1]], shape[order[2]]
        self.ndim, self.dtype = 3, labels.dtype

    def __getitem__(self, index: Any) -> NDArray[Any]:
        """Voxels by index as displayed: a view, as of an array."""
        found: NDArray[Any]
        if isinstance(index, int):  # napari looks at one plane for its type, of hidden maps too
            found = self._turn.shown(self._labels.part(self._plane(index)))[0]
        else:
            found = self._turn.shown(self._labels.array)[index]
        return found

    def _plane(self, number: int) -> tuple[slice, slice, slice]:
        spans = [slice(0, size) for size in self._labels.grid.shape]
        at = range(self.shape[0])[number]
        at = self.shape[0] - 1 - at if self._turn.flips[0] else at
        spans[self._turn.order[0]] = slice(at, at + 1)
        return spans[0], spans[1], spans[2]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All voxels."""
        return np.array(self[:], dtype=dtype, copy=copy)


@dataclass(frozen=True)
class Plane:
    """How a standard plane is cut out of the display frame, by the radiological convention.

    `order` holds the display axes along (slice, down, right); `flips` whether they are shown
    growing the other way; `edges` the letters at the (top, bottom, left, right) edge.
    """

    name: str
    order: tuple[int, int, int]
    flips: tuple[bool, bool, bool]
    edges: tuple[str, str, str, str]


@dataclass(frozen=True, eq=False)
class Placed:
    """An array ready for a layer: `scale` and `translate` in mm of the display frame.

    `resampled` is True when the grid was not parallel to the reference and the array was
    interpolated onto the reference grid, for display only.
    """

    array: NDArray[Any]
    scale: Triple
    translate: Triple
    resampled: bool = False


@dataclass(frozen=True, eq=False)
class DisplayFrame:
    """The display frame of an exam, from its reference grid. See the head of this module."""

    grid: Grid
    turn: AxisTurn

    @classmethod
    def of(cls, grid: Grid) -> DisplayFrame:
        """Display frame of a reference grid: acquired slices, radiological convention."""
        along = int(np.argmax(np.abs(grid.axes_lps[:, 0])))
        wanted = np.array(CONVENTION[along], dtype=np.float64)
        return cls(grid, _turn_towards(wanted @ grid.axes_lps, keep_first=True))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape as displayed."""
        order, shape = self.turn.order, self.grid.shape
        return shape[order[0]], shape[order[1]], shape[order[2]]

    @property
    def spacing_mm(self) -> Triple:
        """Steps along the displayed axes, in mm."""
        order, spacing = self.turn.order, self.grid.spacing_mm
        return spacing[order[0]], spacing[order[1]], spacing[order[2]]

    @cached_property
    def display_from_lps(self) -> Float:
        """4 x 4 matrix from LPS mm to mm of the display frame."""
        shown_from_lps = np.linalg.inv(self._lps_from_shown)
        return np.asarray(np.diag([*self.spacing_mm, 1.0]) @ shown_from_lps)

    @cached_property
    def lps_from_display(self) -> Float:
        """4 x 4 matrix from mm of the display frame to LPS mm."""
        return np.asarray(np.linalg.inv(self.display_from_lps))

    def to_lps_mm(self, shown_mm: NDArray[Any]) -> Float:
        """(..., 3) LPS mm of positions (slice, down, right) in mm of the display frame."""
        matrix = self.lps_from_display
        return np.asarray(np.asarray(shown_mm) @ matrix[:3, :3].T + matrix[:3, 3])

    def to_shown_mm(self, lps_mm: NDArray[Any]) -> Float:
        """The way back: (..., 3) positions (slice, down, right) in mm of the display frame."""
        matrix = self.display_from_lps
        return np.asarray(np.asarray(lps_mm) @ matrix[:3, :3].T + matrix[:3, 3])

    def shown_index(self, index: NDArray[Any]) -> NDArray[np.intp]:
        """(n, 3) indices as displayed of stored indices (slice, row, column)."""
        found = np.empty_like(index, dtype=np.intp)
        for axis, (source, flip) in enumerate(zip(self.turn.order, self.turn.flips, strict=True)):
            stored = index[:, source]
            found[:, axis] = self.grid.shape[source] - 1 - stored if flip else stored
        return found

    def nearest_voxel_mm(self, point_mm: Triple) -> Triple:
        """Centre of the reference voxel nearest to a point, both in mm of the display frame."""
        spacing, last = np.array(self.spacing_mm), np.array(self.shape) - 1
        return _triple(np.clip(np.rint(np.array(point_mm) / spacing), 0, last) * spacing)

    def edge_letters(self) -> tuple[str, str, str, str]:
        """Patient directions that the (top, bottom, left, right) edge of the picture faces.

        The nearest axis of an oblique frame: "H" head, "F" feet, "A", "P", "L", "R".
        """
        axes = self.lps_from_display[:3, :3]
        return _edges(axes[:, 1], axes[:, 2])

    def planes(self) -> tuple[Plane, Plane, Plane]:
        """Axial, coronal and sagittal, as near as the axes of this frame come to them."""
        axial, coronal, sagittal = (self._plane(along) for along in (2, 1, 0))
        return axial, coronal, sagittal

    def _plane(self, along: int) -> Plane:
        axes = self.lps_from_display[:3, :3]
        turn = _turn_towards(np.array(CONVENTION[along], dtype=np.float64) @ axes, keep_first=False)
        _, down, right = (
            axes[:, axis] * (-1 if flip else 1)
            for axis, flip in zip(turn.order, turn.flips, strict=True)
        )
        return Plane(PLANE_NAMES[along], turn.order, turn.flips, _edges(down, right))

    def shown_slice(self, index: int) -> int:
        """Slider position of an acquired slice (both from 0)."""
        return self.shape[0] - 1 - index if self.turn.flips[0] else index

    def stored_slice(self, position: int) -> int:
        """Acquired slice at a slider position: the same map, it is its own inverse."""
        return self.shown_slice(position)

    def place(self, volume: Volume, *, shift_lps_mm: Triple = (0.0, 0.0, 0.0)) -> Placed:
        """Where a volume is drawn.

        `shift_lps_mm` is the offset of its `series_from_reference`: positions are moved
        back by it, so that tissues of all phases coincide. A grid parallel to the
        reference keeps its voxels; any other is interpolated onto the reference grid.
        """
        grid = volume.grid.shifted(-np.asarray(shift_lps_mm))
        matrix = self.display_from_lps @ grid.lps_from_index
        turn = _turn_towards(matrix[:3, :3] / np.array(grid.spacing_mm), keep_first=False)
        matrix = matrix @ turn.index_from_shown(grid.shape)
        steps = np.diag(matrix)[:3]
        array = turn.shown(volume.array)
        if not _is_diagonal(matrix, array.shape):
            return Placed(self._interpolate(volume, grid), self.spacing_mm, (0, 0, 0), True)
        return Placed(array, _triple(steps), _triple(matrix[:3, 3]))

    @cached_property
    def _lps_from_shown(self) -> Float:
        shown = self.turn.index_from_shown(self.grid.shape)
        return np.asarray(self.grid.lps_from_index @ shown)

    def _interpolate(self, volume: Volume, grid: Grid) -> NDArray[Any]:
        """Linear interpolation onto the shown reference voxels; outside is the least value."""
        source_from_shown = grid.index_from_lps @ self._lps_from_shown
        return np.asarray(
            ndimage.affine_transform(
                volume.array,
                source_from_shown[:3, :3],
                offset=source_from_shown[:3, 3],
                output_shape=self.shape,
                order=1,
                mode="constant",
                cval=float(volume.array.min()),
            )
        )


def _edges(down_lps: Float, right_lps: Float) -> tuple[str, str, str, str]:
    down, right = _direction(down_lps), _direction(right_lps)
    return OPPOSITE[down], down, OPPOSITE[right], right


def _direction(vector_lps: Float) -> str:
    axis = int(np.argmax(np.abs(vector_lps)))
    return LETTERS[axis] if vector_lps[axis] > 0 else OPPOSITE[LETTERS[axis]]


def _turn_towards(cosines: Float, *, keep_first: bool) -> AxisTurn:
    """The turn that brings array axes nearest to target axes.

    ``cosines[k, a]`` is the cosine between target axis k and array axis a. With
    `keep_first` the slice axis stays the slice axis.
    """
    choices = [order for order in permutations(range(3)) if order[0] == 0 or not keep_first]
    order = max(choices, key=lambda axes: sum(abs(cosines[k, a]) for k, a in enumerate(axes)))
    first, second, third = order
    flips = tuple(bool(cosines[k, a] < 0) for k, a in enumerate(order))
    return AxisTurn((first, second, third), (flips[0], flips[1], flips[2]))


def _is_diagonal(matrix: Float, shape: tuple[int, ...]) -> bool:
    """Whether leaving out the off-diagonal terms moves no voxel centre noticeably."""
    off = matrix[:3, :3] - np.diag(np.diag(matrix)[:3])
    drift = np.abs(off) @ (np.array(shape) - 1)
    return bool(np.linalg.norm(drift) <= SAME_PLACE_MM)


def _triple(values: Float) -> Triple:
    return float(values[0]), float(values[1]), float(values[2])
