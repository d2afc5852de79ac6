"""The only door to SimpleITK: one translation by mutual information."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from liverseg.errors import MeasurementError
from liverseg.geometry import Grid, Mask
from liverseg.tables import load_table

if TYPE_CHECKING:
    import SimpleITK as sitk  # noqa: N813  (its own documentation calls it so)

# It is loaded with the first fit: it takes 90 MB, and most windows never align anything.

Float32 = NDArray[np.float32]
Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Picture:
    """Values on an axial lattice (slice, row, column), and where they are real ones."""

    values: Float32
    seen: Mask
    lattice: Grid


def itk_version() -> str:
    """Version of SimpleITK, for provenance."""
    import SimpleITK as sitk  # noqa: N813

    return str(sitk.Version.VersionString())


def fit_translation(
    fixed: Picture, moving: Picture, mask: Mask, *, start_mm: Vector, first_step_mm: float
) -> Vector:
    """(3,) shift in LPS mm from a position in `fixed` to the same tissue in `moving`.

    Mattes mutual information (doi:10.1117/12.431046) over `mask` on `fixed`'s lattice,
    regular-step gradient descent from `start_mm`. Rounded, so that the same input gives the
    same bits whatever the threads do.
    Raises `MeasurementError` when too little of `mask` can be compared.
    """
    number = load_table("register").number
    method = _method(fixed, moving, mask)
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetMetricSamplingPercentage(number("samples"), seed=int(number("seed")))
    method.SetOptimizerAsRegularStepGradientDescent(
        learningRate=first_step_mm,
        minStep=number("last_step"),
        numberOfIterations=int(number("iterations")),
        gradientMagnitudeTolerance=1e-8,
    )
    return _run(method, fixed, moving, start_mm)


def search_translation(fixed: Picture, moving: Picture, mask: Mask) -> Vector:
    """(3,) best shift in LPS mm among whole steps of the coarse lattice.

    Same measure as `fit_translation`; the reach along x, y, z is a table row.
    """
    table = load_table("register")
    step = table.number("coarse_step")
    reach = [round(float(mm) / step) for mm in table["coarse_reach"].value]
    method = _method(fixed, moving, mask)
    method.SetOptimizerAsExhaustive(reach, step)
    return _run(method, fixed, moving, np.zeros(3))


def _method(fixed: Picture, moving: Picture, mask: Mask) -> sitk.ImageRegistrationMethod:
    import SimpleITK as sitk  # noqa: N813

    number = load_table("register").number
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(int(number("bins")))
    method.SetMetricFixedMask(_image((mask & fixed.seen).astype(np.uint8), fixed.lattice))
    if not moving.seen.all():
        method.SetMetricMovingMask(_image(moving.seen.astype(np.uint8), moving.lattice))
    method.SetInterpolator(sitk.sitkLinear)
    # The pictures are blurred already: differences of neighbours serve as gradient, and
    # filtering the whole lattice again for every fit costs a third of the time.
    method.MetricUseFixedImageGradientFilterOff()
    method.MetricUseMovingImageGradientFilterOff()
    return method


def _run(
    method: sitk.ImageRegistrationMethod, fixed: Picture, moving: Picture, start_mm: Vector
) -> Vector:
    import SimpleITK as sitk  # noqa: N813

    transform = sitk.TranslationTransform(3, [float(value) for value in start_mm])
    method.SetInitialTransform(transform, inPlace=True)
    try:
        method.Execute(_image(fixed.values, fixed.lattice), _image(moving.values, moving.lattice))
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise MeasurementError(f"the fit failed: {reason}", where="SimpleITK") from error
    rounding = load_table("register").number("rounding")
    found = np.array(transform.GetParameters(), dtype=np.float64)
    return np.asarray(np.rint(found / rounding) * rounding)


def _image(values: NDArray[np.generic], lattice: Grid) -> sitk.Image:
    """ITK image of an axial lattice: its axes are x, y, z, the reverse of the array's."""
    import SimpleITK as sitk  # noqa: N813

    image = sitk.GetImageFromArray(values)
    image.SetSpacing(tuple(reversed(lattice.spacing_mm)))
    image.SetOrigin(tuple(float(value) for value in lattice.lps_from_index[:3, 3]))
    return image
