"""What several aligned images show along rays from one point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from liverseg.geometry import Grid, LabelMap, Mask, Volume
from liverseg.lesions.drawing.sphere import directions
from liverseg.records import PhaseImage
from liverseg.tables import load_table

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]

#: Rays are sampled in this share of the resolution.
SAMPLE = 0.7


@dataclass(frozen=True, eq=False)
class Fan:
    """Values (ray, radius, image) about `centre`, in the unit of each image.

    `radii_mm` are those of the samples. `seen`: inside every image. `usable`: seen, and
    neither outside the liver mask nor in or behind fat, gut or lung. `step_mm` is the
    resolution.
    """

    centre: Float
    radii_mm: Float
    values: Float32
    seen: Mask
    usable: Mask
    step_mm: float

    @property
    def spacing_mm(self) -> float:
        """Distance of two samples on a ray in mm."""
        return float(self.radii_mm[1] - self.radii_mm[0])

    @property
    def borders_mm(self) -> Float:
        """Where the border runs if a sample is the last one inside."""
        return np.asarray(self.radii_mm + self.spacing_mm / 2)


def cast(
    images: Sequence[PhaseImage],
    centre: Float,
    *,
    far_mm: float,
    step_mm: float,
    liver: LabelMap | None,
) -> Fan:
    """Sample all images along 642 rays as far as `far_mm`, smoothed to about `step_mm`.

    `centre` and the liver mask are in the frame of the first image; the others are read
    where their tissue has moved to.
    """
    radii = np.arange(SAMPLE * step_mm, far_mm, SAMPLE * step_mm)
    points = centre + radii[None, :, None] * directions()[:, None, :]
    seen = np.ones(points.shape[:2], dtype=bool)
    values = np.zeros((*seen.shape, len(images)), dtype=np.float32)
    for number, image in enumerate(images):
        shift = np.asarray(image.image_from_reference.offset_mm)
        found, here = _sample(image.volume, points + shift, centre + shift, far_mm, step_mm)
        values[..., number] = found
        seen &= here
    usable = seen & ~_behind_fat(images, values)
    if liver is not None:
        usable &= _inside(liver, points)
    return Fan(centre, radii, values, seen, usable, step_mm)


def shows(image: PhaseImage, point: Float) -> bool:
    """Whether an image holds a point of the first image's frame."""
    index = image.volume.grid.to_index(point + np.asarray(image.image_from_reference.offset_mm))
    return bool(((index >= -0.5) & (index <= np.array(image.volume.grid.shape) - 0.5)).all())


def _sample(
    volume: Volume, points: Float, centre: Float, far_mm: float, step_mm: float
) -> tuple[Float32, Mask]:
    part, grid = _near(volume, centre, far_mm + 2 * step_mm, step_mm)
    sigma = load_table("delineate_rules").number("blur") * step_mm / np.array(grid.spacing_mm)
    sigma[sigma < 0.3] = 0.0  # slices this thick are smooth already
    smooth = ndimage.gaussian_filter(part, sigma, truncate=2.5)
    index = grid.to_index(points)
    values = ndimage.map_coordinates(
        smooth, np.moveaxis(index, -1, 0), order=1, mode="nearest", output=np.float32
    )
    here = ((index >= -0.6) & (index <= np.array(grid.shape) - 0.4)).all(axis=-1)
    return values, np.asarray(here)


def _near(volume: Volume, centre: Float, radius_mm: float, step_mm: float) -> tuple[Float32, Grid]:
    """The part of a volume round a ball, in means of blocks of about `step_mm`."""
    grid = volume.grid
    reach = radius_mm * np.linalg.norm(grid.index_from_lps[:3, :3], axis=1)
    at = grid.to_index(centre)
    last = np.array(grid.shape)
    low = np.clip(np.floor(at - reach).astype(int), 0, last - 1)
    high = np.clip(np.ceil(at + reach).astype(int) + 1, low + 1, last)
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    part = np.asarray(volume.array[box], dtype=np.float32)
    factors = [
        max(1, min(int(step_mm / mm + 0.25), size))
        for mm, size in zip(grid.spacing_mm, part.shape, strict=True)
    ]
    counts = [size // factor for size, factor in zip(part.shape, factors, strict=True)]
    whole = part[tuple(slice(c * f) for c, f in zip(counts, factors, strict=True))]
    pairs = [size for pair in zip(counts, factors, strict=True) for size in pair]
    matrix = grid.lps_from_index.copy()
    matrix[:3, 3] = grid.to_lps_mm(low + (np.array(factors) - 1) / 2)
    matrix[:3, :3] = matrix[:3, :3] * np.array(factors)
    means = whole.reshape(pairs).mean(axis=(1, 3, 5), dtype=np.float32)
    return means, Grid(means.shape, matrix)


def _behind_fat(images: Sequence[PhaseImage], values: Float32) -> Mask:
    """Samples on a ray from the first one on that no CT tissue of the liver can have."""
    limit = load_table("delineate_rules").number("not_body_hu")
    hounsfield = [image.volume.unit == "HU" for image in images]
    dark = (values[..., hounsfield] < limit).any(axis=-1)
    return np.asarray(np.maximum.accumulate(dark, axis=1))


def _inside(labels: LabelMap, points: Float) -> Mask:
    index = np.rint(labels.grid.to_index(points)).astype(np.intp)
    last = np.array(labels.grid.shape) - 1
    here = ((index >= 0) & (index <= last)).all(axis=-1)
    index = np.clip(index, 0, last)
    drawn = labels.array[index[..., 0], index[..., 1], index[..., 2]] != 0
    return np.asarray(here & drawn)
