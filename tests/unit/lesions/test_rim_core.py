import numpy as np
import pytest
from unit.lesions.shapes import ball, ellipsoid, grid_round

from liverseg.errors import EmptyLabelError, MeasurementError
from liverseg.geometry import Grid, LabelMap
from liverseg.lesions import divide_rim_core
from liverseg.lesions.rim import cut_shells


@pytest.mark.parametrize(
    ("spacing", "within"),
    [
        ((1.5, 0.8, 0.8), 0.02),
        ((1.0, 0.7, 0.7), 0.02),
        ((1.0, 1.0, 1.0), 0.02),
        ((3, 1.2, 1.2), 0.05),
    ],
)
@pytest.mark.parametrize("diameter", [16.0, 22.0, 35.0])
@pytest.mark.parametrize("shear", [0.0, 0.25])
def test_rim_holds_its_share_of_a_ball(spacing, within, diameter, shear):
    grid = grid_round(diameter, spacing, oblique=True, shear=shear)
    mask = ball(diameter, grid)
    parts = divide_rim_core(mask)
    assert parts.grid is mask.grid
    assert ((parts.array != 0) == mask.mask()).all()
    thickness = max(2 * spacing[1], 2.0, 0.15 * diameter)
    true = 1.0 - (1.0 - 2.0 * thickness / diameter) ** 3
    found = np.count_nonzero(parts.array == 1) / np.count_nonzero(parts.array)
    assert found == pytest.approx(true, abs=within)
    assert parts.name_of(1) == "rim"
    assert parts.name_of(2) == "core"


def test_core_is_inside_and_rim_is_even():
    grid = grid_round(40.0, (1.5, 0.8, 0.8), oblique=True)
    parts = divide_rim_core(ellipsoid((40, 30, 28), grid))
    radius = np.linalg.norm(grid.to_lps_mm(np.argwhere(parts.array == 2)), axis=1)
    thickness = 0.15 * (40 * 30 * 28) ** (1 / 3)
    assert radius.max() < 20 - thickness + 0.8
    polar = np.argwhere(parts.array == 2) @ [1, 0, 0]
    # Across slices the core ends the same depth below the surface.
    normal = grid.axes_lps[:, 0]
    reach = np.sqrt(((normal * [20, 15, 14]) ** 2).sum())
    ends = grid.to_lps_mm(np.argwhere(parts.array == 2)) @ normal
    assert abs(np.ptp(ends) / 2 - (reach - thickness)) < 1.5
    assert np.ptp(polar) > 0


@pytest.mark.parametrize(("diameter", "spacing"), [(9.0, (1.0, 0.7, 0.7)), (12.0, (2.5, 2.2, 2.2))])
def test_small_lesions_have_no_core(diameter, spacing):
    mask = ball(diameter, grid_round(diameter, spacing))
    with pytest.raises(MeasurementError, match="across"):
        divide_rim_core(mask)
    assert set(np.unique(cut_shells(mask).labels.array)) == {0, 1}


def test_flat_lesion_has_no_core():
    array = np.zeros((4, 60, 60), dtype=np.uint8)
    array[1, 5:55, 5:55] = 1
    with pytest.raises(MeasurementError, match="no part is deeper"):
        divide_rim_core(LabelMap(array, Grid.axial(array.shape, (1.0, 0.8, 0.8))))


def test_lesion_at_the_image_edge_is_divided():
    array = np.ones((20, 20, 20), dtype=np.uint8)
    parts = divide_rim_core(LabelMap(array, Grid.axial(array.shape, (1.0, 1.0, 1.0))))
    assert parts.array[0].max() == 1
    assert parts.array[10, 10, 10] == 2


def test_empty_mask_is_refused():
    with pytest.raises(EmptyLabelError):
        divide_rim_core(LabelMap(np.zeros((3, 3, 3), np.uint8), Grid.axial((3, 3, 3), (1, 1, 1))))
