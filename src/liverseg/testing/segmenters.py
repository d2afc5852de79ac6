"""The contract of segmenters: each must pass, ours included."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liverseg.errors import ExtensionError, LiversegError
from liverseg.extensions import Segmenter
from liverseg.geometry import Grid, LabelMap, Mask, Translation, Volume
from liverseg.records import PhaseImage, Stroke, StrokeKind
from liverseg.testing.strokes import dice

#: A dark ball in brighter liver, HU; the easiest lesion there is.
RADIUS_MM = 12.0
LESION_HU, LIVER_HU, NOISE_HU = 40.0, 110.0, 8.0
#: The easiest lesion must be found at least so well.
LEAST_DICE = 0.8
SHIFT = Translation((3.0, -2.0, 4.0))


def check_segmenter(segmenter: Segmenter) -> None:
    """Raise `ExtensionError` at the first promise that a segmenter does not keep.

    Checked on a dark ball in liver, on an axial anisotropic and on an oblique grid, with one
    and with two phases: name and version; label 1 on the first image's grid and nothing
    else; a Dice of 0.8; the same result twice; input untouched; strokes that add and remove
    are obeyed; nonsense raises a `LiversegError`.
    """
    if not isinstance(segmenter, Segmenter):
        raise ExtensionError("a segmenter has name, version and delineate")
    for what in ("name", "version"):
        _require(isinstance(getattr(segmenter, what), str) and getattr(segmenter, what), what)
    for grid in (_axial(), _oblique()):
        _check_on(segmenter, grid)


def _check_on(segmenter: Segmenter, grid: Grid) -> None:
    images, truth, liver = _scene(grid)
    middle = grid.to_lps_mm((np.array(grid.shape) - 1) / 2)
    click = Stroke(StrokeKind.CLICK, (_point(middle),))
    before = [image.volume.array.copy() for image in images]
    for used, mask in ((images[:1], None), (images, None), (images, liver)):
        drawn = segmenter.delineate(used, [click], liver=mask)
        _check_mask(drawn, grid)
        score = dice(drawn, truth)
        _require(score >= LEAST_DICE, f"finds a plain lesion (Dice {score:.2f} on {grid})")
    again = segmenter.delineate(images, [click], liver=liver)
    _require(np.array_equal(again.array, drawn.array), "gives the same mask for the same input")
    for image, old in zip(images, before, strict=True):
        _require(np.array_equal(image.volume.array, old), "leaves its input as it is")
    _check_corrections(segmenter, images, click, middle)
    _check_nonsense(segmenter, images, grid, click)


def _check_corrections(
    segmenter: Segmenter, images: Sequence[PhaseImage], click: Stroke, middle: np.ndarray
) -> None:
    step = np.array([0.0, 1.0, 0.0])
    outer, inner = middle + (RADIUS_MM + 3) * step, middle + (RADIUS_MM - 3) * step
    for kind, point in ((StrokeKind.ADD, outer), (StrokeKind.REMOVE, inner)):
        drawn = segmenter.delineate(images, [click, Stroke(kind, (_point(point),))])
        index = tuple(np.rint(drawn.grid.to_index(point)).astype(int))
        wanted = kind is StrokeKind.ADD
        _require(bool(drawn.array[index]) is wanted, f"obeys a stroke that is to {kind}")


def _check_nonsense(
    segmenter: Segmenter, images: Sequence[PhaseImage], grid: Grid, click: Stroke
) -> None:
    away = _point(grid.corners_lps_mm().max(axis=0) + 500.0)
    for strokes, what in (
        ([Stroke(StrokeKind.CLICK, (away,))], "refuses a click outside the image"),
        ([], "refuses to start from nothing"),
        ([Stroke(StrokeKind.ADD, click.points_lps_mm)], "refuses corrections without a start"),
    ):
        try:
            segmenter.delineate(images, strokes)
        except LiversegError:
            continue
        except Exception as problem:
            raise ExtensionError(f"not kept: {what} with a LiversegError") from problem
        raise ExtensionError(f"not kept: {what}")


def _check_mask(drawn: LabelMap, grid: Grid) -> None:
    _require(isinstance(drawn, LabelMap), "returns a LabelMap")
    _require(drawn.grid.is_same_lattice(grid), "draws on the first image's grid")
    _require(drawn.values == (1,), "draws label 1 and nothing else")


def _scene(grid: Grid) -> tuple[list[PhaseImage], LabelMap, LabelMap]:
    index = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1)
    places = grid.to_lps_mm(index)
    middle = grid.to_lps_mm((np.array(grid.shape) - 1) / 2)
    ball = _ball(places, middle)
    images = [_image(grid, ball, 0, Translation())]
    moved = _ball(places, middle + np.asarray(SHIFT.offset_mm))
    images.append(_image(grid, moved, 1, SHIFT))
    everywhere = np.ones(grid.shape, dtype=np.uint8)
    return images, LabelMap(ball.astype(np.uint8), grid), LabelMap(everywhere, grid)


def _image(grid: Grid, ball: Mask, seed: int, shift: Translation) -> PhaseImage:
    noise = np.random.default_rng(seed).normal(0.0, NOISE_HU, grid.shape)
    values = np.where(ball, LESION_HU, LIVER_HU) + noise
    return PhaseImage(Volume(values.astype(np.int16), grid, "HU"), shift)


def _ball(places: np.ndarray, middle: np.ndarray) -> Mask:
    return np.asarray(np.linalg.norm(places - middle, axis=-1) <= RADIUS_MM)


def _axial() -> Grid:
    return Grid.axial((25, 60, 60), (3.0, 1.1, 1.1), origin_lps_mm=(-150.0, 20.0, -400.0))


def _oblique() -> Grid:
    """Turned by 30 degrees about two axes, left-handed, 2.5 x 0.9 x 1.4 mm."""
    c, s = np.cos(np.pi / 6), np.sin(np.pi / 6)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array(
        [[1, 0, 0], [0, c, -s], [0, s, c]]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = (turn @ np.array([[0, 0, 1], [0, -1, 0], [-1, 0, 0]])) * [2.5, 0.9, 1.4]
    matrix[:3, 3] = (40.0, -80.0, 900.0)
    return Grid((28, 72, 48), matrix)


def _point(place: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in place)
    return x, y, z


def _require(kept: object, what: str) -> None:
    if not kept:
        raise ExtensionError(f"not kept: {what}")
