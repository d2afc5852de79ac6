import time

import numpy as np
import pytest
from unit.lesions.shapes import FRAME, ball, ellipsoid, grid_round, positions, structures_of

from liverseg.errors import EmptyLabelError
from liverseg.geometry import Grid, LabelMap
from liverseg.lesions import liver_reference


@pytest.fixture(scope="module")
def scene():
    grid = grid_round(90.0, (2.0, 1.5, 1.5))
    liver = ball(90.0, grid)
    lesion = ball(20.0, grid, centre=(15, 0, 5))
    x, y, z = np.moveaxis(positions(grid), -1, 0)
    vein = (np.hypot(x + 15, y) < 5) & (np.abs(z) < 40)
    spleen = (x + 60) ** 2 + y**2 + z**2 < 15**2
    return grid, liver, lesion, structures_of(grid, portal_vein=vein, spleen=spleen), vein


def test_reference_keeps_its_distances(scene):
    grid, liver, lesion, structures, _ = scene
    reference = liver_reference(liver, [lesion], structures)
    assert reference.grid is liver.grid
    assert reference.name_of(1) == "liver reference"
    x, y, z = np.moveaxis(grid.to_lps_mm(np.argwhere(reference.array)), -1, 0)
    assert np.sqrt(x**2 + y**2 + z**2).max() < 45 - 4 + 1.5
    assert np.sqrt((x - 15) ** 2 + y**2 + (z - 5) ** 2).min() > 10 + 5 - 1.5
    close = np.abs(z) < 38
    assert np.hypot(x + 15, y)[close].min() > 5 + 2 - 1.5
    # And no more is taken away than that: volume of what the margins leave.
    volume = np.count_nonzero(reference.array) * grid.voxel_volume_mm3
    assert volume == pytest.approx(4 / 3 * np.pi * (41**3 - 15**3) - np.pi * 49 * 78, rel=0.06)


def test_no_structures_and_no_lesions(scene):
    _, liver, _, _, _ = scene
    reference = liver_reference(liver, [], None)
    volume = np.count_nonzero(reference.array) * liver.grid.voxel_volume_mm3
    assert volume == pytest.approx(4 / 3 * np.pi * 41**3, rel=0.04)


def test_lesion_on_a_crop_of_the_lattice_is_placed(scene):
    _, liver, lesion, structures, _ = scene
    whole = liver_reference(liver, [lesion], structures)
    cropped = liver_reference(liver, [lesion.cropped(margin=1)], structures)
    assert (whole.array == cropped.array).all()


@pytest.mark.parametrize(
    ("liver_mm", "lesion_mm", "with_vein", "name"),
    [
        (7.0, None, False, "liver reference with its surface"),
        (22.0, None, True, "liver reference with its surface and vessels"),
        (20.0, 11.0, False, "liver reference up to the lesions"),
        (20.0, 24.0, False, "liver reference up to the lesions"),
    ],
)
def test_margins_are_given_up_one_by_one(liver_mm, lesion_mm, with_vein, name):
    grid = grid_round(24.0, (1.0, 0.8, 0.8))
    liver = ball(liver_mm, grid)
    lesions = [] if lesion_mm is None else [ball(lesion_mm, grid)]
    structures = structures_of(grid, ivc=ball(22.0, grid).mask()) if with_vein else None
    reference = liver_reference(liver, lesions, structures)
    assert reference.name_of(1) == name
    left = liver.mask() if lesion_mm is None else liver.mask() & ~lesions[0].mask()
    assert not (reference.mask() & ~left).any()
    assert reference.array.any() == left.any()


def test_empty_liver_is_refused():
    grid = Grid.axial((4, 4, 4), (1, 1, 1))
    with pytest.raises(EmptyLabelError):
        liver_reference(LabelMap(np.zeros((4, 4, 4), np.uint8), grid), [], None)


def test_whole_ct_takes_seconds():
    grid = Grid.axial((120, 512, 512), (1.6, 0.74, 0.74), frame_of_reference=FRAME)
    middle = tuple(float(v) for v in grid.to_lps_mm((60, 256, 256)))
    part = grid.cropped((10, 80, 80), (100, 350, 350))
    array = np.zeros(grid.shape, dtype=np.uint8)
    array[10:110, 80:430, 80:430] = ellipsoid((240, 180, 150), part, centre=middle).array
    start = time.process_time()
    reference = liver_reference(LabelMap(array, grid), [], None)
    assert time.process_time() - start < 10  # about 1 s on a quiet machine
    assert reference.array.any()
